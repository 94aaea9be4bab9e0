#include "result/history.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/suggest.h"
#include "cli/command.h"
#include "cli/history_command.h"
#include "result/verdict.h"

#define FIELD(name) offsetof(struct history_options, name)
#define MAX_TEXT_BYTES ((size_t)64 * 1024)

static const struct option options_table[] = {
    {.name = "history",
     .kind = OPTION_TEXT,
     .value = "PLACE",
     .offset = FIELD(place),
     .help = "A file, or postgresql://user@host/database. Default: history.db in the "
             "folder of results."},
    {.name = "out",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .value = "DIR",
     .offset = FIELD(out),
     .help = "Where results are. Default: results."},
    {.name = "scenario",
     .kind = OPTION_TEXT,
     .value = "NAME",
     .offset = FIELD(scenario),
     .help = "Of this scenario alone."},
    {.name = "tag",
     .kind = OPTION_LIST,
     .value = "KEY[=VALUE]",
     .offset = FIELD(tags),
     .help = "Runs with this tag alone. May be repeated."},
    {.name = "last",
     .letter = 'n',
     .kind = OPTION_COUNT,
     .value = "N",
     .offset = FIELD(last),
     .help = "The newest N. Default: 20 in a list, 50 in a trend."},
    {.name = "output",
     .kind = OPTION_CHOICE,
     .value = "FORMAT",
     .choices = "text|json",
     .offset = FIELD(format),
     .help = "text (the default) or json."},
    {.name = "html",
     .kind = OPTION_TEXT,
     .value = "FILE",
     .offset = FIELD(html),
     .help = "Of a trend: writes a page with its charts there."},
    {.name = "keep",
     .kind = OPTION_COUNT,
     .value = "N",
     .offset = FIELD(keep),
     .help = "Of prune: the newest N of each scenario stay."},
    {.name = "older-than",
     .kind = OPTION_TEXT,
     .value = "AGE",
     .offset = FIELD(older_than),
     .help = "Of prune: what began longer ago goes, such as 90d or 12h."},
    {.name = "dry-run",
     .kind = OPTION_FLAG,
     .offset = FIELD(dry_run),
     .help = "Of prune: says what would go, and removes nothing."},
};

struct action {
    const char *name;
    history_action_fn *run;
};

static const struct action actions[] = {
    {"list", history_list_action},     {"show", history_show_action},
    {"trend", history_trend_action},   {"baseline", history_baseline_action},
    {"import", history_import_action}, {"prune", history_prune_action},
};

int history_call_fail(const struct history_call *call, int r, const struct buf *why)
{
    CLEANUP(buf_deinit) struct buf where = BUF_INIT(MAX_TEXT_BYTES);

    history_say_place(call->places.history, &where);
    if (r == -ENOMEM)
        (void)fputs("throng history: out of memory\n", stderr);
    else
        fprintf(stderr, "throng %s%s%s%s\n", where.len > 0 ? "history: " : "",
                buf_str(&where), where.len > 0 ? ": " : "", buf_str(why));
    return r == -EINVAL ? EXIT_COMMAND_LINE : EXIT_INTERNAL;
}

int history_call_open(struct history_call *call, bool to_write)
{
    CLEANUP(buf_deinit) struct buf note = BUF_INIT(MAX_TEXT_BYTES);
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_TEXT_BYTES);
    const int r =
        history_open(call->places.history, to_write ? HISTORY_TO_WRITE : HISTORY_TO_READ,
                     &note, &why, &call->history);

    if (note.len > 0)
        fprintf(stderr, "throng history: %s\n", buf_str(&note));
    return r < 0 ? history_call_fail(call, r, &why) : -1;
}

struct history_filter history_call_filter(const struct history_call *call, uint64_t last)
{
    const struct history_options *options = call->options;

    return (struct history_filter){
        .scenario = options->scenario,
        .tags = options->tags.values,
        .tag_count = options->tags.count,
        .last = options->last > 0 ? options->last : last,
    };
}

bool history_call_wants_json(const struct history_call *call)
{
    return call->options->format && strcmp(call->options->format, "json") == 0;
}

int history_call_print_json(json_t *document)
{
    char *text =
        document ? json_dumps(document, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : NULL;

    if (!text) {
        (void)fputs("throng history: out of memory\n", stderr);
        return EXIT_INTERNAL;
    }
    puts(text);
    free(text);
    return EXIT_PASSED;
}

int history_call_print(struct buf *text)
{
    if (buf_error(text) < 0) {
        (void)fputs("throng history: out of memory\n", stderr);
        return EXIT_INTERNAL;
    }
    (void)fputs(buf_str(text), stdout);
    return EXIT_PASSED;
}

json_t *history_call_document(const struct history_call *call, const char *schema)
{
    return json_pack("{s:s, s:s}", "schema", schema, "history",
                     history_name(call->history));
}

static int refuse_action(const char *name)
{
    const char *names[COUNT_OF(actions)];
    const char *meant;

    for (size_t i = 0; i < COUNT_OF(actions); i++)
        names[i] = actions[i].name;
    meant = suggest_name(name, names, COUNT_OF(actions));
    fprintf(stderr, "throng history: there is no '%s'", name);
    if (meant)
        fprintf(stderr, "; did you mean '%s'?\n", meant);
    else
        (void)fputs(": take list, show, trend, baseline, import or prune\n", stderr);
    return EXIT_COMMAND_LINE;
}

static int act(const struct history_options *options, const struct option_list *words)
{
    struct history_call call = {
        .options = options, .words = words->values + 1, .count = words->count - 1};
    int code;

    if (run_places_init(&call.places, options->out, options->place) < 0 ||
        strcmp(call.places.history, "none") == 0) {
        (void)fputs("throng history: --history: name a file or a PostgreSQL server\n",
                    stderr);
        return EXIT_COMMAND_LINE;
    }
    for (size_t i = 0; i < COUNT_OF(actions); i++)
        if (strcmp(actions[i].name, words->values[0]) == 0) {
            code = actions[i].run(&call);
            history_close(call.history);
            return code;
        }
    return refuse_action(words->values[0]);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct history_options options = {0};
    struct option_list words = {0};
    int code = command_begin(command, argc, argv, &options, &words);

    if (code < 0)
        code = act(&options, &words);
    option_list_deinit(&options.tags);
    option_list_deinit(&words);
    return code;
}

const struct command command_history = {
    .name = "history",
    .arguments = "ACTION [ARGUMENT…]",
    .min_arguments = 1,
    .max_arguments = 1000,
    .summary = "ask and keep the history of runs",
    .details =
        "Each `throng run` is added to a history. `list` shows the newest runs, `show "
        "RUN` "
        "one of them, `trend METRIC [FIGURE]` how a figure went from run to run: ttft "
        "p95, "
        "'e2e{model:gpt-4o}' p99, error_rate. `baseline set NAME RUN` gives a run a name "
        "that `throng run --baseline NAME` and `throng compare` take, `baseline list`, "
        "`baseline show NAME`, `baseline export NAME` (a file to commit, on standard "
        "output) "
        "and `baseline rm NAME` do what they say. `import FOLDER…` adds results that are "
        "not in it, of all results where none is named; `prune` removes old runs, but no "
        "baseline.",
    .options = options_table,
    .option_count = COUNT_OF(options_table),
    .run = run,
};
