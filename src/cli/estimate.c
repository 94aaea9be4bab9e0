#include "cli/estimate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/dialect.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json_scan.h"
#include "base/quantity.h"
#include "cli/dry_run.h"
#include "measure/cost.h"
#include "measure/labels.h"
#include "measure/run_view.h"
#include "measure/sample.h"
#include "net/transport.h"
#include "plan/load.h"
#include "plan/plan.h"
#include "workload/data.h"
#include "workload/question.h"
#include "workload/trace.h"

/* So much of people's time is run at most: some tenths of a second. */
#define MAX_USER_S 200000.0
/* And of so many people at least, or they would not stand for the others. */
#define MIN_PEOPLE 20
/* Of an open loop so many arrivals are run. */
#define MAX_ARRIVALS 20000.0
/* Points at which the load is looked at. */
#define LOAD_POINTS 1000

struct reckoning {
    const struct plan *plan;
    struct estimate *estimate;
    const struct plan_model *model; /* of the request at hand; NULL: none */
    uint64_t tokens;                /* of its answer */
};

/* People times seconds. */
static double user_seconds(const struct plan *plan)
{
    double sum = 0;

    for (size_t i = 0; i < plan->phase_count; i++) {
        const struct plan_phase *phase = &plan->phases[i];
        const double step_s = (double)phase->duration_ns / (double)NS_PER_S / LOAD_POINTS;

        for (uint64_t j = 0; j < LOAD_POINTS; j++)
            sum += step_s * (double)plan_phase_users_at(phase, phase->duration_ns /
                                                                   LOAD_POINTS * j);
    }
    return sum;
}

/* Arrivals of the whole load. */
static double arrivals_of(const struct plan *plan, const struct data *data)
{
    const struct trace *trace = data_trace(data);

    return trace ? (double)trace_facts(trace).entries : plan_expected_arrivals(plan);
}

static uint64_t people_share(const struct plan *plan, const struct data *data)
{
    const bool is_open = plan_is_open(plan);
    const uint64_t wanted = is_open
                                ? (uint64_t)(arrivals_of(plan, data) / MAX_ARRIVALS) + 1
                                : (uint64_t)(user_seconds(plan) / MAX_USER_S) + 1;
    const uint64_t most = plan_peak_users(plan) / MIN_PEOPLE;

    return wanted < most ? wanted : most > 0 ? most : 1;
}

/* A member of a body that somebody else wrote; `at` NULL: there is none. */
static struct json_scan recorded_member(const struct transfer_request *request,
                                        const char *key)
{
    struct json_scan scan = json_scan_begin(request->body, request->body_len);
    struct json_scan value = {0};

    if (request->body && json_scan_peek(&scan) == '{')
        json_scan_members(&scan, &key, 1, &value);
    return value;
}

static const struct plan_model *recorded_model(const struct plan *plan,
                                               const struct transfer_request *request)
{
    struct json_scan value = recorded_member(request, "model");
    struct json_piece name;

    if (!value.at || json_scan_peek(&value) != '"')
        return NULL;
    name = json_scan_string(&value);
    for (size_t i = 0; i < plan->model_count; i++)
        if (json_piece_is(name, plan->models[i].name))
            return &plan->models[i];
    return NULL;
}

/* {"model":"…" is how all that throng asks of a model begins. */
static const struct plan_model *model_of(const struct plan *plan,
                                         const struct transfer_request *request)
{
    static const char head[] = "{\"model\":\"";
    const char *name = request->body ? request->body + sizeof(head) - 1 : NULL;

    if (plan->replay.path)
        return recorded_model(plan, request);

    if (!name || request->body_len < sizeof(head) ||
        memcmp(request->body, head, sizeof(head) - 1) != 0)
        return NULL;
    for (size_t i = 0; i < plan->model_count; i++) {
        const size_t len = strlen(plan->models[i].name);

        if (request->body_len > sizeof(head) + len &&
            memcmp(name, plan->models[i].name, len) == 0 && name[len] == '"')
            return &plan->models[i];
    }
    return NULL;
}

/* The number behind a key of the body; 0 where there is none. */
static uint64_t number_of(const struct transfer_request *request, const char *key)
{
    const char *at = memmem(request->body, request->body_len, key, strlen(key));
    char digits[24] = "";
    uint64_t number = 0;

    if (!at)
        return 0;
    at += strlen(key);
    for (size_t i = 0; i + 1 < sizeof(digits) && at[i] >= '0' && at[i] <= '9'; i++)
        digits[i] = at[i];
    (void)quantity_parse_count(digits, &number);
    return number;
}

/* The limit of an answer, in whatever words its API has for it; 0: none. */
static uint64_t recorded_most_tokens(const struct transfer_request *request)
{
    static const char *const keys[] = {"max_tokens", "max_completion_tokens",
                                       "max_output_tokens"};
    uint64_t most = 0;

    for (size_t i = 0; most == 0 && i < COUNT_OF(keys); i++) {
        struct json_scan value = recorded_member(request, keys[i]);

        most = json_scan_amount(&value);
    }
    return most;
}

static uint64_t most_tokens(const struct plan *plan,
                            const struct transfer_request *request)
{
    static const char *const keys[] = {
        "\"max_tokens\":", "\"max_completion_tokens\":", "\"max_output_tokens\":"};
    uint64_t most = 0;

    if (plan->replay.path)
        return recorded_most_tokens(request);

    for (size_t i = 0; most == 0 && i < COUNT_OF(keys); i++)
        most = number_of(request, keys[i]);
    return most;
}

static struct estimate_model *entry_of(const struct reckoning *reckoning,
                                       const struct plan_model *model)
{
    return &reckoning->estimate->models[model - reckoning->plan->models];
}

static void on_request(void *ctx, const struct dry_request *dry)
{
    struct reckoning *reckoning = ctx;
    const bool generates = dry->dialect && dry->dialect->generates;
    uint64_t most;

    reckoning->estimate->requests++;
    reckoning->model = model_of(reckoning->plan, dry->request);
    if (!reckoning->model)
        return;
    struct estimate_model *entry = entry_of(reckoning, reckoning->model);

    most = most_tokens(reckoning->plan, dry->request);
    reckoning->tokens = !generates ? 0 : most ? most : COST_ANSWER_TOKENS;
    entry->requests++;
    entry->completion_tokens += reckoning->tokens;
    entry->unbounded += generates && most == 0;
    if (__builtin_add_overflow(entry->worst_pusd, dry->worst_pusd, &entry->worst_pusd))
        entry->worst_pusd = INT64_MAX;
}

static void on_answer(void *ctx, const struct transfer_request *request,
                      struct dry_answer *ret_answer)
{
    const struct reckoning *reckoning = ctx;
    double tokens_per_s;

    (void)request;
    if (!reckoning->model)
        return;
    tokens_per_s = reckoning->model->theoretical_tps > 0
                       ? reckoning->model->theoretical_tps
                       : ESTIMATE_TOKENS_PER_S;
    *ret_answer = (struct dry_answer){
        .first_token_ns = ESTIMATE_FIRST_TOKEN_NS,
        .rest_ns =
            (uint64_t)((double)reckoning->tokens / tokens_per_s * (double)NS_PER_S),
        .answer_bytes = reckoning->tokens * ESTIMATE_BYTES_PER_TOKEN,
    };
}

static void on_sample(void *ctx, const struct labels *labels, const struct sample *sample)
{
    const struct reckoning *reckoning = ctx;
    const struct plan *plan = reckoning->plan;
    const char *model = labels_value(labels, sample->labels, "model");

    for (size_t i = 0; model && i < plan->model_count; i++)
        if (strcmp(plan->models[i].name, model) == 0)
            reckoning->estimate->models[i].prompt_tokens += sample->prompt_tokens;
}

static void on_end(void *ctx, const struct run_view *view)
{
    const struct reckoning *reckoning = ctx;

    reckoning->estimate->arrivals = view->arrivals.count;
    reckoning->estimate->dropped = view->arrivals.dropped;
}

static int64_t times(int64_t pusd, uint64_t factor)
{
    int64_t product;

    return __builtin_mul_overflow(pusd, (int64_t)factor, &product) ? INT64_MAX : product;
}

static int64_t plus(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

/* From those who were run to all, and from tokens to money. */
static void complete(const struct plan *plan, struct estimate *estimate)
{
    struct estimate_model *sum = &estimate->sum;

    estimate->requests *= estimate->people_share;
    estimate->arrivals *= estimate->people_share;
    estimate->dropped *= estimate->people_share;
    for (size_t i = 0; i < estimate->model_count; i++) {
        struct estimate_model *model = &estimate->models[i];

        model->requests *= estimate->people_share;
        model->prompt_tokens *= estimate->people_share;
        model->completion_tokens *= estimate->people_share;
        model->unbounded *= estimate->people_share;
        model->worst_pusd = times(model->worst_pusd, estimate->people_share);
        model->cost_pusd = cost_of(&plan->models[i], model->prompt_tokens, 0,
                                   model->completion_tokens, 0);
        sum->requests += model->requests;
        sum->prompt_tokens += model->prompt_tokens;
        sum->completion_tokens += model->completion_tokens;
        sum->unbounded += plan->models[i].priced ? model->unbounded : 0;
        sum->cost_pusd = plus(sum->cost_pusd, model->cost_pusd);
        sum->worst_pusd = plus(sum->worst_pusd, model->worst_pusd);
    }
}

int estimate_of(const struct plan *plan, const struct data *data,
                struct estimate *ret_estimate)
{
    struct estimate estimate = {.people_share = people_share(plan, data),
                                .model_count = plan->model_count};
    struct reckoning reckoning = {.plan = plan, .estimate = &estimate};
    const struct dry_watch watch = {.ctx = &reckoning,
                                    .on_request = on_request,
                                    .on_answer = on_answer,
                                    .on_sample = on_sample,
                                    .on_end = on_end};
    struct plan sampled = *plan;
    int r;

    sampled.worker_index = 0;
    sampled.worker_count = (uint32_t)estimate.people_share;
    /* What it would cost is asked, and no server on paper fails. */
    sampled.limits.cost_pusd = 0;
    estimate.models = calloc(plan->model_count + 1, sizeof(*estimate.models));
    if (!estimate.models)
        return -ENOMEM;
    r = dry_run(&sampled, data, question_nonce_of_seed(plan->seed), UINT64_MAX, &watch);
    if (r < 0) {
        estimate_deinit(&estimate);
        return r;
    }
    complete(plan, &estimate);
    *ret_estimate = estimate;
    return 0;
}

void estimate_deinit(struct estimate *estimate)
{
    free(estimate->models);
    *estimate = (struct estimate){0};
}
