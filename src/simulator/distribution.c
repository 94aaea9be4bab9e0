#include "simulator/distribution.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quantity.h"

/* The longest value between brackets and commas. */
#define VALUE_MAX 64

/* Draws stay below a day, and counts below a number that no answer has. */
#define DURATION_NS_MAX 86400e9
#define COUNT_MAX 1e9

static const struct {
    const char *name;
    enum simulator_distribution_kind kind;
    int value_count;
} forms[] = {
    {"uniform", SIMULATOR_UNIFORM, 2},
    {"gaussian", SIMULATOR_GAUSSIAN, 2},
    {"exponential", SIMULATOR_EXPONENTIAL, 1},
    {"lognormal", SIMULATOR_LOGNORMAL, 2},
};

static int parse_value(const char *text, size_t len, enum distribution_unit unit,
                       double *ret_value)
{
    char value[VALUE_MAX];
    uint64_t ns = 0;
    int r;

    if (len == 0 || len >= sizeof(value))
        return -EINVAL;
    memcpy(value, text, len);
    value[len] = '\0';
    switch (unit) {
    case DISTRIBUTION_DURATION:
        r = quantity_parse_duration(value, &ns);
        if (r < 0)
            return r;
        *ret_value = (double)ns;
        return *ret_value <= DURATION_NS_MAX ? 0 : -ERANGE;
    case DISTRIBUTION_COUNT:
        r = quantity_parse_number(value, ret_value);
        if (r < 0)
            return r;
        return *ret_value >= 0 && *ret_value <= COUNT_MAX ? 0 : -ERANGE;
    }
    return -EINVAL;
}

/* Reads "a" or "a,b" up to the closing bracket that ends the text. */
static int parse_values(const char *text, enum distribution_unit unit, int value_count,
                        struct simulator_distribution *distribution)
{
    const char *comma = strchr(text, ',');
    const char *close = strchr(text, ')');
    int r;

    if (!close || close[1] != '\0' || (comma != NULL) != (value_count == 2))
        return -EINVAL;
    r = parse_value(text, (size_t)((comma ? comma : close) - text), unit,
                    &distribution->a);
    if (r < 0 || !comma)
        return r;
    /* The spread of a logarithm has no unit. */
    if (distribution->kind == SIMULATOR_LOGNORMAL)
        unit = DISTRIBUTION_COUNT;
    return parse_value(comma + 1, (size_t)(close - comma - 1), unit, &distribution->b);
}

int distribution_parse(const char *text, enum distribution_unit unit,
                       struct simulator_distribution *ret_distribution)
{
    struct simulator_distribution parsed = {.kind = SIMULATOR_CONSTANT};
    const char *open = strchr(text, '(');
    int r = -EINVAL;

    if (!open) {
        r = parse_value(text, strlen(text), unit, &parsed.a);
    } else {
        for (size_t i = 0; i < COUNT_OF(forms); i++) {
            if (strlen(forms[i].name) != (size_t)(open - text) ||
                strncmp(forms[i].name, text, (size_t)(open - text)) != 0)
                continue;
            parsed.kind = forms[i].kind;
            r = parse_values(open + 1, unit, forms[i].value_count, &parsed);
        }
    }
    if (r < 0)
        return r;
    if (parsed.kind == SIMULATOR_UNIFORM && parsed.b < parsed.a)
        return -ERANGE;
    *ret_distribution = parsed;
    return 0;
}

static double draw(const struct simulator_distribution *distribution, struct rng *rng)
{
    switch (distribution->kind) {
    case SIMULATOR_CONSTANT:
        return distribution->a;
    case SIMULATOR_UNIFORM:
        return distribution->a + (distribution->b - distribution->a) * rng_unit(rng);
    case SIMULATOR_GAUSSIAN:
        return fmax(0, distribution->a + distribution->b * rng_normal(rng));
    case SIMULATOR_EXPONENTIAL:
        return distribution->a * rng_exponential(rng);
    case SIMULATOR_LOGNORMAL:
        return distribution->a * exp(distribution->b * rng_normal(rng));
    }
    return 0;
}

uint64_t distribution_draw_ns(const struct simulator_distribution *distribution,
                              struct rng *rng)
{
    return (uint64_t)fmin(draw(distribution, rng), DURATION_NS_MAX);
}

uint64_t distribution_draw_count(const struct simulator_distribution *distribution,
                                 struct rng *rng)
{
    return (uint64_t)(fmin(draw(distribution, rng), COUNT_MAX) + 0.5);
}
