/*
 * What several tools define alike about one answer, and about all of them. Pure; times are ns.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "result/dialect_table.h"

/* Whether it asked a model something, in the measured window, and throng did not withdraw it. */
bool dialect_is_question(const struct dialect_request *request);

/* Whether the server told how many tokens it had. */
bool dialect_has_usage(const struct dialect_request *request);

/*
 * When the first words or tool call came that were no reasoning; 0: none did, or it did not stream. Files of
 * older versions tell by the usage alone whether reasoning came before.
 */
uint64_t dialect_first_answer(const struct dialect_request *request);

/* a − b, 0 where it would be below. */
double dialect_span(uint64_t from_ns, uint64_t to_ns);

/* From sent: to the first output; to the last, or the end of an answer that did not stream. */
dialect_collect_fn dialect_first_output;
dialect_collect_fn dialect_whole_answer;

/* (last output − first) / (tokens − 1), of at least 2 tokens. */
dialect_collect_fn dialect_time_per_token;

/* Gaps between output chunks, all answers' together. */
dialect_collect_fn dialect_output_gaps;

dialect_collect_fn dialect_prompt_length;
dialect_collect_fn dialect_answer_length;

/* The gaps of one request between events with this bit (enum chunk_bit). */
void dialect_gaps(const struct dialect_view *view, const struct dialect_request *request,
                  uint8_t bit, struct dialect_values *values);

/* The mean of all these gaps without the single ones: spans over gaps. */
dialect_number_fn dialect_mean_output_gap;

/* From the first request sent to the last end, in ns. */
dialect_number_fn dialect_duration;
dialect_number_fn dialect_succeeded;
dialect_number_fn dialect_failed;
dialect_number_fn dialect_prompt_tokens;
dialect_number_fn dialect_answer_tokens;

/* One of them per second of that duration. */
double dialect_per_second(const struct dialect_view *view, dialect_number_fn *number);

/* What no run of throng has: for figures that are never told. */
dialect_number_fn dialect_nothing;

/* The only model that was asked; NULL: there are several. Borrowed from the summary. */
const char *dialect_model(const json_t *summary);

/* A text of `run` in the summary; "" where it is not there. Borrowed. */
const char *dialect_run_text(const json_t *summary, const char *member);
