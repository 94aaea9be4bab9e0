/*
 * Lines of the text exposition format 0.0.4: families with their HELP and TYPE, and samples with
 * escaped labels.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buf;
struct buckets;
struct buckets_scale;

struct metric_label {
    const char *name;
    const char *value; /* "": the sample does not have it */
};

/* Where lines go, and what all samples have in common. */
struct metric_text {
    struct buf *out;
    const char *family; /* its name, once it was begun */
    const struct metric_label *common;
    size_t common_count;
};

/* A family's HELP and TYPE, before its samples. type: "counter", "gauge", "histogram", "summary". */
void metric_text_begin(struct metric_text *text, const char *family, const char *type,
                       const char *help);

/* A sample of the family. suffix: "" or "_count" and the like. Whole values are written exactly. */
void metric_text_sample(const struct metric_text *text, const char *suffix,
                        const struct metric_label *labels, size_t count, double value);
void metric_text_whole(const struct metric_text *text, const char *suffix,
                       const struct metric_label *labels, size_t count, uint64_t value);

/* All samples of a histogram. count: at most METRIC_TEXT_MAX_LABELS − 1. */
#define METRIC_TEXT_MAX_LABELS 12
void metric_text_buckets(const struct metric_text *text,
                         const struct metric_label *labels, size_t count,
                         const struct buckets *buckets,
                         const struct buckets_scale *scale);
