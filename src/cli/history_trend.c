#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/history_command.h"
#include "cli/history_trend_page.h"
#include "expr/selector.h"
#include "output/history_text.h"
#include "result/history.h"
#include "result/verdict.h"

#define MAX_TEXT_BYTES ((size_t)64 << 20)
#define NAME_BYTES 512
#define TREND_LAST 50

/* What is followed, in memory of its own. */
struct followed {
    struct history_series series;
    char metric[NAME_BYTES];
    char aggregate[NAME_BYTES];
    char dimension[NAME_BYTES];
    char value[NAME_BYTES];
    bool is_asked; /* the aggregate was said */
};

static int refuse(const char *what)
{
    fprintf(
        stderr,
        "throng history trend: %s; name a metric and a figure of it, such as `ttft p95`, "
        "`'e2e{model:gpt-4o}' p99` or `error_rate`\n",
        what);
    return EXIT_COMMAND_LINE;
}

/* Takes "ttft{model:m}" apart. Returns 0 or -EINVAL. */
static int read_metric(const char *text, struct followed *followed)
{
    const size_t len = strcspn(text, "{");
    const size_t text_len = strlen(text);
    char inner[NAME_BYTES] = "";
    struct selector selector;

    if (len == 0 || text_len >= NAME_BYTES)
        return -EINVAL;
    memcpy(followed->metric, text, len);
    if (!text[len])
        return 0;
    if (text[text_len - 1] != '}')
        return -EINVAL;
    memcpy(inner, text + len + 1, text_len - len - 2);
    if (selector_parse(inner, &selector) < 0 || selector.count != 1)
        return -EINVAL;
    memcpy(followed->dimension, selector.labels[0].key, selector.labels[0].key_len);
    memcpy(followed->value, selector.labels[0].value, selector.labels[0].value_len);
    return 0;
}

/* "p95", "p(95)", "p99.9", "avg": as columns are called. */
static void read_aggregate(const char *text, char aggregate[static NAME_BYTES])
{
    static const char *const others[][2] = {
        {"avg", "mean"}, {"med", "p50"}, {"value", "level"}, {"median", "p50"}};
    size_t len = 0;

    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (strcmp(text, others[i][0]) == 0)
            text = others[i][1];
    for (; *text && len < NAME_BYTES - 1; text++)
        if (*text != '(' && *text != ')')
            aggregate[len++] = *text == '.' ? '_' : *text;
    aggregate[len] = '\0';
}

/* Returns -1 or an exit code. */
static int read_words(const struct history_call *call, struct followed *followed)
{
    *followed = (struct followed){.series = {0}};
    if (call->count < 1 || call->count > 2)
        return refuse("there is no metric");
    if (read_metric(call->words[0], followed) < 0)
        return refuse("that is no metric");
    followed->is_asked = call->count == 2;
    read_aggregate(followed->is_asked ? call->words[1] : "p95", followed->aggregate);
    followed->series = (struct history_series){.metric = followed->metric,
                                               .aggregate = followed->aggregate,
                                               .dimension = followed->dimension,
                                               .value = followed->value};
    return -1;
}

static bool has_values(const json_t *points)
{
    for (size_t i = 0; i < json_array_size(points); i++) {
        const json_t *point = json_array_get(points, i);

        if (json_is_number(json_object_get(point, "value")) ||
            json_is_number(json_object_get(point, "above")))
            return true;
    }
    return false;
}

/* Where nothing was said of which figure: the first that the metric has. */
static int ask(const struct history_call *call, struct followed *followed,
               const struct history_filter *filter, json_t **ret_points,
               struct buf *reterr)
{
    static const char *const others[] = {"rate", "level", "mean", "count"};
    int r = history_trend(call->history, filter, &followed->series, ret_points, reterr);

    for (size_t i = 0; r == 0 && i < COUNT_OF(others) && !followed->is_asked &&
                       !has_values(*ret_points);
         i++) {
        json_decref(*ret_points);
        *ret_points = NULL;
        followed->series.aggregate = others[i];
        r = history_trend(call->history, filter, &followed->series, ret_points, reterr);
    }
    return r;
}

/* The scenario of the newest run: figures of several do not compare. */
static int choose_scenario(const struct history_call *call, struct history_filter *filter,
                           char scenario[static NAME_BYTES], struct buf *reterr)
{
    struct history_filter newest = *filter;
    json_t *runs = NULL;
    const char *name;
    int r;

    if (filter->scenario)
        return 0;
    newest.last = 1;
    r = history_list(call->history, &newest, &runs, reterr);
    name = json_string_value(json_object_get(json_array_get(runs, 0), "scenario"));
    (void)snprintf(scenario, NAME_BYTES, "%s", name ? name : "");
    filter->scenario = scenario;
    json_decref(runs);
    return r;
}

static const char *unit_of(const json_t *points)
{
    for (size_t i = json_array_size(points); i > 0; i--) {
        const char *unit =
            json_string_value(json_object_get(json_array_get(points, i - 1), "unit"));

        if (unit)
            return unit;
    }
    return "";
}

/* Takes the points. NULL: out of memory. */
static json_t *make_document(const struct history_call *call,
                             const struct followed *followed, const char *scenario,
                             json_t *points)
{
    CLEANUP(buf_deinit) struct buf title = BUF_INIT(MAX_TEXT_BYTES);
    json_t *document = history_call_document(call, "throng.trend/1");
    const char *unit = unit_of(points);
    const bool is_count = strcmp(unit, "ms") != 0 && !followed->is_asked;

    buf_printf(&title, "%s%s%s", call->words[0], is_count ? "" : " ",
               is_count ? "" : followed->series.aggregate);
    if (json_object_set_new(document, "title", json_string(buf_str(&title))) < 0 ||
        json_object_set_new(document, "scenario", json_string(scenario)) < 0 ||
        json_object_set_new(document, "metric", json_string(followed->metric)) < 0 ||
        json_object_set_new(document, "aggregate",
                            json_string(followed->series.aggregate)) < 0 ||
        json_object_set_new(document, "dimension", json_string(followed->dimension)) <
            0 ||
        json_object_set_new(document, "value", json_string(followed->value)) < 0 ||
        json_object_set_new(document, "unit", json_string(unit)) < 0) {
        json_decref(document);
        document = NULL;
    }
    if (json_object_set_new(document, "points", points) < 0) {
        json_decref(document);
        return NULL;
    }
    return document;
}

static int tell(const struct history_call *call, json_t *document)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_TEXT_BYTES);

    if (!document || history_call_wants_json(call))
        return history_call_print_json(document);
    if (!has_values(json_object_get(document, "points"))) {
        fprintf(
            stderr,
            "throng history trend: no run of %s has a figure %s; `throng history show "
            "RUN --output json` has all that a run measured\n",
            json_string_value(json_object_get(document, "scenario")),
            json_string_value(json_object_get(document, "title")));
        return EXIT_COMMAND_LINE;
    }
    (void)history_text_trend(document, terminal_style_of(STDOUT_FILENO), &text);
    return history_call_print(&text);
}

int history_trend_action(struct history_call *call)
{
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_TEXT_BYTES);
    CLEANUP(json_decrefp) json_t *document = NULL;
    struct history_filter filter = history_call_filter(call, TREND_LAST);
    char scenario[NAME_BYTES];
    struct followed followed;
    json_t *points = NULL;
    int code = read_words(call, &followed);
    int r;

    if (code < 0)
        code = history_call_open(call, false);
    if (code >= 0)
        return code;
    r = choose_scenario(call, &filter, scenario, &why);
    if (r == 0)
        r = ask(call, &followed, &filter, &points, &why);
    if (r < 0)
        return history_call_fail(call, r, &why);
    document = make_document(call, &followed, filter.scenario, points);
    if (document && call->options->html && json_array_size(points) > 0)
        r = history_trend_page_write(call, &filter, document, &why);
    (void)json_object_del(document, "charts");
    return r < 0 ? history_call_fail(call, r, &why) : tell(call, document);
}
