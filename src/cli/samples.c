#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/command.h"
#include "result/sample_file.h"
#include "result/verdict.h"

struct samples_options {
    const char *out;
};

static const struct option options_table[] = {
    {.name = "out",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .value = "FILE",
     .offset = offsetof(struct samples_options, out),
     .help = "Writes them to a file instead of standard output."},
};

/* Returns what sample_json_export() does, or -errno. */
static int export(const char *path, const char *out, bool *ret_complete)
{
    FILE *file = out ? fopen(out, "we") : stdout;
    int r = file ? sample_json_export(path, file, ret_complete) : -errno;

    if (!out) /* a reader that has enough, as `head` does, ends it */
        return r == 1 ? 0 : r;
    if (file && r == 1)
        r = errno ? -errno : -EIO;
    if (file && fclose(file) != 0 && r >= 0)
        r = -errno;
    return r;
}

static int export_all(const char *path, const char *out)
{
    bool complete = false;
    const int r = export(path, out, &complete);

    if (r == -EBADMSG)
        fprintf(stderr, "throng samples: %s is no samples.bin of this version\n", path);
    else if (r < 0)
        fprintf(stderr, "throng samples: %s: %s\n", path, strerror(-r));
    else if (!complete && !ferror(stdout))
        fprintf(stderr, "throng samples: %s was cut off; what it holds was printed\n",
                path);
    return r < 0 ? EXIT_INTERNAL : EXIT_PASSED;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct samples_options options = {0};
    struct option_list words = {0};
    int code = command_begin(command, argc, argv, &options, &words);

    if (code < 0)
        code = export_all(words.values[0], options.out);
    option_list_deinit(&words);
    return code;
}

const struct command command_samples = {
    .name = "samples",
    .arguments = "FILE",
    .min_arguments = 1,
    .max_arguments = 1,
    .summary = "print samples.bin as lines of JSON",
    .details = "One line per attempt, with all its moments, counts and labels.",
    .options = options_table,
    .option_count = COUNT_OF(options_table),
    .run = run,
};
