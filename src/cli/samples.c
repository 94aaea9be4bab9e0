#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/command.h"
#include "result/sample_file.h"
#include "result/verdict.h"

#define MAX_LINE_BYTES ((size_t)64 * 1024)

static int print_sample(void *ctx, const struct sample *sample,
                        const struct labels *labels)
{
    struct buf *line = ctx;

    buf_clear(line);
    sample_json_line(sample, labels, line);
    buf_append_char(line, '\n');
    if (buf_error(line) < 0)
        return buf_error(line);
    /* A reader that has enough, as `head` does, ends it. */
    return fwrite(buf_str(line), 1, line->len, stdout) == line->len ? 0 : 1;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct option_list words = {0};
    struct buf line = BUF_INIT(MAX_LINE_BYTES);
    bool complete = false;
    const int code = command_begin(command, argc, argv, NULL, &words);
    const char *path = code < 0 ? words.values[0] : "";

    option_list_deinit(&words);
    if (code >= 0)
        return code;
    const int r = sample_file_read(path, print_sample, &line, &complete);

    buf_deinit(&line);
    if (r == -EBADMSG)
        fprintf(stderr, "throng samples: %s is no samples.bin of this version\n", path);
    else if (r < 0)
        fprintf(stderr, "throng samples: %s: %s\n", path, strerror(-r));
    else if (r == 0 && !complete)
        fprintf(stderr, "throng samples: %s was cut off; what it holds was printed\n",
                path);
    return r < 0 ? EXIT_INTERNAL : EXIT_PASSED;
}

const struct command command_samples = {
    .name = "samples",
    .arguments = "FILE",
    .min_arguments = 1,
    .max_arguments = 1,
    .summary = "print samples.bin as lines of JSON",
    .details = "One line per attempt, with all its moments, counts and labels.",
    .run = run,
};
