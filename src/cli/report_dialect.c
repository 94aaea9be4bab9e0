#include "cli/report_dialect.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/buf.h"
#include "output/dialect_text.h"
#include "result/dialect.h"
#include "result/run_files.h"
#include "result/verdict.h"

#define MAX_PATH_BYTES 4096

static int refuse(const char *sentence)
{
    fprintf(stderr, "throng report: --dialect: %s\n", sentence);
    return EXIT_COMMAND_LINE;
}

static int write_json(const json_t *document, struct buf *out)
{
    char *text = json_dumps(document, JSON_INDENT(2) | JSON_REAL_PRECISION(15));

    if (!text)
        return -ENOMEM;
    buf_append_str(out, text);
    free(text);
    return buf_append_char(out, '\n');
}

static int tell(const struct run_files *files, const struct dialect *dialect,
                const char *format, const char *path, struct buf *out)
{
    struct dialect_story *story = NULL;
    int r = dialect_tell(dialect, path, files->summary, &story);

    if (r == 0)
        r = strcmp(format, "json") == 0
                ? write_json(story->document, out)
                : dialect_text_write(story, files->summary,
                                     terminal_style_of(STDOUT_FILENO), out);
    story = dialect_story_free(story);
    if (r == -EBADMSG)
        fprintf(stderr, "throng report: %s is no samples.bin of this version\n", path);
    else if (r < 0)
        fprintf(stderr, "throng report: %s: %s\n", path, strerror(-r));
    return r < 0 ? EXIT_INTERNAL : EXIT_PASSED;
}

int report_dialect(const struct run_files *files, size_t count, const char *dialect,
                   const char *format, struct buf *out)
{
    const struct dialect *found = dialect_find(dialect);
    char path[MAX_PATH_BYTES];

    assert(found);
    if (count != 1)
        return refuse("tells one run at a time; name one");
    if (format && strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
        return refuse("is written as text or as json; leave --format out, or write "
                      "--format json");
    if (run_files_path(files, "samples.bin", path, sizeof(path)) < 0)
        return refuse("needs samples.bin, which this run's folder does not have: a "
                      "summary alone has no single requests");
    return tell(files, found, format ? format : "text", path, out);
}
