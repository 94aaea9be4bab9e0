/*
 * How the samples of each family are written: all of the type that struct family names.
 */
#pragma once

#include "output/family.h"

typedef void family_write_fn(const struct family *family,
                             const struct exposition *exposition,
                             struct metric_text *text);

family_write_fn family_write_run_info;
family_write_fn family_write_start_time;
family_write_fn family_write_end_time;
family_write_fn family_write_limits;
family_write_fn family_write_phase;
family_write_fn family_write_active_users;
family_write_fn family_write_users_wanted;
family_write_fn family_write_arrivals;
family_write_fn family_write_dropped_iterations;
family_write_fn family_write_waiting;
family_write_fn family_write_arrival_rate;
family_write_fn family_write_users_leaving;
family_write_fn family_write_in_flight;
family_write_fn family_write_requests;
family_write_fn family_write_errors;
family_write_fn family_write_retries;
family_write_fn family_write_slo_operations;
family_write_fn family_write_slo_missed;
family_write_fn family_write_tokens;
family_write_fn family_write_cost;
family_write_fn family_write_checks;
family_write_fn family_write_iterations;
family_write_fn family_write_timing;
family_write_fn family_write_ttft_quantiles;
family_write_fn family_write_ttft_by_size;
family_write_fn family_write_stages;
family_write_fn family_write_request_tokens;
family_write_fn family_write_efficiency;
family_write_fn family_write_user_questions;
family_write_fn family_write_user_tokens;
family_write_fn family_write_user_cost;
family_write_fn family_write_user_errors;
family_write_fn family_write_uniqueness;
family_write_fn family_write_client_timing;
family_write_fn family_write_anomalies;
family_write_fn family_write_active_anomalies;
family_write_fn family_write_chunks;
family_write_fn family_write_unresolved;
family_write_fn family_write_unstamped;
family_write_fn family_write_lost;
family_write_fn family_write_stalls;
family_write_fn family_write_trust;
family_write_fn family_write_cpu;
family_write_fn family_write_memory;
family_write_fn family_write_dropped;
family_write_fn family_write_pushes;
