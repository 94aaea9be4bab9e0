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
    {"===", THRESHOLD_EQUAL},        {"<=", THRESHOLD_LESS_EQUAL},
    {">=", THRESHOLD_GREATER_EQUAL}, {"==", THRESHOLD_EQUAL},
    {"!=", THRESHOLD_NOT_EQUAL},     {"<", THRESHOLD_LESS},
    {">", THRESHOLD_GREATER},
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
static int take_percentile(const char **at, double *ret_percentile,
                           const char **reterr_hint)
{
    char digits[16];
    const size_t len = strcspn(*at, ")");
    double percentile = 0;

    if (strncmp(*at, "p(", 2) != 0 || (*at)[len] != ')') {
        *reterr_hint = **at == 'p' ? "write a percentile as p(95)"
                                   : "begin with p(95), avg, min, med, max, rate, count "
                                     "or value";
        return -EINVAL;
    }
    *reterr_hint = "a percentile lies between 0 and 100, as in p(95) or p(99.9)";
    if (len - 2 >= sizeof(digits))
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

static int take_aggregate(const char **at, struct threshold *threshold,
                          const char **reterr_hint)
{
    const int aggregate = take_word(at, aggregates, COUNT_OF(aggregates));

    if (aggregate < 0) {
        threshold->aggregate = THRESHOLD_PERCENTILE;
        return take_percentile(at, &threshold->percentile, reterr_hint);
    }
    threshold->aggregate = (enum threshold_aggregate)aggregate;
    return 0;
}

/* Consumes an aggregate, or one within drift(…). */
static int take_value(const char **at, struct threshold *threshold,
                      const char **reterr_hint)
{
    static const char drift[] = "drift(";
    int r;

    *at += strspn(*at, " ");
    threshold->drift = strncmp(*at, drift, sizeof(drift) - 1) == 0;
    if (!threshold->drift)
        return take_aggregate(at, threshold, reterr_hint);
    *at += sizeof(drift) - 1;
    r = take_aggregate(at, threshold, reterr_hint);
    if (r < 0)
        return r;
    *at += strspn(*at, " ");
    if (**at != ')') {
        *reterr_hint = "write a drift as drift(p(95))<10%";
        return -EINVAL;
    }
    ++*at;
    return 0;
}

/* "baseline" or "baseline*1.10". */
static int parse_factor(const char *text, double *ret_factor)
{
    static const char word[] = "baseline";
    const char *at = text + strspn(text, " ");

    if (strncmp(at, word, sizeof(word) - 1) != 0)
        return -EINVAL;
    at += sizeof(word) - 1;
    at += strspn(at, " ");
    *ret_factor = 1;
    if (*at == '\0')
        return 0;
    if (*at != '*' || quantity_parse_number(at + 1, ret_factor) < 0 || *ret_factor <= 0)
        return -EINVAL;
    return 0;
}

/* A letter between blanks. */
static int parse_grade(const char *text, double *ret_limit)
{
    const char *at = text + strspn(text, " ");
    const char *grade = *at ? strchr(THRESHOLD_GRADES, *at) : NULL;

    if (!grade || at[1 + strspn(at + 1, " ")] != '\0')
        return -EINVAL;
    *ret_limit = (double)(grade - THRESHOLD_GRADES);
    return 0;
}

static int parse_limit(const char *text, struct threshold *threshold)
{
    uint64_t ns = 0;
    int64_t pusd = 0;

    if (quantity_parse_number(text, &threshold->limit) == 0) {
        threshold->written = THRESHOLD_BARE;
    } else if (quantity_parse_fraction(text, &threshold->limit) == 0) {
        threshold->written = THRESHOLD_PERCENT;
    } else if (quantity_parse_duration(text, &ns) == 0) {
        threshold->written = THRESHOLD_DURATION;
        threshold->limit = (double)ns / (double)NS_PER_MS;
    } else if (quantity_parse_rate(text, &threshold->limit) == 0) {
        threshold->written = THRESHOLD_PER_S;
    } else if (quantity_parse_money(text, &pusd) == 0) {
        threshold->written = THRESHOLD_MONEY;
        threshold->limit = (double)pusd / (double)PUSD_PER_USD;
    } else if (parse_grade(text, &threshold->limit) == 0) {
        threshold->written = THRESHOLD_GRADE;
    } else if (parse_factor(text, &threshold->limit) == 0) {
        threshold->written = THRESHOLD_BASELINE;
    } else {
        return -EINVAL;
    }
    return 0;
}

int threshold_parse(const char *text, struct threshold *ret_threshold,
                    const char **reterr_hint)
{
    struct threshold threshold = {0};
    const char *at = text;

    if (take_value(&at, &threshold, reterr_hint) < 0)
        return -EINVAL;
    const int comparison = take_word(&at, comparisons, COUNT_OF(comparisons));

    if (comparison < 0) {
        *reterr_hint = "compare with <, <=, >, >=, == or !=";
        return -EINVAL;
    }
    if (parse_limit(at, &threshold) < 0) {
        *reterr_hint = "the limit is a number, or one with its unit: 500ms, 5%, 10/s, "
                       "1.50 USD; a grade, A to F; or baseline*1.10";
        return -EINVAL;
    }
    threshold.comparison = (enum threshold_comparison)comparison;
    *ret_threshold = threshold;
    return 0;
}

#define BIT(n) (1u << (n))

/* Aggregates of many values, of one, and of one that goes up and down. */
#define OF_MANY                                                                          \
    (BIT(THRESHOLD_AVG) | BIT(THRESHOLD_MIN) | BIT(THRESHOLD_MED) | BIT(THRESHOLD_MAX) | \
     BIT(THRESHOLD_PERCENTILE) | BIT(THRESHOLD_COUNT))
#define OF_ONE (BIT(THRESHOLD_RATE) | BIT(THRESHOLD_VALUE))
#define OF_READINGS ((OF_MANY | BIT(THRESHOLD_VALUE)) & ~BIT(THRESHOLD_COUNT))
#define OF_LEVEL (BIT(THRESHOLD_VALUE) | BIT(THRESHOLD_MIN) | BIT(THRESHOLD_MAX))

#define READINGS_HINT                                                                    \
    "of a server's figures there are p(95), avg, min, med, max and value, the last"

/* What fits a kind: bits of enum threshold_aggregate and enum threshold_written. */
struct fit {
    unsigned aggregates;
    unsigned forms;
    const char *aggregate_hint;
    const char *form_hint;
};

static const struct fit fits[] = {
    [THRESHOLD_OF_TIME] =
        {OF_MANY, BIT(THRESHOLD_BARE) | BIT(THRESHOLD_DURATION),
         "of times there are p(95), avg, min, med, max and count",
         "it is a time: write a limit such as 500ms or 2s; a bare number is in ms"},
    [THRESHOLD_OF_SPEED] = {OF_MANY, BIT(THRESHOLD_BARE) | BIT(THRESHOLD_PER_S),
                            "of speeds there are p(5), avg, min, med, max and count",
                            "it is counted per second: write a limit such as 40 or 40/s"},
    [THRESHOLD_OF_SHARE] = {OF_ONE, BIT(THRESHOLD_BARE) | BIT(THRESHOLD_PERCENT),
                            "of a share there is the rate",
                            "it is a share: write a limit such as 5% or 0.05"},
    [THRESHOLD_OF_COUNT] = {OF_ONE | BIT(THRESHOLD_COUNT),
                            BIT(THRESHOLD_BARE) | BIT(THRESHOLD_PER_S),
                            "of what is counted there are count and rate",
                            "it is a number: write a limit such as 100"},
    [THRESHOLD_OF_RATE] = {OF_ONE, BIT(THRESHOLD_BARE) | BIT(THRESHOLD_PER_S),
                           "it has one value: write value, as in value>10",
                           "it is counted per second: write a limit such as 10 or 10/s"},
    [THRESHOLD_OF_MONEY] = {BIT(THRESHOLD_VALUE),
                            BIT(THRESHOLD_BARE) | BIT(THRESHOLD_MONEY),
                            "it has one value: write value, as in value<1.50 USD",
                            "it is money: write a limit such as 1.50 USD"},
    [THRESHOLD_OF_GRADE] = {BIT(THRESHOLD_VALUE), BIT(THRESHOLD_GRADE),
                            "it has one value: write value, as in value>=B",
                            "it is a grade: write a limit of A, B, C, D or F, as in "
                            "value>=B"},
    [THRESHOLD_OF_NUMBERS] = {OF_MANY, BIT(THRESHOLD_BARE),
                              "of a trend there are p(95), avg, min, med, max and count",
                              "it is a number: write a limit such as 100"},
    [THRESHOLD_OF_LEVEL] = {OF_LEVEL, BIT(THRESHOLD_BARE),
                            "of a gauge there are value, min and max",
                            "it is a number: write a limit such as 100"},
    [THRESHOLD_OF_TIME_LEVEL] =
        {OF_LEVEL, BIT(THRESHOLD_BARE) | BIT(THRESHOLD_DURATION),
         "of a gauge there are value, min and max",
         "it is a time: write a limit such as 500ms or 2s; a bare number is in ms"},
    [THRESHOLD_OF_READINGS] = {OF_READINGS, BIT(THRESHOLD_BARE) | BIT(THRESHOLD_PER_S),
                               READINGS_HINT, "it is a number: write a limit such as 50"},
    [THRESHOLD_OF_SHARE_READINGS] = {OF_READINGS,
                                     BIT(THRESHOLD_BARE) | BIT(THRESHOLD_PERCENT),
                                     READINGS_HINT,
                                     "it is a share: write a limit such as 90% or 0.9"},
    [THRESHOLD_OF_TIME_READINGS] =
        {OF_READINGS, BIT(THRESHOLD_BARE) | BIT(THRESHOLD_DURATION), READINGS_HINT,
         "it is a time: write a limit such as 500ms or 2s; a bare number is in ms"},
};

/* What has a value in each stretch of a phase that can be compared with another's. */
static bool drifts(enum threshold_kind kind)
{
    return kind != THRESHOLD_OF_GRADE && kind != THRESHOLD_OF_MONEY &&
           kind != THRESHOLD_OF_LEVEL && kind != THRESHOLD_OF_TIME_LEVEL;
}

static const char *misfit_of_drift(const struct threshold *threshold,
                                   enum threshold_kind kind)
{
    if (!drifts(kind))
        return "there is no drift of it: write one of a latency, a rate or a trend";
    if (threshold->written != THRESHOLD_PERCENT)
        return "a drift is a change: write a limit such as 10%";
    return NULL;
}

const char *threshold_misfit(const struct threshold *threshold, enum threshold_kind kind)
{
    const struct fit *fit = &fits[kind];
    const bool counts = threshold->aggregate == THRESHOLD_COUNT;

    if (!(fit->aggregates & BIT(threshold->aggregate)))
        return fit->aggregate_hint;
    if (threshold->drift)
        return misfit_of_drift(threshold, kind);
    if (threshold->written == THRESHOLD_BASELINE)
        return kind == THRESHOLD_OF_GRADE ? fit->form_hint : NULL;
    if (counts && threshold->written != THRESHOLD_BARE)
        return "count is a number: write a limit such as 100";
    if (!(fit->forms & BIT(threshold->written)))
        return fit->form_hint;
    if ((kind == THRESHOLD_OF_SHARE || kind == THRESHOLD_OF_SHARE_READINGS) &&
        threshold->written == THRESHOLD_BARE && threshold->limit > 1)
        return "a bare number is a fraction, up to 1: write a percentage such as 5%";
    return NULL;
}

double threshold_limit(const struct threshold *threshold, double baseline)
{
    return threshold->written == THRESHOLD_BASELINE ? baseline * threshold->limit
                                                    : threshold->limit;
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
