#include "output/family.h"

#include "base/cleanup.h"
#include "output/family_writers.h"

#define COMBINATION "model backend step region"
#define COMBINATION_OF_COUNTERS "model backend step region org_id"

static const struct family families[] = {
    {"throng_run_info", "What is run: always 1", FAMILY_GAUGE, 0,
     "scenario version fingerprint seed", family_write_run_info},
    {"throng_run_start_time_seconds", "When the run started, in seconds since 1970",
     FAMILY_GAUGE, 0, "", family_write_start_time},
    {"throng_run_end_time_seconds",
     "When the run ended, in seconds since 1970; missing while it goes on", FAMILY_GAUGE,
     0, "", family_write_end_time},
    {"throng_limit_used_ratio",
     "How much of a limit is used up: cost (what is in flight may cost the most it can), "
     "requests or duration. At 1 the run ends",
     FAMILY_GAUGE, 0, "limit", family_write_limits},
    {"throng_phase", "1 for the phase of the load that goes on, 0 for the others",
     FAMILY_GAUGE, 0, "phase", family_write_phase},
    {"throng_active_users", "Users who are wanted and at work", FAMILY_GAUGE, 0, "",
     family_write_active_users},
    {"throng_users_wanted", "Users whom the load wants now", FAMILY_GAUGE, 0, "",
     family_write_users_wanted},
    {"throng_users_leaving", "Users who are wanted no longer and finish what they do",
     FAMILY_GAUGE, 0, "", family_write_users_leaving},
    {"throng_requests_in_flight", "Requests that were sent and are not over",
     FAMILY_GAUGE, 0, "", family_write_in_flight},

    {"throng_requests_total",
     "Requests that are over, by how they ended: ok, degraded, cancelled, abandoned, "
     "sabotaged or failed",
     FAMILY_COUNTER, 0, COMBINATION_OF_COUNTERS " outcome", family_write_requests},
    {"throng_errors_total", "Failed requests by kind of failure", FAMILY_COUNTER, 0,
     COMBINATION_OF_COUNTERS " kind", family_write_errors},
    {"throng_retries_total", "Attempts after the first, by how the one before ended",
     FAMILY_COUNTER, 0, "after", family_write_retries},
    {"throng_slo_operations_total",
     "Operations that had SLOs: met are those of the goodput, missed the others",
     FAMILY_COUNTER, 0, COMBINATION_OF_COUNTERS " result", family_write_slo_operations},
    {"throng_slo_missed_total",
     "Operations that took longer than an SLO allows, by its metric; what failed is not "
     "among them",
     FAMILY_COUNTER, 0, "metric", family_write_slo_missed},
    {"throng_tokens_total",
     "Tokens by type: prompt (of it: cached) and completion (of it: reasoning)",
     FAMILY_COUNTER, 0, COMBINATION_OF_COUNTERS " type", family_write_tokens},
    {"throng_cost_usd_total", "What requests cost, in US dollars", FAMILY_COUNTER, 0,
     COMBINATION_OF_COUNTERS, family_write_cost},

    {"throng_checks_total", "Checks that were looked at: passed or failed",
     FAMILY_COUNTER, 0, "step check result", family_write_checks},
    {"throng_iterations_total", "Flows that were gone through to the end", FAMILY_COUNTER,
     0, "", family_write_iterations},

    {"throng_arrivals_total", "Arrivals of an open loop that were due", FAMILY_COUNTER, 0,
     "", family_write_arrivals},
    {"throng_dropped_iterations_total",
     "Arrivals that nobody took: no one was free within max_wait, or before the load "
     "ended",
     FAMILY_COUNTER, 0, "", family_write_dropped_iterations},
    {"throng_arrivals_waiting", "Arrivals that wait for somebody to be free",
     FAMILY_GAUGE, 0, "", family_write_waiting},
    {"throng_arrival_rate", "Arrivals a second that this worker is to make now",
     FAMILY_GAUGE, 0, "", family_write_arrival_rate},

    {"throng_request_duration_seconds",
     "From sending a request to its last output, or the end of its body; whole answers "
     "alone (e2e)",
     FAMILY_HISTOGRAM, BUCKETS_REQUEST_DURATION, COMBINATION, family_write_timing},
    {"throng_time_to_first_token_seconds",
     "From sending a request to its first output; streams alone (ttft)", FAMILY_HISTOGRAM,
     BUCKETS_TTFT, COMBINATION, family_write_timing},
    {"throng_inter_chunk_latency_seconds",
     "Gaps between two output chunks of one answer (icl)", FAMILY_HISTOGRAM, BUCKETS_ICL,
     COMBINATION, family_write_timing},
    {"throng_time_per_output_token_seconds",
     "Time per output token after the first, of whole streams (tpot)", FAMILY_HISTOGRAM,
     BUCKETS_TPOT, COMBINATION, family_write_timing},
    {"throng_output_tokens_per_second",
     "Output rate of one stream: 1/tpot (tps). The rate of all together is that of "
     "throng_tokens_total",
     FAMILY_HISTOGRAM, BUCKETS_TPS, COMBINATION, family_write_timing},
    {"throng_time_to_first_token_quantile_seconds",
     "Quantiles of ttft over the whole run so far; +Inf where that many requests had no "
     "output at all. Never to be averaged",
     FAMILY_SUMMARY, 0, "quantile", family_write_ttft_quantiles},
    {"throng_time_to_first_token_by_prompt_size_seconds",
     "The same as throng_time_to_first_token_seconds by how many tokens the prompt had",
     FAMILY_HISTOGRAM, BUCKETS_TTFT, "model prompt_size", family_write_ttft_by_size},
    {"throng_request_stage_seconds",
     "Where the time of whole streams goes: connecting, queue, prompt_processing (as the "
     "server says it; where it does not, first_output stands for both), decoding, "
     "closing",
     FAMILY_SUMMARY, 0, "model stage", family_write_stages},
    {"throng_request_tokens", "Tokens of a request by type: prompt or completion",
     FAMILY_HISTOGRAM, BUCKETS_TOKENS, "model type", family_write_request_tokens},
    {"throng_tps_efficiency_ratio",
     "Mean output rate of a stream over the model's theoretical_tps", FAMILY_GAUGE, 0,
     "model", family_write_efficiency},

    {"throng_user_questions_total", "Questions that a user asked", FAMILY_COUNTER, 0,
     "user_id", family_write_user_questions},
    {"throng_user_tokens_total", "Prompt and completion tokens of a user", FAMILY_COUNTER,
     0, "user_id", family_write_user_tokens},
    {"throng_user_cost_usd_total", "What a user's requests cost, in US dollars",
     FAMILY_COUNTER, 0, "user_id", family_write_user_cost},
    {"throng_user_errors_total", "Failed requests of a user", FAMILY_COUNTER, 0,
     "user_id", family_write_user_errors},
    {"throng_question_uniqueness_ratio", "Share of questions that are unlike all others",
     FAMILY_GAUGE, 0, "", family_write_uniqueness},

    {"throng_anomalies_total",
     "Stretches that were unlike the run's own recent past: latency spikes, bursts of "
     "errors, drops of the throughput",
     FAMILY_COUNTER, 0, "kind", family_write_anomalies},
    {"throng_anomaly_active", "Of these: those that go on", FAMILY_GAUGE, 0, "kind",
     family_write_active_anomalies},

    {"throng_client_schedule_lag_seconds", "How long after it was due a request was sent",
     FAMILY_HISTOGRAM, BUCKETS_SCHEDULE_LAG, "", family_write_client_timing},
    {"throng_client_send_delay_seconds",
     "From handing a request over to its first byte on a connection that stood",
     FAMILY_HISTOGRAM, BUCKETS_SEND_DELAY, "", family_write_client_timing},
    {"throng_client_delay_seconds",
     "From the arrival of output in the kernel to the moment throng saw it",
     FAMILY_HISTOGRAM, BUCKETS_CLIENT_DELAY, "", family_write_client_timing},
    {"throng_client_loop_lag_seconds", "How long after it was due a timer ran",
     FAMILY_HISTOGRAM, BUCKETS_LOOP_LAG, "", family_write_client_timing},
    {"throng_client_chunks_total", "Output chunks", FAMILY_COUNTER, 0, "",
     family_write_chunks},
    {"throng_client_unresolved_chunks_total",
     "Output chunks whose gap could not be told and is left out", FAMILY_COUNTER, 0, "",
     family_write_unresolved},
    {"throng_client_unstamped_chunks_total",
     "Output chunks without the kernel's receive stamp", FAMILY_COUNTER, 0, "",
     family_write_unstamped},
    {"throng_client_lost_observations_total",
     "Observations that memory did not suffice for", FAMILY_COUNTER, 0, "",
     family_write_lost},
    {"throng_client_stalls_total",
     "Times that throng stood still within the measured window", FAMILY_COUNTER, 0, "",
     family_write_stalls},
    {"throng_client_trust_grade",
     "How far the figures of the measured window can be trusted: 4 is A, 3 B, 2 C, 1 D, "
     "0 F",
     FAMILY_GAUGE, 0, "", family_write_trust},
    {"throng_client_cpu_seconds_total", "CPU time that throng spent, by mode",
     FAMILY_COUNTER, 0, "mode", family_write_cpu},
    {"throng_client_resident_memory_bytes", "Memory of throng that is in use",
     FAMILY_GAUGE, 0, "", family_write_memory},

    {"throng_series_dropped_total",
     "Label sets and users that count as `other`, since the budget of series was spent",
     FAMILY_COUNTER, 0, "", family_write_dropped},
    {"throng_pushes_total",
     "Pushes to the Pushgateway: ok, failed, or skipped because one was under way",
     FAMILY_COUNTER, 0, "result", family_write_pushes},
};

const struct family *family_at(size_t index)
{
    return index < COUNT_OF(families) ? &families[index] : NULL;
}

const char *family_type_name(enum family_type type)
{
    static const char *const names[] = {
        [FAMILY_COUNTER] = "counter",
        [FAMILY_GAUGE] = "gauge",
        [FAMILY_HISTOGRAM] = "histogram",
        [FAMILY_SUMMARY] = "summary",
    };

    return names[type];
}
