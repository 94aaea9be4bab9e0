#include "cli/reload.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/log.h"
#include "cli/descriptors.h"
#include "cli/run_options.h"
#include "plan/plan.h"
#include "scenario/outline.h"

#define LOG_MODULE "reload"

/* Whoever writes a file may do so in several steps. */
#define SETTLE_MS 200

#define MAX_MISTAKES 20
#define MAX_SAID_BYTES ((size_t)4096)
#define MAX_REPORT_BYTES ((size_t)256 * 1024)

/* What one look at the file gave. Written on the threadpool, while it looks. */
struct look {
    uv_work_t work;
    struct plan *plan;
    struct outline *outline;
    struct diag_list *diags;
    struct buf said;
    struct outline_changes changes;
    int error; /* as scenario_load() */
};

struct reload {
    struct reload_options options;
    struct outline *outline; /* of what the run goes by */
    const struct plan *plan; /* likewise */
    struct plan **made;      /* owned: all that it goes by or went by */
    size_t made_count;
    reload_fn *fn;
    void *ctx;
    uv_fs_event_t watch;
    uv_timer_t settle; /* until nothing more happens in the folder */
    struct look look;
    bool looking;
    bool again;   /* something happened meanwhile */
    bool asked;   /* an answer is wanted, also where nothing changed */
    bool started; /* the loop knows the handles */
    bool closing;
    unsigned open; /* handles that the loop still knows */
};

static void begin_look(struct reload *reload);

int reload_new(const struct reload_options *options, struct outline *outline,
               struct reload **ret_reload)
{
    struct reload *reload = calloc(1, sizeof(*reload));

    if (!reload) {
        outline_free(outline);
        return -ENOMEM;
    }
    reload->options = *options;
    reload->outline = outline;
    reload->plan = options->plan;
    reload->look.said = BUF_INIT(MAX_SAID_BYTES);
    *ret_reload = reload;
    return 0;
}

static void forget_look(struct look *look)
{
    look->plan = plan_free(look->plan);
    look->outline = outline_free(look->outline);
    look->diags = diag_list_free(look->diags);
    buf_clear(&look->said);
}

struct reload *reload_free(struct reload *reload)
{
    if (!reload)
        return NULL;
    forget_look(&reload->look);
    buf_deinit(&reload->look.said);
    for (size_t i = 0; i < reload->made_count; i++)
        plan_free(reload->made[i]);
    free((void *)reload->made);
    outline_free(reload->outline);
    free(reload);
    return NULL;
}

/* On the pool. What the run goes by is only read meanwhile. */
static void look(uv_work_t *work)
{
    struct reload *reload = work->data;
    struct look *look = &reload->look;

    look->error = diag_list_new(MAX_MISTAKES, &look->diags);
    if (look->error >= 0)
        look->error =
            run_options_load_again(reload->options.path, reload->options.options,
                                   look->diags, &look->outline, &look->plan);
    if (look->error >= 0)
        look->error = outline_compare(reload->outline, look->outline, look->diags,
                                      &look->said, &look->changes);
    /* A longer story is cut. */
    if (look->error == -EMSGSIZE)
        look->error = 0;
}

/* The mistakes one by one, without the lines that they show. */
static void tell_mistakes(const struct look *look)
{
    struct buf report = BUF_INIT(MAX_REPORT_BYTES);
    char *rest = NULL;

    if (look->diags && diag_print(look->diags, 0, &report) >= 0 && report.len > 0)
        for (char *line = strtok_r(report.bytes, "\n", &rest); line;
             line = strtok_r(NULL, "\n", &rest))
            if (line[0] != ' ')
                log_write(LOG_LEVEL_WARN, LOG_MODULE, NULL, "%s", line);
    buf_deinit(&report);
}

/* Why a plan cannot be followed though its file may have changed so; NULL: it can. */
static const char *obstacle(const struct reload *reload, const struct plan *plan)
{
    const uint64_t peak = plan_peak_users(plan);
    const uint64_t needed = descriptors_needed(peak);
    const int64_t allowed = descriptors_raise();

    if (plan_is_open(plan) != plan_is_open(reload->options.plan))
        return "a load of users does not become one of arrivals while it goes on";
    if (!plan_replays_alike(reload->plan, plan))
        return "another replay needs a run of its own";
    if (peak <= plan_peak_users(reload->options.plan))
        return NULL;
    if (!plan_is_open(plan) && (plan->feeder_count > 0 || plan->dataset_count > 0))
        return "more users than before would take the same rows of data as others";
    if (allowed >= 0 && (uint64_t)allowed < needed)
        return "so many users need more file descriptors than this process may have";
    return NULL;
}

static int keep(struct reload *reload, struct plan *plan)
{
    struct plan **made = (struct plan **)reallocarray(
        (void *)reload->made, reload->made_count + 1, sizeof(*made));

    if (!made)
        return -ENOMEM;
    reload->made = made;
    reload->made[reload->made_count++] = plan;
    return 0;
}

/* The simulator goes on where it is. */
static int take_origins(const struct reload *reload, struct plan *plan)
{
    int r = 0;

    for (size_t i = 0; i < plan->target_count && r == 0; i++)
        if (plan->targets[i].simulator)
            r = plan_set_origin(plan, i, reload->plan->targets[i].origin);
    return r;
}

/* The trace is read once, and says how long its replay lasts. */
static int take_length(const struct reload *reload, struct plan *plan)
{
    return plan->replay.path
               ? plan_set_replay_length(plan, plan_duration_ns(reload->plan))
               : 0;
}

static void follow(struct reload *reload)
{
    struct look *look = &reload->look;
    struct plan *plan = look->plan;
    const char *reason = obstacle(reload, plan);
    int r = reason ? -EINVAL : take_origins(reload, plan);

    if (r == 0)
        r = take_length(reload, plan);
    if (r == 0)
        r = keep(reload, plan);
    if (r == 0) {
        look->plan = NULL;
        r = reload->fn(reload->ctx, plan, buf_str(&look->said));
    }
    if (r < 0) {
        log_write(LOG_LEVEL_WARN, LOG_MODULE, NULL,
                  "%s is not followed: %s; the run goes on as it was",
                  reload->options.path, reason ? reason : strerror(-r));
        return;
    }
    reload->plan = plan;
    outline_free(reload->outline);
    reload->outline = look->outline;
    look->outline = NULL;
    log_write(LOG_LEVEL_WARN, LOG_MODULE, NULL, "%s was reloaded: %s",
              reload->options.path, buf_str(&look->said));
}

static void judge(struct reload *reload)
{
    struct look *look = &reload->look;

    if (look->error < 0 || look->changes.refused > 0) {
        tell_mistakes(look);
        log_write(LOG_LEVEL_WARN, LOG_MODULE, NULL,
                  "%s is not followed%s; the run goes on as it was", reload->options.path,
                  look->error == -ENOMEM ? ": out of memory" : "");
    } else if (look->changes.allowed > 0) {
        follow(reload);
    } else if (reload->asked) {
        log_write(LOG_LEVEL_WARN, LOG_MODULE, NULL, "nothing has changed in %s",
                  reload->options.path);
    }
}

static void on_looked(uv_work_t *work, int status)
{
    struct reload *reload = work->data;

    (void)status; /* nobody cancels it */
    reload->looking = false;
    if (!reload->closing)
        judge(reload);
    reload->asked = reload->again && reload->asked;
    forget_look(&reload->look);
    if (reload->again && !reload->closing)
        begin_look(reload);
}

static void begin_look(struct reload *reload)
{
    if (reload->looking) {
        reload->again = true;
        return;
    }
    reload->again = false;
    reload->look.changes = (struct outline_changes){0};
    reload->look.work.data = reload;
    reload->looking =
        uv_queue_work(reload->options.loop, &reload->look.work, look, on_looked) == 0;
}

static void on_settled(uv_timer_t *timer)
{
    begin_look(timer->data);
}

/*
 * Whether something of that name may be the scenario's: it is the file itself, some YAML that it
 * includes, or what a ConfigMap turns (..data). A log that grows beside it must neither have it read
 * all the time nor keep it from ever being read.
 */
static bool may_matter(const struct reload *reload, const char *name)
{
    const char *slash = strrchr(reload->options.path, '/');
    const char *ending;

    if (!name || strncmp(name, "..", 2) == 0 ||
        strcmp(name, slash ? slash + 1 : reload->options.path) == 0)
        return true;
    ending = strrchr(name, '.');
    return ending && (strcmp(ending, ".yaml") == 0 || strcmp(ending, ".yml") == 0);
}

static void on_event(uv_fs_event_t *watch, const char *name, int events, int status)
{
    struct reload *reload = watch->data;

    (void)events;
    if (status >= 0 && may_matter(reload, name))
        (void)uv_timer_start(&reload->settle, on_settled, SETTLE_MS, 0);
}

/* The folder that a path lies in. */
static int folder_of(const char *path, struct buf *out)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return buf_append_str(out, ".");
    return buf_append(out, path, slash == path ? 1 : (size_t)(slash - path));
}

void reload_start(struct reload *reload, reload_fn *fn, void *ctx)
{
    struct buf folder = BUF_INIT(MAX_SAID_BYTES);
    int r = folder_of(reload->options.path, &folder);

    reload->fn = fn;
    reload->ctx = ctx;
    (void)uv_timer_init(reload->options.loop, &reload->settle);
    (void)uv_fs_event_init(reload->options.loop, &reload->watch);
    reload->settle.data = reload;
    reload->watch.data = reload;
    reload->started = true;
    reload->open = 2;
    if (r >= 0)
        r = uv_fs_event_start(&reload->watch, on_event, buf_str(&folder), 0);
    if (r < 0)
        log_write(LOG_LEVEL_WARN, LOG_MODULE, NULL,
                  "changes of %s are not seen: %s; SIGHUP has it read again",
                  reload->options.path, strerror(-r));
    buf_deinit(&folder);
}

void reload_ask(struct reload *reload)
{
    if (!reload || !reload->started || reload->closing)
        return;
    reload->asked = true;
    begin_look(reload);
}

static void on_closed(uv_handle_t *handle)
{
    struct reload *reload = handle->data;

    reload->open--;
}

void reload_close(struct reload *reload)
{
    if (!reload || !reload->started || reload->closing)
        return;
    reload->closing = true;
    uv_close((uv_handle_t *)&reload->settle, on_closed);
    uv_close((uv_handle_t *)&reload->watch, on_closed);
}

bool reload_is_closed(const struct reload *reload)
{
    return !reload || !reload->started || (reload->open == 0 && !reload->looking);
}
