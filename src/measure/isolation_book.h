/*
 * What the recorder keeps of each organization for isolation.h: samples → counts before and after the first
 * refusal for want of money.
 */
#pragma once

#include "measure/isolation.h"
#include "measure/labels.h"
#include "measure/sample.h"

/* All zero: nothing yet. */
struct isolation_book {
    struct isolation_part parts[ISOLATION_MOST];
    size_t count;
    uint64_t first_ns; /* the first refusal of all; 0: none */
};

/* An attempt is over. What has no organization counts nowhere. */
void isolation_book_add(struct isolation_book *book, const struct labels *labels,
                        const struct sample *sample);
