#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/history_command.h"
#include "output/history_text.h"
#include "result/baseline_file.h"
#include "result/history.h"
#include "result/verdict.h"

#define MAX_TEXT_BYTES ((size_t)256 << 20)
#define NAME_MAX_BYTES 100

static int refuse(const char *what)
{
    fprintf(stderr, "throng history baseline: %s\n", what);
    return EXIT_COMMAND_LINE;
}

/* Names stand on command lines and in tables. */
static bool is_name(const char *name)
{
    return *name && strlen(name) <= NAME_MAX_BYTES && !strpbrk(name, "/\\{}=, \t\n") &&
           strcmp(name, "none") != 0;
}

/* Results that are not in it are added, so that any run can be named. */
static int add_run(const struct history_call *call, const char *name, struct buf *id,
                   struct buf *reterr)
{
    const struct history_origin origin = {0};
    struct run_files run = {0};
    bool added = false;
    int r =
        run_reference_open(&call->places, name, call->options->scenario, &run, reterr);

    if (r == 0)
        r = history_add(call->history, &run, &origin, &added, reterr);
    if (r == 0)
        r = buf_append_str(id, run_files_id(&run));
    run_files_close(&run);
    return r;
}

static int set(struct history_call *call)
{
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_TEXT_BYTES);
    CLEANUP(buf_deinit) struct buf id = BUF_INIT(MAX_TEXT_BYTES);
    int code;
    int r;

    if (call->count != 3 || !is_name(call->words[1]))
        return refuse(
            "set NAME RUN: give a name without blanks and slashes, such as v1.2, and "
            "a run");
    code = history_call_open(call, true);
    if (code >= 0)
        return code;
    r = add_run(call, call->words[2], &id, &why);
    if (r == 0)
        r = history_set_baseline(call->history, call->words[1], buf_str(&id), &why);
    if (r < 0)
        return history_call_fail(call, r, &why);
    printf("%s is the baseline %s now.\n", buf_str(&id), call->words[1]);
    return EXIT_PASSED;
}

static int list(struct history_call *call)
{
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_TEXT_BYTES);
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_TEXT_BYTES);
    CLEANUP(json_decrefp) json_t *document = NULL;
    json_t *baselines = NULL;
    int code = history_call_open(call, false);
    int r;

    if (code >= 0)
        return code;
    r = history_baselines(call->history, call->options->scenario, NULL, &baselines, &why);
    if (r < 0)
        return history_call_fail(call, r, &why);
    document = history_call_document(call, "throng.baselines/1");
    if (json_object_set_new(document, "baselines", baselines) < 0 ||
        history_call_wants_json(call))
        return history_call_print_json(document);
    (void)history_text_baselines(document, terminal_style_of(STDOUT_FILENO), &text);
    return history_call_print(&text);
}

/* Opens the run that a name stands for; a run's id is no name of a baseline. */
static int open_named(struct history_call *call, struct run_files *ret_run)
{
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_TEXT_BYTES);
    CLEANUP(json_decrefp) json_t *found = NULL;
    const char *name = call->count > 1 ? call->words[1] : "";
    int code = history_call_open(call, false);
    int r;

    if (code >= 0)
        return code;
    r = history_baselines(call->history, call->options->scenario, name, &found, &why);
    if (r == 0 && json_array_size(found) != 1) {
        buf_printf(
            &why,
            json_array_size(found) == 0
                ? "there is no baseline '%s'; `throng history baseline list` shows "
                  "those there are"
                : "several scenarios have a baseline '%s': add --scenario NAME",
            name);
        r = -EINVAL;
    }
    if (r == 0)
        r = history_find(
            call->history,
            json_string_value(json_object_get(json_array_get(found, 0), "run_id")),
            ret_run, &why);
    return r < 0 ? history_call_fail(call, r, &why) : -1;
}

static int show(struct history_call *call)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_TEXT_BYTES);
    CLEANUP(json_decrefp) json_t *names = NULL;
    struct run_files run = {0};
    int code = open_named(call, &run);

    if (code >= 0)
        return code;
    if (history_call_wants_json(call)) {
        code = history_call_print_json(run.summary);
    } else {
        names = json_pack("[s]", call->words[1]);
        (void)history_text_run(run.summary, names, terminal_style_of(STDOUT_FILENO),
                               &text);
        code = history_call_print(&text);
    }
    run_files_close(&run);
    return code;
}

static int export_to_stdout(struct history_call *call)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_TEXT_BYTES);
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_TEXT_BYTES);
    struct run_files run = {0};
    int code = open_named(call, &run);
    int r;

    if (code >= 0)
        return code;
    r = baseline_file_write(&run, call->words[1], &text);
    if (r < 0)
        buf_append_str(&why, strerror(-r));
    code = r < 0 ? history_call_fail(call, r, &why) : history_call_print(&text);
    run_files_close(&run);
    return code;
}

static int remove_name(struct history_call *call)
{
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_TEXT_BYTES);
    CLEANUP(json_decrefp) json_t *found = NULL;
    int code;
    int r;

    if (call->count != 2)
        return refuse("rm NAME: name the baseline");
    code = history_call_open(call, true);
    if (code >= 0)
        return code;
    r = history_baselines(call->history, call->options->scenario, call->words[1], &found,
                          &why);
    if (r == 0 && json_array_size(found) > 1) {
        buf_printf(&why, "several scenarios have a baseline '%s': add --scenario NAME",
                   call->words[1]);
        r = -EINVAL;
    }
    if (r == 0)
        r = history_remove_baseline(call->history, call->options->scenario,
                                    call->words[1], &why);
    if (r == -ENODATA) {
        buf_printf(&why, "there is no baseline '%s'", call->words[1]);
        r = -EINVAL;
    }
    if (r < 0)
        return history_call_fail(call, r, &why);
    printf("%s is no baseline any more; its run stays.\n", call->words[1]);
    return EXIT_PASSED;
}

int history_baseline_action(struct history_call *call)
{
    static const struct {
        const char *name;
        history_action_fn *run;
    } actions[] = {{"set", set},
                   {"list", list},
                   {"show", show},
                   {"export", export_to_stdout},
                   {"rm", remove_name}};
    const char *name = call->count > 0 ? call->words[0] : "list";

    for (size_t i = 0; i < COUNT_OF(actions); i++)
        if (strcmp(name, actions[i].name) == 0)
            return actions[i].run(call);
    return refuse("take set NAME RUN, list, show NAME, export NAME or rm NAME");
}
