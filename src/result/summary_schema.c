#include <string.h>

#include "base/buf.h"
#include "measure/integrity.h"
#include "measure/metric.h"
#include "measure/sample.h"
#include "result/summary.h"
#include "result/summary_members.h"

static void append_text(struct buf *out, const char *text)
{
    buf_append_char(out, '"');
    buf_append_json(out, text, strlen(text));
    buf_append_char(out, '"');
}

void summary_member_write(const struct summary_member *member, const char *before,
                          struct buf *out)
{
    buf_append_str(out, before);
    append_text(out, member->name);
    buf_append_str(out, ": {");
    if (member->help[0] != '\0') {
        buf_append_str(out, "\"description\": ");
        append_text(out, member->help);
        buf_append_str(out, ", ");
    }
    if (member->type[0] == '#')
        buf_printf(out, "\"$ref\": \"#/$defs/%s\"}", member->type + 1);
    else
        buf_append_str(out, member->type + 1); /* its own brace closes the member's */
}

/* Members that only some objects of a definition have. */
static const char *more_properties(const char *name)
{
    if (strcmp(name, "latency") == 0 || strcmp(name, "short_latency") == 0 ||
        strcmp(name, "brief_ttft") == 0 || strcmp(name, "brief_e2e") == 0 ||
        strcmp(name, "point") == 0 || strcmp(name, "user_latency") == 0)
        return "\"above\": {\"description\": \"Percentiles known only to be above "
               "these\", "
               "\"type\": \"object\", \"additionalProperties\": {\"type\": \"number\"}}";
    if (strcmp(name, "threshold") == 0)
        return "\"above\": {\"description\": \"The value is known only to be above "
               "this\", "
               "\"type\": \"number\"}";
    return NULL;
}

static void append_definition(struct buf *out,
                              const struct summary_definition *definition)
{
    const char *more = more_properties(definition->name);

    append_text(out, definition->name);
    buf_append_str(out, ": {\"type\": \"object\", \"required\": [");
    for (size_t i = 0; i < definition->count; i++) {
        buf_append_str(out, i > 0 ? ", " : "");
        append_text(out, definition->members[i].name);
    }
    buf_append_str(out, "],\n  \"properties\": {");
    for (size_t i = 0; i < definition->count; i++) {
        summary_member_write(&definition->members[i], i > 0 ? ",\n    " : "\n    ", out);
    }
    if (more)
        buf_printf(out, ",\n    %s", more);
    buf_append_str(out, "}},\n");
}

/* All metrics: every latency of the table, and what is made from them. */
static void append_metrics(struct buf *out)
{
    buf_append_str(out, "\"metrics\": {\"type\": \"object\", \"properties\": {\n");
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        const struct metric_info *info = metric_info(metric);

        buf_append_str(out, "    ");
        append_text(out, info->name);
        buf_append_str(out, ": {\"description\": ");
        append_text(out, info->help);
        buf_append_str(out, ", \"$ref\": \"#/$defs/latency\"},\n");
    }
    buf_append_str(
        out, "    \"tps\": {\"description\": \"Tokens per second of one answer: one "
             "over tpot\", \"$ref\": \"#/$defs/latency\"},\n"
             "    \"http_reqs\": {\"$ref\": \"#/$defs/http_reqs\"},\n"
             "    \"http_req_failed\": {\"$ref\": \"#/$defs/http_req_failed\"},\n"
             "    \"data_sent\": {\"$ref\": \"#/$defs/k6_counter\"},\n"
             "    \"data_received\": {\"$ref\": \"#/$defs/k6_counter\"},\n"
             "    \"iterations\": {\"$ref\": \"#/$defs/k6_counter\"},\n"
             "    \"checks\": {\"$ref\": \"#/$defs/k6_rate\"},\n"
             "    \"vus\": {\"$ref\": \"#/$defs/k6_gauge\"},\n"
             "    \"vus_max\": {\"$ref\": \"#/$defs/k6_gauge\"}},\n"
             "  \"additionalProperties\": {\"$ref\": \"#/$defs/custom_metric\"}},\n"
             "\"custom_metric\": {\"description\": \"One of the scenario's own\", "
             "\"anyOf\": [{\"$ref\": \"#/$defs/custom_counter\"}, "
             "{\"$ref\": \"#/$defs/custom_rate\"}, "
             "{\"$ref\": \"#/$defs/custom_gauge\"}, "
             "{\"$ref\": \"#/$defs/custom_trend\"}]},\n");
}

/* How an attempt can end; or only how it can fail. */
static void append_outcomes(struct buf *out, const char *name, bool failures)
{
    const char *between = "";

    append_text(out, name);
    buf_append_str(out, ": {\"enum\": [");
    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        if (failures && !outcome_is_failure(outcome))
            continue;
        buf_append_str(out, between);
        append_text(out, outcome_name(outcome));
        between = ", ";
    }
    buf_append_str(out, "]},\n");
}

/* Kinds of fault with their counts. */
static void append_integrity(struct buf *out)
{
    buf_append_str(out, "\"integrity\": {\"type\": \"object\", \"required\": "
                        "[\"unsound_answers\"");
    for (enum integrity kind = 0; kind < INTEGRITY_COUNT; kind++) {
        buf_append_str(out, ", ");
        append_text(out, integrity_name(kind));
    }
    buf_append_str(out, "],\n  \"properties\": {\n    \"unsound_answers\": "
                        "{\"description\": \"Answers of which any of these holds\", "
                        "\"type\": \"integer\", \"minimum\": 0}");
    for (enum integrity kind = 0; kind < INTEGRITY_COUNT; kind++) {
        buf_append_str(out, ",\n    ");
        append_text(out, integrity_name(kind));
        buf_append_str(out, ": {\"description\": ");
        append_text(out, integrity_help(kind));
        buf_append_str(out, ", \"type\": \"integer\", \"minimum\": 0}");
    }
    buf_append_str(out, "}},\n");
}

/* Objects made of others. */
static const char compounds[] =
    "\"maybe_change\": {\"oneOf\": [{\"$ref\": \"#/$defs/change\"}, {\"type\": "
    "\"null\"}]},"
    "\"maybe_timeline\": {\"oneOf\": [{\"$ref\": \"#/$defs/timeline\"}, "
    "{\"type\": \"null\"}]},\n"
    "\"maybe_short_latency\": {\"oneOf\": [{\"$ref\": \"#/$defs/short_latency\"}, "
    "{\"type\": \"null\"}]},\n"
    "\"maybe_spike_stage\": {\"oneOf\": [{\"$ref\": \"#/$defs/spike_stage\"}, "
    "{\"type\": \"null\"}]},\n"
    "\"custom_trend\": {\"$ref\": \"#/$defs/latency\", \"required\": [\"unfit\"], "
    "\"properties\": {\"unfit\": {\"type\": \"integer\", \"minimum\": "
    "0}}},\n"
    "\"errors\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/error\"}},\n"
    "\"totals\": {\"$ref\": \"#/$defs/counters\", \"required\": [\"users_peak\"], "
    "\"properties\": {\"users_peak\": {\"type\": \"integer\", \"minimum\": 0}}},\n"
    "\"all\": {\"$ref\": \"#/$defs/counters\", \"required\": [\"metrics\", \"errors\"], "
    "\"properties\": {\"metrics\": {\"$ref\": \"#/$defs/metrics\"}, "
    "\"errors\": {\"$ref\": \"#/$defs/errors\"}}},\n"
    "\"value\": {\"$ref\": \"#/$defs/counters\", \"required\": [\"metrics\"], "
    "\"properties\": {\"metrics\": {\"$ref\": \"#/$defs/metrics\"}, "
    "\"kind\": {\"description\": \"Of phases and steps: which kind it is\", \"type\": "
    "\"string\"}, "
    "\"start_s\": {\"description\": \"Of phases: seconds after the run's start\", "
    "\"type\": \"number\"}, "
    "\"end_s\": {\"description\": \"Likewise\", \"type\": \"number\"}, "
    "\"users_from\": {\"description\": \"Of phases: users wanted at its start\", "
    "\"type\": \"integer\"}, "
    "\"theoretical_tps\": {\"description\": \"Of models: as the scenario states it\", "
    "\"type\": \"number\"}, "
    "\"tps_efficiency\": {\"description\": \"Of models: mean rate of a stream over it; "
    "null: "
    "nothing streamed\", \"type\": [\"number\", \"null\"]}, "
    "\"users_to\": {\"description\": \"Of phases: users wanted at its end\", "
    "\"type\": \"integer\"}, "
    "\"rate_from\": {\"description\": \"Of phases: arrivals a second at its start, of an "
    "open loop\", \"type\": \"number\"}, "
    "\"rate_to\": {\"description\": \"Likewise, at its end\", \"type\": "
    "\"number\"}}}\n";

/* The document itself. */
static const char root[] =
    "\"type\": \"object\",\n"
    "\"required\": [\"schema\", \"run\", \"targets\", \"window\", \"verdicts\", "
    "\"thresholds\", \"reloads\", \"marks\", \"totals\", \"metrics\", \"errors\", "
    "\"all\", "
    "\"retries\", "
    "\"circuits\", \"custom\", "
    "\"checks\", \"by\", \"users\", \"spikes\", "
    "\"workload\", \"replay\", \"conversations\", \"cost\", \"stream\", \"integrity\", "
    "\"network\", \"platform\", "
    "\"isolation\", \"client\", "
    "\"backend\", \"anomalies\", \"advice\", \"timeline\", "
    "\"histograms\", "
    "\"workers\"],\n";

/* … and its members. */
static const char root_members[] =
    "\"properties\": {\n"
    "  \"schema\": {\"const\": \"" SUMMARY_SCHEMA "\"},\n"
    "  \"run\": {\"$ref\": \"#/$defs/run\"},\n"
    "  \"targets\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/target\"}},\n"
    "  \"window\": {\"description\": \"The measured window, which totals, metrics, "
    "errors and "
    "by cover\", \"$ref\": \"#/$defs/window\"},\n"
    "  \"verdicts\": {\"description\": \"All that can be said against the run; empty: it "
    "passed\", \"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/verdict\"}},\n"
    "  \"thresholds\": {\"type\": \"array\", \"items\": {\"$ref\": "
    "\"#/$defs/threshold\"}},\n"
    "  \"reloads\": {\"description\": \"Changes of the scenario that the run followed\", "
    "\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/reload\"}},\n"
    "  \"marks\": {\"description\": \"What somebody noted or did while the run went "
    "on\", "
    "\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/mark\"}},\n"
    "  \"totals\": {\"$ref\": \"#/$defs/totals\"},\n"
    "  \"metrics\": {\"$ref\": \"#/$defs/metrics\"},\n"
    "  \"errors\": {\"$ref\": \"#/$defs/errors\"},\n"
    "  \"all\": {\"description\": \"The whole run, warm-up and cool-down included\", "
    "\"$ref\": \"#/$defs/all\"},\n"
    "  \"retries\": {\"description\": \"What was tried again within the window, by how "
    "the attempt before ended\", \"type\": \"array\", \"items\": {\"$ref\": "
    "\"#/$defs/retry\"}},\n"
    "  \"circuits\": {\"description\": \"Circuit breakers of targets that have one\", "
    "\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/circuit\"}},\n"
    "  \"custom\": {\"description\": \"Metrics of the scenario's own\", \"type\": "
    "\"array\", \"items\": {\"$ref\": \"#/$defs/custom\"}},\n"
    "  \"checks\": {\"description\": \"Checks by step, in the scenario's order\", "
    "\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/check\"}},\n"
    "  \"by\": {\"description\": \"By dimension and value; by.phase covers the whole "
    "run\", "
    "\"type\": \"object\", \"properties\": {\"user_id\": {\"description\": \"Over the "
    "whole "
    "run, those whom `users` names\", \"type\": \"object\", \"additionalProperties\": "
    "{\"$ref\": \"#/$defs/user\"}}}, "
    "\"additionalProperties\": {\"type\": \"object\", "
    "\"additionalProperties\": {\"$ref\": \"#/$defs/value\"}}},\n"
    "  \"users\": {\"description\": \"Who fared worst, over the whole run\", \"$ref\": "
    "\"#/$defs/users\"},\n"
    "  \"spikes\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/spike\"}},\n"
    "  \"capacity\": {\"description\": \"What a search for capacity found; missing: the "
    "run was none\", \"$ref\": \"#/$defs/capacity\"},\n";

/* … those that are about the whole run. */
static const char root_more_members[] =
    "  \"workload\": {\"description\": \"What was asked, over the whole run\", \"$ref\": "
    "\"#/$defs/workload\"},\n"
    "  \"replay\": {\"description\": \"What was sent of a trace, over the whole run; "
    "null: "
    "the load is no replay\", "
    "\"oneOf\": [{\"$ref\": \"#/$defs/replay\"}, {\"type\": \"null\"}]},\n"
    "  \"conversations\": {\"$ref\": \"#/$defs/conversations\"},\n"
    "  \"cost\": {\"description\": \"What was spent over the whole run, and what it "
    "bought; null: no model has a price\", "
    "\"oneOf\": [{\"$ref\": \"#/$defs/cost\"}, {\"type\": \"null\"}]},\n"
    "  \"stream\": {\"description\": \"How streams arrived, over the whole run\", "
    "\"$ref\": \"#/$defs/stream\"},\n"
    "  \"integrity\": {\"description\": \"What was wrong with answers, over the whole "
    "run\", \"$ref\": \"#/$defs/integrity\"},\n"
    "  \"network\": {\"description\": \"The network below the requests, over the whole "
    "run\", \"$ref\": \"#/$defs/network\"},\n"
    "  \"platform\": {\"description\": \"What was made at the platform and removed; null "
    "without one\",\n"
    "    \"oneOf\": [{\"$ref\": \"#/$defs/platform\"}, {\"type\": \"null\"}]},\n"
    "  \"isolation\": {\"description\": \"Whether organizations that have budgets were "
    "kept "
    "apart; null: none has one\", \"oneOf\": [{\"$ref\": \"#/$defs/isolation\"}, "
    "{\"type\": \"null\"}]},\n"
    "  \"client\": {\"description\": \"The load generator itself\", \"$ref\": "
    "\"#/$defs/client\"},\n"
    "  \"backend\": {\"description\": \"The servers behind the target, by their own "
    "metrics\", \"$ref\": \"#/$defs/backend\"},\n"
    "  \"anomalies\": {\"description\": \"Stretches that were unlike the run's own "
    "recent "
    "past under the same load\", \"type\": \"array\", \"items\": {\"$ref\": "
    "\"#/$defs/anomaly\"}},\n"
    "  \"advice\": {\"description\": \"What held the run back, what its money went for, "
    "and what may be done: the most important first\", \"type\": \"array\", \"items\": "
    "{\"$ref\": \"#/$defs/advice\"}},\n"
    "  \"ab\": {\"description\": \"What was dealt to arms, and in what they differ; "
    "null: "
    "the run compares nothing\", \"oneOf\": [{\"$ref\": \"#/$defs/ab\"}, "
    "{\"type\": \"null\"}]},\n"
    "  \"timeline\": {\"$ref\": \"#/$defs/maybe_timeline\"},\n"
    "  \"histograms\": {\"$ref\": \"#/$defs/histograms\"},\n"
    "  \"workers\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/worker\"}}\n"
    "}";

int summary_schema(struct buf *out)
{
    const struct summary_definition *definition = NULL;

    buf_append_str(out,
                   "{\n\"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
                   "\"$id\": \"urn:throng:summary:1\",\n"
                   "\"title\": \"summary.json of throng\",\n");
    buf_append_str(out, root);
    buf_append_str(out, root_members);
    buf_append_str(out, root_more_members);
    buf_append_str(out, ",\n\"$defs\": {\n");
    for (size_t i = 0; (definition = summary_definition_at(i)) != NULL; i++)
        append_definition(out, definition);
    append_metrics(out);
    append_outcomes(out, "failure", true);
    append_outcomes(out, "outcome", false);
    append_integrity(out);
    buf_append_str(out, compounds);
    return buf_append_str(out, "}\n}\n");
}
