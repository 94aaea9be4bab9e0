#include "result/summary_ab.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json_scan.h"
#include "plan/plan.h"
#include "result/ab_report.h"
#include "result/facts.h"
#include "result/summary_members.h"

#define MAX_SENTENCE_BYTES ((size_t)8192)
#define SHARE_DECIMALS 6

/* The names of what an arm lays over the body: values may be anybody's secrets. */
static void put_body(struct json_tree *tree, json_t *arm, const char *extra_body)
{
    json_t *names = json_tree_array(tree);
    struct json_scan scan = json_scan_begin(extra_body, strlen(extra_body));

    for (bool more = json_scan_enter(&scan, '{'); more;
         more = json_scan_next(&scan, '}')) {
        const struct json_piece key = json_scan_any_key(&scan);

        json_scan_skip(&scan);
        json_tree_append(tree, names, json_stringn(key.bytes, key.len));
    }
    json_tree_put(tree, arm, "extra_body", names);
}

static void put_headers(struct json_tree *tree, json_t *arm, const struct plan_arm *from)
{
    json_t *names = json_tree_array(tree);

    for (size_t i = 0; i < from->header_count; i++)
        json_tree_append(tree, names, json_string(from->headers[i].key));
    json_tree_put(tree, arm, "headers", names);
}

static void put_arm(struct json_tree *tree, json_t *arms, const struct plan *plan,
                    const struct plan_arm *from)
{
    json_t *arm = json_tree_object(tree);
    json_t *models = NULL;
    uint64_t weights = 0;

    for (size_t i = 0; i < plan->ab.arm_count; i++)
        weights += plan->ab.arms[i].weight;
    json_tree_put_text(tree, arm, "name", from->name);
    json_tree_put_number(tree, arm, "share", from->weight / (double)weights,
                         SHARE_DECIMALS);
    if (from->target == PLAN_NONE)
        json_tree_put_null(tree, arm, "target");
    else
        json_tree_put_text(tree, arm, "target", plan->targets[from->target].name);
    models = json_tree_put_object(tree, arm, "models");
    for (size_t i = 0; i < from->model_count; i++)
        json_tree_put_text(tree, models, plan->models[from->models[i].from].name,
                           plan->models[from->models[i].to].name);
    put_headers(tree, arm, from);
    put_body(tree, arm, from->extra_body ? from->extra_body : "{}");
    json_tree_append(tree, arms, arm);
}

static void put_sentences(struct json_tree *tree, json_t *ab, const struct plan *plan,
                          const struct ab_report *report)
{
    json_t *sentences = json_tree_array(tree);

    for (size_t i = 0; report && i < plan->ab.arm_count; i++) {
        struct buf sentence = BUF_INIT(MAX_SENTENCE_BYTES);

        if (i == plan->ab.base)
            continue;
        ab_report_say_arm(report, plan->ab.arms[i].name, &sentence);
        json_tree_append(tree, sentences, json_string(buf_str(&sentence)));
        buf_deinit(&sentence);
    }
    json_tree_put(tree, ab, "sentences", sentences);
}

void summary_put_ab(struct json_tree *tree, json_t *summary,
                    const struct run_facts *facts)
{
    const struct plan *plan = facts->view->plan;
    const struct ab_difference *difference = NULL;
    json_t *ab = NULL;
    json_t *arms = NULL;
    json_t *differences = NULL;

    if (plan->ab.arm_count == 0) {
        json_tree_put_null(tree, summary, "ab");
        return;
    }
    ab = json_tree_put_object(tree, summary, "ab");
    json_tree_put_text(tree, ab, "base", plan->ab.arms[plan->ab.base].name);
    json_tree_put_text(tree, ab, "by", plan_ab_by_name(plan->ab.by));
    arms = json_tree_array(tree);
    for (size_t i = 0; i < plan->ab.arm_count; i++)
        put_arm(tree, arms, plan, &plan->ab.arms[i]);
    json_tree_put(tree, ab, "arms", arms);
    put_sentences(tree, ab, plan, facts->ab);
    differences = json_tree_array(tree);
    for (size_t i = 0; (difference = ab_report_at(facts->ab, i)) != NULL; i++)
        difference_put(tree, differences, &difference->difference, difference->limit);
    json_tree_put(tree, ab, "differences", differences);
}

static const struct summary_member ab_members[] = {
    {"base", TEXT, "The arm that the others are compared with"},
    {"by", "{\"enum\": [\"iteration\", \"user\"]}",
     "What is dealt to the arms; of an open loop iterations are arrivals"},
    {"arms", "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/arm\"}}",
     "In the scenario's order; their figures stand in by.arm"},
    {"sentences", "{\"type\": \"array\", \"items\": {\"type\": \"string\"}}",
     "What came of each arm but the base, in words; empty: the run was not over"},
    {"differences",
     "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/ab_difference\"}}",
     "Each figure of each arm but the base, as in a comparison of two runs; p_adjusted "
     "is "
     "over all of them"},
};

static const struct summary_member arm_members[] = {
    {"name", TEXT, ""},
    {"share", NUMBER, "Of what is asked, as its weight says"},
    {"target", "{\"type\": [\"string\", \"null\"]}",
     "In place of the classes' own; null: theirs"},
    {"models", TEXTS, "Which model it asks in place of which"},
    {"headers", "{\"type\": \"array\", \"items\": {\"type\": \"string\"}}",
     "Names of those that it sends"},
    {"extra_body", "{\"type\": \"array\", \"items\": {\"type\": \"string\"}}",
     "Names of what it lays over the body"},
};

static const struct summary_member difference_members[] = {
    {"metric", TEXT, "Such as ttft"},
    {"aggregate", TEXT, "p50, p95, mean or rate"},
    {"selector", TEXT, "The arm: arm=candidate"},
    {"unit", TEXT, "Of base, new and difference"},
    {"base", MAYBE_NUMBER, "null: only known to be above the one in `above`"},
    {"new", MAYBE_NUMBER, "Likewise"},
    {"change", MAYBE_NUMBER, "new / base - 1"},
    {"low", MAYBE_NUMBER, "95% interval of the change; null: not known, or open"},
    {"high", MAYBE_NUMBER, "Likewise"},
    {"difference", MAYBE_NUMBER, "new - base"},
    {"p", MAYBE_NUMBER, "Two-sided, of no difference; null: not known"},
    {"p_adjusted", MAYBE_NUMBER, "The same for all of them together (Holm)"},
    {"better", "{\"enum\": [\"lower\", \"higher\", \"neither\"]}", ""},
    {"verdict",
     "{\"enum\": [\"regression\", \"improvement\", \"no_change\", "
     "\"not_enough_data\"]}",
     "The first two from 1% on, since nothing else differs within a run"},
    {"samples_base", COUNT, "Observations"},
    {"samples_new", COUNT, "Likewise"},
};

static const struct summary_definition definitions[] = {
    SUMMARY_DEFINE("ab", ab_members),
    SUMMARY_DEFINE("arm", arm_members),
    SUMMARY_DEFINE("ab_difference", difference_members),
};

const struct summary_definition *summary_ab_definition_at(size_t index)
{
    return index < COUNT_OF(definitions) ? &definitions[index] : NULL;
}
