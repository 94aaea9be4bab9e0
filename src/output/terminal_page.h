/*
 * The page that a finished run is told on: rows of text behind a label, wrapped and in line.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "output/terminal.h"
#include "output/terminal_text.h"

struct run_facts;

struct page {
    const struct run_facts *facts;
    struct terminal_style style;
    struct buf *out;
    struct buf line; /* the text of the row in hand */
};

/* facts and out are borrowed. */
void page_init(struct page *page, const struct run_facts *facts,
               struct terminal_style style, struct buf *out);
/* Releases the row in hand. */
void page_deinit(struct page *page);

/* Writes a label, and blanks up to where rows begin. */
void page_put_label(struct page *page, const char *label);

/* Writes the row in hand behind its label, wrapped. */
void page_put_row(struct page *page, const char *label, enum paint paint);

/* "98.2%": a decimal, more where it would be 0% or 100%; whole only where it is. */
void page_say_share(struct buf *out, double share);

/* "1 request", "1,234 requests". */
void page_say_count(struct buf *out, uint64_t count, const char *one, const char *many);
