/*
 * A portrait from summary.json alone. It has percentiles, between which straight lines are drawn, and
 * averages: shapes are rougher than from samples.bin.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/sample.h"
#include "result/portrait_made.h"

#define SCHEMA "throng.summary/1"

static void free_json(json_t **json)
{
    json_decref(*json);
}

static double number_at(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static uint64_t count_at(const json_t *object, const char *key)
{
    const json_int_t count = json_integer_value(json_object_get(object, key));

    return count > 0 ? (uint64_t)count : 0;
}

/* --- Curves. --- */

struct corner {
    double share; /* of the observations that are at or below */
    double value;
};

/* The corners of what a latency's member tells; beyond what is known it goes on level. */
static size_t read_corners(const json_t *metric, double unit,
                           struct corner corners[static 8])
{
    static const struct {
        double share;
        const char *key;
    } told[] = {{0, "min"},    {0.5, "p50"},     {0.9, "p90"}, {0.95, "p95"},
                {0.99, "p99"}, {0.999, "p99_9"}, {1, "max"}};
    const json_t *above = json_object_get(metric, "above");
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(told); i++) {
        const json_t *value = json_object_get(metric, told[i].key);

        if (!json_is_number(value))
            value = json_object_get(above, told[i].key);
        if (!json_is_number(value))
            continue;
        corners[count++] =
            (struct corner){told[i].share, json_number_value(value) * unit};
        /* Percentiles are those of buckets: a greatest value may be less than one. */
        if (count > 1 && corners[count - 1].value < corners[count - 2].value)
            corners[count - 1].value = corners[count - 2].value;
    }
    if (count > 0 && corners[count - 1].share < 1) {
        corners[count] = (struct corner){1, corners[count - 1].value};
        count++;
    }
    return count;
}

/* Returns 0; -ENOMEM. Where a latency has no values there is no curve. */
static int draw_metric(const json_t *metrics, const char *name,
                       struct portrait_curve *curve)
{
    const json_t *metric = json_object_get(metrics, name);
    struct corner corners[8];
    const size_t count = count_at(metric, "count") > 0
                             ? read_corners(metric, (double)NS_PER_MS, corners)
                             : 0;
    size_t at = 0;

    if (count < 2)
        return 0;
    curve->points = reallocarray(NULL, PORTRAIT_POINTS, sizeof(*curve->points));
    if (!curve->points)
        return -ENOMEM;
    for (size_t i = 0; i < PORTRAIT_POINTS; i++) {
        const double share = (double)i / (PORTRAIT_POINTS - 1);
        const struct corner *from;
        const struct corner *to;

        while (at + 2 < count && share > corners[at + 1].share)
            at++;
        from = &corners[at];
        to = &corners[at + 1];
        curve->points[i] = from->value + (to->value - from->value) *
                                             (share - from->share) /
                                             (to->share - from->share);
    }
    return 0;
}

/* A curve that has one value alone. */
static int draw_average(double average, struct portrait_curve *curve)
{
    if (!(average > 0))
        return 0;
    curve->points = reallocarray(NULL, PORTRAIT_POINTS, sizeof(*curve->points));
    if (!curve->points)
        return -ENOMEM;
    for (size_t i = 0; i < PORTRAIT_POINTS; i++)
        curve->points[i] = average;
    return 0;
}

/* --- Failures. --- */

static const struct {
    enum outcome outcome;
    enum portrait_fault fault; /* PORTRAIT_FAULT_COUNT: it is a status */
    int status;
} kinds[] = {
    {OUTCOME_RESET, PORTRAIT_RESET, 0},
    {OUTCOME_TRUNCATED, PORTRAIT_TRUNCATED, 0},
    {OUTCOME_FIRST_TOKEN_TIMEOUT, PORTRAIT_STALLED, 0},
    {OUTCOME_IDLE_TIMEOUT, PORTRAIT_STALLED, 0},
    {OUTCOME_TOTAL_TIMEOUT, PORTRAIT_STALLED, 0},
    {OUTCOME_MALFORMED_EVENT, PORTRAIT_MALFORMED, 0},
    {OUTCOME_STREAM_ERROR, PORTRAIT_STREAM_ERROR, 0},
    {OUTCOME_RATE_LIMITED, PORTRAIT_FAULT_COUNT, 429},
    {OUTCOME_UNAUTHORIZED, PORTRAIT_FAULT_COUNT, 401},
    {OUTCOME_HTTP_4XX, PORTRAIT_FAULT_COUNT, 400},
    {OUTCOME_HTTP_5XX, PORTRAIT_FAULT_COUNT, 500},
};

/* Returns false for a kind that no server makes alone. */
static bool count_failure(struct portrait_model *model, const char *kind, uint64_t count)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (strcmp(kind, outcome_name(kinds[i].outcome)) != 0)
            continue;
        if (kinds[i].fault == PORTRAIT_FAULT_COUNT)
            portrait_count_status(model, kinds[i].status, count);
        else
            model->faults[kinds[i].fault] += count;
        return true;
    }
    return false;
}

/*
 * Counts what failed. A model has no kinds of its own in a summary: it gets those of all, as many of each
 * as its share of the failures.
 */
static void count_failures(const json_t *summary, uint64_t failed_of_all, uint64_t failed,
                           struct portrait_model *model)
{
    const json_t *errors = json_object_get(summary, "errors");
    size_t i;
    const json_t *error;

    json_array_foreach(errors, i, error)
    {
        const char *kind = json_string_value(json_object_get(error, "kind"));
        const uint64_t count =
            failed_of_all > 0
                ? (count_at(error, "count") * failed + failed_of_all / 2) / failed_of_all
                : 0;

        if (!kind || !count_failure(model, kind, count)) {
            model->others += count;
            model->asked -= count < model->asked ? count : model->asked;
        }
    }
}

/* --- The portrait. --- */

/* figures: totals and metrics, of all or of one model. */
static int draw_model(const json_t *summary, const json_t *figures, const json_t *metrics,
                      const char *name, struct portrait *portrait)
{
    const json_t *totals = json_object_get(summary, "totals");
    const uint64_t withdrawn = count_at(figures, "cancelled") +
                               count_at(figures, "abandoned") +
                               count_at(figures, "sabotaged");
    const uint64_t requests = count_at(figures, "requests");
    const uint64_t failed = count_at(figures, "failed");
    const double completion = number_at(figures, "completion_tokens");
    const double reasoning = number_at(figures, "reasoning_tokens");
    const double prompts = number_at(figures, "prompt_tokens");
    const double per_chunk =
        number_at(json_object_get(summary, "stream"), "tokens_per_chunk");
    struct portrait_model *model;
    int r = portrait_add_model(portrait, name, &model);

    if (r < 0)
        return r;
    model->asked = requests > withdrawn ? requests - withdrawn : 0;
    model->whole = model->asked > failed ? model->asked - failed : 0;
    model->tokens_per_chunk = per_chunk > 1 ? per_chunk : 1;
    model->cached = prompts > 0 ? number_at(figures, "cached_tokens") / prompts : 0;
    count_failures(summary, count_at(totals, "failed"), failed, model);
    r = draw_metric(metrics, "ttft", &model->ttft_ns);
    if (r == 0 && model->ttft_ns.points)
        r = draw_metric(metrics, "icl", &model->gap_ns);
    else if (r == 0)
        r = draw_metric(metrics, "e2e", &model->ttft_ns);
    if (r == 0 && model->whole > 0)
        r = draw_average((completion - reasoning) / (double)model->whole,
                         &model->content_tokens);
    if (r == 0 && model->whole > 0)
        r = draw_average(reasoning / (double)model->whole, &model->reasoning_tokens);
    return r;
}

static int draw(json_t *summary, struct portrait *portrait)
{
    const json_t *totals = json_object_get(summary, "totals");
    json_t *models = json_object_get(json_object_get(summary, "by"), "model");
    const char *name;
    const json_t *model;
    int r =
        draw_model(summary, totals, json_object_get(summary, "metrics"), NULL, portrait);

    if (r == 0 &&
        (portrait->models[0].whole == 0 || !portrait->models[0].ttft_ns.points ||
         !portrait->models[0].content_tokens.points))
        r = -ENODATA;
    if (json_object_size(models) < 2)
        return r;
    for (void *at = json_object_iter(models); r == 0 && at;
         at = json_object_iter_next(models, at)) {
        name = json_object_iter_key(at);
        model = json_object_iter_value(at);
        r = draw_model(summary, model, json_object_get(model, "metrics"), name, portrait);
    }
    return r;
}

int portrait_of_summary(const char *path, struct portrait *portrait)
{
    json_error_t error;
    CLEANUP(free_json) json_t *summary = json_load_file(path, 0, &error);
    const char *schema = json_string_value(json_object_get(summary, "schema"));

    if (!summary)
        return json_error_code(&error) == json_error_cannot_open_file ? -ENOENT
                                                                      : -EBADMSG;
    if (!schema || strcmp(schema, SCHEMA) != 0)
        return -EBADMSG;
    portrait->gaps = PORTRAIT_GAPS_PERCENTILES;
    return draw(summary, portrait);
}
