/*
 * The members of the summary's parts on how the answers came: over which network, as what streams,
 * how sound, for what money.
 */
#include "base/cleanup.h"
#include "result/summary_members.h"

#define MAYBE_INTEGER "{\"type\": [\"integer\", \"null\"]}"
#define NAMES "{\"type\": \"array\", \"items\": " TEXT "}"
#define SPENDINGS                                                                        \
    "{\"type\": \"object\", \"additionalProperties\": {\"$ref\": \"#/$defs/spending\"}}"

/* What money bought: of the whole run, of a model, of an organization. */
#define SPENDING_MEMBERS                                                                 \
    {"total_usd", NUMBER, "US dollars, failed requests included"},                       \
        {"total_pusd", INTEGER, "The same, exactly: 10^-12 US dollars"},                 \
        {"per_million_tokens_usd", MAYBE_NUMBER, "Of prompt and completion"},            \
        {"per_million_tokens_pusd", MAYBE_INTEGER, "The same"},                          \
        {"per_million_output_tokens_usd", MAYBE_NUMBER,                                  \
         "Of completion; what the prompts cost is in it"},                               \
        {"per_million_output_tokens_pusd", MAYBE_INTEGER, "The same"},                   \
        {"per_generation_second_usd", MAYBE_NUMBER,                                      \
         "Of one stream, from its first to its last output"},                            \
        {"per_generation_second_pusd", MAYBE_INTEGER, "The same"},                       \
        {"per_ok_request_usd", MAYBE_NUMBER, "What the others cost is in it"},           \
        {"per_ok_request_pusd", MAYBE_INTEGER, "The same"},                              \
        {"output_tokens_per_usd", MAYBE_NUMBER, "Completion tokens for one dollar"}

static const struct summary_member spending_members[] = {SPENDING_MEMBERS};

static const struct summary_member cost_members[] = {
    SPENDING_MEMBERS,
    {"output_tokens_per_second_per_usd", MAYBE_NUMBER,
     "The load's output tokens per second over what it cost"},
    {"users", "#spending_users", "What people cost"},
    {"prices",
     "{\"type\": \"object\", \"additionalProperties\": {\"$ref\": \"#/$defs/price\"}}",
     "By model, as the scenario has them"},
    {"by_model", SPENDINGS, "By model"},
    {"by_org_id", SPENDINGS, "By organization"},
};

static const struct summary_member price_members[] = {
    {"prompt_usd", NUMBER, "US dollars for a million prompt tokens"},
    {"cached_usd", NUMBER, "Likewise, of those found in the cache"},
    {"completion_usd", NUMBER, "Likewise, of completion"},
    {"reasoning_usd", NUMBER, "Likewise, of the reasoning in it"},
};

static const struct summary_member spending_users_members[] = {
    {"count", COUNT, "Users with a request that is over"},
    {"mean_usd", MAYBE_NUMBER, "Of one"},
    {"mean_pusd", MAYBE_INTEGER, "The same"},
    {"dearest", "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/spending_user\"}}",
     "The 20 most expensive, and what they asked"},
};

static const struct summary_member spending_user_members[] = {
    {"user", COUNT, "Ordinal"},
    {"cost_usd", NUMBER, "US dollars"},
    {"cost_pusd", INTEGER, "The same, exactly"},
    {"questions", COUNT, "Requests that ask a model something, retries not counted"},
    {"prompt_tokens", COUNT, ""},
    {"completion_tokens", COUNT, ""},
};

static const struct summary_member users_members[] = {
    {"count", COUNT, "Users with a request that is over"},
    {"failed", COUNT, "Of them: with one that failed"},
    {"failing", NAMES, "The 10 with most failures, as in by.user_id"},
    {"slowest", NAMES, "The 10 with the greatest p95; what never came is greater still"},
};

static const struct summary_member user_members[] = {
    {"ordinal", COUNT, "Number of the simulated user, from 0"},
    {"org_id", TEXT, "Organization; empty: none"},
    {"requests", COUNT, "That are over"},
    {"questions", COUNT, "Requests that ask a model something, retries not counted"},
    {"failed", COUNT, "Of the requests"},
    {"prompt_tokens", COUNT, ""},
    {"completion_tokens", COUNT, ""},
    {"cost_usd", NUMBER, "US dollars"},
    {"cost_pusd", INTEGER, "The same, exactly"},
    {"latency", "#user_latency", "Of whole answers (e2e); off by 1/16 at most"},
};

static const struct summary_member user_latency_members[] = {
    {"unit", TEXT, "ms"},
    {"p50", MAYBE_NUMBER, "null: not known, or see above"},
    {"p95", MAYBE_NUMBER, "Likewise"},
    {"max", MAYBE_NUMBER, "Likewise; exact"},
};

static const struct summary_member isolation_members[] = {
    {"sentence", TEXT, "What came out, for people"},
    {"throttled", COUNT, "Organizations that were refused since their money was spent"},
    {"harmed", COUNT, "Organizations that suffered without having spent their own"},
    {"share", NUMBER,
     "Organizations that were not harmed; the threshold `isolation` is on it"},
    {"by_org_id",
     "{\"type\": \"object\", \"additionalProperties\": {\"$ref\": "
     "\"#/$defs/isolation_part\"}}",
     "By organization"},
};

static const struct summary_member isolation_part_members[] = {
    {"throttled", COUNT, "Requests refused for want of money (429, insufficient_quota)"},
    {"throttled_from_s", MAYBE_NUMBER,
     "The first of them, seconds after the run's start"},
    {"cost_usd", NUMBER, "By the scenario's prices"},
    {"cost_pusd", INTEGER, "The same, exactly"},
    {"budget_usd", MAYBE_NUMBER, "null: it has none"},
    {"budget_pusd", MAYBE_INTEGER, "The same"},
    {"before", "#isolation_stretch", "What was sent before the first refusal of all"},
    {"after", "#isolation_stretch",
     "And from then on; without what was refused for money"},
    {"leaked", BOOLEAN, "Refused without a budget, or with more than half of it left"},
    {"fails_more", BOOLEAN, "Surely failed more often afterwards"},
    {"slower", BOOLEAN, "Surely waited longer afterwards"},
};

static const struct summary_member isolation_stretch_members[] = {
    {"requests", COUNT, ""},
    {"failed", COUNT, "Of them"},
    {"mean_ms", MAYBE_NUMBER, "From sending to the end, of answers that were good"},
};

static const struct summary_member stream_members[] = {
    {"tokens_per_chunk", MAYBE_NUMBER,
     "Of whole streams whose tokens the server counted; reasoning included"},
    {"chunks_per_read", MAYBE_NUMBER, "Output chunks for each read of a socket with any"},
    {"judged_answers", COUNT, "Whole streams long enough, and read on time"},
    {"bunched_answers", COUNT, "Of them: whose chunks came many at a time"},
    {"verdict", "{\"enum\": [\"unknown\", \"flows\", \"held_back\"]}",
     "held_back: the server or a proxy buffers the stream"},
};

static const struct summary_member network_members[] = {
    {"requests", COUNT, "Over the whole run: those that had a connection and are over"},
    {"reused", COUNT, "Of them: on a connection that stood already"},
    {"reused_share", MAYBE_NUMBER, "Of the requests"},
    {"resent", COUNT, "Sent again after a keep-alive race"},
    {"resets", COUNT, "Requests whose connection was reset"},
    {"retransmits", COUNT, "TCP segments that throng's side sent again"},
    {"retransmits_per_1000", MAYBE_NUMBER, "For each 1,000 requests"},
    {"rtt", "#maybe_short_latency",
     "Smoothed round trip of the connections, as TCP had it at the end of each request"},
    {"peers", "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/peer\"}}",
     "Who stood at the other end; past 64 the rest is other"},
    {"balance", "#balance", "How evenly the requests fell on the backends"},
    {"system", "{\"oneOf\": [{\"$ref\": \"#/$defs/system\"}, {\"type\": \"null\"}]}",
     "What the kernel counted meanwhile, for all programs of this network namespace; "
     "null: it does not say"},
};

static const struct summary_member peer_members[] = {
    {"peer", TEXT, "Its address"},
    {"requests", COUNT, ""},
    {"connections", COUNT, "Requests that were the first on theirs"},
    {"failed", COUNT, "Of the requests"},
    {"retransmits", COUNT, "TCP segments sent again to it"},
};

static const struct summary_member balance_members[] = {
    {"backends", COUNT, "Values of by.backend"},
    {"busiest", TEXT, "The one with most requests; empty: none"},
    {"most", COUNT, "Its requests"},
    {"least", COUNT, "Requests of the one with fewest"},
    {"most_share", MAYBE_NUMBER, "Of the requests of all"},
    {"uneven", BOOLEAN,
     "Whether the busiest got over 1.5 times the mean, beyond what chance explains; "
     "false where several targets were asked"},
};

static const struct summary_member system_members[] = {
    {"retransmitted_segments", COUNT, "Tcp RetransSegs"},
    {"failed_connects", COUNT, "Tcp AttemptFails"},
    {"resets", COUNT, "Tcp EstabResets"},
    {"bad_segments", COUNT, "Tcp InErrs"},
    {"listen_overflows", COUNT, "TcpExt ListenOverflows"},
    {"timeouts", COUNT, "TcpExt TCPTimeouts"},
    {"memory_aborts", COUNT, "TcpExt TCPAbortOnMemory"},
    {"backlog_drops", COUNT, "TcpExt TCPBacklogDrop"},
    {"time_wait", COUNT, "At the end: sockets that wait out their ports"},
};

static const struct summary_definition definitions[] = {
    SUMMARY_DEFINE("cost", cost_members),
    SUMMARY_DEFINE("spending", spending_members),
    SUMMARY_DEFINE("price", price_members),
    SUMMARY_DEFINE("spending_users", spending_users_members),
    SUMMARY_DEFINE("spending_user", spending_user_members),
    SUMMARY_DEFINE("users", users_members),
    SUMMARY_DEFINE("user", user_members),
    SUMMARY_DEFINE("user_latency", user_latency_members),
    SUMMARY_DEFINE("isolation", isolation_members),
    SUMMARY_DEFINE("isolation_part", isolation_part_members),
    SUMMARY_DEFINE("isolation_stretch", isolation_stretch_members),
    SUMMARY_DEFINE("stream", stream_members),
    SUMMARY_DEFINE("network", network_members),
    SUMMARY_DEFINE("peer", peer_members),
    SUMMARY_DEFINE("balance", balance_members),
    SUMMARY_DEFINE("system", system_members),
};

const struct summary_definition *summary_answer_definition_at(size_t index)
{
    return index < COUNT_OF(definitions)
               ? &definitions[index]
               : summary_script_definition_at(index - COUNT_OF(definitions));
}
