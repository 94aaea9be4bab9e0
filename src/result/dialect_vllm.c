#include "result/dialect_vllm.h"

#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/sample.h"
#include "result/dialect_answer.h"
#include "result/json_tree.h"

/* A table of seconds that is longer than twelve days is none. */
#define SECONDS_MAX ((size_t)1 << 20)

const struct dialect_statistic vllm_statistics[VLLM_STATISTICS] = {
    {"mean", DIALECT_MEAN, 0, true},       {"median", DIALECT_QUANTILE, 0.5, true},
    {"std", DIALECT_STD, 0, true},         {"p90", DIALECT_QUANTILE, 0.9, true},
    {"p95", DIALECT_QUANTILE, 0.95, true}, {"p99", DIALECT_QUANTILE, 0.99, true},
};

/* Status 200 and no exception: what the events say is not looked at. */
static bool ends_well(const struct dialect_request *request)
{
    return request->status == 200 && (outcome_is_whole(request->outcome) ||
                                      request->outcome == OUTCOME_STREAM_ERROR ||
                                      request->outcome == OUTCOME_EMPTY);
}

enum dialect_fate vllm_fate(const struct dialect_request *request, bool has_token)
{
    if (!dialect_is_question(request))
        return DIALECT_LEFT_OUT;
    /* It always asks for a stream. What came to no answer may have been one. */
    if (!(request->flags & SAMPLE_STREAMED) && ends_well(request))
        return DIALECT_LEFT_OUT;
    return ends_well(request) && has_token ? DIALECT_SUCCEEDED : DIALECT_FAILED;
}

double vllm_requests_per_second(const struct dialect_view *view)
{
    return dialect_per_second(view, dialect_succeeded);
}

double vllm_answer_tokens_per_second(const struct dialect_view *view)
{
    return dialect_per_second(view, dialect_answer_tokens);
}

static double all_tokens(const struct dialect_view *view)
{
    return dialect_prompt_tokens(view) + dialect_answer_tokens(view);
}

double vllm_all_tokens_per_second(const struct dialect_view *view)
{
    return dialect_per_second(view, all_tokens);
}

/* The first second begins with the first request that succeeded. */
static uint64_t begin_of(const struct dialect_view *view)
{
    uint64_t begin_ns = UINT64_MAX;

    for (size_t i = 0; i < view->requests->count; i++)
        if (view->fates[i] == DIALECT_SUCCEEDED &&
            view->requests->items[i].sent_ns < begin_ns)
            begin_ns = view->requests->items[i].sent_ns;
    return begin_ns;
}

static size_t second_of(uint64_t begin_ns, uint64_t at_ns)
{
    return at_ns > begin_ns ? (size_t)((at_ns - begin_ns) / NS_PER_S) : 0;
}

static void count_events(const struct dialect_view *view,
                         const struct dialect_request *request, uint8_t bit,
                         uint64_t begin_ns, double *counts)
{
    const struct chunk *events = dialect_request_events(view->requests, request);

    for (size_t i = 0; i < request->event_count; i++)
        if (events[i].what & bit)
            counts[second_of(begin_ns, events[i].at_ns)]++;
}

double vllm_most_in_a_second(const struct dialect_view *view, uint8_t bit,
                             vllm_last_fn *last)
{
    const uint64_t begin_ns = begin_of(view);
    const size_t seconds = second_of(begin_ns, view->last_end_ns) + 1;
    double *counts = seconds <= SECONDS_MAX ? calloc(seconds, sizeof(*counts)) : NULL;
    double most = (double)NAN;

    for (size_t i = 0; counts && i < view->requests->count; i++) {
        const struct dialect_request *request = &view->requests->items[i];

        if (view->fates[i] != DIALECT_SUCCEEDED)
            continue;
        if (bit != 0)
            count_events(view, request, bit, begin_ns, counts);
        else
            for (size_t s = second_of(begin_ns, request->sent_ns);
                 s <= second_of(begin_ns, last(request)); s++)
                counts[s]++;
    }
    for (size_t s = 0; counts && view->succeeded > 0 && s < seconds; s++)
        most = most >= counts[s] ? most : counts[s];
    free(counts);
    return most;
}

void vllm_begin(struct json_tree *tree, json_t *document, const struct dialect_view *view)
{
    const char *model = dialect_model(view->summary);

    json_tree_put_text(tree, document, "date",
                       dialect_run_text(view->summary, "started_at"));
    json_tree_put_text(tree, document, "endpoint_type", "openai-chat");
    json_tree_put_text(tree, document, "backend", "openai-chat");
    json_tree_put_text(tree, document, "label", "throng");
    if (model)
        json_tree_put_text(tree, document, "model_id", model);
    else
        json_tree_put_null(tree, document, "model_id");
    json_tree_put_null(tree, document, "tokenizer_id");
    json_tree_put_count(tree, document, "num_prompts", view->succeeded + view->failed);
    json_tree_put_null(tree, document, "request_rate");
    json_tree_put_null(tree, document, "burstiness");
    json_tree_put_null(tree, document, "max_concurrency");
}

static enum dialect_fate fate(const struct dialect_request *request)
{
    return vllm_fate(request, request->chunk_count > 0);
}

static uint64_t last_output(const struct dialect_request *request)
{
    return request->last_output_ns;
}

static double most_outputs(const struct dialect_view *view)
{
    return vllm_most_in_a_second(view, CHUNK_OUTPUT, last_output);
}

static double most_requests(const struct dialect_view *view)
{
    return vllm_most_in_a_second(view, 0, last_output);
}

static const struct dialect_row rows[] = {
    VLLM_COUNTS,
    {.name = "max_output_tokens_per_s",
     .path = "max_output_tokens_per_s",
     .title = "Peak output token throughput",
     .unit = "tok/s",
     .need = DIALECT_NEEDS_EVENTS,
     .number = most_outputs,
     .meaning = "Most chunks within one second, counted in whole seconds from the first "
                "request.",
     .why = "It counts chunks, not tokens."},
    {.name = "max_concurrent_requests",
     .path = "max_concurrent_requests",
     .title = "Peak concurrent requests",
     .unit = "requests",
     .number = most_requests,
     .is_whole = true,
     .meaning = "Most requests that were under way at some time within one such second.",
     .why =
         "More than were ever under way together: one that ends and one that begins in "
         "the same second both count."},
    {.name = "ttft",
     .path = "*_ttft_ms",
     .title = "Time to First Token",
     .unit = "ms",
     .scale = 1e-6,
     .collect = dialect_first_output,
     .metric = "ttft",
     .meaning = "From just before the request is posted to the first chunk with content, "
                "reasoning or a tool call.",
     .why = "Failed requests do not count, where throng has them as longer than they "
            "waited; and it is the time when Python got to the chunk, in throng when the "
            "kernel had it."},
    {.name = "tpot",
     .path = "*_tpot_ms",
     .title = "Time per Output Token (excl. 1st token)",
     .unit = "ms",
     .scale = 1e-6,
     .need = DIALECT_NEEDS_USAGE,
     .collect = dialect_time_per_token,
     .metric = "tpot",
     .meaning = "(e2el − ttft) / (completion tokens − 1), of answers with 2 tokens and "
                "more.",
     .why = "Throng leaves out answers in one chunk, which are 0 here, and those whose "
            "first chunk came in a heap with others."},
    {.name = "itl",
     .path = "*_itl_ms",
     .title = "Inter-token Latency",
     .unit = "ms",
     .scale = 1e-6,
     .need = DIALECT_NEEDS_EVENTS,
     .collect = dialect_output_gaps,
     .number = dialect_mean_output_gap,
     .metric = "icl",
     .meaning = "Gaps between chunks, of all answers together: a chunk may have several "
                "tokens.",
     .why = "Throng's icl has the gaps of failed answers too, and leaves out those that "
            "it cannot resolve."},
    {.name = "e2el",
     .path = "*_e2el_ms",
     .title = "End-to-end Latency",
     .unit = "ms",
     .scale = 1e-6,
     .collect = dialect_whole_answer,
     .metric = "e2e",
     .meaning = "From just before the request is posted to the last chunk with output.",
     .why = "Failed requests do not count, where throng has them as longer than they "
            "waited."},
};

const struct dialect dialect_vllm = {
    .name = "vllm",
    .tool = "vLLM bench serve 0.33.0",
    .file = "that of `--save-result`, with `--percentile-metrics ttft,tpot,itl,e2el` and "
            "`--metric-percentiles 90,95,99`",
    .fate = fate,
    .rule = DIALECT_LINEAR,
    .statistics = vllm_statistics,
    .statistic_count = VLLM_STATISTICS,
    .rows = rows,
    .row_count = COUNT_OF(rows),
    .begin = vllm_begin,
};
