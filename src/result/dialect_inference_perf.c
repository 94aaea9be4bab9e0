/*
 * inference-perf, as reportgen/base.py (summarize_requests) and apis/streaming_parser.py of 0.5.0 define its
 * figures, with use_server_output_tokens: without it, it counts with a tokenizer that a run does not have.
 */
#include <math.h>

#include "base/cleanup.h"
#include "measure/sample.h"
#include "result/dialect_answer.h"
#include "result/dialect_table.h"

static const struct dialect_statistic statistics[] = {
    {"mean", DIALECT_MEAN, 0, true},         {"min", DIALECT_MIN, 0, true},
    {"max", DIALECT_MAX, 0, true},           {"p0.1", DIALECT_QUANTILE, 0.001, false},
    {"p1", DIALECT_QUANTILE, 0.01, false},   {"p5", DIALECT_QUANTILE, 0.05, false},
    {"p10", DIALECT_QUANTILE, 0.1, false},   {"p25", DIALECT_QUANTILE, 0.25, false},
    {"median", DIALECT_QUANTILE, 0.5, true}, {"p75", DIALECT_QUANTILE, 0.75, false},
    {"p90", DIALECT_QUANTILE, 0.9, true},    {"p95", DIALECT_QUANTILE, 0.95, true},
    {"p99", DIALECT_QUANTILE, 0.99, true},   {"p99.9", DIALECT_QUANTILE, 0.999, false},
};

/* Nothing that the stream says is an error. */
static bool ends_well(const struct dialect_request *request)
{
    return request->status == 200 && (outcome_is_whole(request->outcome) ||
                                      request->outcome == OUTCOME_STREAM_ERROR ||
                                      request->outcome == OUTCOME_MALFORMED_EVENT ||
                                      request->outcome == OUTCOME_EMPTY);
}

static enum dialect_fate fate(const struct dialect_request *request)
{
    if (!dialect_is_question(request))
        return DIALECT_LEFT_OUT;
    return ends_well(request) ? DIALECT_SUCCEEDED : DIALECT_FAILED;
}

static uint64_t content_tokens(const struct dialect_request *request)
{
    return request->completion_tokens > request->reasoning_tokens
               ? request->completion_tokens - request->reasoning_tokens
               : 0;
}

/* The first content; 0 where fewer than two tokens had a time: then it has none for any figure. */
static uint64_t first_of(const struct dialect_request *request)
{
    if (!dialect_has_usage(request) || content_tokens(request) < 2)
        return 0;
    return dialect_first_answer(request);
}

static void latency(const struct dialect_view *view,
                    const struct dialect_request *request, struct dialect_values *values)
{
    (void)view;
    dialect_values_add(values, dialect_span(request->sent_ns, request->end_ns), 1);
}

static void first_token(const struct dialect_view *view,
                        const struct dialect_request *request,
                        struct dialect_values *values)
{
    (void)view;
    if (first_of(request))
        dialect_values_add(values, dialect_span(request->sent_ns, first_of(request)), 1);
}

static void time_per_token(const struct dialect_view *view,
                           const struct dialect_request *request,
                           struct dialect_values *values)
{
    (void)view;
    if (first_of(request))
        dialect_values_add(values,
                           dialect_span(first_of(request), request->last_output_ns) /
                               (double)(request->completion_tokens - 1),
                           1);
}

static void normalized(const struct dialect_view *view,
                       const struct dialect_request *request,
                       struct dialect_values *values)
{
    const double latency_ns = dialect_span(request->sent_ns, request->end_ns);

    (void)view;
    if (dialect_has_usage(request))
        dialect_values_add(values,
                           request->completion_tokens > 0
                               ? latency_ns / (double)request->completion_tokens
                               : 0,
                           1);
}

/* Each chunk has one token here, or this is not told. */
static void gaps(const struct dialect_view *view, const struct dialect_request *request,
                 struct dialect_values *values)
{
    const struct chunk *events = dialect_request_events(view->requests, request);
    const uint64_t first_ns = first_of(request);
    uint64_t before_ns = 0;

    for (size_t i = 0; first_ns && i < request->event_count; i++) {
        if (!(events[i].what & CHUNK_OUTPUT) || events[i].at_ns < first_ns)
            continue;
        if (before_ns)
            dialect_values_add(values, dialect_span(before_ns, events[i].at_ns), 1);
        before_ns = events[i].at_ns;
    }
}

static double mean_gap(const struct dialect_view *view)
{
    double span_ns = 0;
    double count = 0;

    for (size_t i = 0; i < view->requests->count; i++) {
        const struct dialect_request *request = &view->requests->items[i];

        if (view->fates[i] != DIALECT_SUCCEEDED || !first_of(request))
            continue;
        span_ns += dialect_span(first_of(request), request->last_output_ns);
        count += (double)(content_tokens(request) - 1);
    }
    return count > 0 ? span_ns / count : (double)NAN;
}

static double requests_per_second(const struct dialect_view *view)
{
    return dialect_per_second(view, dialect_succeeded);
}

static double prompt_tokens_per_second(const struct dialect_view *view)
{
    return dialect_per_second(view, dialect_prompt_tokens);
}

static double answer_tokens_per_second(const struct dialect_view *view)
{
    return dialect_per_second(view, dialect_answer_tokens);
}

static double all_tokens_per_second(const struct dialect_view *view)
{
    return prompt_tokens_per_second(view) + answer_tokens_per_second(view);
}

static const struct dialect_row rows[] = {
    {.name = "request_latency",
     .path = "successes/latency/request_latency",
     .title = "Request Latency",
     .unit = "s",
     .scale = 1e-9,
     .collect = latency,
     .metric = "e2e",
     .meaning = "From the moment the request is started to the end of the response.",
     .why = "Throng's e2e ends with the last output. Failed requests do not count, where "
            "throng has them as longer than they waited."},
    {.name = "time_to_first_token",
     .path = "successes/latency/time_to_first_token",
     .title = "Time to First Token",
     .unit = "s",
     .scale = 1e-9,
     .need = DIALECT_NEEDS_USAGE,
     .collect = first_token,
     .metric = "ttft",
     .meaning = "From the start to the first chunk with content, of answers with 2 "
                "tokens of content and more.",
     .why = "It does not see reasoning and tool calls: with them it waits for the first "
            "words, where throng takes what comes first. Failed requests do not count, "
            "where throng has them as longer than they waited."},
    {.name = "time_per_output_token",
     .path = "successes/latency/time_per_output_token",
     .title = "Time per Output Token",
     .unit = "s",
     .scale = 1e-9,
     .need = DIALECT_NEEDS_USAGE,
     .collect = time_per_token,
     .metric = "tpot",
     .meaning = "(last chunk with content − first) / (tokens − 1), of the same answers; "
                "with use_server_output_tokens by the usage, else by its own tokenizer.",
     .why = "By the usage here. Reasoning before the first words is not in the time, "
            "though its tokens are counted."},
    {.name = "normalized_time_per_output_token",
     .path = "successes/latency/normalized_time_per_output_token",
     .title = "Normalized Time per Output Token",
     .unit = "s",
     .scale = 1e-9,
     .need = DIALECT_NEEDS_USAGE,
     .collect = normalized,
     .meaning = "Request latency over tokens; 0 for an answer without any.",
     .why = "Throng tells no such figure: the wait for the first token is in it."},
    {.name = "inter_token_latency",
     .path = "successes/latency/inter_token_latency",
     .title = "Inter-token Latency",
     .unit = "s",
     .scale = 1e-9,
     .need = DIALECT_NEEDS_LENGTHS,
     .collect = gaps,
     .number = mean_gap,
     .metric = "icl",
     .meaning = "Gaps between tokens, of all answers together: tokens of one chunk have "
                "0 between them.",
     .why = "Throng's icl is between chunks."},
    {.name = "benchmark_time_seconds",
     .path = "benchmark_time_seconds",
     .title = "Benchmark time",
     .unit = "s",
     .scale = 1e-9,
     .number = dialect_duration,
     .meaning = "From the first request started to the last end, failures included.",
     .why = "Throng's rates are over the measured window."},
    {.name = "successes.count",
     .path = "successes/count",
     .title = "Successes",
     .unit = "requests",
     .number = dialect_succeeded,
     .is_whole = true,
     .meaning = "Status 200, and the response could be read to its end.",
     .why = "What the stream says is not looked at: an error event in it, or no output "
            "at all, is no failure here."},
    {.name = "failures.count",
     .path = "failures/count",
     .title = "Failures",
     .unit = "requests",
     .number = dialect_failed,
     .is_whole = true,
     .meaning = "All others.",
     .why = ""},
    {.name = "requests_per_sec",
     .path = "successes/throughput/requests_per_sec",
     .title = "Requests per second",
     .unit = "requests/s",
     .number = requests_per_second,
     .meaning = "Successes over the benchmark time.",
     .why = "Throng's is over the window, and of all that ended."},
    {.name = "input_tokens_per_sec",
     .path = "successes/throughput/input_tokens_per_sec",
     .title = "Input tokens per second",
     .unit = "tokens/s",
     .need = DIALECT_NEEDS_USAGE,
     .number = prompt_tokens_per_second,
     .meaning = "Prompt tokens of successes over the benchmark time.",
     .why = "Throng tells no such rate."},
    {.name = "output_tokens_per_sec",
     .path = "successes/throughput/output_tokens_per_sec",
     .title = "Output tokens per second",
     .unit = "tokens/s",
     .need = DIALECT_NEEDS_USAGE,
     .number = answer_tokens_per_second,
     .meaning = "Tokens of answers over the benchmark time.",
     .why = "Throng's is over the window."},
    {.name = "total_tokens_per_sec",
     .path = "successes/throughput/total_tokens_per_sec",
     .title = "Total tokens per second",
     .unit = "tokens/s",
     .need = DIALECT_NEEDS_USAGE,
     .number = all_tokens_per_second,
     .meaning = "Both over the benchmark time.",
     .why = "Throng tells no such sum."},
    {.name = "prompt_tokens",
     .path = "successes/prompt_tokens",
     .title = "Prompt tokens",
     .unit = "tokens",
     .need = DIALECT_NEEDS_USAGE,
     .collect = dialect_prompt_length,
     .meaning = "Tokens of a prompt, as the usage tells them.",
     .why = ""},
    {.name = "output_tokens",
     .path = "successes/output_tokens",
     .title = "Output tokens",
     .unit = "tokens",
     .need = DIALECT_NEEDS_USAGE,
     .collect = dialect_answer_length,
     .meaning = "Tokens of an answer, as the usage tells them.",
     .why = ""},
};

const struct dialect dialect_inference_perf = {
    .name = "inference-perf",
    .tool = "inference-perf 0.5.0",
    .file = "`summary_lifecycle_metrics.json`",
    .fate = fate,
    .rule = DIALECT_LINEAR,
    .statistics = statistics,
    .statistic_count = COUNT_OF(statistics),
    .rows = rows,
    .row_count = COUNT_OF(rows),
};
