#include "result/advice.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "result/advice_rule.h"
#include "result/summary_reading.h"

#define MAX_SENTENCE_BYTES 2000
#define MOST_RULES 64
#define LEAST_VALUES 30

/* A rule that spoke. */
struct finding {
    const struct advice_rule *rule;
    enum advice_confidence confidence;
    size_t index; /* of the rule */
    json_t *advice;
};

void advice_show(struct advice_draft *draft, const char *format, ...)
{
    struct buf sentence = BUF_INIT(MAX_SENTENCE_BYTES);
    va_list args;

    va_start(args, format);
    buf_vprintf(&sentence, format, args);
    va_end(args);
    json_tree_append(draft->tree, draft->evidence, json_string(buf_str(&sentence)));
    buf_deinit(&sentence);
}

const char *advice_ms(double ms, char text[ADVICE_FIGURE_BYTES])
{
    struct buf figure = BUF_INIT(ADVICE_FIGURE_BYTES);

    quantity_format_latency(&figure,
                            ms > 0 ? (uint64_t)llround(ms * (double)NS_PER_MS) : 0);
    (void)snprintf(text, ADVICE_FIGURE_BYTES, "%s", buf_str(&figure));
    buf_deinit(&figure);
    return text;
}

const char *advice_usd(double usd, char text[ADVICE_FIGURE_BYTES])
{
    struct buf figure = BUF_INIT(ADVICE_FIGURE_BYTES);

    quantity_format_money(&figure, llround(usd * (double)PUSD_PER_USD));
    (void)snprintf(text, ADVICE_FIGURE_BYTES, "%s", buf_str(&figure));
    buf_deinit(&figure);
    return text;
}

double advice_share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

size_t advice_values(const struct advice_case *facts, const char *dimension)
{
    return json_object_size(json_object_get(summary_at(facts->summary, "by"), dimension));
}

double advice_median(const json_t *of, const char *metric)
{
    const json_t *latency = json_object_get(json_object_get(of, "metrics"), metric);

    return summary_count(latency, "count") >= LEAST_VALUES
               ? summary_number(latency, "p50")
               : (double)NAN;
}

static const char *topic_name(enum advice_topic topic)
{
    static const char *const names[] = {[ADVICE_MEASUREMENT] = "measurement",
                                        [ADVICE_BOTTLENECK] = "bottleneck",
                                        [ADVICE_COST] = "cost"};

    return names[topic];
}

static const char *confidence_name(enum advice_confidence confidence)
{
    static const char *const names[] = {[ADVICE_SILENT] = "",
                                        [ADVICE_POSSIBLE] = "possible",
                                        [ADVICE_LIKELY] = "likely",
                                        [ADVICE_SURE] = "sure"};

    return names[confidence];
}

/* How sure it is, before what is said of a bottleneck. */
static const char *opening_of(const struct advice_rule *rule,
                              enum advice_confidence confidence)
{
    static const char *const openings[] = {[ADVICE_SILENT] = "",
                                           [ADVICE_POSSIBLE] = "Possibly: ",
                                           [ADVICE_LIKELY] = "Most likely: ",
                                           [ADVICE_SURE] = "Found: "};

    return rule->topic == ADVICE_BOTTLENECK ? openings[confidence] : "";
}

static json_t *advice_json(struct json_tree *tree, const struct advice_rule *rule,
                           enum advice_confidence confidence,
                           const struct advice_draft *draft)
{
    CLEANUP(buf_deinit) struct buf sentence = BUF_INIT(MAX_SENTENCE_BYTES);
    json_t *advice = json_tree_object(tree);

    buf_printf(&sentence, "%s%s. %s", opening_of(rule, confidence),
               rule->says ? rule->says : buf_str(&draft->said), rule->remedy);
    json_tree_put_text(tree, advice, "topic", topic_name(rule->topic));
    json_tree_put_text(tree, advice, "subject", rule->subject);
    json_tree_put_text(tree, advice, "rule", rule->id);
    json_tree_put_text(tree, advice, "confidence", confidence_name(confidence));
    json_tree_put_text(tree, advice, "sentence", buf_str(&sentence));
    json_tree_put(tree, advice, "evidence", json_incref(draft->evidence));
    return advice;
}

/* D or F: its latencies are as much throng's own. */
static bool is_untrusted(const json_t *summary)
{
    const char *grade = summary_text(summary, "client/trust");

    return strcmp(grade, "D") == 0 || strcmp(grade, "F") == 0;
}

static void try_rule(struct json_tree *tree, const struct advice_case *facts,
                     const struct advice_rule *rule, struct finding *finding)
{
    struct advice_draft draft = {.tree = tree,
                                 .evidence = json_tree_array(tree),
                                 .said = BUF_INIT(MAX_SENTENCE_BYTES)};

    finding->rule = rule;
    finding->confidence = rule->judge(facts, &draft);
    if (finding->confidence != ADVICE_SILENT)
        finding->advice = advice_json(tree, rule, finding->confidence, &draft);
    json_decref(draft.evidence);
    buf_deinit(&draft.said);
}

static int group_of(const struct finding *finding)
{
    return finding->rule->topic == ADVICE_COST;
}

/* What money went for comes last; then the surest first, and of those the heaviest. */
static int more_important_first(const void *a, const void *b)
{
    const struct finding *one = a;
    const struct finding *other = b;

    if (group_of(one) != group_of(other))
        return group_of(one) - group_of(other);
    if (one->confidence != other->confidence)
        return (int)other->confidence - (int)one->confidence;
    if (one->rule->weight != other->rule->weight)
        return one->rule->weight > other->rule->weight ? -1 : 1;
    return one->index < other->index ? -1 : one->index > other->index;
}

static json_t *advice_list(struct json_tree *tree, const json_t *summary)
{
    const double window_s = summary_number(summary, "window/end_s") -
                            summary_number(summary, "window/start_s");
    struct advice_case facts = {
        .summary = summary,
        .is_trusted = !is_untrusted(summary),
        .window_s = window_s > 0 ? window_s : 0,
    };
    const struct advice_rule *rule;
    struct finding findings[MOST_RULES];
    json_t *list = json_tree_array(tree);
    size_t count = 0;

    /* A search for capacity overloads on purpose, and says itself what gave way. */
    if (!summary_at(summary, "capacity"))
        facts.growth = load_growth_of(summary);
    for (size_t i = 0; (rule = advice_rule_at(i)) != NULL; i++) {
        struct finding finding = {.index = i};

        if (rule->needs_trust && !facts.is_trusted)
            continue;
        try_rule(tree, &facts, rule, &finding);
        if (finding.confidence != ADVICE_SILENT && count < MOST_RULES)
            findings[count++] = finding;
    }
    qsort(findings, count, sizeof(findings[0]), more_important_first);
    for (size_t i = 0; i < count; i++) {
        if (i < ADVICE_MAX)
            json_tree_append(tree, list, findings[i].advice);
        else
            json_decref(findings[i].advice);
    }
    return list;
}

int advice_put(json_t *summary)
{
    struct json_tree tree = {0};
    json_t *list = advice_list(&tree, summary);

    if (tree.error == 0 && json_object_set(summary, "advice", list) < 0)
        tree.error = -ENOMEM;
    json_decref(list);
    return tree.error;
}

int advice_reference(struct buf *out)
{
    const struct advice_rule *rule;

    buf_append_str(out, "| rule | topic | subject | fires when | what to do |\n"
                        "|---|---|---|---|---|\n");
    for (size_t i = 0; (rule = advice_rule_at(i)) != NULL; i++)
        buf_printf(out, "| `%s` | %s | %s | %s | %s |\n", rule->id,
                   topic_name(rule->topic), rule->subject, rule->when, rule->remedy);
    return buf_error(out);
}
