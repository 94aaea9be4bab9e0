#include "scenario/convert_artillery.h"

#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "scenario/load_curve.h"

static void write_target(struct artillery *artillery, const struct config_node *config)
{
    struct draft *draft = artillery->draft;
    const struct config_node *http = config_find(config, "http");
    const struct config_node *reject =
        config_find(config_find(config, "tls"), "rejectUnauthorized");
    const double timeout_s = convert_number(config_find(http, "timeout"), 0);
    const double pool = convert_number(config_find(http, "pool"), 0);

    artillery->target =
        convert_address(draft, convert_text(config_find(config, "target")));
    draft_line(draft, DRAFT_TARGET, 0, "target:");
    if (artillery->target && strstr(artillery->target, "{{")) {
        draft_note(draft, "the target `%s` is a template: it is $BASE_URL",
                   artillery->target);
        artillery->target = NULL;
    }
    draft_line(draft, DRAFT_TARGET, 1, "url: ${BASE_URL:-%s}",
               artillery->target ? artillery->target : "simulator");
    if (pool > 0)
        draft_line(draft, DRAFT_TARGET, 1, "connections: {max: %.0f}", pool);
    else
        draft_line(draft, DRAFT_TARGET, 1, "connections: user");
    if (timeout_s > 0)
        draft_line(draft, DRAFT_TARGET, 1, "timeouts: {total: %s}",
                   draft_duration(draft, timeout_s));
    if (reject && !convert_is_true(reject))
        draft_line(draft, DRAFT_TARGET, 1, "tls: {insecure: true}");
}

/* Those of all requests, once the names are known that may stand in them. */
static void write_headers(struct artillery *artillery, const struct config_node *headers)
{
    struct draft *draft = artillery->draft;

    if (!headers || headers->kind != CONFIG_MAP || headers->count == 0)
        return;
    draft_line(draft, DRAFT_TARGET, 1, "headers:");
    for (size_t i = 0; i < headers->count; i++) {
        const struct config_entry *entry = &headers->entries[i];
        const char *text = convert_text(entry->value);

        if (text)
            draft_line(draft, DRAFT_TARGET, 2, "%s: %s",
                       draft_text(draft, convert_text(entry->key), false),
                       draft_text(draft, artillery_text(artillery, text), false));
    }
}

static void write_environments(struct artillery *artillery,
                               const struct config_node *environments)
{
    static const char *const known[] = {"target", NULL};
    struct draft *draft = artillery->draft;

    if (!environments || environments->kind != CONFIG_MAP || environments->count == 0)
        return;
    draft_line(draft, DRAFT_ENVIRONMENTS, 0, "environments:");
    for (size_t i = 0; i < environments->count; i++) {
        const struct config_entry *entry = &environments->entries[i];
        const char *target =
            convert_address(draft, convert_text(config_find(entry->value, "target")));
        const char *name = convert_text(entry->key);

        draft_line(draft, DRAFT_ENVIRONMENTS, 1, "%s: {target: {url: %s}}",
                   draft_text(draft, name, false),
                   draft_text(draft, target ? target : "simulator", true));
        convert_note_others(draft, entry->value, known,
                            draft_printf(draft, "environment %s: Artillery's", name));
    }
}

/* A feeder of a payload file. */
static void write_payload(struct artillery *artillery, const struct config_node *payload)
{
    static const char *const known[] = {"path",    "fields", "order", "skipHeader",
                                        "loadAll", "cast",   "name",  NULL};
    struct draft *draft = artillery->draft;
    const struct config_node *fields = config_find(payload, "fields");
    const char *path = convert_text(config_find(payload, "path"));
    const char *order = convert_text(config_find(payload, "order"));
    const char *name = "payload";

    if (!path)
        return;
    if (artillery->feeders++ == 0)
        draft_line(draft, DRAFT_DATA, 0, "data:");
    else
        name = draft_printf(draft, "payload-%zu", artillery->feeders);
    draft_line(draft, DRAFT_DATA, 1, "%s: {file: %s, order: %s}", name,
               draft_text(draft, path, true),
               order && strcmp(order, "sequence") == 0 ? "sequential" : "random");
    for (size_t i = 0; fields && fields->kind == CONFIG_LIST && i < fields->count; i++) {
        const char *field = convert_text(fields->items[i]);

        if (field)
            artillery_name_add(artillery, field,
                               draft_printf(draft, "data.%s.%s", name, field));
    }
    draft_note(draft, "the first line of %s must name its columns as `fields` did", path);
    convert_note_others(draft, payload, known, "the payload's");
}

static void write_data(struct artillery *artillery, const struct config_node *payload)
{
    if (payload && payload->kind == CONFIG_MAP)
        write_payload(artillery, payload);
    for (size_t i = 0; payload && payload->kind == CONFIG_LIST && i < payload->count; i++)
        write_payload(artillery, payload->items[i]);
}

/* A variable's value: of a list, one of them for each time through the flow. */
static const char *value_of(struct artillery *artillery, const struct config_node *node)
{
    struct draft *draft = artillery->draft;
    const char *choice = "";

    if (convert_text(node))
        return draft_text(draft, artillery_text(artillery, convert_text(node)), false);
    if (node->kind != CONFIG_LIST)
        return draft_value(draft, node);
    for (size_t i = 0; i < node->count; i++) {
        const char *text = convert_text(node->items[i]);

        if (!text || strpbrk(text, "\"\\"))
            return draft_value(draft, node);
        choice = draft_printf(draft, "%s%s\"%s\"", choice, *choice ? ", " : "", text);
    }
    return draft_text(draft, draft_printf(draft, "{{ random.choice(%s) }}", choice),
                      false);
}

static void write_variables(struct artillery *artillery,
                            const struct config_node *variables)
{
    struct draft *draft = artillery->draft;

    for (size_t i = 0; variables && variables->kind == CONFIG_MAP && i < variables->count;
         i++) {
        const char *name = convert_text(variables->entries[i].key);
        const char *value = value_of(artillery, variables->entries[i].value);

        if (draft->parts[DRAFT_VARS].len == 0)
            draft_line(draft, DRAFT_VARS, 0, "vars:");
        draft_line(draft, DRAFT_VARS, 1, "%s: %s", draft_text(draft, name, false), value);
        artillery_name_add(artillery, name, draft_printf(draft, "vars.%s", name));
    }
}

/* Finds what captures set, anywhere: a flow may use what a later step of it sets. */
// NOLINTNEXTLINE(misc-no-recursion): as high as the tree, at most CONFIG_MAX_HEIGHT
static void find_captured(struct artillery *artillery, const struct config_node *node)
{
    const char *as = convert_text(config_find(node, "as"));

    if (as)
        artillery_name_add(artillery, as, draft_printf(artillery->draft, "vars.%s", as));
    for (size_t i = 0; node && node->kind == CONFIG_MAP && i < node->count; i++)
        find_captured(artillery, node->entries[i].value);
    for (size_t i = 0; node && node->kind == CONFIG_LIST && i < node->count; i++)
        find_captured(artillery, node->items[i]);
}

/* Scenarios of HTTP: others have other protocols. */
static bool is_http(const struct config_node *scenario)
{
    const char *engine = convert_text(config_find(scenario, "engine"));

    return !engine || strcmp(engine, "http") == 0;
}

/* Returns whether it could be carried over. */
static bool write_class(struct artillery *artillery, const struct config_node *scenario,
                        size_t index)
{
    static const char *const known[] = {"name", "weight", "flow", "engine", NULL};
    struct draft *draft = artillery->draft;
    const char *name = convert_text(config_find(scenario, "name"));
    const double weight = convert_number(config_find(scenario, "weight"), 0);
    const struct config_node *flow = config_find(scenario, "flow");

    if (!name)
        name = draft_printf(draft, "scenario-%zu", index + 1);
    if (!is_http(scenario)) {
        draft_note(draft, "the scenario `%s` is left out: only HTTP is spoken here",
                   name);
        return false;
    }
    draft_line(draft, DRAFT_USERS, 1, "%s:", draft_text(draft, name, false));
    if (weight >= 1)
        draft_line(draft, DRAFT_USERS, 2, "weight: %.0f", weight);
    draft_line(draft, DRAFT_USERS, 2, "cookies: keep");
    draft_line(draft, DRAFT_USERS, 2, "flow:");
    artillery_write_flow(artillery, DRAFT_USERS, 3, flow);
    convert_note_others(draft, scenario, known,
                        draft_printf(draft, "%s: Artillery's", name));
    return true;
}

static void write_hook(struct artillery *artillery, const char *theirs, const char *ours)
{
    const struct config_node *flow =
        config_find(config_find(artillery->root, theirs), "flow");

    if (!flow)
        return;
    draft_line(artillery->draft, DRAFT_SETUP, 0, "%s:", ours);
    artillery_write_flow(artillery, DRAFT_SETUP, 1, flow);
}

/* A phase of arrivals; its limit of people, where it has one and it is the highest so far, is kept. */
static void add_phase(struct artillery *artillery, const struct config_node *phase,
                      struct load_curve *curve, double *most)
{
    const double seconds = convert_seconds_at(artillery->draft, phase, "duration", 1, 0);
    const double count = convert_number_at(artillery->draft, phase, "arrivalCount", -1);
    double from = convert_number_at(artillery->draft, phase, "arrivalRate", 0);
    double to = convert_number_at(artillery->draft, phase, "rampTo", from);

    load_curve_add(curve, convert_seconds_at(artillery->draft, phase, "pause", 1, 0), 0,
                   0);
    if (count >= 0 && seconds > 0)
        from = to = count / seconds;
    load_curve_add(curve, seconds, from, to);
    *most = fmax(*most, convert_number_at(artillery->draft, phase, "maxVusers", 0));
}

/* Evenly, as Artillery has it; where there may be no more people, an arrival is skipped. */
static void write_arrivals(struct draft *draft, double most)
{
    if (most >= 1)
        draft_line(draft, DRAFT_LOAD, 0,
                   "arrivals: {distribution: constant, users: %.0f, max_wait: 0s}", most);
    else
        draft_line(draft, DRAFT_LOAD, 0, "arrivals: constant");
}

static void write_load(struct artillery *artillery, const struct config_node *phases)
{
    static const char *const known[] = {"duration",     "arrivalRate", "rampTo",
                                        "arrivalCount", "maxVusers",   "pause",
                                        "name",         NULL};
    struct draft *draft = artillery->draft;
    struct load_curve curve = {.is_rate = true};
    double most = 0;

    for (size_t i = 0; phases && phases->kind == CONFIG_LIST && i < phases->count; i++) {
        add_phase(artillery, phases->items[i], &curve, &most);
        convert_note_others(draft, phases->items[i], known, "a phase's");
    }
    if (load_curve_peak(&curve) <= 0) {
        draft_note(draft, "there are no arrivals in it: one a second for a minute stands "
                          "in their place");
        load_curve_add(&curve, 60, 1, 1);
    }
    if (most >= 1)
        draft_note(draft, "`maxVusers` is that of all phases together: %.0f", most);
    write_arrivals(draft, most);
    load_curve_write(&curve, draft);
}

/* "http.response_time.p95": 250, and in the old form p95: 250. */
static void write_threshold(struct artillery *artillery, const char *metric, double value)
{
    static const struct {
        const char *theirs;
        const char *ours;
    } aggregates[] = {{"min", "min"},     {"max", "max"},   {"mean", "avg"},
                      {"median", "med"},  {"p50", "p(50)"}, {"p75", "p(75)"},
                      {"p90", "p(90)"},   {"p95", "p(95)"}, {"p99", "p(99)"},
                      {"p999", "p(99.9)"}};
    static const char prefix[] = "http.response_time.";
    struct draft *draft = artillery->draft;
    const char *aggregate = strncmp(metric, prefix, sizeof(prefix) - 1) == 0
                                ? metric + sizeof(prefix) - 1
                                : metric;
    size_t i = 0;

    while (i < COUNT_OF(aggregates) && strcmp(aggregates[i].theirs, aggregate) != 0)
        i++;
    if (i == COUNT_OF(aggregates)) {
        draft_note(draft, "the threshold on `%s` has no counterpart", metric);
        return;
    }
    if (draft->parts[DRAFT_THRESHOLDS].len == 0)
        draft_line(draft, DRAFT_THRESHOLDS, 0, "thresholds:\n  http_req_duration:");
    draft_line(draft, DRAFT_THRESHOLDS, 2, "- %s<%g", aggregates[i].ours, value);
}

static void write_thresholds(struct artillery *artillery,
                             const struct config_node *ensure)
{
    const struct config_node *list = config_find(ensure, "thresholds");
    const double errors = convert_number(config_find(ensure, "maxErrorRate"), -1);
    struct draft *draft = artillery->draft;

    for (size_t i = 0; ensure && ensure->kind == CONFIG_MAP && i < ensure->count; i++) {
        const char *key = convert_text(ensure->entries[i].key);

        if (strcmp(key, "conditions") == 0)
            draft_note(
                draft,
                "`conditions` of ensure are to be written anew under `thresholds`");
        else if (strcmp(key, "thresholds") != 0 && strcmp(key, "maxErrorRate") != 0)
            write_threshold(artillery, key, convert_number(ensure->entries[i].value, 0));
    }
    for (size_t i = 0; list && list->kind == CONFIG_LIST && i < list->count; i++)
        for (size_t j = 0;
             list->items[i]->kind == CONFIG_MAP && j < list->items[i]->count; j++)
            write_threshold(artillery, convert_text(list->items[i]->entries[j].key),
                            convert_number(list->items[i]->entries[j].value, 0));
    if (errors < 0)
        return;
    if (draft->parts[DRAFT_THRESHOLDS].len == 0)
        draft_line(draft, DRAFT_THRESHOLDS, 0, "thresholds:");
    draft_line(draft, DRAFT_THRESHOLDS, 1, "http_req_failed: rate<=%g%%", errors);
}

int convert_artillery(const struct config_node *root, struct draft *draft,
                      struct diag_list *reterr_diags)
{
    static const char *const known[] = {"target", "phases",  "payload",  "variables",
                                        "tls",    "http",    "defaults", "environments",
                                        "ensure", "plugins", NULL};
    static const char *const known_plugins[] = {"ensure", "expect", "metrics-by-endpoint",
                                                NULL};
    static const char *const known_http[] = {"timeout", "pool", NULL};
    const struct config_node *config = config_find(root, "config");
    const struct config_node *scenarios = config_find(root, "scenarios");
    const struct config_node *plugins = config_find(config, "plugins");
    struct artillery *artillery = draft_alloc(draft, 1, sizeof(*artillery));
    bool any = false;

    if (!artillery)
        return draft->error;
    if (!scenarios || scenarios->kind != CONFIG_LIST || scenarios->count == 0)
        return diag_add(
            reterr_diags, root->place, NULL,
            "an Artillery script has a list of `scenarios`, and here is none");
    artillery->draft = draft;
    artillery->root = root;
    draft_line(draft, DRAFT_HEAD, 0, "scenario: from-artillery");
    write_target(artillery, config);
    write_environments(artillery, config_find(config, "environments"));
    write_data(artillery, config_find(config, "payload"));
    find_captured(artillery, root);
    write_variables(artillery, config_find(config, "variables"));
    write_headers(artillery, config_find(config_find(config, "defaults"), "headers"));
    draft_line(draft, DRAFT_USERS, 0, "users:");
    for (size_t i = 0; i < scenarios->count; i++)
        any |= write_class(artillery, scenarios->items[i], i);
    if (!any)
        return diag_add(reterr_diags, scenarios->place, NULL,
                        "none of its scenarios speaks HTTP");
    write_hook(artillery, "before", "setup");
    write_hook(artillery, "after", "teardown");
    write_load(artillery, config_find(config, "phases"));
    write_thresholds(artillery, config_find(config, "ensure")
                                    ? config_find(config, "ensure")
                                    : config_find(plugins, "ensure"));
    convert_note_others(draft, config, known, "Artillery's");
    convert_note_others(draft, plugins, known_plugins, "the plugin");
    convert_note_others(draft, config_find(config, "http"), known_http,
                        "Artillery's http");
    return draft->error;
}
