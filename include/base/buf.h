/*
 * A growable byte buffer with a limit: bytes are appended and kept NUL-terminated.
 * The first failure sticks: later appends do nothing, and buf_error() tells it once at the end,
 * so that a writer of many pieces checks in one place. It does no I/O.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct buf {
    char *bytes; /* owned; NUL-terminated once anything was appended; NULL while empty */
    size_t len;  /* bytes in use, without the NUL */
    size_t cap;  /* bytes allocated */
    size_t max_bytes; /* len never passes this */
    int error;        /* 0, or the first -ENOMEM or -EMSGSIZE */
};

/* A buffer without memory yet. max: the greatest len in bytes, less than SIZE_MAX. */
#define BUF_INIT(max) ((struct buf){.max_bytes = (max)})

/* Releases the memory; the buffer is empty and usable again. */
void buf_deinit(struct buf *buf);

/* Forgets the bytes and the error but keeps the memory. */
void buf_clear(struct buf *buf);

/* Makes room for extra more bytes. Returns 0; -EMSGSIZE past the limit; -ENOMEM. The error sticks. */
int buf_reserve(struct buf *buf, size_t extra);

/* Appends len bytes. Returns 0 or the sticky error (as buf_reserve). */
int buf_append(struct buf *buf, const void *bytes, size_t len);

/* Appends a string without its NUL. */
int buf_append_str(struct buf *buf, const char *str);

/* Appends one byte. */
int buf_append_char(struct buf *buf, char c);

/* Appends printf-formatted text. */
__attribute__((format(printf, 2, 3))) int buf_printf(struct buf *buf, const char *format,
                                                     ...);
__attribute__((format(printf, 2, 0))) int buf_vprintf(struct buf *buf, const char *format,
                                                      va_list args);

/*
 * Appends text as the inside of a JSON string (no quotes): escapes as RFC 8259 section 7 demands.
 * Each byte that is not part of valid UTF-8 becomes U+FFFD.
 */
int buf_append_json(struct buf *buf, const char *text, size_t len);

/*
 * Appends text from elsewhere (a server, a file) so that it stays in its line and cannot command a
 * terminal: line breaks become blanks, tabs stay, other control characters and each byte that is
 * not part of valid UTF-8 become U+FFFD.
 */
int buf_append_printable(struct buf *buf, const char *text, size_t len);

/* Takes len bytes out at a place (at + len ≤ buf->len); what stands behind them moves up. */
void buf_erase(struct buf *buf, size_t at, size_t len);

/* The bytes as a string, never NULL ("" while empty). Borrowed until the next append. */
const char *buf_str(const struct buf *buf);

/* Gives the bytes to the caller (free()), NULL where there were none; the buffer is empty. */
char *buf_take(struct buf *buf);

/* 0, or the first error since init or clear. */
int buf_error(const struct buf *buf);
