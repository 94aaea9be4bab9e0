/*
 * GuideLLM, as schemas/base/request_stats.py, schemas/base/statistics.py and benchmark/schemas/metrics.py of
 * 0.8.1 define its figures: a request begins when its first byte is written, and what is per token is
 * weighted by tokens.
 */
#include <math.h>

#include "base/cleanup.h"
#include "measure/sample.h"
#include "result/dialect_answer.h"
#include "result/dialect_table.h"

static const struct dialect_statistic statistics[] = {
    {"mean", DIALECT_MEAN, 0, true},
    {"median", DIALECT_QUANTILE, 0.5, true},
    {"std_dev", DIALECT_STD, 0, true},
    {"min", DIALECT_MIN, 0, true},
    {"max", DIALECT_MAX, 0, true},
    {"count", DIALECT_COUNT, 0, false},
    {"total_sum", DIALECT_SUM, 0, false},
    {"percentiles/p001", DIALECT_QUANTILE, 0.001, false},
    {"percentiles/p01", DIALECT_QUANTILE, 0.01, false},
    {"percentiles/p05", DIALECT_QUANTILE, 0.05, false},
    {"percentiles/p10", DIALECT_QUANTILE, 0.1, false},
    {"percentiles/p25", DIALECT_QUANTILE, 0.25, false},
    {"percentiles/p50", DIALECT_QUANTILE, 0.5, false},
    {"percentiles/p75", DIALECT_QUANTILE, 0.75, false},
    {"percentiles/p90", DIALECT_QUANTILE, 0.9, false},
    {"percentiles/p95", DIALECT_QUANTILE, 0.95, true},
    {"percentiles/p99", DIALECT_QUANTILE, 0.99, true},
    {"percentiles/p999", DIALECT_QUANTILE, 0.999, false},
};

static enum dialect_fate fate(const struct dialect_request *request)
{
    const bool has_output =
        request->chunk_count > 0 || !(request->flags & SAMPLE_STREAMED);

    if (!dialect_is_question(request))
        return DIALECT_LEFT_OUT;
    return outcome_is_whole(request->outcome) && has_output ? DIALECT_SUCCEEDED
                                                            : DIALECT_FAILED;
}

static uint64_t begin_of(const struct dialect_request *request)
{
    return request->wire_ns ? request->wire_ns : request->sent_ns;
}

/* Each chunk is taken for a token where the server told no usage. */
static uint64_t tokens_of(const struct dialect_request *request)
{
    return dialect_has_usage(request) ? request->completion_tokens : request->chunk_count;
}

static void latency(const struct dialect_view *view,
                    const struct dialect_request *request, struct dialect_values *values)
{
    (void)view;
    dialect_values_add(values, dialect_span(begin_of(request), request->end_ns), 1);
}

static void first_output(const struct dialect_view *view,
                         const struct dialect_request *request,
                         struct dialect_values *values)
{
    (void)view;
    if (request->first_output_ns)
        dialect_values_add(values,
                           dialect_span(begin_of(request), request->first_output_ns), 1);
}

static void first_answer(const struct dialect_view *view,
                         const struct dialect_request *request,
                         struct dialect_values *values)
{
    const uint64_t first_ns = dialect_first_answer(request);

    (void)view;
    if (first_ns)
        dialect_values_add(values, dialect_span(begin_of(request), first_ns), 1);
}

static void time_per_token(const struct dialect_view *view,
                           const struct dialect_request *request,
                           struct dialect_values *values)
{
    const uint64_t last_ns =
        request->last_output_ns ? request->last_output_ns : request->end_ns;
    const double tokens = (double)tokens_of(request);

    (void)view;
    if (tokens > 0)
        dialect_values_add(values, dialect_span(begin_of(request), last_ns) / tokens,
                           tokens);
}

static void inter_token(const struct dialect_view *view,
                        const struct dialect_request *request,
                        struct dialect_values *values)
{
    const uint64_t tokens = tokens_of(request);

    (void)view;
    if (request->first_output_ns && tokens > 1)
        dialect_values_add(
            values,
            dialect_span(request->first_output_ns, request->last_output_ns) /
                (double)(tokens - 1),
            (double)(tokens - 1));
}

static void answer_length(const struct dialect_view *view,
                          const struct dialect_request *request,
                          struct dialect_values *values)
{
    (void)view;
    dialect_values_add(values, (double)tokens_of(request), 1);
}

/* From the first start to the last end, as requests begin here. */
static double span_ns(const struct dialect_view *view)
{
    uint64_t first_ns = UINT64_MAX;

    for (size_t i = 0; i < view->requests->count; i++)
        if (view->fates[i] != DIALECT_LEFT_OUT &&
            begin_of(&view->requests->items[i]) < first_ns)
            first_ns = begin_of(&view->requests->items[i]);
    return view->last_end_ns > first_ns ? dialect_span(first_ns, view->last_end_ns)
                                        : (double)NAN;
}

/* So much over that time. */
static double over_time(const struct dialect_view *view, double amount)
{
    return amount / span_ns(view);
}

static double requests_per_second(const struct dialect_view *view)
{
    return over_time(view, dialect_succeeded(view) * 1e9);
}

static double concurrency(const struct dialect_view *view)
{
    double under_way_ns = 0;

    for (size_t i = 0; i < view->requests->count; i++)
        if (view->fates[i] == DIALECT_SUCCEEDED)
            under_way_ns += dialect_span(begin_of(&view->requests->items[i]),
                                         view->requests->items[i].end_ns);
    return over_time(view, under_way_ns);
}

static double output_tokens_per_second(const struct dialect_view *view)
{
    double tokens = 0;

    for (size_t i = 0; i < view->requests->count; i++)
        if (view->fates[i] == DIALECT_SUCCEEDED)
            tokens += (double)tokens_of(&view->requests->items[i]);
    return over_time(view, tokens * 1e9);
}

static double prompt_tokens_per_second(const struct dialect_view *view)
{
    return over_time(view, dialect_prompt_tokens(view) * 1e9);
}

static const struct dialect_row rows[] = {
    {.name = "request_latency",
     .path = "metrics/request_latency/successful",
     .title = "Request Latency",
     .unit = "s",
     .scale = 1e-9,
     .collect = latency,
     .metric = "e2e",
     .meaning = "From the first byte written on the connection to the end of the stream.",
     .why = "Making a connection is not in it, and what comes behind the last token is; "
            "throng's e2e ends with the last output. Failed requests do not count, where "
            "throng has them as longer than they waited."},
    {.name = "time_to_first_token_ms",
     .path = "metrics/time_to_first_token_ms/successful",
     .title = "Time to First Token",
     .unit = "ms",
     .scale = 1e-6,
     .collect = first_output,
     .metric = "ttft",
     .meaning = "From the first byte written to the first chunk with content, reasoning "
                "or a tool call.",
     .why = "Making a connection is not in it. Failed requests do not count, where "
            "throng has them as longer than they waited."},
    {.name = "time_to_first_output_token_ms",
     .path = "metrics/time_to_first_output_token_ms/successful",
     .title = "Time to First Output Token",
     .unit = "ms",
     .scale = 1e-6,
     .collect = first_answer,
     .metric = "ttfo",
     .meaning = "To the first chunk with content or a tool call, also where no reasoning "
                "came before it.",
     .why = "Throng's ttfo is of answers with reasoning alone."},
    {.name = "time_per_output_token_ms",
     .path = "metrics/time_per_output_token_ms/successful",
     .title = "Time per Output Token",
     .unit = "ms",
     .scale = 1e-6,
     .collect = time_per_token,
     .metric = "tpot",
     .meaning = "(last chunk − first byte written) / tokens: the wait for the first "
                "token is in it. Each request weighs as much as it has tokens.",
     .why = "Throng's tpot begins with the first chunk, as GuideLLM's inter-token "
            "latency does, and each request counts once."},
    {.name = "inter_token_latency_ms",
     .path = "metrics/inter_token_latency_ms/successful",
     .title = "Inter-token Latency",
     .unit = "ms",
     .scale = 1e-6,
     .collect = inter_token,
     .metric = "tpot",
     .meaning = "(last chunk − first chunk) / (tokens − 1) of each request, which weighs "
                "as much as it has tokens less one.",
     .why = "What throng calls tpot, where each request counts once."},
    {.name = "prompt_token_count",
     .path = "metrics/prompt_token_count/successful",
     .title = "Prompt Token Count",
     .unit = "tokens",
     .need = DIALECT_NEEDS_USAGE,
     .collect = dialect_prompt_length,
     .meaning = "Tokens of a prompt, as the usage tells them.",
     .why = ""},
    {.name = "output_token_count",
     .path = "metrics/output_token_count/successful",
     .title = "Output Token Count",
     .unit = "tokens",
     .collect = answer_length,
     .meaning =
         "Tokens of an answer as the usage tells them; else the chunks of the stream.",
     .why = "Throng estimates where no usage is told."},
    {.name = "request_totals.successful",
     .path = "metrics/request_totals/successful",
     .title = "Successful requests",
     .unit = "requests",
     .number = dialect_succeeded,
     .is_whole = true,
     .meaning =
         "A status that is none of an error, and a stream with output that ended well.",
     .why = "A failed check of the scenario is a failure to throng, and none here."},
    {.name = "request_totals.errored",
     .path = "metrics/request_totals/errored",
     .title = "Errored requests",
     .unit = "requests",
     .number = dialect_failed,
     .is_whole = true,
     .meaning = "All others that ended of themselves.",
     .why = ""},
    {.name = "requests_per_second",
     .path = "metrics/requests_per_second/successful/mean",
     .title = "Requests per Second",
     .unit = "requests/s",
     .number = requests_per_second,
     .meaning = "Mean over time, weighted by it: successful requests over the time from "
                "the first start to the last end.",
     .why = "Throng's is over the measured window, and of all that ended."},
    {.name = "request_concurrency",
     .path = "metrics/request_concurrency/successful/mean",
     .title = "Request Concurrency",
     .unit = "requests",
     .number = concurrency,
     .meaning = "Mean over time of the requests under way.",
     .why = "Throng tells it for each point of its timeline."},
    {.name = "output_tokens_per_second",
     .path = "metrics/output_tokens_per_second/successful/mean",
     .title = "Output Tokens per Second",
     .unit = "tokens/s",
     .number = output_tokens_per_second,
     .meaning = "Tokens of successful requests over that time.",
     .why = "Throng's is over the window."},
    {.name = "prompt_tokens_per_second",
     .path = "metrics/prompt_tokens_per_second/successful/mean",
     .title = "Prompt Tokens per Second",
     .unit = "tokens/s",
     .need = DIALECT_NEEDS_USAGE,
     .number = prompt_tokens_per_second,
     .meaning = "Prompt tokens of successful requests over that time.",
     .why = "Throng tells no such rate."},
};

const struct dialect dialect_guidellm = {
    .name = "guidellm",
    .tool = "GuideLLM 0.8.1",
    .file = "one of `benchmarks` in `benchmarks.json`, without modes, variances and "
            "intervals",
    .fate = fate,
    .rule = DIALECT_REACHED,
    .statistics = statistics,
    .statistic_count = COUNT_OF(statistics),
    .rows = rows,
    .row_count = COUNT_OF(rows),
};
