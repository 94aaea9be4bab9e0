#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/command.h"
#include "result/sample_file.h"
#include "result/sample_trace.h"
#include "result/verdict.h"

struct samples_options {
    const char *out;
    bool trace;
};

static const struct option options_table[] = {
    {.name = "out",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .value = "FILE",
     .offset = offsetof(struct samples_options, out),
     .help = "Writes them to a file instead of standard output."},
    {.name = "trace",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct samples_options, trace),
     .help = "Writes a trace instead: when each request was sent, and the lengths of its "
             "prompt and its answer, for a phase 'replay'."},
};

static int write_trace(const char *path, FILE *file, bool *ret_complete)
{
    struct sample_trace trace = {0};
    const int r = sample_trace_export(path, file, &trace);

    *ret_complete = trace.complete;
    if (r == 0 && trace.left_out > 0)
        fprintf(stderr,
                "throng samples: %" PRIu64
                " requests without counted tokens are not in the trace\n",
                trace.left_out);
    return r;
}

/* Returns what sample_json_export() does, or -errno. */
static int export(const char *path, const struct samples_options *options,
                  bool *ret_complete)
{
    const char *out = options->out;
    FILE *file = out ? fopen(out, "we") : stdout;
    int r = -errno;

    if (file)
        r = options->trace ? write_trace(path, file, ret_complete)
                           : sample_json_export(path, file, ret_complete);

    if (!out) /* a reader that has enough, as `head` does, ends it */
        return r == 1 ? 0 : r;
    if (file && r == 1)
        r = errno ? -errno : -EIO;
    if (file && fclose(file) != 0 && r >= 0)
        r = -errno;
    return r;
}

static int export_all(const char *path, const struct samples_options *options)
{
    bool complete = false;
    const int r = export(path, options, &complete);

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
        code = export_all(words.values[0], &options);
    option_list_deinit(&words);
    return code;
}

const struct command command_samples = {
    .name = "samples",
    .arguments = "FILE",
    .min_arguments = 1,
    .max_arguments = 1,
    .summary = "print samples.bin as lines of JSON",
    .details = "One line per attempt, with all its moments, counts and labels; or as a "
               "trace that can be replayed.",
    .options = options_table,
    .option_count = COUNT_OF(options_table),
    .run = run,
};
