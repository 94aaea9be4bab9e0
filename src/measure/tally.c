#include "measure/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/labels.h"
#include "measure/sample.h"

/* Where what has no place of its own is counted: the first cell. */
#define OTHER 0

static const char other[] = "other";
static const struct snapshot_key other_key = {other, other, other, other, other};

/* What a cell of counters shows from its start: requests by outcome, tokens by type, cost. */
#define COUNT_SERIES (SNAPSHOT_OUTCOMES + SNAPSHOT_TOKENS + 1)

/* What it shows from its first operation with SLOs: met and missed. */
#define SLO_SERIES 2

/* Of a combination: the buckets with the one for all, sum and count. */
static size_t timing_series(void)
{
    size_t count = 0;

    for (size_t i = 0; i < BUCKETS_LABELLED_KINDS; i++)
        count += buckets_scales[i].bound_count + 3;
    return count;
}

/* What is shown whatever happens: the client, gauges, the cells for all others. */
static size_t fixed_series(size_t own)
{
    const size_t others = timing_series() + COUNT_SERIES + SLO_SERIES + OUTCOME_COUNT +
                          model_tally_other_series();
    const size_t gauges = 80 + PLAN_SLO_COUNT + own;
    size_t client = 0;

    for (size_t i = 0; i < BUCKETS_CLIENT_KINDS; i++)
        client += buckets_scales[BUCKETS_LABELLED_KINDS + i].bound_count + 3;
    return others + gauges + client;
}

static bool take_series(struct tally *tally, size_t count)
{
    if (tally->series_left < count)
        return false;
    tally->series_left -= count;
    return true;
}

/* Makes room for one more. Returns 0 or -ENOMEM. */
static int grow(void **cells, size_t *cap, size_t count, size_t size)
{
    const size_t grown = *cap ? *cap * 2 : 8;
    void *larger;

    if (count < *cap)
        return 0;
    larger = reallocarray(*cells, grown, size);
    if (!larger)
        return -ENOMEM;
    *cells = larger;
    *cap = grown;
    return 0;
}

static int add_timing(struct tally *tally, const struct snapshot_key *key)
{
    void *cells = tally->timings;
    const int r =
        grow(&cells, &tally->timing_cap, tally->timing_count, sizeof(*tally->timings));

    tally->timings = cells;
    if (r == 0)
        tally->timings[tally->timing_count++] = (struct timing_cell){.key = *key};
    return r;
}

static int add_counts(struct tally *tally, const struct snapshot_key *key)
{
    void *cells = tally->counts;
    const int r =
        grow(&cells, &tally->count_cap, tally->count_count, sizeof(*tally->counts));

    tally->counts = cells;
    if (r == 0)
        tally->counts[tally->count_count++] = (struct count_cell){.key = *key};
    return r;
}

int tally_init(struct tally *tally, size_t max_series, size_t own)
{
    const size_t fixed = fixed_series(own);
    const size_t user_max = max_series / 2 / TALLY_USER_SERIES;
    const size_t taken = fixed + (user_max + 1) * TALLY_USER_SERIES;

    *tally = (struct tally){.series_left = max_series > taken ? max_series - taken : 0,
                            .user_max = user_max};
    int r = add_timing(tally, &other_key);

    if (r == 0)
        r = add_counts(tally, &other_key);
    return r < 0 ? r : model_tally_init(&tally->models);
}

void tally_deinit(struct tally *tally)
{
    free(tally->timings);
    free(tally->counts);
    free(tally->routes);
    model_tally_deinit(&tally->models);
    *tally = (struct tally){0};
}

static bool is_same(const struct snapshot_key *a, const struct snapshot_key *b)
{
    return strcmp(a->model, b->model) == 0 && strcmp(a->backend, b->backend) == 0 &&
           strcmp(a->step, b->step) == 0 && strcmp(a->region, b->region) == 0 &&
           strcmp(a->org_id, b->org_id) == 0;
}

/* The cell of a combination; OTHER past the budget; -ENOMEM. */
static int64_t find_timing(struct tally *tally, struct snapshot_key key)
{
    key.org_id = "";
    for (size_t i = OTHER + 1; i < tally->timing_count; i++)
        if (is_same(&tally->timings[i].key, &key))
            return (int64_t)i;
    if (!take_series(tally, timing_series()))
        return OTHER;
    return add_timing(tally, &key) < 0 ? -ENOMEM : (int64_t)tally->timing_count - 1;
}

static int64_t find_counts(struct tally *tally, const struct snapshot_key *key)
{
    for (size_t i = OTHER + 1; i < tally->count_count; i++)
        if (is_same(&tally->counts[i].key, key))
            return (int64_t)i;
    if (!take_series(tally, COUNT_SERIES))
        return OTHER;
    return add_counts(tally, key) < 0 ? -ENOMEM : (int64_t)tally->count_count - 1;
}

static int reserve_routes(struct tally *tally, size_t count)
{
    const size_t grown = count > tally->route_count * 2 ? count : tally->route_count * 2;
    struct tally_route *routes;

    if (count <= tally->route_count)
        return 0;
    routes = reallocarray(tally->routes, grown, sizeof(*routes));
    if (!routes)
        return -ENOMEM;
    memset(&routes[tally->route_count], 0,
           (grown - tally->route_count) * sizeof(*routes));
    tally->routes = routes;
    tally->route_count = grown;
    return 0;
}

static const char *value_or_empty(const struct labels *labels, uint32_t id,
                                  const char *key)
{
    const char *value = labels_value(labels, id, key);

    return value ? value : "";
}

const struct tally_route *tally_add_route(struct tally *tally,
                                          const struct labels *labels, uint32_t id)
{
    const struct snapshot_key key = {
        .model = value_or_empty(labels, id, "model"),
        .backend = value_or_empty(labels, id, "backend"),
        .step = value_or_empty(labels, id, "step"),
        .region = value_or_empty(labels, id, "region"),
        .org_id = value_or_empty(labels, id, "org_id"),
    };
    int64_t timing = OTHER;
    int64_t counts = OTHER;
    int64_t model = OTHER;

    if (reserve_routes(tally, (size_t)id + 1) < 0)
        return NULL;
    if (id != LABELS_OTHER) {
        timing = find_timing(tally, key);
        counts = find_counts(tally, &key);
        if (*key.model)
            model = model_tally_find(&tally->models, key.model, &tally->series_left);
    }
    if (timing < 0 || counts < 0 || model < 0)
        return NULL;
    tally->overflown += timing == OTHER || counts == OTHER;
    tally->routes[id] = (struct tally_route){.known = true,
                                             .timing = (uint32_t)timing,
                                             .counts = (uint32_t)counts,
                                             .has_model = *key.model != '\0',
                                             .model = (uint32_t)model};
    return &tally->routes[id];
}

/* Money never wraps (see series_count_sample()). */
static int64_t add_cost(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static enum snapshot_outcome outcome_of(enum outcome outcome)
{
    static const struct {
        enum outcome outcome;
        enum snapshot_outcome shown;
    } told_apart[] = {
        {OUTCOME_OK, SNAPSHOT_OK},
        {OUTCOME_DEGRADED, SNAPSHOT_DEGRADED},
        {OUTCOME_CANCELLED, SNAPSHOT_CANCELLED},
        {OUTCOME_ABANDONED, SNAPSHOT_ABANDONED},
        {OUTCOME_SABOTAGED, SNAPSHOT_SABOTAGED},
    };

    for (size_t i = 0; i < COUNT_OF(told_apart); i++)
        if (told_apart[i].outcome == outcome)
            return told_apart[i].shown;
    return SNAPSHOT_FAILED;
}

static void count_error(struct tally *tally, struct count_cell *cell,
                        enum outcome outcome)
{
    struct count_cell *all_others = &tally->counts[OTHER];

    if (cell == all_others || cell->errors[outcome] > 0 || take_series(tally, 1))
        cell->errors[outcome]++;
    else
        all_others->errors[outcome]++;
}

static void count_user(struct user_view *users, const struct sample *sample)
{
    if (sample->user > users->ordinal)
        users->ordinal = sample->user;
    users->requests++;
    users->questions += (sample->flags & SAMPLE_CHAT) && sample->attempt == 0;
    users->failed += outcome_is_failure(sample->outcome);
    users->prompt_tokens += sample->prompt_tokens;
    users->completion_tokens += sample->completion_tokens;
    users->cost_pusd = add_cost(users->cost_pusd, sample->cost_pusd);
}

/* Where a metric is kept. */
struct place {
    bool known; /* false: nowhere */
    enum buckets_kind kind;
};

static const struct place places[METRIC_COUNT] = {
    [METRIC_E2E] = {true, BUCKETS_REQUEST_DURATION},
    [METRIC_TTFT] = {true, BUCKETS_TTFT},
    [METRIC_TPOT] = {true, BUCKETS_TPOT},
    [METRIC_SCHEDULE_LAG] = {true, BUCKETS_SCHEDULE_LAG},
    [METRIC_SEND_DELAY] = {true, BUCKETS_SEND_DELAY},
};

/* No finer than a microsecond, as base/histogram.h: what took no time has no rate. */
static uint64_t tps_parts_of(uint64_t tpot_ns)
{
    static const uint64_t parts = 1000000; /* of a token per second */

    return NS_PER_S * parts / (tpot_ns > NS_PER_US ? tpot_ns : NS_PER_US);
}

/* Of what was seen; a censored moment has no place in buckets. */
static void add_observation(struct tally *tally, struct timing_cell *cell,
                            const struct observation *seen)
{
    const struct place place = places[seen->metric];

    if (seen->censored || !place.known)
        return;
    if (place.kind >= BUCKETS_LABELLED_KINDS)
        tally_client(tally, place.kind, seen->value_ns);
    else
        buckets_add(&cell->buckets[place.kind], place.kind, seen->value_ns);
    if (place.kind == BUCKETS_TPOT)
        buckets_add(&cell->buckets[BUCKETS_TPS], BUCKETS_TPS,
                    tps_parts_of(seen->value_ns));
}

bool tally_sample(struct tally *tally, const struct labels *labels,
                  const struct sample *sample, const struct observation *observations,
                  size_t count)
{
    const struct tally_route *route = tally_route(tally, labels, sample->labels);
    const uint64_t tokens[SNAPSHOT_TOKENS] = {
        [SNAPSHOT_PROMPT] = sample->prompt_tokens,
        [SNAPSHOT_CACHED] = sample->cached_tokens,
        [SNAPSHOT_COMPLETION] = sample->completion_tokens,
        [SNAPSHOT_REASONING] = sample->reasoning_tokens,
    };
    struct count_cell *cell;

    count_user(&tally->users, sample);
    if (!route)
        return false;
    for (size_t i = 0; i < count; i++)
        add_observation(tally, &tally->timings[route->timing], &observations[i]);
    if (route->has_model)
        model_tally_sample(&tally->models, route->model, sample, &tally->series_left);
    cell = &tally->counts[route->counts];
    cell->outcomes[outcome_of(sample->outcome)]++;
    if (outcome_is_failure(sample->outcome))
        count_error(tally, cell, sample->outcome);
    for (size_t i = 0; i < SNAPSHOT_TOKENS; i++)
        cell->tokens[i] += tokens[i];
    cell->cost_pusd = add_cost(cell->cost_pusd, sample->cost_pusd);
    return true;
}

bool tally_operation(struct tally *tally, const struct labels *labels,
                     const struct operation *operation)
{
    const struct tally_route *route;
    struct count_cell *cell;

    if (!operation->slo.judged)
        return true;
    route = tally_route(tally, labels, operation->labels);
    if (!route)
        return false;
    cell = &tally->counts[route->counts];
    /* Its two series are taken at its first. */
    if (route->counts != OTHER && cell->slo_operations == 0 &&
        !take_series(tally, SLO_SERIES))
        cell = &tally->counts[OTHER];
    cell->slo_operations++;
    cell->slo_met += operation->slo.met;
    return true;
}
