/*
 * The members of the summary's parts on how the answers came: over which network, as what streams,
 * how sound, for what money.
 */
#include "base/cleanup.h"
#include "result/summary_members.h"

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
     "Whether the busiest got over 1.5 times the mean, beyond what chance explains"},
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
    SUMMARY_DEFINE("stream", stream_members), SUMMARY_DEFINE("network", network_members),
    SUMMARY_DEFINE("peer", peer_members),     SUMMARY_DEFINE("balance", balance_members),
    SUMMARY_DEFINE("system", system_members),
};

const struct summary_definition *summary_answer_definition_at(size_t index)
{
    return index < COUNT_OF(definitions) ? &definitions[index] : NULL;
}
