/*
 * The page itself, which is the same for all: what it shows comes over /live/events.
 */
#pragma once

struct buf;
struct serve_request;

/* What live_page_show() keeps the page in. */
#define LIVE_PAGE_BYTES ((size_t)4 << 20)

/* Answers with the page; page: where it is kept, made by the first who asks. */
void live_page_show(struct buf *page, struct serve_request *request);
