/* The members of the summary's parts that scripts tell. */
#include "base/cleanup.h"
#include "result/summary_members.h"

static const struct summary_member custom_members[] = {
    {"name", TEXT, "As in metrics, and in thresholds"},
    {"kind", "{\"enum\": [\"counter\", \"rate\", \"gauge\", \"trend\"]}", ""},
    {"unit", TEXT, "Of its values: ms of times, fraction of rates; empty: none is named"},
    {"help", TEXT, "The scenario's own words"},
};

static const struct summary_member check_members[] = {
    {"step", TEXT, "Whose answers are looked at"},
    {"name", TEXT, "As the scenario names it"},
    {"passes", COUNT, "How often it held"},
    {"fails", COUNT, "How often it did not"},
    {"rate", MAYBE_NUMBER, "passes over both; null: it was never looked at"},
};

#define UNFIT                                                                            \
    {"unfit", COUNT,                                                                     \
     "Values out of range, taken as the nearest within, or no numbers at all"}

static const struct summary_member counter_members[] = {
    {"unit", TEXT, "As in custom"},
    {"count", NUMBER, "The sum of its values"},
    {"rate", MAYBE_NUMBER, "The sum per second"},
    {"values", COUNT, "How many there were"},
    UNFIT,
};

static const struct summary_member rate_members[] = {
    {"unit", TEXT, "fraction"},
    {"rate", MAYBE_NUMBER, "passes over both"},
    {"passes", COUNT, "Values that were true, or not 0"},
    {"fails", COUNT, "The others"},
    UNFIT,
};

static const struct summary_member gauge_members[] = {
    {"unit", TEXT, "As in custom"},           {"value", MAYBE_NUMBER, "The last"},
    {"min", MAYBE_NUMBER, "The least"},       {"max", MAYBE_NUMBER, "The greatest"},
    {"values", COUNT, "How many there were"}, UNFIT,
};

static const struct summary_member k6_counter_members[] = {
    {"unit", TEXT, "What is counted"},
    {"count", COUNT, ""},
    {"rate", MAYBE_NUMBER, "Per second of the window"},
};

static const struct summary_member k6_rate_members[] = {
    {"unit", TEXT, "fraction"},
    {"rate", MAYBE_NUMBER, "passes over both; null without any"},
    {"passes", COUNT, ""},
    {"fails", COUNT, ""},
};

static const struct summary_member k6_gauge_members[] = {
    {"unit", TEXT, "users"},
    {"value", COUNT, "When this was written"},
    {"max", COUNT, "At most at one time"},
};

static const struct summary_member platform_members[] = {
    {"bootstrap_s", NUMBER, "How long it took to make all"},
    {"cleaned_up", BOOLEAN, "Whether the removal was tried"},
    {"cleanup_s", NUMBER, "How long it took; 0 where there was nothing to remove"},
    {"keys", "#tenants", ""},
    {"users", "#tenants", ""},
    {"organizations", "#tenants", ""},
    {"calls",
     "{\"type\": \"object\", \"additionalProperties\": {\"$ref\": "
     "\"#/$defs/platform_call\"}}",
     "By the name that the call has in the scenario"},
};

static const struct summary_member tenants_members[] = {
    {"removed", COUNT, "Of those that this run made"},
    {"left", COUNT, "Of those that this run made: still there"},
    {"kept", COUNT, "Were there before the run, and stay"},
};

static const struct summary_member platform_call_members[] = {
    {"done", COUNT, ""},
    {"reused", COUNT, "Of them: what it makes was there before"},
    {"failed", COUNT, "After all retries, or cut short"},
    {"p50_ms", MAYBE_NUMBER, "With its retries and all its requests, of those done"},
    {"p95_ms", MAYBE_NUMBER, ""},
    {"max_ms", MAYBE_NUMBER, ""},
};

static const struct summary_definition definitions[] = {
    SUMMARY_DEFINE("platform", platform_members),
    SUMMARY_DEFINE("tenants", tenants_members),
    SUMMARY_DEFINE("platform_call", platform_call_members),
    SUMMARY_DEFINE("custom", custom_members),
    SUMMARY_DEFINE("check", check_members),
    SUMMARY_DEFINE("custom_counter", counter_members),
    SUMMARY_DEFINE("custom_rate", rate_members),
    SUMMARY_DEFINE("custom_gauge", gauge_members),
    SUMMARY_DEFINE("k6_counter", k6_counter_members),
    SUMMARY_DEFINE("k6_rate", k6_rate_members),
    SUMMARY_DEFINE("k6_gauge", k6_gauge_members),
};

const struct summary_definition *summary_script_definition_at(size_t index)
{
    return index < COUNT_OF(definitions)
               ? &definitions[index]
               : summary_capacity_definition_at(index - COUNT_OF(definitions));
}
