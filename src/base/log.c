#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/cut_text.h"

/*
 * Longer texts are cut. Short enough that a line of usual text stays below
 * PIPE_BUF, up to which a pipe takes a write whole.
 */
#define MAX_TEXT_BYTES 2048
#define MAX_LINE_BYTES ((size_t)32 * 1024)

/* The sink: the only mutable variable of the program with file scope. */
static struct {
    enum log_level level;
    enum log_format format;
    char run_id[64];
    log_line_fn *line_fn;
    void *line_ctx;
} sink = {.level = LOG_LEVEL_WARN};

void log_setup(enum log_level level, enum log_format format, const char *run_id)
{
    sink.level = level;
    sink.format = format;
    snprintf(sink.run_id, sizeof(sink.run_id), "%s", run_id ? run_id : "");
}

void log_divert(log_line_fn *fn, void *ctx)
{
    sink.line_fn = fn;
    sink.line_ctx = ctx;
}

bool log_enabled(enum log_level level)
{
    return level <= sink.level;
}

static const char *level_name(enum log_level level)
{
    switch (level) {
    case LOG_LEVEL_ERROR:
        return "error";
    case LOG_LEVEL_WARN:
        return "warn";
    case LOG_LEVEL_INFO:
        return "info";
    case LOG_LEVEL_DEBUG:
        return "debug";
    }
    return "";
}

static void json_member(struct buf *line, const char *key, const char *value)
{
    if (!value || !*value)
        return;
    buf_printf(line, ",\"%s\":\"", key);
    buf_append_json(line, value, strlen(value));
    buf_append_char(line, '"');
}

static void compose(struct buf *line, enum log_level level, const char *module,
                    const char *correlation, const char *text)
{
    char when[32];

    clock_format_wall(clock_wall_ns(), when);
    if (sink.format == LOG_FORMAT_TEXT) {
        buf_printf(line, "%s %s %s: ", when, level_name(level), module);
        if (correlation) {
            buf_append_char(line, '[');
            buf_append_printable(line, correlation, strlen(correlation));
            buf_append_str(line, "] ");
        }
        buf_append_printable(line, text, strlen(text));
    } else {
        buf_printf(line, "{\"time\":\"%s\",\"level\":\"%s\"", when, level_name(level));
        json_member(line, "module", module);
        json_member(line, "run", sink.run_id);
        json_member(line, "request", correlation);
        json_member(line, "message", text);
        buf_append_char(line, '}');
    }
    buf_append_char(line, '\n');
}

void log_write(enum log_level level, const char *module, const char *correlation,
               const char *format, ...)
{
    const int callers_errno = errno;
    struct buf line = BUF_INIT(MAX_LINE_BYTES);
    char text[MAX_TEXT_BYTES];
    va_list args;

    if (!log_enabled(level))
        return;
    va_start(args, format);
    cut_text_vprintf(text, sizeof(text), format, args);
    va_end(args);
    compose(&line, level, module, correlation, text);
    if (buf_error(&line) == 0 && sink.line_fn) {
        sink.line_fn(sink.line_ctx, line.bytes, line.len);
    } else if (buf_error(&line) == 0) {
        /* One write per line, so that lines of several processes do not mix. */
        const ssize_t written = write(STDERR_FILENO, line.bytes, line.len);

        (void)written; /* a lost line is no error */
    }
    buf_deinit(&line);
    errno = callers_errno;
}
