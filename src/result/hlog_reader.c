#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "result/hlog.h"
#include "result/hlog_tag.h"

#define TAG_BYTES_MAX (64 * 1024)

/* The histogram in a line, behind tag, start, length and greatest value; NULL: there is none. */
static char *histogram_in(char *line)
{
    char *at = line;

    for (int commas = 0; commas < 4; commas++) {
        at = strchr(at, ',');
        if (!at)
            return NULL;
        at++;
    }
    at[strcspn(at, "\r\n")] = '\0';
    return at;
}

/* Looks for the line that begins so. */
static int find_line(FILE *file, const struct buf *beginning, histogram_span_fn *fn,
                     void *ctx)
{
    char *line = NULL;
    size_t capacity = 0;
    int r = -ENODATA;

    while (r == -ENODATA && getline(&line, &capacity, file) > 0) {
        const char *encoded;

        if (strncmp(line, buf_str(beginning), beginning->len) != 0)
            continue;
        encoded = histogram_in(line);
        r = encoded ? histogram_decode_each(encoded, fn, ctx) : -EBADMSG;
    }
    free(line);
    return r == -ENODATA && ferror(file) ? -EIO : r;
}

int hlog_read(const char *path, const char *metric, const char *model,
              histogram_span_fn *fn, void *ctx)
{
    CLEANUP(buf_deinit) struct buf tag = BUF_INIT(TAG_BYTES_MAX);
    FILE *file;
    int r;

    hlog_tag_write(&tag, metric, "", model ? "model" : NULL, model);
    buf_append_char(&tag, ',');
    if (buf_error(&tag) < 0)
        return buf_error(&tag);
    file = fopen(path, "re");
    if (!file)
        return -errno;
    r = find_line(file, &tag, fn, ctx);
    (void)fclose(file);
    return r;
}
