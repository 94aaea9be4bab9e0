#include "cli/run_reference.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "result/history.h"

#define MAX_TEXT_BYTES ((size_t)64 * 1024)

DEFINE_CLEANUP(struct history, history_close)

static const char *variable(const char *name)
{
    const char *text = getenv(name);

    return text && *text ? text : NULL;
}

int run_places_init(struct run_places *places, const char *out, const char *history)
{
    int len;

    if (!out)
        out = variable("THRONG_OUT");
    if (!history)
        history = variable("THRONG_HISTORY");
    places->results = out ? out : "results";
    len = history ? snprintf(places->history, sizeof(places->history), "%s", history)
                  : snprintf(places->history, sizeof(places->history), "%s/history.db",
                             places->results);
    return len < 0 || (size_t)len >= sizeof(places->history) ? -ENAMETOOLONG : 0;
}

/* Whether it can only mean files. */
static bool is_path(const char *name)
{
    return !name || strchr(name, '/') || access(name, F_OK) == 0;
}

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));

    return text ? text : "";
}

/* Of several scenarios that have a baseline of that name, none can be chosen. */
static int refuse_several(const char *name, const json_t *baselines, struct buf *reterr)
{
    buf_printf(reterr, "%s: there is a baseline of that name in several scenarios (",
               name);
    for (size_t i = 0; i < json_array_size(baselines); i++)
        buf_printf(reterr, "%s%s", i == 0 ? "" : ", ",
                   text_of(json_array_get(baselines, i), "scenario"));
    buf_append_str(reterr, "); name the run by its id (throng history baseline list)");
    return -EINVAL;
}

/* Returns as history_find(). */
static int find(struct history *history, const char *name, const char *scenario,
                struct run_files *ret_run, struct buf *reterr)
{
    CLEANUP(json_decrefp) json_t *baselines = NULL;
    int r = history_baselines(history, scenario, name, &baselines, reterr);

    if (r < 0)
        return r;
    if (json_array_size(baselines) > 1)
        return refuse_several(name, baselines, reterr);
    if (json_array_size(baselines) == 1)
        name = text_of(json_array_get(baselines, 0), "run_id");
    return history_find(history, name, ret_run, reterr);
}

static int refuse(const char *name, const char *place, struct buf *reterr)
{
    CLEANUP(buf_deinit) struct buf where = BUF_INIT(MAX_TEXT_BYTES);

    history_say_place(place, &where);
    buf_clear(reterr);
    buf_printf(reterr,
               "%s: there is no such run, nor a baseline of that name in %s; name a "
               "results folder, its summary.json, an exported baseline, or what `throng "
               "history list` and `throng history baseline list` show",
               name, buf_str(&where));
    return -EINVAL;
}

static void say_trouble(const char *name, const char *place, const struct buf *why,
                        struct buf *reterr)
{
    CLEANUP(buf_deinit) struct buf where = BUF_INIT(MAX_TEXT_BYTES);

    history_say_place(place, &where);
    buf_clear(reterr);
    buf_printf(reterr, "%s: the history %s cannot be asked: %s", name, buf_str(&where),
               buf_str(why));
}

static int look_in_history(const struct run_places *places, const char *name,
                           const char *scenario, struct run_files *ret_run,
                           struct buf *reterr)
{
    CLEANUP(history_closep) struct history *history = NULL;
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_TEXT_BYTES);
    int r = history_open(places->history, HISTORY_TO_READ, NULL, &why, &history);

    if (r == 0)
        r = find(history, name, scenario, ret_run, &why);
    if (r == -ENOENT || r == -ENODATA)
        return refuse(name, places->history, reterr);
    if (r == 0 || r == -ENOMEM)
        return r;
    if (r == -EINVAL) {
        buf_clear(reterr);
        buf_append_str(reterr, buf_str(&why));
        return r;
    }
    say_trouble(name, places->history, &why, reterr);
    return -EIO;
}

int run_reference_open(const struct run_places *places, const char *name,
                       const char *scenario, struct run_files *ret_run,
                       struct buf *reterr)
{
    const int r = run_files_open(places->results, name, ret_run, reterr);

    if (r != -EINVAL || is_path(name) || strcmp(places->history, "none") == 0)
        return r;
    return look_in_history(places, name, scenario, ret_run, reterr);
}

int run_reference_default(const struct run_places *places, const char *scenario,
                          struct run_files *ret_run, struct buf *reterr)
{
    CLEANUP(history_closep) struct history *history = NULL;
    CLEANUP(json_decrefp) json_t *baselines = NULL;
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_TEXT_BYTES);
    int r;

    if (strcmp(places->history, "none") == 0)
        return -ENOENT;
    r = history_open(places->history, HISTORY_TO_READ, NULL, &why, &history);
    if (r == 0)
        r = history_baselines(history, scenario, "default", &baselines, &why);
    if (r == 0)
        r = json_array_size(baselines) == 0
                ? -ENOENT
                : history_find(history, text_of(json_array_get(baselines, 0), "run_id"),
                               ret_run, &why);
    if (r == 0 || r == -ENOENT || r == -ENOMEM)
        return r;
    say_trouble("baseline default", places->history, &why, reterr);
    return -EIO;
}
