/*
 * The pages of throng: data in, one HTML text out that needs nothing else: no network, no other file. Its styles and
 * scripts are in it, and a Content-Security-Policy that lets nothing else run or load. What the data looks like is
 * each page's own; its scripts read it as JSON and put texts of it into the page as text.
 */
#pragma once

#include <jansson.h>

struct buf;
struct page;

/* A report of one or more runs (output/report.h). */
extern const struct page page_report;
/* A comparison of two runs (output/comparison.h). */
extern const struct page page_comparison;
/* A figure over runs (output/trend_page.h). */
extern const struct page page_trend;

/* The live page (output/live.h). */
extern const struct page page_live;

/*
 * Appends a page with its data, which nothing in it can leave: "<", ">", "&", U+2028 and U+2029 are written as
 * escapes of JSON. data: an object or array. Returns buf_error or -ENOMEM.
 */
int page_write(const struct page *page, const json_t *data, struct buf *out);

/* The page's Content-Security-Policy, as a server says it in its header. */
const char *page_policy(const struct page *page);
