/*
 * The log: levelled lines on standard error, as text or JSON. The sink is the program's only
 * global. Library modules log at debug only; what a user must know is returned, not logged.
 * Secrets are never given to it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

/* Sets what is written and how; run_id (copied, cut at 63 bytes; may be NULL) stands on each line. */
void log_setup(enum log_level level, enum log_format format, const char *run_id);

/*
 * Where lines go instead of standard error: a display that would be torn by them. The line ends with
 * its line break, and is borrowed. fn NULL: to standard error again.
 */
typedef void log_line_fn(void *ctx, const char *line, size_t len);
void log_divert(log_line_fn *fn, void *ctx);

/* Whether a line of this level would be written: ask before costly arguments. */
bool log_enabled(enum log_level level);

/*
 * Writes one line. module: where it comes from; correlation: the request's id, or NULL.
 * Text: `2026-11-21T10:09:00.123Z warn net: [id] text`.
 */
__attribute__((format(printf, 4, 5))) void log_write(enum log_level level,
                                                     const char *module,
                                                     const char *correlation,
                                                     const char *format, ...);

/* Each file defines LOG_MODULE before it uses these. */
#define log_error(...) log_write(LOG_LEVEL_ERROR, LOG_MODULE, NULL, __VA_ARGS__)
#define log_warn(...) log_write(LOG_LEVEL_WARN, LOG_MODULE, NULL, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, LOG_MODULE, NULL, __VA_ARGS__)
#define log_debug(...)                                                                   \
    do {                                                                                 \
        if (log_enabled(LOG_LEVEL_DEBUG))                                                \
            log_write(LOG_LEVEL_DEBUG, LOG_MODULE, NULL, __VA_ARGS__);                   \
    } while (0)
