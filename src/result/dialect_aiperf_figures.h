/*
 * What AIPerf's figures are of a request and of a run: the formulas of aiperf/metrics/types/ of 0.13.0.
 */
#pragma once

#include "result/dialect_table.h"

/* Of a request. */
dialect_collect_fn aiperf_second_output;
dialect_collect_fn aiperf_first_answer;
dialect_collect_fn aiperf_decode;
dialect_collect_fn aiperf_tokens_per_second_of_user;
dialect_collect_fn aiperf_whole_tokens_per_second;
dialect_collect_fn aiperf_prompt_tokens_per_second;
dialect_collect_fn aiperf_answer_tokens_alone;
dialect_collect_fn aiperf_reasoning_tokens;

/* Of a run; tokens are those of answers whose server told them, as with --use-server-token-count. */
dialect_number_fn aiperf_error_percent;
dialect_number_fn aiperf_duration;
dialect_number_fn aiperf_all_prompts;
dialect_number_fn aiperf_all_completions;
dialect_number_fn aiperf_all_reasoning;
dialect_number_fn aiperf_all_words;
dialect_number_fn aiperf_all_requests;
dialect_number_fn aiperf_requests_per_second;
dialect_number_fn aiperf_answer_tokens_per_second;
dialect_number_fn aiperf_prompt_tokens_rate;
dialect_number_fn aiperf_all_tokens_rate;
