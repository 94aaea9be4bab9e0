#include "output/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/command.h"
#include "cli/report_dialect.h"
#include "cli/run_reference.h"
#include "output/markdown.h"
#include "result/run_files.h"
#include "result/summary.h"
#include "result/verdict.h"

#define MAX_PAGE_BYTES ((size_t)512 << 20)
#define MAX_WHY_BYTES 4096
#define MAX_RUNS 64
#define RESULTS "results"

struct report_options {
    const char *out;
    const char *format;
    const char *dialect;
};

static const struct option options_table[] = {
    {.name = "format",
     .letter = 'f',
     .kind = OPTION_CHOICE,
     .value = "FORMAT",
     .choices = "html|markdown|json|text",
     .fallback = "html",
     .offset = offsetof(struct report_options, format),
     .help = "html: one page that needs no network. markdown: as summary.md. json: the "
             "summaries themselves, of several runs as a list. text: with --dialect."},
    {.name = "dialect",
     .kind = OPTION_CHOICE,
     .value = "TOOL",
     .choices = REPORT_DIALECTS,
     .offset = offsetof(struct report_options, dialect),
     .help =
         "Tells one run's figures as that tool defines them, and why they differ; with "
         "--format json in the form of its own file."},
    {.name = "out",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .value = "FILE",
     .offset = offsetof(struct report_options, out),
     .help = "Where it is written. Without it a page goes to report.html, for one run in "
             "its results folder, and the other formats to standard output."},
};

static int fail(const char *what, int error)
{
    fprintf(stderr, "throng report: %s: %s\n", what, strerror(-error));
    return EXIT_INTERNAL;
}

static int write_html(const struct run_files *files, size_t count, struct buf *out)
{
    struct report_run runs[MAX_RUNS];

    for (size_t i = 0; i < count; i++)
        runs[i] = (struct report_run){files[i].summary, files[i].folder};
    return report_write(runs, count, out);
}

static int write_markdown(const struct run_files *files, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        buf_append_str(out, i > 0 ? "\n" : "");
        (void)markdown_write(files[i].summary, files[i].folder ? files[i].folder : "",
                             out);
    }
    return buf_error(out);
}

static int write_json(const struct run_files *files, size_t count, struct buf *out)
{
    json_t *list = NULL;
    int r = 0;

    if (count == 1)
        return summary_write(files[0].summary, out);
    list = json_array();
    for (size_t i = 0; r == 0 && i < count; i++)
        r = json_array_append(list, files[i].summary) < 0 ? -ENOMEM : 0;
    if (r == 0)
        r = summary_write(list, out);
    json_decref(list);
    return r;
}

typedef int write_fn(const struct run_files *files, size_t count, struct buf *out);

static write_fn *writer_of(const char *format)
{
    if (strcmp(format, "markdown") == 0)
        return write_markdown;
    return strcmp(format, "json") == 0 ? write_json : write_html;
}

/* Writes a text whole; a new file is its owner's only, since what servers said stands in it. Returns 0 or -errno. */
static int save(const char *path, const struct buf *text)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    int r = file ? 0 : -errno;

    if (fd >= 0 && !file)
        (void)close(fd);
    if (file && fwrite(text->bytes, 1, text->len, file) != text->len)
        r = errno ? -errno : -EIO;
    if (file && fclose(file) != 0 && r == 0)
        r = -errno;
    return r;
}

/* Where a page goes that nobody said a place for. */
static void default_path(const struct run_files *files, size_t count, struct buf *path)
{
    if (count == 1 && files[0].folder)
        buf_printf(path, "%s/", files[0].folder);
    buf_append_str(path, "report.html");
}

static int refuse_text(void)
{
    (void)fputs("throng report: --format: 'text' is for --dialect; write markdown\n",
                stderr);
    return EXIT_COMMAND_LINE;
}

static int report(const struct run_files *files, size_t count,
                  const struct report_options *options)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_PAGE_BYTES);
    CLEANUP(buf_deinit) struct buf path = BUF_INIT(MAX_WHY_BYTES);
    const char *format = options->format ? options->format : "html";
    int r = 0;

    if (options->dialect)
        r = report_dialect(files, count, options->dialect, options->format, &text);
    else if (strcmp(format, "text") == 0)
        return refuse_text();
    else
        r = writer_of(format)(files, count, &text);
    if (r > 0)
        return r;
    if (r < 0)
        return fail(format, r);
    if (options->out)
        buf_append_str(&path, options->out);
    else if (!options->dialect && strcmp(format, "html") == 0)
        default_path(files, count, &path);
    if (path.len == 0 || strcmp(buf_str(&path), "-") == 0) {
        (void)fwrite(text.bytes, 1, text.len, stdout);
        return EXIT_PASSED;
    }
    r = save(buf_str(&path), &text);
    if (r < 0)
        return fail(buf_str(&path), r);
    printf("%s\n", buf_str(&path));
    return EXIT_PASSED;
}

/* Opens all runs that are named; none: the newest. Returns an exit code; all mistakes are told. */
static int open_runs(const struct option_list *words, struct run_files *files,
                     size_t *ret_count)
{
    int code = EXIT_PASSED;
    struct run_places places;

    if (run_places_init(&places, RESULTS, NULL) < 0) {
        fprintf(stderr, "throng report: THRONG_HISTORY: the path is too long\n");
        return EXIT_COMMAND_LINE;
    }
    *ret_count = words->count > 0 ? words->count : 1;
    for (size_t i = 0; i < *ret_count; i++) {
        CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_WHY_BYTES);
        const char *name = words->count > 0 ? words->values[i] : NULL;

        if (run_reference_open(&places, name, NULL, &files[i], &why) == 0)
            continue;
        fprintf(stderr, "throng report: %s\n", why.len > 0 ? buf_str(&why) : "no memory");
        code = EXIT_COMMAND_LINE;
    }
    return code;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct report_options options = {0};
    struct option_list words = {0};
    struct run_files files[MAX_RUNS] = {0};
    size_t count = 0;
    int code = command_begin(command, argc, argv, &options, &words);

    if (code < 0) {
        code = open_runs(&words, files, &count);
        if (code == EXIT_PASSED)
            code = report(files, count, &options);
    }
    for (size_t i = 0; i < count; i++)
        run_files_close(&files[i]);
    option_list_deinit(&words);
    return code;
}

const struct command command_report = {
    .name = "report",
    .arguments = "[RUN…]",
    .min_arguments = 0,
    .max_arguments = MAX_RUNS,
    .summary = "make a report of runs",
    .details =
        "RUN is a results folder, a summary.json, or the id of a run in results/; "
        "without any, the newest run there. Several runs stand in one page, each on "
        "a tab of its own, and their figures side by side.",
    .options = options_table,
    .option_count = COUNT_OF(options_table),
    .run = run,
};
