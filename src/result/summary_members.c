#include "result/summary_members.h"

#include "base/cleanup.h"

static const struct summary_member run_members[] = {
    {"id", TEXT, "Names the run and its results folder"},
    {"scenario", TEXT, "The scenario's name"},
    {"description", TEXT, "The scenario's own words"},
    {"scenario_path", TEXT, "The file it was read from"},
    {"started_at", MOMENT, "Wall time of the start"},
    {"ended_at", MOMENT, "Wall time of the end"},
    {"duration_s", NUMBER, "From the start until nothing was in flight any more"},
    {"seed", "{\"type\": [\"integer\", \"string\"]}",
     "Of all random choices; a string where it is above 2^63 - 1"},
    {"stop_reason", TEXT,
     "Why the load ended: completed, signal, cost, …; running: it had not when this was "
     "written; killed: the process was, and this is its last checkpoint"},
    {"exit_code", COUNT, "The verdict as a number; 0 passed"},
    {"version", TEXT, "Version of throng"},
    {"fingerprint", TEXT, "The same for the same workload; empty where not computed"},
    {"tags", TEXTS, "Tags of the whole run"},
};

static const struct summary_member target_members[] = {
    {"name", TEXT, "As the scenario names it"},
    {"url", TEXT, "Origin"},
    {"simulator", BOOLEAN, "Whether it was the built-in simulator"},
    {"http", TEXT, "Version of HTTP: 1.1 or 2"},
    {"tls_verified", BOOLEAN, "Whether certificates were verified"},
    {"connections", "#connections", "Who shares a connection"},
};

static const struct summary_member connections_members[] = {
    {"reuse", "{\"enum\": [\"pool\", \"user\", \"none\"]}",
     "What may share a connection"},
    {"max", COUNT, "Connections at most; 0: no limit"},
};

static const struct summary_member window_members[] = {
    {"start_s", NUMBER, "Seconds after the run's start"},
    {"end_s", NUMBER, "Likewise"},
};

static const struct summary_member verdict_members[] = {
    {"code", COUNT, "The exit code it stands for"},
    {"meaning", TEXT, "The code in a few words"},
    {"sentence", TEXT, "What happened, with its figure, and what to do"},
};

static const struct summary_member threshold_members[] = {
    {"metric", TEXT, "What it is set on"},
    {"selector", TEXT, "Of whom: key:value; empty: of all"},
    {"expression", TEXT, "As written"},
    {"unit", TEXT,
     "Of the value: ms, fraction, count, per_second, usd, number, or grade (4 is A, 0 is "
     "F)"},
    {"value", MAYBE_NUMBER, "What was measured; null: nothing, or see above"},
    {"samples", COUNT,
     "Observations that it is of; of rates and counts: requests that ended"},
    {"passed", BOOLEAN, "Whether it holds, or was ignored"},
    {"ignored", BOOLEAN, "Set on a metric of streams where nothing was streamed"},
    {"since_s", NUMBER,
     "Seconds after the run's start from which on it is measured: above 0 where a reload "
     "brought its selector"},
    {"lack", TEXT,
     "Why there is no value, where more is to say than that there is no data"},
    {"change", "#maybe_change", "Of a drift: how it came about"},
    {"baseline", MAYBE_NUMBER,
     "The value of the run that it is compared with, in the same unit"},
};

static const struct summary_member change_members[] = {
    {"phase", TEXT, "Whose first and last quarter are compared"},
    {"unit", TEXT, "Of the next two, as above"},
    {"first", NUMBER, "Mean over equal parts of the first quarter"},
    {"last", NUMBER, "Mean over equal parts of the last quarter"},
    {"low", NUMBER, "The value lies above this in 95 of 100 cases (with high)"},
    {"high", NUMBER,
     "The value lies below this; where 0 is between both it may be chance"},
};

static const struct summary_member reload_members[] = {
    {"at_s", NUMBER, "Seconds after the run's start"},
    {"changes", TEXT, "What changed in the scenario: key, old and new value"},
};

static const struct summary_member mark_members[] = {
    {"at_s", NUMBER, "Seconds after the run's start"},
    {"kind", "{\"enum\": [\"mark\", \"control\"]}",
     "mark: a note; control: an intervention, which changed the load"},
    {"text", TEXT, "What was noted or done"},
};

static const struct summary_member error_members[] = {
    {"kind", "#failure", "Exactly one per failed request"},
    {"count", COUNT, "Requests that failed so"},
    {"help", TEXT, "What it means and where to look"},
    {"example", TEXT, "What was told of the first, with its status where it was refused"},
};

static const struct summary_member counter_members[] = {
    {"requests", COUNT, "Attempts handed to the network"},
    {"failed", COUNT, "Of them: failed"},
    {"degraded", COUNT, "Of them: answered with a status that the step calls degraded"},
    {"cancelled", COUNT,
     "Of them: ended by throng, since the run or the person's time was over"},
    {"abandoned", COUNT, "Of them: left by a person who lost patience"},
    {"sabotaged", COUNT, "Of them: broken by throng on purpose (chaos)"},
    {"error_rate", MAYBE_NUMBER,
     "failed over requests less the three above; null without any"},
    {"retries", COUNT, "Attempts after an operation's first"},
    {"slow_reads", COUNT, "Attempts whose answer was read slowly on purpose"},
    {"delayed", COUNT, "Attempts that were sent later than due on purpose (chaos)"},
    {"resent", COUNT, "Attempts that were sent again after a keep-alive race"},
    {"operations", COUNT, "Steps, each with all its attempts"},
    {"operations_failed", COUNT, "Of them: failed in the end"},
    {"slo", "{\"oneOf\": [{\"$ref\": \"#/$defs/slo\"}, {\"type\": \"null\"}]}",
     "What met its service level objectives; null where nothing had any"},
    {"iterations", COUNT, "Flows that were gone through to the end"},
    {"arrivals", COUNT, "Of an open loop: that were due"},
    {"arrivals_taken", COUNT, "Of them: somebody took them"},
    {"dropped_iterations", COUNT,
     "Of them: nobody was free within max_wait, or before the load ended. Each is an "
     "operation that failed"},
    {"checks_passed", COUNT, "Checks that held"},
    {"checks_failed", COUNT, "Checks that did not"},
    {"prompt_tokens", COUNT, "Cached ones included"},
    {"cached_tokens", COUNT, "Part of prompt_tokens"},
    {"completion_tokens", COUNT, "Reasoning included"},
    {"reasoning_tokens", COUNT, "Part of completion_tokens"},
    {"estimated_tokens", COUNT, "Of prompt and completion: not told by the server"},
    {"cost_usd", NUMBER, "US dollars"},
    {"cost_pusd", INTEGER, "The same, exactly: 10^-12 US dollars"},
    {"bytes_sent", COUNT, "HTTP bytes"},
    {"bytes_received", COUNT, "HTTP bytes"},
    {"requests_per_second", MAYBE_NUMBER, "requests over the time that this part covers"},
    {"output_tokens_per_second", MAYBE_NUMBER, "completion_tokens over the same time"},
    {"goodput", MAYBE_NUMBER, "slo.met over the same time; null where slo is"},
};

static const struct summary_member slo_members[] = {
    {"operations", COUNT,
     "That had SLOs, and of which it is known whether they met them"},
    {"met", COUNT, "Of them: met all"},
    {"share", NUMBER, "met over operations"},
    {"failed", COUNT, "Of them: failed, however long they took"},
    {"metrics",
     "{\"type\": \"object\", \"additionalProperties\": {\"$ref\": "
     "\"#/$defs/slo_metric\"}}",
     "By metric, those that an operation that did not fail had a value of"},
};

static const struct summary_member slo_metric_members[] = {
    {"observed", COUNT, "Operations with such an SLO and a value of the metric"},
    {"missed", COUNT, "Of them: took longer"},
};

static const struct summary_member latency_members[] = {
    {"unit", TEXT,
     "ms for latencies, tokens/s for tps, the scenario's own for its trends"},
    {"count", COUNT, "Observed values"},
    {"censored", COUNT, "Attempts that ended before it: known only to be longer"},
    {"min", MAYBE_NUMBER, "Of the observed"},
    {"mean", MAYBE_NUMBER, "Of the observed"},
    {"stddev", MAYBE_NUMBER, "Of the observed"},
    {"p50", MAYBE_NUMBER, "Median of observed and censored; null: see above, or too few"},
    {"p90", MAYBE_NUMBER, "Likewise"},
    {"p95", MAYBE_NUMBER, "Likewise"},
    {"p99", MAYBE_NUMBER, "Likewise"},
    {"p99_9", MAYBE_NUMBER, "Likewise"},
    {"max", MAYBE_NUMBER, "Likewise"},
};

static const struct summary_member short_latency_members[] = {
    {"count", COUNT, "Observed values"},
    {"p50", MAYBE_NUMBER, "ms"},
    {"p99", MAYBE_NUMBER, "ms"},
    {"max", MAYBE_NUMBER, "ms"},
};

static const struct summary_member retry_members[] = {
    {"after", "#outcome", "How the attempt before ended"},
    {"count", COUNT, "Attempts that followed it"},
};

static const struct summary_member circuit_members[] = {
    {"target", TEXT, "Whose circuit breaker it is"},
    {"state", "{\"enum\": [\"closed\", \"open\", \"half-open\"]}", "At the end"},
    {"opened", COUNT, "Times, over the whole run"},
    {"open_s", NUMBER, "Seconds in which it was not closed"},
    {"not_sent", COUNT, "Requests that it held back: circuit_open"},
};

static const struct summary_member reqs_members[] = {
    {"unit", TEXT, "requests"},
    {"count", COUNT, "Attempts handed to the network"},
    {"rate", MAYBE_NUMBER, "Per second of the window"},
};

static const struct summary_member req_failed_members[] = {
    {"unit", TEXT, "fraction"},
    {"count", COUNT, "Failed attempts"},
    {"rate", MAYBE_NUMBER, "As totals.error_rate"},
};

static const struct summary_member workload_members[] = {
    {"arrivals", "{\"oneOf\": [{\"$ref\": \"#/$defs/arrivals\"}, {\"type\": \"null\"}]}",
     "How arrivals of an open loop followed each other; null: the loop was closed"},
    {"rows_skipped", COUNT, "Bad rows of its files that were left out"},
    {"unset_uses", COUNT,
     "Uses of names without a value: nothing was sent in their place"},
    {"unset_name", TEXT, "The first of them; empty: none"},
    {"slo_ignored", "{\"type\": \"array\", \"items\": " TEXT "}",
     "Metrics with an SLO that no answer had a value of"},
    {"setups_failed", COUNT, "Setups of users that failed; they tried again"},
    {"users_out_of_rows", COUNT,
     "Users who ended early: each row is given out once, and none was left for them"},
    {"prompt_length", MAYBE_LENGTH, "Of prompts that were to have a length; null: none"},
    {"answer_length", MAYBE_LENGTH, "Of answers likewise"},
};

static const struct summary_member arrivals_members[] = {
    {"distribution", TEXT, "constant, poisson, gamma, or trace: as a trace says"},
    {"burstiness", NUMBER, "Of gamma: below 1 in bursts, above it more even"},
    {"users", COUNT, "People who took them, of all workers"},
    {"max_wait_s", NUMBER, "How long one waited for somebody before it was dropped"},
};

static const struct summary_member length_members[] = {
    {"requests", COUNT, "Whose tokens the server counted, all of them of that length"},
    {"asked_tokens", COUNT, "By the scenario, in all"},
    {"told_tokens", COUNT, "By the server, in all"},
    {"mean_error", NUMBER, "Mean of |told - asked| / asked"},
};

static const struct summary_member replay_members[] = {
    {"format", TEXT, "Of the trace"},
    {"entries", COUNT, "Of the trace, as far as the scenario wants them"},
    {"entries_of_worker", COUNT, "That this worker was to send"},
    {"requests", COUNT, "Entries that are requests; the others are lengths"},
    {"sent", COUNT, "Entries whose first attempt is over"},
    {"dropped", COUNT, "Entries that nobody was free for in time"},
    {"unsent", COUNT, "Entries that the run ended before"},
    {"degraded", BOOLEAN,
     "Whether it was untrue to the trace: entries were dropped, or not sent before a run "
     "that came to its end did so, or the 99th percentile of the lateness (of few "
     "entries the greatest) is above 500 ms"},
    {"lateness", "{\"oneOf\": [{\"$ref\": \"#/$defs/latency\"}, {\"type\": \"null\"}]}",
     "How long after their recorded moments entries were sent"},
    {"bad", COUNT, "Rows of the file that could not be read, and were left out"},
    {"failed", COUNT, "Rows left out that had no answer when they were recorded"},
    {"elsewhere", COUNT, "Requests left out that went to another origin"},
    {"outside", COUNT, "Entries left out by from, for and limit"},
};

static const struct summary_member conversations_members[] = {
    {"turns", "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/turn\"}}",
     "In order, as far as conversations got"},
};

static const struct summary_member turn_members[] = {
    {"turn", COUNT, "From 1; 32 stands for all later turns too"},
    {"requests", COUNT, "Attempts that are over, within the window"},
    {"prompt_tokens_mean", MAYBE_NUMBER,
     "Of those whose prompt tokens are known: it grows with what was said before"},
    {"ttft", "#brief_ttft", "Of those that streamed"},
};

static const struct summary_member spike_members[] = {
    {"phase", TEXT, "The spike, as in by.phase"},
    {"users", COUNT, "Wanted during it"},
    {"metric", "{\"enum\": [\"ttft\", \"e2e\"]}", "What recovery is judged by"},
    {"before", "#maybe_spike_stage",
     "The phase before it; null without one, or where nothing was asked in it"},
    {"during", "#maybe_spike_stage", "The spike itself; likewise"},
    {"after", "#maybe_spike_stage", "The phase behind it; likewise"},
    {"recovery", "{\"enum\": [\"recovered\", \"not_recovered\", \"unknown\"]}",
     "Whether the metric came back within the phase behind it; unknown: too few "
     "requests"},
    {"recovery_s", MAYBE_NUMBER,
     "Seconds after its end until the metric was back; 0: it was never worse"},
};

static const struct summary_member spike_stage_members[] = {
    {"phase", TEXT, "As in by.phase"},
    {"requests", COUNT, "Attempts that are over"},
    {"failed", COUNT, "Of them: failed"},
    {"error_rate", MAYBE_NUMBER, "As in totals"},
    {"ttft", "#brief_ttft", "Of those that streamed"},
    {"e2e", "#brief_e2e", "Of all requests"},
};

static const struct summary_member brief_ttft_members[] = {
    {"p50", MAYBE_NUMBER, "ms"},
    {"p95", MAYBE_NUMBER, "ms"},
};

static const struct summary_member brief_e2e_members[] = {
    {"p95", MAYBE_NUMBER, "ms"},
};

static const struct summary_member timeline_members[] = {
    {"step_s", NUMBER, "Length of a point"},
    {"cut", BOOLEAN, "Whether the run went on for longer than there was room"},
    {"points", "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/point\"}}",
     "In order"},
};

static const struct summary_member point_members[] = {
    {"start_s", NUMBER, "Seconds after the run's start"},
    {"end_s", NUMBER, "Likewise"},
    {"phase", TEXT, "In which it begins; empty after the last"},
    {"users_wanted", COUNT, "At its end"},
    {"users_active", COUNT, "At its end"},
    {"in_flight", NUMBER, "Requests in flight, on average"},
    {"requests", COUNT, "That were answered or failed"},
    {"failed", COUNT, "Of them"},
    {"errors", "{\"type\": \"object\", \"additionalProperties\": " COUNT "}",
     "The failed by kind, those that occurred"},
    {"requests_per_second", MAYBE_NUMBER, ""},
    {"goodput", MAYBE_NUMBER,
     "Operations per second that met their SLOs; null: there are none"},
    {"arrivals", COUNT, "Of an open loop: that were due"},
    {"dropped_iterations", COUNT, "Arrivals that nobody took"},
    {"completion_tokens", COUNT, "Of the answers that ended"},
    {"output_tokens_per_second", MAYBE_NUMBER, ""},
    {"cost_usd", NUMBER, "Of what ended"},
    {"cost_pusd", INTEGER, "The same, exactly"},
    {"custom", "{\"type\": \"object\", \"additionalProperties\": " MAYBE_NUMBER "}",
     "The scenario's own metrics: a counter's sum, a rate's share, a gauge's last value; "
     "of trends NAME_p50, _p95 and _p99"},
    {"ttft_p50", MAYBE_NUMBER, "ms, of the point's own observations"},
    {"ttft_p95", MAYBE_NUMBER, "Likewise"},
    {"ttft_p99", MAYBE_NUMBER, "Likewise"},
    {"icl_p50", MAYBE_NUMBER, "Likewise"},
    {"icl_p95", MAYBE_NUMBER, "Likewise"},
    {"icl_p99", MAYBE_NUMBER, "Likewise"},
    {"tpot_p50", MAYBE_NUMBER, "Likewise"},
    {"tpot_p95", MAYBE_NUMBER, "Likewise"},
    {"tpot_p99", MAYBE_NUMBER, "Likewise"},
    {"e2e_p50", MAYBE_NUMBER, "Likewise"},
    {"e2e_p95", MAYBE_NUMBER, "Likewise"},
    {"e2e_p99", MAYBE_NUMBER, "Likewise"},
    {"schedule_lag_p99", MAYBE_NUMBER, "ms: how late throng sent requests"},
    {"loop_lag_p99", MAYBE_NUMBER, "ms: how late its timers ran"},
};

static const struct summary_member pause_members[] = {
    {"count", COUNT, "Pauses that were over"},
    {"drawn_s", NUMBER, "Sum of what was drawn"},
    {"achieved_s", NUMBER, "Sum of what they took"},
    {"achieved_share", MAYBE_NUMBER, "achieved_s over drawn_s"},
};

static const struct summary_member reason_members[] = {
    {"rule", TEXT, "What was judged, such as schedule_lag"},
    {"grade", GRADE, "For this alone"},
    {"sentence", TEXT, "With its figure, and what to do"},
};

static const struct summary_member client_members[] = {
    {"trust", GRADE, "How far the figures can be trusted: A best, F not at all"},
    {"reasons", "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/reason\"}}",
     "What keeps the grade from A, the worst first"},
    {"cpu_s", NUMBER, "User and system"},
    {"cpu_user_s", NUMBER, ""},
    {"cpu_system_s", NUMBER, ""},
    {"max_rss_bytes", COUNT, "Resident memory at its highest"},
    {"connections_opened", COUNT, ""},
    {"connections_peak", COUNT, "Open at the same time"},
    {"throttled_s", MAYBE_NUMBER,
     "Its cgroup was held back by a CPU quota, all CPUs together; null: not known"},
    {"throttled_share", MAYBE_NUMBER, "Of the run's time"},
    {"cpu_wait_s", MAYBE_NUMBER,
     "Ready to run while others had the CPU; null: not known"},
    {"stalls", COUNT, "How often nothing could run for 0.1 s or more, in the window"},
    {"stalled_s", NUMBER, "Their sum"},
    {"longest_stall_s", NUMBER, "The longest of them"},
    {"most_requests_at_once", COUNT, "Due within the same 10 ms of the window"},
    {"schedule_lag", "#maybe_short_latency",
     "How long after it was due a request was sent"},
    {"loop_lag", "#maybe_short_latency", "How long after it was due a timer ran"},
    {"client_delay", "#maybe_short_latency",
     "From the kernel's receipt to the program's"},
    {"send_delay", "#maybe_short_latency",
     "From sent to the wire on a standing connection"},
    {"reads", COUNT, "Of sockets, over the whole run"},
    {"unstamped_reads", COUNT, "Of them: without the kernel's receive stamp"},
    {"chunks", COUNT, "Output chunks within the window"},
    {"unstamped_chunks", COUNT, "Of them: timed by the program, not the kernel"},
    {"unstamped_share", MAYBE_NUMBER, "Of the chunks"},
    {"unresolved_chunks", COUNT,
     "Left out of icl: their arrival within a read is unknown"},
    {"unresolved_share", MAYBE_NUMBER, "Of the chunks"},
    {"unsure_chunks", COUNT,
     "Whose arrival is not known: unstamped, unresolved, or first among others; without "
     "answers that were read slowly on purpose"},
    {"unsure_share", MAYBE_NUMBER, "Of the chunks of those answers"},
    {"generation_unknown", COUNT,
     "Whole streams left out of tpot and generation: their first output came in a heap "
     "with "
     "others"},
    {"clock_steps", COUNT, "How often the wall clock jumped"},
    {"pauses", "#pauses", "Think time as drawn and as it was"},
    {"questions", COUNT, "Made and sent"},
    {"unique_questions", MAYBE_NUMBER, "Share that was unlike all others"},
    {"unfinished", COUNT, "Requests that never ended; above 0 is a broken check"},
    {"in_flight_integral_s", NUMBER, "Seconds of requests in flight"},
    {"latency_sum_s", NUMBER, "Sum of all latencies: should be the same"},
    {"lost_observations", COUNT, "For want of memory; above 0 is a broken check"},
    {"samples_dropped", COUNT, "Not in samples.bin"},
    {"chunks_dropped", COUNT,
     "Not in samples.bin, though `--record-chunks` asked for them"},
    {"label_sets", COUNT, "Distinct label sets"},
    {"label_sets_overflown", COUNT, "How often a set past max_series became other"},
};

static const struct summary_member digits_members[] = {
    {"total", COUNT, "Of metrics"},
    {"dimension", COUNT, "Of by, but for what a threshold selects: as total"},
};

static const struct summary_member histograms_members[] = {
    {"digits", "#digits", "Significant decimal digits of HdrHistogram"},
    {"range", "{\"type\": \"array\", \"items\": " COUNT "}", "Least and greatest value"},
    {"unit", TEXT, "Of the range"},
};

static const struct summary_member worker_members[] = {
    {"index", COUNT, "From 0"},
    {"of", COUNT, "How many workers shared the load"},
    {"limit_requests", "{\"type\": [\"integer\", \"null\"]}",
     "Its share of limits.requests; null: there was no such limit"},
    {"limit_cost_pusd", "{\"type\": [\"integer\", \"null\"]}",
     "Its share of limits.cost, in 10^-12 US dollars; likewise"},
    {"started_at", MOMENT, ""},
    {"version", TEXT, ""},
};

static const struct summary_definition definitions[] = {
    SUMMARY_DEFINE("run", run_members),
    SUMMARY_DEFINE("target", target_members),
    SUMMARY_DEFINE("connections", connections_members),
    SUMMARY_DEFINE("window", window_members),
    SUMMARY_DEFINE("verdict", verdict_members),
    SUMMARY_DEFINE("threshold", threshold_members),
    SUMMARY_DEFINE("change", change_members),
    SUMMARY_DEFINE("reload", reload_members),
    SUMMARY_DEFINE("mark", mark_members),
    SUMMARY_DEFINE("error", error_members),
    SUMMARY_DEFINE("retry", retry_members),
    SUMMARY_DEFINE("circuit", circuit_members),
    SUMMARY_DEFINE("latency", latency_members),
    SUMMARY_DEFINE("short_latency", short_latency_members),
    SUMMARY_DEFINE("http_reqs", reqs_members),
    SUMMARY_DEFINE("http_req_failed", req_failed_members),
    SUMMARY_DEFINE("workload", workload_members),
    SUMMARY_DEFINE("arrivals", arrivals_members),
    SUMMARY_DEFINE("length", length_members),
    SUMMARY_DEFINE("replay", replay_members),
    SUMMARY_DEFINE("conversations", conversations_members),
    SUMMARY_DEFINE("turn", turn_members),
    SUMMARY_DEFINE("spike", spike_members),
    SUMMARY_DEFINE("spike_stage", spike_stage_members),
    SUMMARY_DEFINE("brief_ttft", brief_ttft_members),
    SUMMARY_DEFINE("brief_e2e", brief_e2e_members),
    SUMMARY_DEFINE("pauses", pause_members),
    SUMMARY_DEFINE("timeline", timeline_members),
    SUMMARY_DEFINE("point", point_members),
    SUMMARY_DEFINE("reason", reason_members),
    SUMMARY_DEFINE("client", client_members),
    SUMMARY_DEFINE("digits", digits_members),
    SUMMARY_DEFINE("histograms", histograms_members),
    SUMMARY_DEFINE("worker", worker_members),
    SUMMARY_DEFINE("counters", counter_members),
    SUMMARY_DEFINE("slo", slo_members),
    SUMMARY_DEFINE("slo_metric", slo_metric_members),
};

const struct summary_definition *summary_definition_at(size_t index)
{
    return index < COUNT_OF(definitions)
               ? &definitions[index]
               : summary_answer_definition_at(index - COUNT_OF(definitions));
}
