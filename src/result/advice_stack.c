/* Rules about what stands behind a platform's web and tool steps. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "result/advice_rule.h"
#include "result/summary_reading.h"

#define FAILED_SHARE 0.01
#define MOST_STEPS 64
#define LEAST_STEPS 3
#define WAITS_MS 50.0
#define WAITS_FACTOR 2.0 /* the longest of the waits over the shortest */
#define SLOWER 2.0
#define IN_PROPORTION 0.6
#define SAME_RATE 1.3
#define MOST_OF_ALL 0.5

/* Whether a text names something, in any case. */
static bool names(const char *text, const char *word)
{
    const size_t len = strlen(word);

    for (; *text; text++)
        if (strncasecmp(text, word, len) == 0)
            return true;
    return false;
}

static bool names_any(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (names(text, *words))
            return true;
    return false;
}

/* The failures whose first example names one of the words; shows them. */
static double failures_of(const json_t *summary, const char *const *words,
                          struct advice_draft *draft)
{
    const json_t *errors = summary_at(summary, "errors");
    double count = 0;

    for (size_t i = 0; i < json_array_size(errors); i++) {
        const json_t *error = json_array_get(errors, i);
        const char *example = summary_text(error, "example");

        if (!names_any(example, words))
            continue;
        count += summary_number(error, "count");
        advice_show(draft, "%.0f requests failed as %s; the first: %s",
                    summary_number(error, "count"), summary_text(error, "kind"), example);
    }
    return count;
}

/* Which steps fail. */
static void show_failing_steps(const json_t *summary, struct advice_draft *draft)
{
    json_t *steps = json_object_get(summary_at(summary, "by"), "step");
    const char *name;
    json_t *step;

    json_object_foreach(steps, name, step)
    {
        const double rate = summary_number(step, "error_rate");

        if (rate >= FAILED_SHARE)
            advice_show(draft, "%.1f%% of the requests of step %s failed", 100 * rate,
                        name);
    }
}

enum advice_confidence advice_vector_store(const struct advice_case *facts,
                                           struct advice_draft *draft)
{
    static const char *const words[] = {"vector_store", "vector store",    "vectorstore",
                                        "vector db",    "vector database", NULL};
    const double requests = summary_number(facts->summary, "totals/requests");
    const double failures = failures_of(facts->summary, words, draft);

    if (!(failures > 0 && failures >= FAILED_SHARE * requests))
        return ADVICE_SILENT;
    show_failing_steps(facts->summary, draft);
    return ADVICE_SURE;
}

/* Steps of one kind. */
struct steps {
    const char *names[MOST_STEPS];
    double fastest[MOST_STEPS];
    double median[MOST_STEPS];
    size_t count;
    double requests; /* of all of them */
    double rate;
};

static void read_steps(const json_t *summary, const char *kind, struct steps *steps)
{
    json_t *list = json_object_get(summary_at(summary, "by"), "step");
    const char *name;
    json_t *step;

    json_object_foreach(list, name, step)
    {
        const double median = advice_median(step, "e2e");

        if (strcmp(summary_text(step, "kind"), kind) != 0)
            continue;
        steps->requests += summary_number(step, "requests");
        steps->rate += summary_number(step, "requests_per_second");
        if (!isfinite(median) || steps->count == MOST_STEPS)
            continue;
        steps->names[steps->count] = name;
        steps->fastest[steps->count] = summary_number(step, "metrics/e2e/min");
        steps->median[steps->count++] = median;
    }
}

static bool are_most(const struct steps *steps, const json_t *summary)
{
    return steps->requests >= MOST_OF_ALL * summary_number(summary, "totals/requests");
}

/* Whether each step waits, and all about as long: beyond the fastest answer of each. */
static bool wait_alike(const struct steps *steps)
{
    double least = INFINITY;
    double most = 0;

    for (size_t i = 0; i < steps->count; i++) {
        const double wait = steps->median[i] - steps->fastest[i];

        least = fmin(least, wait);
        most = fmax(most, wait);
    }
    return steps->count >= LEAST_STEPS && least >= WAITS_MS &&
           most <= WAITS_FACTOR * least;
}

static void show_e2e_growth(const struct load_growth *growth, struct advice_draft *draft)
{
    char calm[ADVICE_FIGURE_BYTES];
    char busy[ADVICE_FIGURE_BYTES];

    advice_show(
        draft,
        "From %.3g to %.3g %s, e2e p50 went from %s to %s and throughput from %.3g "
        "to %.3g requests/s",
        growth->calm.load, growth->busy.load, growth->is_open ? "arrivals/s" : "users",
        advice_ms(growth->calm.e2e, calm), advice_ms(growth->busy.e2e, busy),
        growth->calm.rate, growth->busy.rate);
}

static bool shares_a_wait(const struct advice_case *facts, struct advice_draft *draft)
{
    const struct load_growth *growth = &facts->growth;
    struct steps steps = {.count = 0};
    char one[ADVICE_FIGURE_BYTES];
    char other[ADVICE_FIGURE_BYTES];

    read_steps(facts->summary, "http", &steps);
    if (!are_most(&steps, facts->summary) || !load_growth_is_saturated(growth) ||
        !(growth->busy.e2e >= SLOWER * growth->calm.e2e) || !wait_alike(&steps))
        return false;
    show_e2e_growth(growth, draft);
    for (size_t i = 0; i < steps.count && i < 2 * LEAST_STEPS; i++)
        advice_show(draft, "Step %s takes %s (p50), its fastest answer %s",
                    steps.names[i], advice_ms(steps.median[i], one),
                    advice_ms(steps.fastest[i], other));
    return true;
}

enum advice_confidence advice_database(const struct advice_case *facts,
                                       struct advice_draft *draft)
{
    static const char *const words[] = {
        "connection pool",  "connectionpool",   "queuepool", "too many connections",
        "too many clients", "connection slots", NULL};
    const double requests = summary_number(facts->summary, "totals/requests");
    const double failures = failures_of(facts->summary, words, draft);
    const bool is_named = failures > 0 && failures >= FAILED_SHARE * requests;

    if (is_named)
        show_failing_steps(facts->summary, draft);
    if (shares_a_wait(facts, draft))
        return is_named ? ADVICE_SURE : ADVICE_POSSIBLE;
    return is_named ? ADVICE_SURE : ADVICE_SILENT;
}

enum advice_confidence advice_tools(const struct advice_case *facts,
                                    struct advice_draft *draft)
{
    const struct load_growth *growth = &facts->growth;
    const double load = growth->busy.load / growth->calm.load;
    struct steps steps = {.count = 0};
    char one[ADVICE_FIGURE_BYTES];
    char other[ADVICE_FIGURE_BYTES];

    read_steps(facts->summary, "mcp", &steps);
    if (!growth->is_known || !are_most(&steps, facts->summary) ||
        !(growth->busy.e2e >= IN_PROPORTION * load * growth->calm.e2e) ||
        !(growth->busy.rate <= SAME_RATE * growth->calm.rate))
        return ADVICE_SILENT;
    show_e2e_growth(growth, draft);
    for (size_t i = 0; i < steps.count && i < 2 * LEAST_STEPS; i++)
        advice_show(draft, "Step %s takes %s (p50), its fastest answer %s",
                    steps.names[i], advice_ms(steps.median[i], one),
                    advice_ms(steps.fastest[i], other));
    return ADVICE_LIKELY;
}
