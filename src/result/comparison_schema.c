#include "base/buf.h"
#include "base/cleanup.h"
#include "result/comparison.h"
#include "result/summary_members.h"

#define VERDICT                                                                          \
    "{\"enum\": [\"regression\", \"improvement\", \"no_change\", "                       \
    "\"not_enough_data\"]}"

static const struct summary_member document_members[] = {
    {"schema", "{\"const\": \"" COMPARISON_SCHEMA "\"}", ""},
    {"base", "#side", "The run that is compared with"},
    {"new", "#side", "The run that is compared"},
    {"is_same_workload", BOOLEAN,
     "Both asked for the same: equal scenarios and fingerprints"},
    {"notes", "{\"type\": \"array\", \"items\": {\"type\": \"string\"}}",
     "What speaks against comparing the two, in sentences"},
    {"limit", NUMBER, "A smaller change is neither a regression nor an improvement"},
    {"fail_above", MAYBE_NUMBER,
     "As asked for: a regression above it fails; null: none does"},
    {"verdict", VERDICT, "Of all differences: a regression wins"},
    {"failed", BOOLEAN, "Something became worse by more than fail_above: exit code 112"},
    {"sentence", TEXT, "The verdict in words"},
    {"differences",
     "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/difference\"}}", ""},
};

static const struct summary_member side_members[] = {
    {"id", TEXT, "Of the run"},
    {"scenario", TEXT, ""},
    {"started_at", MOMENT, ""},
    {"duration_s", MAYBE_NUMBER, ""},
    {"seed", "{\"type\": [\"integer\", \"string\", \"null\"]}", ""},
    {"version", "{\"type\": [\"string\", \"null\"]}", "Of throng"},
    {"fingerprint", "{\"type\": [\"string\", \"null\"]}", "Of the workload"},
    {"stop_reason", "{\"type\": [\"string\", \"null\"]}", ""},
    {"trust", "{\"enum\": [\"A\", \"B\", \"C\", \"D\", \"F\", null]}",
     "How far it can be trusted"},
    {"requests", "{\"type\": [\"integer\", \"null\"]}", "In the measured window"},
    {"users_peak", "{\"type\": [\"integer\", \"null\"]}", ""},
    {"window", "{\"type\": \"object\"}", "The measured window, as in the summary"},
    {"targets", "{\"type\": \"array\", \"items\": {\"type\": \"object\"}}",
     "As in the summary"},
};

static const struct summary_member difference_members[] = {
    {"metric", TEXT, "Such as ttft"},
    {"aggregate",
     "{\"enum\": [\"p50\", \"p95\", \"p99\", \"mean\", \"rate\", \"value\"]}", ""},
    {"selector", TEXT, "Such as model=gpt-4o; empty: of all requests"},
    {"unit", TEXT, "Of base, new and difference"},
    {"base", MAYBE_NUMBER, "null: only known to be above the one in `above`"},
    {"new", MAYBE_NUMBER, "Likewise"},
    {"change", MAYBE_NUMBER,
     "new / base - 1; null where base is 0. A bound where `above` has a side"},
    {"low", MAYBE_NUMBER,
     "95% interval of the change; null: not known, or open on that side"},
    {"high", MAYBE_NUMBER, "Likewise"},
    {"difference", MAYBE_NUMBER, "new - base"},
    {"difference_low", MAYBE_NUMBER, "95% interval of the difference"},
    {"difference_high", MAYBE_NUMBER, "Likewise"},
    {"p", MAYBE_NUMBER, "Two-sided, of no difference; null: not known"},
    {"p_adjusted", MAYBE_NUMBER,
     "The same for all figures of the same kind together (Holm)"},
    {"better", "{\"enum\": [\"lower\", \"higher\", \"neither\"]}", ""},
    {"verdict", VERDICT, ""},
    {"samples_base", COUNT, "Observations; 0 of rates, and where they are not known"},
    {"samples_new", COUNT, "Likewise"},
};

static void append_object(struct buf *out, const struct summary_member *members,
                          size_t count, const char *more)
{
    buf_append_str(out, "\"type\": \"object\", \"required\": [");
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s\"%s\"", i > 0 ? ", " : "", members[i].name);
    buf_append_str(out, "],\n  \"properties\": {");
    for (size_t i = 0; i < count; i++)
        summary_member_write(&members[i], i > 0 ? ",\n    " : "\n    ", out);
    buf_printf(out, "%s}", more);
}

int comparison_schema(struct buf *out)
{
    buf_append_str(out,
                   "{\n\"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
                   "\"$id\": \"urn:throng:comparison:1\",\n"
                   "\"title\": \"What throng compare --format json prints\",\n");
    append_object(out, document_members, COUNT_OF(document_members), "");
    buf_append_str(out, ",\n\"$defs\": {\n\"side\": {");
    append_object(out, side_members, COUNT_OF(side_members), "");
    buf_append_str(out, "},\n\"difference\": {");
    append_object(out, difference_members, COUNT_OF(difference_members),
                  ",\n    \"above\": {\"description\": \"Sides that are only known to be "
                  "above these\", \"type\": \"object\", \"additionalProperties\": "
                  "{\"type\": \"number\"}}");
    return buf_append_str(out, "}\n}\n}\n");
}
