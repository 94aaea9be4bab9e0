/*
 * What all releases of `vllm bench serve` have in common (vllm/benchmarks/serve.py,
 * lib/endpoint_request_func.py): they differ in which chunk of a chat is its first token.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "result/dialect_table.h"

#define VLLM_STATISTICS 6
extern const struct dialect_statistic vllm_statistics[VLLM_STATISTICS];

/* has_token: something came that the release takes for a token. */
enum dialect_fate vllm_fate(const struct dialect_request *request, bool has_token);

/* Its options, as far as a run has them. */
void vllm_begin(struct json_tree *tree, json_t *document,
                const struct dialect_view *view);

/* The last moment of a request that the release looks at. */
typedef uint64_t vllm_last_fn(const struct dialect_request *request);

/*
 * The most that any second had, counted from the first start: events with this bit (enum chunk_bit), or
 * requests under way where bit is 0.
 */
double vllm_most_in_a_second(const struct dialect_view *view, uint8_t bit,
                             vllm_last_fn *last);

dialect_number_fn vllm_requests_per_second;
dialect_number_fn vllm_answer_tokens_per_second;
dialect_number_fn vllm_all_tokens_per_second;

/* The rows before the latencies. */
#define VLLM_COUNTS                                                                      \
    {.name = "duration",                                                                 \
     .path = "duration",                                                                 \
     .title = "Benchmark duration",                                                      \
     .unit = "s",                                                                        \
     .scale = 1e-9,                                                                      \
     .number = dialect_duration,                                                         \
     .meaning = "From the first request sent to the end of the last answer.",            \
     .why = "Throng's rates are over the measured window, whether or not the first "     \
            "request came at once and the last answer before its end."},                 \
        {.name = "completed",                                                            \
         .path = "completed",                                                            \
         .title = "Successful requests",                                                 \
         .unit = "requests",                                                             \
         .number = dialect_succeeded,                                                    \
         .is_whole = true,                                                               \
         .meaning =                                                                      \
             "Status 200, a stream that the connection carried to its end, and a "       \
             "first token in it.",                                                       \
         .why = "An error event within a stream and a failed check of the scenario are " \
                "failures to throng, and none here."},                                   \
        {.name = "failed",                                                               \
         .path = "failed",                                                               \
         .title = "Failed requests",                                                     \
         .unit = "requests",                                                             \
         .number = dialect_failed,                                                       \
         .is_whole = true,                                                               \
         .meaning = "All others.",                                                       \
         .why = "No latency of a failed request counts; throng has them as longer than " \
                "they waited."},                                                         \
        {.name = "total_input_tokens",                                                   \
         .path = "total_input_tokens",                                                   \
         .title = "Total input tokens",                                                  \
         .unit = "tokens",                                                               \
         .need = DIALECT_NEEDS_USAGE,                                                    \
         .number = dialect_prompt_tokens,                                                \
         .is_whole = true,                                                               \
         .meaning = "Prompt tokens of successful requests: the usage's, else those of "  \
                    "its own tokenizer.",                                                \
         .why = "Throng counts those of failed requests too."},                          \
        {.name = "total_output_tokens",                                                  \
         .path = "total_output_tokens",                                                  \
         .title = "Total generated tokens",                                              \
         .unit = "tokens",                                                               \
         .need = DIALECT_NEEDS_USAGE,                                                    \
         .number = dialect_answer_tokens,                                                \
         .is_whole = true,                                                               \
         .meaning = "Completion tokens likewise, reasoning included.",                   \
         .why = "Throng counts what failed requests said, too."},                        \
        {.name = "request_throughput",                                                   \
         .path = "request_throughput",                                                   \
         .title = "Request throughput",                                                  \
         .unit = "req/s",                                                                \
         .number = vllm_requests_per_second,                                             \
         .meaning = "Successful requests over the duration.",                            \
         .why = "Throng's is over the window, and of all that ended."},                  \
        {.name = "request_goodput",                                                      \
         .path = "request_goodput",                                                      \
         .title = "Request goodput",                                                     \
         .unit = "req/s",                                                                \
         .need = DIALECT_NEEDS_SETTINGS,                                                 \
         .number = dialect_nothing,                                                      \
         .meaning = "Successful requests within all limits of --goodput, over the "      \
                    "duration.",                                                         \
         .why = "Throng's is of operations, by the scenario's `slo`."},                  \
        {.name = "output_throughput",                                                    \
         .path = "output_throughput",                                                    \
         .title = "Output token throughput",                                             \
         .unit = "tok/s",                                                                \
         .need = DIALECT_NEEDS_USAGE,                                                    \
         .number = vllm_answer_tokens_per_second,                                        \
         .meaning = "Completion tokens of successful requests over the duration.",       \
         .why = "Throng's is over the window."},                                         \
        {.name = "total_token_throughput",                                               \
         .path = "total_token_throughput",                                               \
         .title = "Total token throughput",                                              \
         .unit = "tok/s",                                                                \
         .need = DIALECT_NEEDS_USAGE,                                                    \
         .number = vllm_all_tokens_per_second,                                           \
         .meaning = "Prompt and completion tokens of successful requests over the "      \
                    "duration.",                                                         \
         .why = "Throng tells no such sum."}
