#include "expr/threshold.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/quantity.h"

struct word {
    const char *text;
    int value;
};

static const struct word aggregates[] = {
    {"avg", THRESHOLD_AVG},     {"min", THRESHOLD_MIN},   {"med", THRESHOLD_MED},
    {"max", THRESHOLD_MAX},     {"rate", THRESHOLD_RATE}, {"count", THRESHOLD_COUNT},
    {"value", THRESHOLD_VALUE},
};

/* The longer ones first: "<" begins "<=". */
static const struct word comparisons[] = {
    {"<=", THRESHOLD_LESS_EQUAL}, {">=", THRESHOLD_GREATER_EQUAL},
    {"==", THRESHOLD_EQUAL},      {"!=", THRESHOLD_NOT_EQUAL},
    {"<", THRESHOLD_LESS},        {">", THRESHOLD_GREATER},
};

/* Consumes one of the words. Returns its value or -1. */
static int take_word(const char **at, const struct word *words, size_t count)
{
    *at += strspn(*at, " ");
    for (size_t i = 0; i < count; i++) {
        const size_t len = strlen(words[i].text);

        if (strncmp(*at, words[i].text, len) == 0) {
            *at += len;
            return words[i].value;
        }
    }
    return -1;
}

/* Consumes "p(95)". */
static int take_percentile(const char **at, double *ret_percentile)
{
    char digits[16];
    const size_t len = strcspn(*at, ")");
    double percentile = 0;

    if (strncmp(*at, "p(", 2) != 0 || (*at)[len] != ')' || len - 2 >= sizeof(digits))
        return -EINVAL;
    memcpy(digits, *at + 2, len - 2);
    digits[len - 2] = '\0';
    if (quantity_parse_number(digits, &percentile) < 0 || percentile <= 0 ||
        percentile >= 100)
        return -EINVAL;
    *at += len + 1;
    *ret_percentile = percentile;
    return 0;
}

static int take_aggregate(const char **at, struct threshold *threshold)
{
    const int aggregate = take_word(at, aggregates, COUNT_OF(aggregates));

    if (aggregate < 0) {
        threshold->aggregate = THRESHOLD_PERCENTILE;
        return take_percentile(at, &threshold->percentile);
    }
    threshold->aggregate = (enum threshold_aggregate)aggregate;
    return 0;
}

static int parse_limit(const char *text, double *ret_limit)
{
    uint64_t ns = 0;
    int64_t pusd = 0;

    if (quantity_parse_fraction(text, ret_limit) == 0) /* bare numbers too */
        return 0;
    if (quantity_parse_duration(text, &ns) == 0) {
        *ret_limit = (double)ns / (double)NS_PER_MS;
        return 0;
    }
    if (quantity_parse_money(text, &pusd) == 0) {
        *ret_limit = (double)pusd / (double)PUSD_PER_USD;
        return 0;
    }
    return -EINVAL;
}

int threshold_parse(const char *text, struct threshold *ret_threshold)
{
    struct threshold threshold = {0};
    const char *at = text;

    if (take_aggregate(&at, &threshold) < 0)
        return -EINVAL;
    const int comparison = take_word(&at, comparisons, COUNT_OF(comparisons));

    if (comparison < 0 || parse_limit(at, &threshold.limit) < 0)
        return -EINVAL;
    threshold.comparison = (enum threshold_comparison)comparison;
    *ret_threshold = threshold;
    return 0;
}

bool threshold_holds(const struct threshold *threshold, double value)
{
    /* Written without == and !=, which compilers rightly warn of for doubles. */
    const bool less = value < threshold->limit;
    const bool greater = value > threshold->limit;

    switch (threshold->comparison) {
    case THRESHOLD_LESS:
        return less;
    case THRESHOLD_LESS_EQUAL:
        return less || !greater;
    case THRESHOLD_GREATER:
        return greater;
    case THRESHOLD_GREATER_EQUAL:
        return greater || !less;
    case THRESHOLD_EQUAL:
        return !less && !greater;
    case THRESHOLD_NOT_EQUAL:
        return less || greater;
    }
    return false;
}
