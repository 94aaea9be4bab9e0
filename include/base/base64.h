/* Base64 (RFC 4648): bytes as letters that every path, header and JSON text can hold. */
#pragma once

#include <stddef.h>

struct buf;

/* Section 4, with padding. */
void base64_append(struct buf *out, const void *bytes, size_t len);

/* Section 5, for URLs, without padding. */
void base64_append_url(struct buf *out, const void *bytes, size_t len);

/*
 * Appends what a text of section 4 stands for; its padding may be missing. Returns 0; -EINVAL for anything
 * else, and out holds a part of it; or out's sticky error.
 */
int base64_decode(struct buf *out, const char *text, size_t len);
