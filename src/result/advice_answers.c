/* Rules about what was asked and how it was answered. */
#include <math.h>
#include <string.h>

#include "result/advice_rule.h"
#include "result/summary_reading.h"

#define MOST_SIZES 16
#define LONG_FACTOR 2.0
#define LONG_MS 100.0
#define TOLERANCE 0.9 /* of one size against the next */
#define GENERATION_SHARE 0.7
#define MISSED_SHARE 0.05
#define TPOT_GREW 1.5
#define FIRST_POINTS 3
#define LATER_POINTS 8
#define COLD_FACTOR 2.0
#define COLD_MS 100.0
#define RETRIED_SHARE 0.1
#define REFUSED_SHARE 0.01
#define SLOW_FACTOR 2.0
#define SLOW_MS 50.0

struct size {
    const char *name;
    double tokens; /* of a prompt, mean */
    double ttft;
};

/* Those with so many answers that a median is known, the shortest prompts first. */
static size_t read_sizes(const json_t *summary, struct size sizes[MOST_SIZES])
{
    json_t *values = json_object_get(summary_at(summary, "by"), "prompt_size");
    const char *name;
    json_t *value;
    size_t count = 0;

    json_object_foreach(values, name, value)
    {
        const double requests = summary_number(value, "requests");
        const struct size size = {
            .name = name,
            .tokens = advice_share(summary_number(value, "prompt_tokens"), requests),
            .ttft = advice_median(value, "ttft"),
        };
        size_t at = count;

        if (!isfinite(size.ttft) || count == MOST_SIZES)
            continue;
        for (; at > 0 && sizes[at - 1].tokens > size.tokens; at--)
            sizes[at] = sizes[at - 1];
        sizes[at] = size;
        count++;
    }
    return count;
}

enum advice_confidence advice_prompt_length(const struct advice_case *facts,
                                            struct advice_draft *draft)
{
    struct size sizes[MOST_SIZES];
    const size_t count = read_sizes(facts->summary, sizes);
    const double prompt = summary_number(facts->summary, "totals/prompt_tokens");
    const double cached = summary_number(facts->summary, "totals/cached_tokens");
    char figure[ADVICE_FIGURE_BYTES];

    if (count < 2 || !(sizes[count - 1].ttft >= LONG_FACTOR * sizes[0].ttft) ||
        !(sizes[count - 1].ttft >= sizes[0].ttft + LONG_MS))
        return ADVICE_SILENT;
    for (size_t i = 1; i < count; i++)
        if (sizes[i].ttft < TOLERANCE * sizes[i - 1].ttft)
            return ADVICE_SILENT;
    for (size_t i = 0; i < count; i++)
        advice_show(draft, "Prompts of %.0f tokens (%s): ttft p50 %s", sizes[i].tokens,
                    sizes[i].name, advice_ms(sizes[i].ttft, figure));
    advice_show(draft, "%.0f%% of the prompt tokens were cached",
                100 * advice_share(cached, prompt));
    /* The long prompts may be those of the slower model. */
    return advice_values(facts, "model") > 1 ? ADVICE_POSSIBLE : ADVICE_LIKELY;
}

/* Whether somebody wants answers to be over sooner. */
static bool e2e_is_missed(const struct advice_case *facts, struct advice_draft *draft)
{
    const json_t *thresholds = summary_at(facts->summary, "thresholds");
    const json_t *slo = summary_at(facts->summary, "totals/slo/metrics/e2e");
    const double missed =
        advice_share(summary_number(slo, "missed"), summary_number(slo, "observed"));
    bool is_missed = missed > MISSED_SHARE;

    if (is_missed)
        advice_show(draft,
                    "%.0f%% of the operations took longer than their objective on e2e",
                    100 * missed);
    for (size_t i = 0; i < json_array_size(thresholds); i++) {
        const json_t *threshold = json_array_get(thresholds, i);

        if (strcmp(summary_text(threshold, "metric"), "e2e") != 0 ||
            !json_is_false(summary_at(threshold, "passed")))
            continue;
        is_missed = true;
        advice_show(draft, "The threshold e2e %s does not hold",
                    summary_text(threshold, "expression"));
    }
    return is_missed;
}

enum advice_confidence advice_output_length(const struct advice_case *facts,
                                            struct advice_draft *draft)
{
    const json_t *summary = facts->summary;
    const double e2e = advice_median(summary, "e2e");
    const double generation = advice_median(summary, "generation");
    const double tpot = advice_median(summary, "tpot");
    const double ended = summary_number(summary, "metrics/generation/count");
    const struct load_growth *growth = &facts->growth;
    char one[ADVICE_FIGURE_BYTES];
    char other[ADVICE_FIGURE_BYTES];

    if (!(generation >= GENERATION_SHARE * e2e) || !isfinite(tpot) ||
        (growth->is_known && growth->busy.tpot >= TPOT_GREW * growth->calm.tpot) ||
        !e2e_is_missed(facts, draft))
        return ADVICE_SILENT;
    advice_show(draft, "Of e2e (p50 %s) %s is generation", advice_ms(e2e, one),
                advice_ms(generation, other));
    advice_show(draft, "An answer has %.0f tokens on average, one each %s",
                advice_share(summary_number(summary, "totals/completion_tokens"), ended),
                advice_ms(tpot, one));
    return ADVICE_LIKELY;
}

/* The p50 of a point: of ttft, else of e2e. */
static double first_of(const json_t *point)
{
    const double ttft = summary_number(point, "ttft_p50");

    return isfinite(ttft) ? ttft : summary_number(point, "e2e_p50");
}

/* Sums over points that have a p50. */
struct stretch {
    double sum;
    double load; /* users at work and arrivals */
    double in_flight;
    size_t count;
};

static void add_point(struct stretch *stretch, const json_t *point)
{
    stretch->sum += first_of(point);
    stretch->load +=
        summary_number(point, "users_active") + summary_number(point, "arrivals");
    stretch->in_flight += summary_number(point, "in_flight");
    stretch->count++;
}

/*
 * Whether more was asked at once in the beginning than later. Of a closed loop that is what is in flight too:
 * people who all come at the same moment queue, until their pauses have spread them.
 */
static bool began_busier(const struct stretch *first, const struct stretch *later,
                         bool is_open)
{
    const double share = (double)first->count / (double)later->count;

    return first->load > share * later->load ||
           (!is_open && !(first->in_flight <= share * later->in_flight));
}

enum advice_confidence advice_cold_start(const struct advice_case *facts,
                                         struct advice_draft *draft)
{
    const json_t *points = summary_at(facts->summary, "timeline/points");
    struct stretch first = {0};
    struct stretch later = {0};
    double cold;
    double warm;
    char one[ADVICE_FIGURE_BYTES];
    char other[ADVICE_FIGURE_BYTES];

    for (size_t i = 0; i < json_array_size(points); i++) {
        const json_t *point = json_array_get(points, i);

        if (!isfinite(first_of(point)))
            continue;
        if (first.count < FIRST_POINTS)
            add_point(&first, point);
        else if (i >= json_array_size(points) / 4)
            add_point(&later, point);
    }
    if (first.count < FIRST_POINTS || later.count < LATER_POINTS)
        return ADVICE_SILENT;
    cold = first.sum / (double)first.count;
    warm = later.sum / (double)later.count;
    if (cold < COLD_FACTOR * warm || cold < warm + COLD_MS ||
        began_busier(&first, &later, facts->growth.is_open))
        return ADVICE_SILENT;
    advice_show(draft,
                "In the first seconds the median was %s, later %s, at no higher load",
                advice_ms(cold, one), advice_ms(warm, other));
    return ADVICE_LIKELY;
}

enum advice_confidence advice_uneven(const struct advice_case *facts,
                                     struct advice_draft *draft)
{
    const json_t *balance = summary_at(facts->summary, "network/balance");

    if (!json_is_true(summary_at(balance, "uneven")))
        return ADVICE_SILENT;
    advice_show(draft, "Of %.0f backends %s got %.0f requests (%.0f%%), another one %.0f",
                summary_number(balance, "backends"), summary_text(balance, "busiest"),
                summary_number(balance, "most"),
                100 * summary_number(balance, "most_share"),
                summary_number(balance, "least"));
    return ADVICE_SURE;
}

enum advice_confidence advice_slow_backend(const struct advice_case *facts,
                                           struct advice_draft *draft)
{
    json_t *backends = json_object_get(summary_at(facts->summary, "by"), "backend");
    const char *metric = isfinite(advice_median(facts->summary, "ttft")) ? "ttft" : "e2e";
    const char *fastest = NULL;
    const char *slowest = NULL;
    double least = INFINITY;
    double most = 0;
    const char *name;
    json_t *backend;
    char one[ADVICE_FIGURE_BYTES];
    char other[ADVICE_FIGURE_BYTES];

    json_object_foreach(backends, name, backend)
    {
        const double median = advice_median(backend, metric);

        if (median < least) {
            least = median;
            fastest = name;
        }
        if (median > most) {
            most = median;
            slowest = name;
        }
    }
    /* Of several targets they are not there for the same. */
    if (!fastest || !slowest || most < SLOW_FACTOR * least || most < least + SLOW_MS ||
        advice_values(facts, "target") > 1)
        return ADVICE_SILENT;
    buf_printf(&draft->said, "one backend is slower than others: %s", slowest);
    advice_show(draft, "%s p50 of %s is %s, of %s %s", metric, slowest,
                advice_ms(most, one), fastest, advice_ms(least, other));
    return advice_values(facts, "model") > 1 || advice_values(facts, "step") > 1
               ? ADVICE_POSSIBLE
               : ADVICE_LIKELY;
}

static const json_t *error_of(const json_t *summary, const char *kind)
{
    const json_t *errors = summary_at(summary, "errors");

    for (size_t i = 0; i < json_array_size(errors); i++)
        if (strcmp(summary_text(json_array_get(errors, i), "kind"), kind) == 0)
            return json_array_get(errors, i);
    return NULL;
}

enum advice_confidence advice_rate_limited(const struct advice_case *facts,
                                           struct advice_draft *draft)
{
    const json_t *error = error_of(facts->summary, "rate_limited");
    const double refused = summary_number(error, "count");
    const double requests = summary_number(facts->summary, "totals/requests");

    if (!(refused >= REFUSED_SHARE * requests))
        return ADVICE_SILENT;
    advice_show(draft, "%.0f of %.0f requests were refused (%.1f%%)", refused, requests,
                100 * refused / requests);
    if (*summary_text(error, "example"))
        advice_show(draft, "The first: %s", summary_text(error, "example"));
    return ADVICE_SURE;
}

enum advice_confidence advice_retries(const struct advice_case *facts,
                                      struct advice_draft *draft)
{
    const double retries = summary_number(facts->summary, "totals/retries");
    const double requests = summary_number(facts->summary, "totals/requests");
    const json_t *kinds = summary_at(facts->summary, "retries");

    if (!(retries >= RETRIED_SHARE * requests) || !(retries > 0))
        return ADVICE_SILENT;
    advice_show(draft, "%.0f of %.0f requests are retries (%.0f%%)", retries, requests,
                100 * retries / requests);
    for (size_t i = 0; i < json_array_size(kinds) && i < 3; i++)
        advice_show(draft, "%.0f followed %s",
                    summary_number(json_array_get(kinds, i), "count"),
                    summary_text(json_array_get(kinds, i), "after"));
    return ADVICE_SURE;
}
