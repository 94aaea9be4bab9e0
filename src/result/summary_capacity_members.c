/*
 * The members of the summary's part on a search for capacity.
 */
#include "base/cleanup.h"
#include "result/summary_members.h"

#define MAYBE_TEXT "{\"type\": [\"string\", \"null\"]}"
#define VERDICT "{\"enum\": [\"holds\", \"breaks\", \"undecided\"]}"

static const struct summary_member capacity_members[] = {
    {"by", "{\"enum\": [\"users\", \"rate\"]}",
     "What a load is: users, or arrivals a second"},
    {"end",
     "{\"enum\": [\"searching\", \"found\", \"top_held\", \"none_held\", "
     "\"unconfirmed\", \"client\"]}",
     "found: an answer, confirmed; top_held: the highest load that might be tried held; "
     "none_held: not even the first did; unconfirmed: cut short, or no load held often "
     "enough; client: throng itself could not be trusted"},
    {"answer", MAYBE_NUMBER, "The highest load that holds"},
    {"broke", MAYBE_NUMBER, "The lowest load above it that counts as breaking"},
    {"low", MAYBE_NUMBER, "All trials up to it held"},
    {"high", MAYBE_NUMBER, "And from it on none did"},
    {"trials", COUNT, "Of the answer, recoveries left out"},
    {"held", COUNT, "Of them"},
    {"monotone", BOOLEAN, "No load held above one that broke"},
    {"sentence", TEXT, "All that in words"},
    {"asked", "#capacity_asked", "The options of the search"},
    {"slos", "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/capacity_slo\"}}",
     "What had to hold"},
    {"knee", "{\"oneOf\": [{\"$ref\": \"#/$defs/capacity_knee\"}, {\"type\": \"null\"}]}",
     "Where throughput over response time was greatest; null: not known"},
    {"saturation", "#capacity_saturation", "What gave way first"},
    {"recovery", "#capacity_recovery", "From overload"},
    {"levels", "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/capacity_level\"}}",
     "Each load that was tried, in order; figures are of its hold alone"},
};

static const struct summary_member asked_members[] = {
    {"from", NUMBER, "The first load"},
    {"to", MAYBE_NUMBER, "The highest that might be tried; null: no limit"},
    {"resolution", NUMBER, "As a share of the load"},
    {"settle_s", NUMBER, ""},
    {"hold_s", NUMBER, ""},
    {"confirm", COUNT, "Times that the answer had to hold again"},
};

static const struct summary_member slo_members[] = {
    {"metric", TEXT, ""},
    {"selector", TEXT, ""},
    {"expression", TEXT, ""},
    {"own", BOOLEAN, "The search's own, which is always asked for"},
};

static const struct summary_member knee_members[] = {
    {"load", NUMBER, ""},
    {"method", TEXT, "power: throughput over mean response time"},
    {"sentence", MAYBE_TEXT, ""},
};

static const struct summary_member saturation_members[] = {
    {"what",
     "{\"enum\": [\"unknown\", \"queue\", \"decode\", \"queue_and_decode\", "
     "\"kv_cache\", \"before_servers\", "
     "\"service\", \"errors\", \"rate_limited\", \"people\", \"client\"]}",
     "queue: ttft grew and tpot did not, or requests wait at the servers; decode: tpot "
     "grew; kv_cache: they wait there for room in the KV cache; before_servers: they "
     "wait, and not there; service: answers in one "
     "piece took longer; errors, rate_limited (429): the server failed or refused; "
     "people: all who take "
     "arrivals were busy"},
    {"sentence", MAYBE_TEXT, ""},
};

static const struct summary_member recovery_members[] = {
    {"count", COUNT, "Overloads that it recovered from"},
    {"most_s", NUMBER, "The longest took so long, to within a trial's length"},
    {"hysteresis", BOOLEAN, "Right after overload, a load that had held did not"},
    {"recovered_at", MAYBE_NUMBER, "The lowest load it had to be taken back to"},
    {"stuck", BOOLEAN, "Nothing held any more"},
    {"sentence", MAYBE_TEXT, ""},
};

static const struct summary_member level_members[] = {
    {"phase", TEXT, "Its name in by.phase"},
    {"stage", TEXT, "Why it was tried: climbing, bisecting, doubting, confirming, …"},
    {"load", NUMBER, "Users, or arrivals a second"},
    {"start_s", NUMBER, "Of its hold, since the run's start"},
    {"hold_s", NUMBER, "How long it was held"},
    {"verdict", VERDICT, "undecided: `held` is what is more likely"},
    {"held", BOOLEAN, ""},
    {"trust", GRADE, "Of its hold"},
    {"untrusted", BOOLEAN, "It counts for nothing, and was tried again"},
    {"breach", "{\"enum\": [\"behind\", \"collapsed\", null]}",
     "Broke for another reason than an SLO: less was done than arrived, or than at a "
     "lower load"},
    {"requests", COUNT, "Due in the hold that ended"},
    {"failed", COUNT, "Of them"},
    {"rate_limited", COUNT, "Of the failed: 429"},
    {"pending", COUNT, "Not over when it was judged"},
    {"dropped", COUNT, "Open loop: arrivals that nobody took in time"},
    {"done_per_s", MAYBE_NUMBER, "Requests that succeeded within the hold"},
    {"tokens_per_s", MAYBE_NUMBER, "Completion tokens likewise"},
    {"arrived_per_s", MAYBE_NUMBER, "Open loop: iterations that were to begin"},
    {"achieved_per_s", MAYBE_NUMBER, "Iterations that were done"},
    {"in_flight", MAYBE_NUMBER, "Requests, on average"},
    {"ttft_p50_ms", MAYBE_NUMBER, ""},
    {"ttft_p95_ms", MAYBE_NUMBER, ""},
    {"tpot_p50_ms", MAYBE_NUMBER, ""},
    {"e2e_mean_ms", MAYBE_NUMBER, "What was not over counts with the time it waited"},
    {"e2e_p95_ms", MAYBE_NUMBER, ""},
    {"server_running", MAYBE_NUMBER,
     "As all servers tell of themselves: requests, on average"},
    {"server_waiting", MAYBE_NUMBER, "Likewise"},
    {"server_preemptions_per_s", MAYBE_NUMBER, "Likewise"},
    {"server_kv_cache_usage", MAYBE_NUMBER,
     "Likewise, of the server whose cache is fullest"},
    {"slos",
     "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/capacity_slo_value\"}}",
     "As many as the search has, in their order"},
};

static const struct summary_member slo_value_members[] = {
    {"verdict", VERDICT, ""},
    {"value", MAYBE_NUMBER, "In `unit`; null: not known, or only a bound (above)"},
    {"unit", TEXT, ""},
    {"samples", COUNT, "Observations that it is of"},
    {"missed", MAYBE_NUMBER, "Of them: on the wrong side of the limit"},
    {"may_miss", MAYBE_NUMBER, "The share of them that is allowed"},
};

static const struct summary_definition definitions[] = {
    SUMMARY_DEFINE("capacity", capacity_members),
    SUMMARY_DEFINE("capacity_asked", asked_members),
    SUMMARY_DEFINE("capacity_slo", slo_members),
    SUMMARY_DEFINE("capacity_knee", knee_members),
    SUMMARY_DEFINE("capacity_saturation", saturation_members),
    SUMMARY_DEFINE("capacity_recovery", recovery_members),
    SUMMARY_DEFINE("capacity_level", level_members),
    SUMMARY_DEFINE("capacity_slo_value", slo_value_members),
};

const struct summary_definition *summary_capacity_definition_at(size_t index)
{
    return index < COUNT_OF(definitions)
               ? &definitions[index]
               : summary_backend_definition_at(index - COUNT_OF(definitions));
}
