#include "scenario/convert.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "cli/command.h"
#include "config/load.h"
#include "result/verdict.h"

#define MAX_TEXT_BYTES ((size_t)1 << 20)
#define MAX_DIAGS 20

struct convert_options {
    const char *from;
    const char *output;
};

static const struct option options[] = {
    {.name = "from",
     .kind = OPTION_CHOICE,
     .value = "TOOL",
     .choices = "k6|artillery|vllm",
     .offset = offsetof(struct convert_options, from),
     .help = "Whose words they are; without it they tell themselves."},
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .value = "FILE",
     .fallback = "standard output",
     .offset = offsetof(struct convert_options, output),
     .help = "Where the scenario is written to."},
};

static enum convert_form form_of(const char *from)
{
    static const char *const names[] = {
        [CONVERT_K6] = "k6", [CONVERT_ARTILLERY] = "artillery", [CONVERT_VLLM] = "vllm"};

    for (size_t i = CONVERT_K6; from && i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], from) == 0)
            return (enum convert_form)i;
    return CONVERT_GUESS;
}

static int read_stream(FILE *stream, struct buf *out)
{
    char piece[4096];
    size_t len;

    do {
        len = fread(piece, 1, sizeof(piece), stream);
        if (ferror(stream))
            return -EIO;
        if (buf_append(out, piece, len) < 0)
            return buf_error(out);
    } while (len == sizeof(piece));
    return 0;
}

/* Reads a file, or standard input. Returns 0 or a negative errno. */
static int read_text(const char *path, struct buf *out)
{
    FILE *file;
    int r;

    if (strcmp(path, "-") == 0)
        return read_stream(stdin, out);
    file = fopen(path, "re");
    if (!file)
        return -errno;
    r = read_stream(file, out);
    (void)fclose(file);
    return r;
}

/* Writes a file, or standard output where path is NULL. Returns 0 or a negative errno. */
static int write_text(const char *path, const struct buf *text)
{
    FILE *file;
    bool written;

    if (!path) {
        written = fwrite(text->bytes, 1, text->len, stdout) == text->len;
        return written && fflush(stdout) == 0 ? 0 : -EIO;
    }
    file = fopen(path, "we");
    if (!file)
        return -errno;
    written = fwrite(text->bytes, 1, text->len, file) == text->len;
    return fclose(file) == 0 && written ? 0 : -EIO;
}

static void print_notes(const char *name, const char *notes)
{
    while (*notes) {
        const int len = (int)strcspn(notes, "\n");

        fprintf(stderr, "%s: %.*s\n", name, len, notes);
        notes += len + 1;
    }
}

static int print_diags(const struct diag_list *diags)
{
    struct buf text = BUF_INIT(MAX_TEXT_BYTES);

    (void)diag_print(diags, isatty(STDERR_FILENO), &text);
    (void)fputs(buf_str(&text), stderr);
    buf_deinit(&text);
    return EXIT_SCENARIO;
}

static int convert(const char *name, const struct buf *text,
                   const struct convert_options *wanted, struct conversion *conversion)
{
    struct diag_list *diags = NULL;
    int r = diag_list_new(MAX_DIAGS, &diags);

    if (r == 0)
        r = scenario_convert(name, buf_str(text), text->len, form_of(wanted->from), diags,
                             conversion);
    if (r == -EINVAL) {
        r = print_diags(diags);
    } else if (r < 0) {
        fprintf(stderr, "throng convert: %s\n", strerror(-r));
        r = EXIT_INTERNAL;
    } else {
        print_notes(name, buf_str(&conversion->notes));
        r = write_text(wanted->output, &conversion->scenario);
        if (r < 0)
            fprintf(stderr, "throng convert: %s: %s\n",
                    wanted->output ? wanted->output : "standard output", strerror(-r));
        r = r < 0 ? EXIT_NOT_SAVED : EXIT_PASSED;
    }
    diag_list_free(diags);
    return r;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct convert_options wanted = {0};
    struct option_list arguments = {0};
    struct conversion conversion;
    struct buf text = BUF_INIT(CONFIG_MAX_BYTES);
    int code = command_begin(command, argc, argv, &wanted, &arguments);

    if (code < 0) {
        const char *path = arguments.values[0];
        const int r = read_text(path, &text);

        conversion_init(&conversion);
        if (r < 0)
            fprintf(stderr, "throng convert: %s: %s\n", path, strerror(-r));
        code = r < 0 ? EXIT_SCENARIO
                     : convert(strcmp(path, "-") == 0 ? "standard input" : path, &text,
                               &wanted, &conversion);
        conversion_deinit(&conversion);
    }
    buf_deinit(&text);
    option_list_deinit(&arguments);
    return code;
}

const struct command command_convert = {
    .name = "convert",
    .arguments = "FILE|-",
    .min_arguments = 1,
    .max_arguments = 1,
    .summary = "make a scenario of another tool's words",
    .details = "Reads k6's options (JSON, or a script with them in it), an Artillery "
               "script, or a "
               "`vllm bench serve` command line, and prints a scenario. What has no "
               "counterpart is "
               "told on standard error, and in comments at the scenario's head.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
