/* The table of families as Markdown, for doc/prometheus.md. */
#include <string.h>

#include "base/buf.h"
#include "output/family.h"

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
    for (size_t i = 0; (family = family_at(i)); i++) {
        buf_printf(out, "| `%s` | %s | ", family->name, family_type_name(family->type));
        append_labels(out, family->labels);
        buf_printf(out, " | %s |\n", family->help);
    }
    family_backend_reference(out);
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
