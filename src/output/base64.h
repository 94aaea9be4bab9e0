/* Base64 (RFC 4648): the bytes of a text as letters that every path and header can hold. */
#pragma once

struct buf;

/* Section 4, with padding. */
void base64_append(struct buf *out, const char *text);

/* Section 5, for URLs, without padding. */
void base64_append_url(struct buf *out, const char *text);
