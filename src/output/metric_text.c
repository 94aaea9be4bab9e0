#include "output/metric_text.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "measure/buckets.h"

#define BOUND_BYTES 32

/*
 * Escapes as the format demands: backslash and line break, in label values also the quote. What is
 * not UTF-8 becomes U+FFFD, or the whole push would be refused.
 */
static void append_escaped(struct buf *out, const char *text, char quote)
{
    const size_t len = strlen(text);

    for (size_t at = 0; at < len;) {
        const size_t step = utf8_length(text + at, len - at);

        if (step == 0)
            buf_append_str(out, UTF8_REPLACEMENT);
        else if (text[at] == '\n')
            buf_append_str(out, "\\n");
        else if (text[at] == '\\' || text[at] == quote)
            buf_printf(out, "\\%c", text[at]);
        else
            buf_append(out, text + at, step);
        at += step > 0 ? step : 1;
    }
}

void metric_text_begin(struct metric_text *text, const char *family, const char *type,
                       const char *help)
{
    text->family = family;
    buf_printf(text->out, "# HELP %s ", family);
    append_escaped(text->out, help, '\0');
    buf_printf(text->out, "\n# TYPE %s %s\n", family, type);
}

static void append_labels(struct buf *out, const struct metric_label *labels,
                          size_t count, const char **between)
{
    for (size_t i = 0; i < count; i++) {
        if (*labels[i].value == '\0')
            continue;
        buf_printf(out, "%s%s=\"", *between, labels[i].name);
        append_escaped(out, labels[i].value, '"');
        buf_append_char(out, '"');
        *between = ",";
    }
}

/* All of a sample's line but its value. */
static void append_name(const struct metric_text *text, const char *suffix,
                        const struct metric_label *labels, size_t count)
{
    const char *between = "{";

    buf_printf(text->out, "%s%s", text->family, suffix);
    append_labels(text->out, labels, count, &between);
    append_labels(text->out, text->common, text->common_count, &between);
    buf_append_str(text->out, *between == ',' ? "} " : " ");
}

void metric_text_sample(const struct metric_text *text, const char *suffix,
                        const struct metric_label *labels, size_t count, double value)
{
    append_name(text, suffix, labels, count);
    if (isnan(value))
        buf_append_str(text->out, "NaN\n");
    else if (isinf(value))
        buf_append_str(text->out, value > 0 ? "+Inf\n" : "-Inf\n");
    else
        buf_printf(text->out, "%.15g\n", value);
}

void metric_text_whole(const struct metric_text *text, const char *suffix,
                       const struct metric_label *labels, size_t count, uint64_t value)
{
    append_name(text, suffix, labels, count);
    buf_printf(text->out, "%" PRIu64 "\n", value);
}

void metric_text_buckets(const struct metric_text *text,
                         const struct metric_label *labels, size_t count,
                         const struct buckets *buckets, const struct buckets_scale *scale)
{
    struct metric_label all[METRIC_TEXT_MAX_LABELS];
    char bound[BOUND_BYTES];
    uint64_t below = 0;

    assert(count < METRIC_TEXT_MAX_LABELS);
    for (size_t i = 0; i < count; i++)
        all[i] = labels[i];
    all[count] = (struct metric_label){"le", bound};
    for (size_t i = 0; i <= scale->bound_count; i++) {
        below += buckets->counts[i];
        if (i < scale->bound_count)
            (void)snprintf(bound, sizeof(bound), "%.9g",
                           (double)scale->bounds[i] / scale->parts);
        else
            (void)snprintf(bound, sizeof(bound), "+Inf");
        metric_text_whole(text, "_bucket", all, count + 1, below);
    }
    metric_text_sample(text, "_sum", labels, count, (double)buckets->sum / scale->parts);
    metric_text_whole(text, "_count", labels, count, below);
}
