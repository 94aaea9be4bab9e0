#include "platform/backend_read.h"

#include <errno.h>
#include <stdbool.h>

#include "platform/backend_kind.h"

#define MAX_KINDS 16

struct reading {
    const struct backend_kind *only; /* NULL: any */
    struct backend_raw raw;
    bool has[MAX_KINDS]; /* names of this kind were there */
};

static void on_sample(void *ctx, const struct prom_sample *sample)
{
    struct reading *reading = ctx;
    const struct backend_kind *kind;

    if (reading->only) {
        backend_kind_apply(reading->only, sample, &reading->raw);
        return;
    }
    for (size_t i = 0; (kind = backend_kind_at(i)); i++) {
        reading->has[i] = reading->has[i] || backend_kind_has(kind, sample);
        backend_kind_apply(kind, sample, &reading->raw);
    }
}

static bool tells_anything(const struct backend_raw *raw)
{
    for (size_t i = 0; i < QUANTITY_COUNT; i++)
        if (raw->samples[i] > 0)
            return true;
    return false;
}

int backend_read(enum plan_backend_kind kind, const char *text, size_t len,
                 uint64_t at_ns, struct backend_raw *ret_raw,
                 const struct backend_kind **ret_kind,
                 struct prom_problem *reterr_problem)
{
    struct reading reading = {.only = backend_kind_of(kind), .raw = {.at_ns = at_ns}};
    const struct backend_kind *first = reading.only;
    const int r = prom_text_read(text, len, on_sample, &reading, reterr_problem);

    if (r < 0)
        return r;
    for (size_t i = 0; !first && backend_kind_at(i); i++)
        if (reading.has[i])
            first = backend_kind_at(i);
    if (!first || !tells_anything(&reading.raw))
        return -ENODATA;
    *ret_raw = reading.raw;
    *ret_kind = first;
    return 0;
}
