/*
 * The families of metrics that Prometheus gets to see, and what is known when they are written.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/anomaly.h"
#include "measure/buckets.h"
#include "measure/customs.h"
#include "measure/run_view.h"
#include "measure/snapshot.h"
#include "measure/trust.h"
#include "output/exposition.h"
#include "output/family_backend.h"
#include "output/metric_text.h"

struct buf;
struct histogram;

/* The figures of a moment. */
struct exposition {
    struct exposition_options options;
    struct histogram *ttft_so_far;        /* the loop's */
    struct customs customs_so_far;        /* likewise */
    const struct push_counts *pushes_now; /* likewise; NULL: nobody pushes */
    /* What was taken: */
    struct histogram *ttft;
    struct customs customs;
    struct snapshot snapshot;
    struct family_backends backends;
    struct run_view view;
    bool has_trust; /* false: not judged yet */
    enum trust_grade trust;
    struct push_counts pushes;
    struct anomaly_view anomalies;
    uint64_t started_wall_ns;
    uint64_t ended_wall_ns; /* 0: it goes on */
};

enum family_type { FAMILY_COUNTER, FAMILY_GAUGE, FAMILY_HISTOGRAM, FAMILY_SUMMARY };

struct family {
    const char *name;
    const char *help; /* one sentence, without its full stop */
    enum family_type type;
    enum buckets_kind buckets; /* of a histogram */
    const char *labels;        /* names, separated by blanks; "" */
    void (*write)(const struct family *family, const struct exposition *exposition,
                  struct metric_text *text);
};

/* Each family, in the order of the text; NULL behind the last. */
const struct family *family_at(size_t index);

/* Appends a row of the table of families. labels: separated by blanks. */
void family_reference_row(struct buf *out, const char *name, const char *type,
                          const char *labels, const char *help);

/* "counter" */
const char *family_type_name(enum family_type type);
