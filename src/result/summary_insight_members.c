/* The members of the summary's parts that judge: anomalies and advice. */
#include "base/cleanup.h"
#include "result/summary_members.h"

static const struct summary_member anomaly_members[] = {
    {"start_s", NUMBER, "Seconds after the run's start, of when it was seen"},
    {"end_s", NUMBER, "Likewise"},
    {"kind", "{\"enum\": [\"latency_spike\", \"error_burst\", \"throughput_drop\"]}", ""},
    {"metric", TEXT, "ttft, icl, e2e, error_rate or requests_per_second"},
    {"value", NUMBER,
     "At its worst: ms (p95 of ttft and e2e, of icl the gap in which or in longer ones "
     "half of the streams' time went by), a share, or requests a second"},
    {"expected", NUMBER, "The same of the time before it"},
    {"sentence", TEXT, "What it was, for people"},
};

static const struct summary_member advice_members[] = {
    {"topic", "{\"enum\": [\"measurement\", \"bottleneck\", \"cost\"]}", ""},
    {"subject", TEXT, "What it is about: queue, kv_cache, …"},
    {"rule", TEXT, "Which rule of doc/advice.md speaks"},
    {"confidence", "{\"enum\": [\"sure\", \"likely\", \"possible\"]}",
     "sure: counted, or told by a server"},
    {"sentence", TEXT, "What was found, and what to do"},
    {"evidence", "{\"type\": \"array\", \"items\": " TEXT "}", "What it rests on"},
};

static const struct summary_definition definitions[] = {
    SUMMARY_DEFINE("advice", advice_members),
    SUMMARY_DEFINE("anomaly", anomaly_members),
};

const struct summary_definition *summary_insight_definition_at(size_t index)
{
    return index < COUNT_OF(definitions)
               ? &definitions[index]
               : summary_ab_definition_at(index - COUNT_OF(definitions));
}
