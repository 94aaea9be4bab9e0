#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "result/hlog.h"
#include "result/hlog_tag.h"

#define TAG_BYTES_MAX (64 * 1024)

static void close_file(FILE **file)
{
    if (*file)
        (void)fclose(*file);
}

static void free_line(char **line)
{
    free(*line);
}

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

int hlog_read(const char *path, const char *metric, const char *model,
              histogram_span_fn *fn, void *ctx)
{
    CLEANUP(close_file) FILE *file = fopen(path, "re");
    CLEANUP(free_line) char *line = NULL;
    CLEANUP(buf_deinit) struct buf tag = BUF_INIT(TAG_BYTES_MAX);
    size_t capacity = 0;

    if (!file)
        return -errno;
    hlog_tag_write(&tag, metric, "", model ? "model" : NULL, model);
    buf_append_char(&tag, ',');
    if (buf_error(&tag) < 0)
        return buf_error(&tag);
    while (getline(&line, &capacity, file) > 0) {
        const char *encoded;

        if (strncmp(line, buf_str(&tag), tag.len) != 0)
            continue;
        encoded = histogram_in(line);
        return encoded ? histogram_decode_each(encoded, fn, ctx) : -EBADMSG;
    }
    return ferror(file) ? -EIO : -ENODATA;
}
