/*
 * `vllm bench serve` as older releases had it (0.11.0): in a chat the role, which comes before any token, is
 * its first.
 */
#include <math.h>

#include "base/cleanup.h"
#include "measure/sample.h"
#include "result/dialect_answer.h"
#include "result/dialect_vllm.h"

/* Another API than OpenAI's has no choices, and this client does not speak it. */
static enum dialect_fate fate(const struct dialect_request *request)
{
    if (request->chunk_count > 0 && request->choice_count == 0)
        return DIALECT_LEFT_OUT;
    return vllm_fate(request, request->choice_count > 0);
}

static void first_choice(const struct dialect_view *view,
                         const struct dialect_request *request,
                         struct dialect_values *values)
{
    (void)view;
    dialect_values_add(values, dialect_span(request->sent_ns, request->first_choice_ns),
                       1);
}

static void whole_answer(const struct dialect_view *view,
                         const struct dialect_request *request,
                         struct dialect_values *values)
{
    (void)view;
    dialect_values_add(values, dialect_span(request->sent_ns, request->last_choice_ns),
                       1);
}

static void time_per_token(const struct dialect_view *view,
                           const struct dialect_request *request,
                           struct dialect_values *values)
{
    const uint64_t tokens = request->completion_tokens;

    (void)view;
    if (dialect_has_usage(request) && tokens > 1)
        dialect_values_add(
            values,
            dialect_span(request->first_choice_ns, request->last_choice_ns) /
                (double)(tokens - 1),
            1);
}

static void gaps(const struct dialect_view *view, const struct dialect_request *request,
                 struct dialect_values *values)
{
    dialect_gaps(view, request, CHUNK_CHOICE, values);
}

static double mean_gap(const struct dialect_view *view)
{
    double span_ns = 0;
    double count = 0;

    for (size_t i = 0; i < view->requests->count; i++) {
        const struct dialect_request *request = &view->requests->items[i];

        if (view->fates[i] != DIALECT_SUCCEEDED || request->choice_count < 2)
            continue;
        span_ns += dialect_span(request->first_choice_ns, request->last_choice_ns);
        count += (double)(request->choice_count - 1);
    }
    return count > 0 ? span_ns / count : (double)NAN;
}

static uint64_t last_choice(const struct dialect_request *request)
{
    return request->last_choice_ns;
}

static double most_choices(const struct dialect_view *view)
{
    return vllm_most_in_a_second(view, CHUNK_CHOICE, last_choice);
}

static double most_requests(const struct dialect_view *view)
{
    return vllm_most_in_a_second(view, 0, last_choice);
}

static const struct dialect_row rows[] = {
    VLLM_COUNTS,
    {.name = "max_output_tokens_per_s",
     .path = "max_output_tokens_per_s",
     .title = "Peak output token throughput",
     .unit = "tok/s",
     .need = DIALECT_NEEDS_EVENTS,
     .number = most_choices,
     .meaning = "Most chunks with a choice within one second, counted in whole seconds "
                "from the first request.",
     .why =
         "It counts chunks, not tokens, and the role and the finish reason with them."},
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
     .collect = first_choice,
     .metric = "ttft",
     .meaning =
         "From just before the request is posted to the first chunk with a choice, "
         "even one without content.",
     .why =
         "Servers send the role before the first token, some long before: then this is "
         "less than any token took. Throng waits for output."},
    {.name = "tpot",
     .path = "*_tpot_ms",
     .title = "Time per Output Token (excl. 1st token)",
     .unit = "ms",
     .scale = 1e-6,
     .need = DIALECT_NEEDS_USAGE,
     .collect = time_per_token,
     .metric = "tpot",
     .meaning = "(e2el − ttft) / (completion tokens − 1), of answers with 2 tokens and "
                "more.",
     .why = "What ttft is too short by is shared out among the tokens here."},
    {.name = "itl",
     .path = "*_itl_ms",
     .title = "Inter-token Latency",
     .unit = "ms",
     .scale = 1e-6,
     .need = DIALECT_NEEDS_EVENTS,
     .collect = gaps,
     .number = mean_gap,
     .metric = "icl",
     .meaning = "Gaps between chunks with a choice, of all answers together.",
     .why =
         "The wait from the role to the first token is a gap here, and so is that from "
         "the last token to the finish reason."},
    {.name = "e2el",
     .path = "*_e2el_ms",
     .title = "End-to-end Latency",
     .unit = "ms",
     .scale = 1e-6,
     .collect = whole_answer,
     .metric = "e2e",
     .meaning = "From just before the request is posted to the last chunk with a choice, "
                "which has the finish reason.",
     .why = "Throng ends with the last output."},
};

const struct dialect dialect_vllm_role = {
    .name = "vllm-role",
    .tool = "vLLM bench serve 0.11.0",
    .file = "the same, as older releases wrote it",
    .fate = fate,
    .rule = DIALECT_LINEAR,
    .statistics = vllm_statistics,
    .statistic_count = VLLM_STATISTICS,
    .rows = rows,
    .row_count = COUNT_OF(rows),
    .begin = vllm_begin,
};
