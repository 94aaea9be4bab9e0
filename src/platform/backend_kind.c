#include "platform/backend_kind.h"

#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "platform/prom_text.h"

/* Who serves requests comes first: its exposition may tell of the machine as well. */
static const struct backend_kind *const kinds[] = {
    &backend_kind_vllm,          &backend_kind_sglang,    &backend_kind_tgi,
    &backend_kind_triton,        &backend_kind_llama_cpp, &backend_kind_dcgm,
    &backend_kind_node_exporter, &backend_kind_cadvisor,
};

const struct backend_kind *backend_kind_at(size_t index)
{
    return index < COUNT_OF(kinds) ? kinds[index] : NULL;
}

const struct backend_kind *backend_kind_of(enum plan_backend_kind kind)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (kinds[i]->kind == kind)
            return kinds[i];
    return NULL;
}

bool backend_kind_has(const struct backend_kind *kind, const struct prom_sample *sample)
{
    const size_t len = strlen(kind->prefix);

    return sample->name.len > len && memcmp(sample->name.at, kind->prefix, len) == 0;
}

static bool fits(const struct backend_rule *rule, const struct prom_sample *sample)
{
    struct prom_slice value;

    if (!prom_slice_is(sample->name, rule->name))
        return false;
    if (!rule->label)
        return true;
    value = prom_sample_label(sample, rule->label);
    return value.at ? prom_slice_is(value, rule->value) : rule->may_lack;
}

static bool has_bit(double value, unsigned bits)
{
    return value >= 0 && value < 4294967296.0 && ((unsigned)value & bits) != 0;
}

static void fold(const struct backend_rule *rule, double value, struct backend_raw *raw)
{
    double *into = &raw->values[rule->quantity];
    const double count = (double)++raw->samples[rule->quantity];

    if (rule->scale > 0)
        value *= rule->scale;
    switch (rule->fold) {
    case FOLD_SUM:
        *into += value;
        break;
    case FOLD_MAX:
        if (count <= 1 || value > *into)
            *into = value;
        break;
    case FOLD_SHARE:
        value = has_bit(value, rule->bits) ? 1 : 0;
        *into += (value - *into) / count;
        break;
    case FOLD_MEAN:
        *into += (value - *into) / count;
        break;
    }
}

void backend_kind_apply(const struct backend_kind *kind, const struct prom_sample *sample,
                        struct backend_raw *raw)
{
    if (!isfinite(sample->value)) /* what is not known, as servers say it */
        return;
    for (size_t i = 0; i < kind->rule_count; i++)
        if (fits(&kind->rules[i], sample))
            fold(&kind->rules[i], sample->value, raw);
}
