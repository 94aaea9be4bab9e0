#include <stdio.h>

#include "base/buf.h"
#include "result/sample_file.h"

#define MAX_LINE_BYTES ((size_t)64 * 1024)

struct line_writer {
    FILE *out;
    struct buf line;
};

static int write_sample(void *ctx, const struct sample *sample,
                        const struct labels *labels)
{
    struct line_writer *writer = ctx;
    struct buf *line = &writer->line;

    buf_clear(line);
    sample_json_line(sample, labels, line);
    buf_append_char(line, '\n');
    if (buf_error(line) < 0)
        return buf_error(line);
    return fwrite(buf_str(line), 1, line->len, writer->out) == line->len ? 0 : 1;
}

int sample_json_export(const char *path, FILE *out, bool *ret_complete)
{
    struct line_writer writer = {.out = out, .line = BUF_INIT(MAX_LINE_BYTES)};
    const int r = sample_file_read(path, write_sample, &writer, ret_complete);

    buf_deinit(&writer.line);
    return r;
}
