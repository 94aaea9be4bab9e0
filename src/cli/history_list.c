#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/history_command.h"
#include "output/history_text.h"
#include "result/history.h"
#include "result/verdict.h"

#define MAX_TEXT_BYTES ((size_t)16 << 20)
#define LIST_LAST 20

/* Takes the rows. */
static int print_list(const struct history_call *call, json_t *runs)
{
    CLEANUP(json_decrefp)
    json_t *document = history_call_document(call, "throng.history/1");
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_TEXT_BYTES);

    if (json_object_set_new(document, "runs", runs) < 0 || history_call_wants_json(call))
        return history_call_print_json(document);
    (void)history_text_list(document, terminal_style_of(STDOUT_FILENO), &text);
    return history_call_print(&text);
}

int history_list_action(struct history_call *call)
{
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_TEXT_BYTES);
    const struct history_filter filter = history_call_filter(call, LIST_LAST);
    json_t *runs = NULL;
    int code = history_call_open(call, false);
    int r;

    if (code >= 0)
        return code;
    r = history_list(call->history, &filter, &runs, &why);
    return r < 0 ? history_call_fail(call, r, &why) : print_list(call, runs);
}

/* Names of the run as a baseline. */
static int find_names(const struct history_call *call, const char *run_id,
                      json_t *ret_names, struct buf *reterr)
{
    CLEANUP(json_decrefp) json_t *baselines = NULL;
    const int r = history_baselines(call->history, NULL, NULL, &baselines, reterr);

    for (size_t i = 0; r == 0 && i < json_array_size(baselines); i++) {
        const json_t *one = json_array_get(baselines, i);
        const char *id = json_string_value(json_object_get(one, "run_id"));

        if (id && strcmp(id, run_id) == 0)
            (void)json_array_append(ret_names, json_object_get(one, "name"));
    }
    return r;
}

static int print_run(const struct history_call *call, const struct run_files *run)
{
    CLEANUP(json_decrefp) json_t *names = json_array();
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_TEXT_BYTES);
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_TEXT_BYTES);
    int r;

    if (history_call_wants_json(call))
        return history_call_print_json(run->summary);
    r = find_names(call, run_files_id(run), names, &why);
    if (r < 0)
        return history_call_fail(call, r, &why);
    (void)history_text_run(run->summary, names, terminal_style_of(STDOUT_FILENO), &text);
    return history_call_print(&text);
}

int history_show_action(struct history_call *call)
{
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_TEXT_BYTES);
    struct run_files run = {0};
    int code;
    int r;

    if (call->count != 1) {
        (void)fputs("throng history show: name one run, as `throng history list` shows "
                    "them\n",
                    stderr);
        return EXIT_COMMAND_LINE;
    }
    code = history_call_open(call, false);
    if (code >= 0)
        return code;
    r = history_find(call->history, call->words[0], &run, &why);
    if (r == -ENODATA) {
        buf_printf(&why,
                   "there is no run '%s'; `throng history list` shows those there are",
                   call->words[0]);
        r = -EINVAL;
    }
    code = r < 0 ? history_call_fail(call, r, &why) : print_run(call, &run);
    run_files_close(&run);
    return code;
}
