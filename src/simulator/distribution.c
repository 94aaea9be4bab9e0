#include "simulator/distribution.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
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

/* --- Quantiles. --- */

void distribution_deinit(struct simulator_distribution *distribution)
{
    free(distribution->points);
    *distribution = (struct simulator_distribution){.kind = SIMULATOR_CONSTANT};
}

int simulator_distribution_set_quantiles(struct simulator_distribution *distribution,
                                         const double *points, size_t count)
{
    double *copy;

    if (count < 2 || count > SIMULATOR_POINTS_MAX || !(points[0] >= 0))
        return -EINVAL;
    for (size_t i = 1; i < count; i++)
        if (!(points[i] >= points[i - 1]))
            return -EINVAL;
    copy = reallocarray(NULL, count, sizeof(*copy));
    if (!copy)
        return -ENOMEM;
    memcpy(copy, points, count * sizeof(*copy));
    distribution_deinit(distribution);
    distribution->kind = SIMULATOR_QUANTILES;
    distribution->points = copy;
    distribution->point_count = count;
    return 0;
}

/* Reads the values up to the closing bracket that ends the text. */
static int parse_quantiles(const char *text, enum distribution_unit unit,
                           struct simulator_distribution *distribution)
{
    double points[SIMULATOR_POINTS_MAX];
    size_t count = 0;

    for (;; text++) {
        const size_t len = strcspn(text, ",)");
        int r;

        if (text[len] == '\0' || count == SIMULATOR_POINTS_MAX)
            return -EINVAL;
        r = parse_value(text, len, unit, &points[count++]);
        if (r < 0)
            return r;
        text += len;
        if (*text == ')')
            break;
    }
    if (text[1] != '\0')
        return -EINVAL;
    return simulator_distribution_set_quantiles(distribution, points, count);
}

static double draw_quantile(const struct simulator_distribution *distribution,
                            struct rng *rng)
{
    const double place = rng_unit(rng) * (double)(distribution->point_count - 1);
    const size_t at = (size_t)place; /* rng_unit() is below 1: there is a next one */
    const double *points = &distribution->points[at];

    return points[0] + (points[1] - points[0]) * (place - (double)at);
}

int distribution_parse(const char *text, enum distribution_unit unit,
                       struct simulator_distribution *ret_distribution)
{
    struct simulator_distribution parsed = {.kind = SIMULATOR_CONSTANT};
    const char *open = strchr(text, '(');
    int r = -EINVAL;

    if (!open) {
        r = parse_value(text, strlen(text), unit, &parsed.a);
    } else if (strncmp(text, "quantiles(", (size_t)(open + 1 - text)) == 0) {
        r = parse_quantiles(open + 1, unit, &parsed);
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
    case SIMULATOR_QUANTILES:
        return draw_quantile(distribution, rng);
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
