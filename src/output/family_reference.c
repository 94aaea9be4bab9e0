/* The table of families as Markdown, for doc/prometheus.md. */
#include <string.h>

#include "base/buf.h"
#include "output/family.h"
#include "output/family_otel.h"
#include "output/family_result.h"

/* "model backend" → "`model` `backend`" */
static void append_labels(struct buf *out, const char *labels)
{
    while (*labels) {
        const size_t len = strcspn(labels, " ");

        buf_printf(out, "`%.*s`", (int)len, labels);
        labels += len;
        if (*labels == ' ')
            buf_append_char(out, *labels++);
    }
}

void family_reference_row(struct buf *out, const char *name, const char *type,
                          const char *labels, const char *help)
{
    buf_printf(out, "| `%s` | %s | ", name, type);
    append_labels(out, labels);
    buf_printf(out, " | %s |\n", help);
}

static void append_buckets(struct buf *out, const struct buckets_scale *scale)
{
    for (size_t i = 0; i < scale->bound_count; i++)
        buf_printf(out, "%s%.9g", i > 0 ? ", " : "",
                   (double)scale->bounds[i] / scale->parts);
}

int exposition_reference(struct buf *out)
{
    const struct family *family;

    buf_append_str(out, "| metric | type | labels | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; (family = family_at(i)); i++)
        family_reference_row(out, family->name, family_type_name(family->type),
                             family->labels, family->help);
    family_backend_reference(out);
    buf_append_str(out, "\n| of the last result | type | labels | meaning |\n"
                        "|---|---|---|---|\n");
    family_result_reference(out);
    family_otel_reference(out);
    buf_append_str(out, "\n| histogram | upper bounds of its buckets |\n|---|---|\n");
    for (size_t i = 0; (family = family_at(i)); i++) {
        if (family->type != FAMILY_HISTOGRAM)
            continue;
        buf_printf(out, "| `%s` | ", family->name);
        append_buckets(out, &buckets_scales[family->buckets]);
        buf_append_str(out, " |\n");
    }
    return buf_error(out);
}
