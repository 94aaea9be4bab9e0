#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "result/hlog.h"
#include "result/hlog_tag.h"

#define TAG_BYTES_MAX (64 * 1024)
#define TAG "Tag="

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

static int kind_of(const char *name, enum hlog_kind *ret_kind)
{
    static const struct {
        const char *name;
        enum hlog_kind kind;
    } kinds[] = {{"", HLOG_WINDOW}, {"run", HLOG_RUN}, {"interval", HLOG_INTERVAL}};

    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (strcmp(name, kinds[i].name) == 0) {
            *ret_kind = kinds[i].kind;
            return 0;
        }
    return -EBADMSG;
}

/* Takes "Tag=…,start,length,greatest,encoded" apart. */
static int read_line(char *text, struct hlog_line *line)
{
    char *comma = strchr(text, ',');
    const char *kind = "";
    char *end;

    line->encoded = histogram_in(text);
    if (!comma || !line->encoded)
        return -EBADMSG;
    *comma = '\0';
    line->start_s = strtod(comma + 1, &end);
    if (end == comma + 1 || *end != ',')
        return -EBADMSG;
    line->length_s = strtod(end + 1, NULL);
    if (hlog_tag_read(text + strlen(TAG), &line->metric, &kind, &line->key,
                      &line->value) < 0)
        return -EBADMSG;
    return kind_of(kind, &line->kind);
}

/* Closes the file. */
static int each_in(FILE *file, hlog_line_fn *fn, void *ctx)
{
    size_t capacity = 0;
    char *text = NULL;
    int r = 0;

    while (r == 0 && getline(&text, &capacity, file) > 0) {
        struct hlog_line line = {0};

        if (strncmp(text, TAG, strlen(TAG)) != 0)
            continue;
        r = read_line(text, &line);
        if (r == 0)
            r = fn(ctx, &line);
    }
    if (r == 0 && ferror(file))
        r = -EIO;
    free(text);
    (void)fclose(file);
    return r;
}

int hlog_each(const char *path, hlog_line_fn *fn, void *ctx)
{
    FILE *file = fopen(path, "re");

    return file ? each_in(file, fn, ctx) : -errno;
}

int hlog_each_of(const char *lines, hlog_line_fn *fn, void *ctx)
{
    char *copy = strdup(lines);
    FILE *file;
    int r = 0;

    if (!copy)
        return -ENOMEM;
    if (*copy) { /* fmemopen() opens nothing that is empty */
        file = fmemopen(copy, strlen(copy), "r");
        r = file ? each_in(file, fn, ctx) : -errno;
    }
    free(copy);
    return r;
}
