#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/quantity.h"
#include "cli/command.h"
#include "cli/run_reference.h"
#include "output/comparison.h"
#include "result/comparison.h"
#include "result/run_files.h"
#include "result/verdict.h"

#define MAX_PAGE_BYTES ((size_t)64 << 20)
#define MAX_WHY_BYTES 4096
#define RESULTS "results"

struct compare_options {
    const char *fail_above;
    const char *format;
    const char *out;
    const char *history;
};

static const struct option options_table[] = {
    {.name = "fail-above",
     .kind = OPTION_TEXT,
     .value = "PERCENT",
     .offset = offsetof(struct compare_options, fail_above),
     .help =
         "Exits with 112 where something became worse by more than this, such as 20%, "
         "and that is more than chance. Without it no difference fails."},
    {.name = "format",
     .letter = 'f',
     .kind = OPTION_CHOICE,
     .value = "FORMAT",
     .choices = "text|markdown|json|html",
     .fallback = "text",
     .offset = offsetof(struct compare_options, format),
     .help =
         "markdown: for a comment on a change. json: the document that `throng schema "
         "comparison` describes. html: one page that needs no network."},
    {.name = "out",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .value = "FILE",
     .offset = offsetof(struct compare_options, out),
     .help = "Writes it to a file instead of standard output."},
    {.name = "history",
     .kind = OPTION_TEXT,
     .value = "PLACE",
     .offset = offsetof(struct compare_options, history),
     .help = "Where names of baselines and ids of runs are looked up: a file, or "
             "postgresql://user@host/database. Default: results/history.db."},
};

static int complain(const char *what, const char *why)
{
    fprintf(stderr, "throng compare: %s: %s\n", what, why);
    return EXIT_COMMAND_LINE;
}

static int write_as(const char *format, const json_t *comparison,
                    struct terminal_style style, struct buf *out)
{
    if (strcmp(format, "json") == 0)
        return comparison_write(comparison, out);
    if (strcmp(format, "markdown") == 0)
        return comparison_markdown(comparison, out);
    if (strcmp(format, "html") == 0)
        return comparison_html(comparison, out);
    return comparison_terminal(comparison, style, out);
}

/* Returns 0 or -errno. */
static int save(const char *path, const struct buf *text)
{
    FILE *file = path ? fopen(path, "we") : stdout;
    int r = file ? 0 : -errno;

    if (file && fwrite(text->bytes, 1, text->len, file) != text->len)
        r = errno ? -errno : -EIO;
    if (file && (path ? fclose(file) : fflush(file)) != 0 && r == 0)
        r = -errno;
    return r;
}

static int show(const json_t *comparison, const struct compare_options *options)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_PAGE_BYTES);
    struct terminal_style style = terminal_style_of(STDOUT_FILENO);
    int r;

    if (options->out)
        style.colour = false;
    r = write_as(options->format ? options->format : "text", comparison, style, &text);
    if (r == 0)
        r = save(options->out, &text);
    if (r < 0) {
        (void)complain(options->out ? options->out : "standard output", strerror(-r));
        return EXIT_INTERNAL;
    }
    return comparison_failed(comparison) ? EXIT_REGRESSION : EXIT_PASSED;
}

static int compare(const struct run_files *base, const struct run_files *new,
                   const struct compare_options *options, double fail_above)
{
    const struct comparison_options wanted = {.fail_above = fail_above};
    json_t *comparison = NULL;
    int code;

    if (comparison_build(base, new, &wanted, &comparison) < 0) {
        fprintf(stderr, "throng compare: out of memory\n");
        return EXIT_INTERNAL;
    }
    code = show(comparison, options);
    json_decref(comparison);
    return code;
}

/* Opens a run; scenario: whose baseline a name is. Returns EXIT_PASSED, or another code once it said why. */
static int open_run(const struct run_places *places, const char *name,
                    const char *scenario, struct run_files *ret_run)
{
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_WHY_BYTES);
    const int r = run_reference_open(places, name, scenario, ret_run, &why);

    if (r == 0)
        return EXIT_PASSED;
    fprintf(stderr, "throng compare: %s\n",
            r == -ENOMEM ? "out of memory" : buf_str(&why));
    return r == -EINVAL ? EXIT_COMMAND_LINE : EXIT_INTERNAL;
}

/* Opens both, and tells what is wrong with either. A name is that of a baseline of the new one's scenario. */
static int compare_named(const struct option_list *words,
                         const struct compare_options *options, double fail_above)
{
    struct run_files base = {0};
    struct run_files new = {0};
    struct run_places places;
    const char *scenario;
    int code;
    int base_code;

    if (run_places_init(&places, RESULTS, options->history) < 0)
        return complain("--history", "the path is too long");
    code = open_run(&places, words->values[1], NULL, &new);
    scenario = json_string_value(
        json_object_get(json_object_get(new.summary, "run"), "scenario"));
    base_code = open_run(&places, words->values[0], scenario, &base);
    if (code == EXIT_PASSED)
        code = base_code;
    if (code == EXIT_PASSED)
        code = compare(&base, &new, options, fail_above);
    run_files_close(&base);
    run_files_close(&new);
    return code;
}

/* A share above 0; from 1 on in percent, since 20 is meant as 20%. */
static int parse_limit(const char *text, double *ret_limit)
{
    const int r = quantity_parse_fraction(text, ret_limit);

    return r == 0 && (!(*ret_limit > 0) || (*ret_limit >= 1 && !strchr(text, '%')))
               ? -EINVAL
               : r;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct compare_options options = {0};
    struct option_list words = {0};
    double fail_above = (double)NAN;
    int code = command_begin(command, argc, argv, &options, &words);

    if (code < 0 && options.fail_above &&
        parse_limit(options.fail_above, &fail_above) < 0)
        code = complain("--fail-above", "this is no percentage above 0; write 20%");
    if (code < 0)
        code = compare_named(&words, &options, fail_above);
    option_list_deinit(&words);
    return code;
}

const struct command command_compare = {
    .name = "compare",
    .arguments = "BASE NEW",
    .min_arguments = 2,
    .max_arguments = 2,
    .summary = "tell what differs between two runs, and whether that is more than chance",
    .details =
        "BASE and NEW are results folders, files summary.json or ids of runs in "
        "`results`; "
        "BASE may be a baseline that was exported. Each figure has a 95% interval of its "
        "change and a verdict: worse or better where it is sure (adjusted for how many "
        "figures there are) and by more than 5%.",
    .options = options_table,
    .option_count = COUNT_OF(options_table),
    .run = run,
};
