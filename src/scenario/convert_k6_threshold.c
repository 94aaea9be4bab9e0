#include <string.h>

#include "base/cleanup.h"
#include "expr/selector.h"
#include "expr/threshold.h"
#include "scenario/convert_k6.h"

/* Metrics that have k6's name and meaning here, and of which a converted scenario has values. */
static const char *const metrics[] = {"data_received",
                                      "data_sent",
                                      "http_req_blocked",
                                      "http_req_connecting",
                                      "http_req_duration",
                                      "http_req_failed",
                                      "http_req_receiving",
                                      "http_req_sending",
                                      "http_req_waiting",
                                      "http_req_tls_handshaking",
                                      "http_reqs",
                                      "iteration_duration",
                                      "iterations",
                                      "vus",
                                      "vus_max"};

/* dropped: whether arrivals can be. */
static bool is_known_metric(const char *name, size_t len, bool dropped)
{
    static const char of_arrivals[] = "dropped_iterations";

    if (dropped && len == sizeof(of_arrivals) - 1 && memcmp(of_arrivals, name, len) == 0)
        return true;
    for (size_t i = 0; i < COUNT_OF(metrics); i++)
        if (strlen(metrics[i]) == len && memcmp(metrics[i], name, len) == 0)
            return true;
    return false;
}

/* Whether a tag is set in the options, for the run or in a scenario. */
static bool is_tag(const struct config_node *options, const char *key)
{
    const struct config_node *scenarios = config_find(options, "scenarios");

    if (config_find(config_find(options, "tags"), key))
        return true;
    for (size_t i = 0; scenarios && scenarios->kind == CONFIG_MAP && i < scenarios->count;
         i++)
        if (config_find(config_find(scenarios->entries[i].value, "tags"), key))
            return true;
    return false;
}

/* Our key of a label of theirs; "": it says nothing here; NULL: there is none. */
static const char *label_of(const struct config_node *options, const char *key)
{
    if (strcmp(key, "scenario") == 0)
        return "class";
    if (strcmp(key, "expected_response") == 0)
        return "";
    return is_tag(options, key) ? key : NULL;
}

/* The metric with its selector as written here; NULL where it has no counterpart. */
static const char *metric_of(const struct config_node *options, const char *written,
                             struct draft *draft)
{
    const size_t name_len = strcspn(written, "{");
    const char *metric = draft_printf(draft, "%.*s", (int)name_len, written);
    const char *open = written + name_len;
    const char *inside =
        *open ? draft_printf(draft, "%.*s", (int)strcspn(open + 1, "}"), open + 1) : "";
    struct selector selector;
    const char *joined = "";

    if (!is_known_metric(written, name_len, k6_is_open(options))) {
        draft_note(draft,
                   "the threshold on `%s` is left out: checks, groups and metrics of the "
                   "script's own "
                   "are to be written anew",
                   written);
        return NULL;
    }
    if (selector_parse(inside, &selector) < 0)
        selector.count = 0;
    for (size_t i = 0; i < selector.count; i++) {
        const struct selector_label *label = &selector.labels[i];
        const char *key = label_of(
            options, draft_printf(draft, "%.*s", (int)label->key_len, label->key));

        if (!key) {
            draft_note(
                draft,
                "the threshold on `%s` is left out: no request has the label `%.*s`",
                written, (int)label->key_len, label->key);
            return NULL;
        }
        if (!*key)
            draft_note(draft, "the threshold on `%s` looks at failed requests too",
                       written);
        else
            joined = draft_printf(draft, "%s%s%s:%.*s", joined, *joined ? "," : "", key,
                                  (int)label->value_len, label->value);
    }
    return *joined ? draft_printf(draft, "%s{%s}", metric, joined) : metric;
}

static const char *without_blanks(struct draft *draft, const char *text)
{
    struct buf out = BUF_INIT(1000);

    for (; *text; text++)
        if (*text != ' ')
            buf_append_char(&out, *text);
    return draft_take(draft, &out);
}

/* One of a metric's thresholds, a text or a map; NULL where it has no counterpart. */
static const char *expression_of(const struct config_node *node, const char *metric,
                                 struct draft *draft)
{
    const struct config_node *inner = config_find(node, "threshold");
    const char *written = convert_text(inner ? inner : node);
    const struct config_node *delay = config_find(node, "delayAbortEval");
    struct threshold threshold;
    const char *hint = NULL;
    const char *expression = written ? without_blanks(draft, written) : "";

    if (threshold_parse(expression, &threshold, &hint) < 0) {
        draft_note(draft, "the threshold `%s` on %s is left out: %s",
                   written ? written : "", metric, hint ? hint : "it has no counterpart");
        return NULL;
    }
    if (!convert_is_true(config_find(node, "abortOnFail")))
        return draft_text(draft, expression, true);
    return draft_printf(
        draft, "{threshold: %s, abort_on_fail: true%s%s}",
        draft_text(draft, expression, true), delay ? ", delay_abort_eval: " : "",
        delay ? draft_duration(draft, convert_seconds(delay, 1e-3, 0)) : "");
}

/* Thresholds that have a counterpart, by metric: two of theirs may be on the same one here. */
struct found {
    const char *metric;
    const char *expressions;
};

static void add_expression(struct found *found, size_t *count, struct draft *draft,
                           const char *metric, const char *expression)
{
    size_t at = 0;

    while (at < *count && strcmp(found[at].metric, metric) != 0)
        at++;
    if (at == *count)
        found[(*count)++] = (struct found){metric, expression};
    else
        found[at].expressions =
            draft_printf(draft, "%s, %s", found[at].expressions, expression);
}

static void read_metric(const struct config_node *options,
                        const struct config_entry *entry, struct draft *draft,
                        struct found *found, size_t *count)
{
    const struct config_node *node = entry->value;
    const bool list = node->kind == CONFIG_LIST;
    const char *metric = metric_of(options, convert_text(entry->key), draft);

    for (size_t i = 0; metric && i < (list ? node->count : 1); i++) {
        const char *expression =
            expression_of(list ? node->items[i] : node, metric, draft);

        if (expression)
            add_expression(found, count, draft, metric, expression);
    }
}

void k6_write_thresholds(const struct config_node *options, struct draft *draft)
{
    const struct config_node *thresholds = config_find(options, "thresholds");
    struct found *found;
    size_t count = 0;

    if (!thresholds || thresholds->kind != CONFIG_MAP || thresholds->count == 0)
        return;
    found = draft_alloc(draft, thresholds->count, sizeof(*found));
    for (size_t i = 0; found && i < thresholds->count; i++)
        read_metric(options, &thresholds->entries[i], draft, found, &count);
    if (count > 0)
        draft_line(draft, DRAFT_THRESHOLDS, 0, "thresholds:");
    for (size_t i = 0; i < count; i++)
        draft_line(draft, DRAFT_THRESHOLDS, 1, "%s: [%s]",
                   draft_text(draft, found[i].metric, false), found[i].expressions);
}
