/*
 * AIPerf, as aiperf/metrics/types/ of 0.13.0 defines its metrics: nearly all of them are values of single
 * requests, of those that succeeded.
 */
#include <string.h>

#include "base/cleanup.h"
#include "measure/sample.h"
#include "result/dialect_aiperf_figures.h"
#include "result/dialect_answer.h"
#include "result/dialect_table.h"
#include "result/json_tree.h"

#define SCHEMA_VERSION "1.4"

static const struct dialect_statistic statistics[] = {
    {"avg", DIALECT_MEAN, 0, true},         {"p1", DIALECT_QUANTILE, 0.01, false},
    {"p5", DIALECT_QUANTILE, 0.05, false},  {"p10", DIALECT_QUANTILE, 0.1, false},
    {"p25", DIALECT_QUANTILE, 0.25, false}, {"p50", DIALECT_QUANTILE, 0.5, true},
    {"p75", DIALECT_QUANTILE, 0.75, false}, {"p90", DIALECT_QUANTILE, 0.9, true},
    {"p95", DIALECT_QUANTILE, 0.95, false}, {"p99", DIALECT_QUANTILE, 0.99, true},
    {"min", DIALECT_MIN, 0, true},          {"max", DIALECT_MAX, 0, true},
    {"std", DIALECT_STD, 0, true},          {"count", DIALECT_COUNT, 0, false},
    {"sum", DIALECT_SUM, 0, false},
};

/* An error that stands in a stream is not looked at: what came before it is the answer. */
static bool ends_well(const struct dialect_request *request)
{
    return outcome_is_whole(request->outcome) || request->outcome == OUTCOME_STREAM_ERROR;
}

static enum dialect_fate fate(const struct dialect_request *request)
{
    const bool has_output =
        request->chunk_count > 0 || !(request->flags & SAMPLE_STREAMED);

    if (!dialect_is_question(request))
        return DIALECT_LEFT_OUT;
    return ends_well(request) && has_output ? DIALECT_SUCCEEDED : DIALECT_FAILED;
}

static void begin(struct json_tree *tree, json_t *document,
                  const struct dialect_view *view)
{
    const char *reason = dialect_run_text(view->summary, "stop_reason");

    json_tree_put_text(tree, document, "schema_version", SCHEMA_VERSION);
    json_tree_put_text(tree, document, "benchmark_id",
                       dialect_run_text(view->summary, "id"));
    json_tree_put_bool(tree, document, "was_cancelled", strcmp(reason, "signal") == 0);
    json_tree_put_bool(tree, document, "is_complete", view->requests->is_complete);
    json_tree_put_text(tree, document, "start_time",
                       dialect_run_text(view->summary, "started_at"));
    json_tree_put_text(tree, document, "end_time",
                       dialect_run_text(view->summary, "ended_at"));
}

static const struct dialect_row rows[] = {
    {.name = "time_to_first_token",
     .path = "time_to_first_token",
     .title = "Time to First Token",
     .unit = "ms",
     .scale = 1e-6,
     .collect = dialect_first_output,
     .metric = "ttft",
     .meaning = "From the moment the request is dispatched to the first chunk with text, "
                "reasoning or a tool call.",
     .why = "Failed requests do not count, where throng has them as longer than they "
            "waited. It is the time when Python got to the chunk, in throng when the "
            "kernel had it."},
    {.name = "time_to_second_token",
     .path = "time_to_second_token",
     .title = "Time to Second Token",
     .unit = "ms",
     .scale = 1e-6,
     .need = DIALECT_NEEDS_EVENTS,
     .collect = aiperf_second_output,
     .meaning = "From the first such chunk to the second.",
     .why = "Throng has it as the first gap of icl."},
    {.name = "time_to_first_output_token",
     .path = "time_to_first_output_token",
     .title = "Time to First Output Token",
     .unit = "ms",
     .scale = 1e-6,
     .collect = aiperf_first_answer,
     .metric = "ttfo",
     .meaning = "To the first chunk with text or a tool call, also where no reasoning "
                "came before it.",
     .why = "Throng's ttfo is of answers with reasoning alone."},
    {.name = "request_latency",
     .path = "request_latency",
     .title = "Request Latency",
     .unit = "ms",
     .scale = 1e-6,
     .collect = dialect_whole_answer,
     .metric = "e2e",
     .meaning = "From dispatch to the last chunk with output; of an answer in one piece, "
                "to its end.",
     .why = "Failed requests do not count, where throng has them as longer than they "
            "waited."},
    {.name = "decode_duration",
     .path = "decode_duration",
     .title = "Decode Duration",
     .unit = "ms",
     .scale = 1e-6,
     .collect = aiperf_decode,
     .metric = "generation",
     .meaning = "From the first to the last chunk with output.",
     .why = "Throng's generation needs two chunks, and leaves out answers whose first "
            "chunk came in a heap with others."},
    {.name = "inter_token_latency",
     .path = "inter_token_latency",
     .title = "Inter Token Latency",
     .unit = "ms",
     .scale = 1e-6,
     .need = DIALECT_NEEDS_USAGE,
     .collect = dialect_time_per_token,
     .metric = "tpot",
     .meaning = "(request latency − time to first token) / (tokens − 1), of answers with "
                "2 tokens and more: one value for each request.",
     .why = "What throng calls tpot. Throng leaves out answers in one chunk, which are 0 "
            "here."},
    {.name = "inter_chunk_latency",
     .path = "inter_chunk_latency",
     .title = "Inter Chunk Latency",
     .unit = "ms",
     .scale = 1e-6,
     .need = DIALECT_NEEDS_EVENTS,
     .collect = dialect_output_gaps,
     .number = dialect_mean_output_gap,
     .metric = "icl",
     .meaning = "Gaps between chunks with output, of all answers together.",
     .why = "Throng's icl has the gaps of failed answers too, and leaves out those that "
            "it cannot resolve."},
    {.name = "output_token_throughput_per_user",
     .path = "output_token_throughput_per_user",
     .title = "Output Token Throughput Per User",
     .unit = "tokens/sec/user",
     .need = DIALECT_NEEDS_USAGE,
     .collect = aiperf_tokens_per_second_of_user,
     .metric = "tps",
     .meaning =
         "1 / inter token latency, of each request; without the time to the first token.",
     .why = "As throng's tps."},
    {.name = "e2e_output_token_throughput",
     .path = "e2e_output_token_throughput",
     .title = "E2E Output Token Throughput",
     .unit = "tokens/sec/user",
     .need = DIALECT_NEEDS_USAGE,
     .collect = aiperf_whole_tokens_per_second,
     .meaning = "Tokens over request latency, of each request.",
     .why = "Throng tells no such rate: the wait for the first token is in it."},
    {.name = "prefill_throughput_per_user",
     .path = "prefill_throughput_per_user",
     .title = "Prefill Throughput Per User",
     .unit = "tokens/sec/user",
     .need = DIALECT_NEEDS_USAGE,
     .collect = aiperf_prompt_tokens_per_second,
     .meaning = "Prompt tokens over time to first token, of each request.",
     .why = "Throng tells no such rate: network and queue are in it."},
    {.name = "output_sequence_length",
     .path = "output_sequence_length",
     .title = "Output Sequence Length",
     .unit = "tokens",
     .need = DIALECT_NEEDS_USAGE,
     .collect = dialect_answer_length,
     .meaning = "Tokens of an answer, reasoning included; with --use-server-token-count "
                "as the usage tells them, else by a tokenizer of its own.",
     .why = "From the usage here."},
    {.name = "output_token_count",
     .path = "output_token_count",
     .title = "Output Token Count",
     .unit = "tokens",
     .need = DIALECT_NEEDS_USAGE,
     .collect = aiperf_answer_tokens_alone,
     .meaning = "The same without reasoning; none where that is 0.",
     .why = "From the usage here."},
    {.name = "reasoning_token_count",
     .path = "reasoning_token_count",
     .title = "Reasoning Token Count",
     .unit = "tokens",
     .need = DIALECT_NEEDS_USAGE,
     .collect = aiperf_reasoning_tokens,
     .meaning = "Reasoning tokens of an answer.",
     .why = "From the usage here."},
    {.name = "input_sequence_length",
     .path = "input_sequence_length",
     .title = "Input Sequence Length",
     .unit = "tokens",
     .need = DIALECT_NEEDS_USAGE,
     .collect = dialect_prompt_length,
     .meaning =
         "Tokens of a prompt; with --use-server-token-count as the usage tells them.",
     .why = "From the usage here."},
    {.name = "total_osl",
     .path = "total_osl",
     .title = "Total Output Sequence Length",
     .unit = "tokens",
     .number = aiperf_all_completions,
     .is_whole = true,
     .meaning = "Tokens of all answers that succeeded.",
     .why = "Throng counts what failed requests said, too."},
    {.name = "total_isl",
     .path = "total_isl",
     .title = "Total Input Sequence Length",
     .unit = "tokens",
     .number = aiperf_all_prompts,
     .is_whole = true,
     .meaning = "Tokens of all prompts whose requests succeeded.",
     .why = "Throng counts those of failed requests too."},
    {.name = "total_output_tokens",
     .path = "total_output_tokens",
     .title = "Total Output Tokens",
     .unit = "tokens",
     .number = aiperf_all_words,
     .is_whole = true,
     .meaning = "The same without reasoning.",
     .why = "From the usage here."},
    {.name = "total_reasoning_tokens",
     .path = "total_reasoning_tokens",
     .title = "Total Reasoning Tokens",
     .unit = "tokens",
     .number = aiperf_all_reasoning,
     .is_whole = true,
     .meaning = "Reasoning tokens of all answers that succeeded.",
     .why = "From the usage here."},
    {.name = "request_count",
     .path = "request_count",
     .title = "Request Count",
     .unit = "requests",
     .number = dialect_succeeded,
     .is_whole = true,
     .meaning = "Requests that succeeded: status 200, a stream that the connection "
                "carried to its end, and output in it.",
     .why = "Throng's requests are all that ended."},
    {.name = "error_request_count",
     .path = "error_request_count",
     .title = "Error Request Count",
     .unit = "requests",
     .number = dialect_failed,
     .is_whole = true,
     .meaning = "All others.",
     .why = "An error event within a stream and a failed check of the scenario are "
            "failures to throng, and none here."},
    {.name = "completed_request_count",
     .path = "completed_request_count",
     .title = "Completed Requests (Success + Error)",
     .unit = "requests",
     .number = aiperf_all_requests,
     .is_whole = true,
     .meaning = "Both.",
     .why = "Throng's requests, less those that it withdrew."},
    {.name = "request_error_rate",
     .path = "request_error_rate",
     .title = "Request Error Rate",
     .unit = "%",
     .number = aiperf_error_percent,
     .meaning = "Failed requests over all.",
     .why = "In percent, where throng's is a fraction."},
    {.name = "benchmark_duration",
     .path = "benchmark_duration",
     .title = "Benchmark Duration",
     .unit = "sec",
     .scale = 1e-9,
     .number = aiperf_duration,
     .meaning = "From the first request that succeeded to the last chunk of output.",
     .why = "Throng's rates are over the measured window."},
    {.name = "request_throughput",
     .path = "request_throughput",
     .title = "Request Throughput",
     .unit = "requests/sec",
     .number = aiperf_requests_per_second,
     .meaning = "Requests that succeeded, over the phase: here from the first request "
                "sent to the end of the last.",
     .why = "Throng's is over the window, and of all that ended."},
    {.name = "output_token_throughput",
     .path = "output_token_throughput",
     .title = "Output Token Throughput",
     .unit = "tokens/sec",
     .number = aiperf_answer_tokens_per_second,
     .meaning = "Tokens of answers over the same.",
     .why = "Throng's is over the window."},
    {.name = "input_token_throughput",
     .path = "input_token_throughput",
     .title = "Input Token Throughput",
     .unit = "tokens/sec",
     .number = aiperf_prompt_tokens_rate,
     .meaning = "Tokens of prompts over the same.",
     .why = "Throng tells no such rate."},
    {.name = "total_token_throughput",
     .path = "total_token_throughput",
     .title = "Total Token Throughput",
     .unit = "tokens/sec",
     .number = aiperf_all_tokens_rate,
     .meaning = "Both over the same.",
     .why = "Throng tells no such sum."},
};

const struct dialect dialect_aiperf = {
    .name = "aiperf",
    .tool = "AIPerf 0.13.0",
    .file = "`profile_export_aiperf.json`",
    .fate = fate,
    .rule = DIALECT_LINEAR,
    .statistics = statistics,
    .statistic_count = COUNT_OF(statistics),
    .rows = rows,
    .row_count = COUNT_OF(rows),
    .one_member = "avg",
    .begin = begin,
};
