#include "output/notification.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/quantity.h"
#include "output/summary_reader.h"

#define MAX_TEXT_BYTES ((size_t)64 * 1024)
/* More than a few lines in a channel is read by nobody; the rest is counted. */
#define MAX_VERDICTS 5

static const char *const headline_latencies[] = {"ttft", "e2e"};

/*
 * Slack's "Escaping text": three characters, and nobody is called, since Slack's calls begin with <.
 * Mattermost and Rocket.Chat call by @name alone: a word joiner (U+2060) behind the @ keeps them from it.
 */
static void append_slack(struct buf *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            buf_append_str(out, "&amp;");
            break;
        case '<':
            buf_append_str(out, "&lt;");
            break;
        case '>':
            buf_append_str(out, "&gt;");
            break;
        case '@':
            buf_append_str(out, "@\u2060");
            break;
        default:
            buf_append_char(out, *text);
            break;
        }
    }
}

static bool is_passed(const json_t *summary)
{
    return summary_count(summary, "run/exit_code") == 0;
}

/* "1,234 requests, 0.4% failed", where anything was measured. */
static void say_totals(const json_t *summary, struct buf *out)
{
    const double error_rate = summary_number(summary, "totals/error_rate");
    const json_int_t requests = summary_count(summary, "totals/requests");

    if (!json_is_object(summary_at(summary, "totals")))
        return;
    quantity_format_count(out, requests > 0 ? (uint64_t)requests : 0);
    buf_append_str(out, " requests");
    if (isfinite(error_rate))
        buf_printf(out, ", %.3g%% failed", 100 * error_rate);
}

static void say_sentence(const json_t *summary, struct buf *out)
{
    buf_printf(out, "%s %s", summary_text(summary, "run/scenario"),
               is_passed(summary) ? "passed" : "failed");
    if (json_is_object(summary_at(summary, "totals"))) {
        buf_append_str(out, ": ");
        say_totals(summary, out);
    }
}

/* A member whose value is said by a function; "" is left out. Returns 0 or -1, as jansson does. */
static int add_field(json_t *fields, const char *title, const struct buf *value)
{
    if (value->len == 0)
        return 0;
    return json_array_append_new(fields, json_pack("{s:s, s:s, s:b}", "title", title,
                                                   "value", buf_str(value), "short", 1));
}

static int add_latency(json_t *fields, const json_t *summary, const char *metric)
{
    CLEANUP(buf_deinit) struct buf value = BUF_INIT(MAX_TEXT_BYTES);
    const json_t *latency = json_object_get(summary_at(summary, "metrics"), metric);
    CLEANUP(buf_deinit) struct buf title = BUF_INIT(MAX_TEXT_BYTES);

    if (!latency)
        return 0;
    buf_printf(&title, "%s p50 / p95", strcmp(metric, "ttft") == 0 ? "TTFT" : metric);
    summary_say_percentile(latency, "p50", &value);
    buf_append_str(&value, " / ");
    summary_say_percentile(latency, "p95", &value);
    return add_field(fields, buf_str(&title), &value);
}

static int add_fields(json_t *fields, const json_t *summary)
{
    CLEANUP(buf_deinit) struct buf cost = BUF_INIT(MAX_TEXT_BYTES);
    CLEANUP(buf_deinit) struct buf trust = BUF_INIT(MAX_TEXT_BYTES);
    const json_int_t pusd = summary_count(summary, "totals/cost_pusd");
    int r = 0;

    for (size_t i = 0; r == 0 && i < COUNT_OF(headline_latencies); i++)
        r = add_latency(fields, summary, headline_latencies[i]);
    if (pusd > 0)
        quantity_format_money(&cost, pusd);
    append_slack(&trust, summary_text(summary, "client/trust"));
    if (r == 0)
        r = add_field(fields, "Cost", &cost);
    return r == 0 ? add_field(fields, "Trust", &trust) : r;
}

/* What speaks against the run, a line each. */
static void say_verdicts(const json_t *summary, struct buf *out)
{
    const json_t *verdicts = summary_at(summary, "verdicts");
    const size_t count = json_array_size(verdicts);

    for (size_t i = 0; i < count && i < MAX_VERDICTS; i++) {
        buf_append_str(out, i > 0 ? "\n• " : "• ");
        append_slack(out, summary_text(json_array_get(verdicts, i), "sentence"));
    }
    if (count > MAX_VERDICTS)
        buf_printf(out, "\n• and %zu more", count - MAX_VERDICTS);
}

/*
 * Slack's incoming webhooks, with the attachments that all who read its format know; blocks are known to
 * Slack alone.
 */
static json_t *slack_message(const json_t *summary, const char *link)
{
    CLEANUP(buf_deinit) struct buf said = BUF_INIT(MAX_TEXT_BYTES);
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_TEXT_BYTES);
    CLEANUP(buf_deinit) struct buf verdicts = BUF_INIT(MAX_TEXT_BYTES);
    json_t *fields = json_array();

    say_sentence(summary, &said);
    append_slack(&text, buf_str(&said));
    say_verdicts(summary, &verdicts);
    if (!fields || add_fields(fields, summary) < 0) {
        json_decref(fields);
        return NULL;
    }
    return json_pack("{s:s, s:[{s:s, s:s, s:s, s:s*, s:s, s:o, s:s}]}", "text",
                     buf_str(&text), "attachments", "color",
                     is_passed(summary) ? "good" : "danger", "fallback", buf_str(&text),
                     "title", summary_text(summary, "run/id"), "title_link", link, "text",
                     buf_str(&verdicts), "fields", fields, "footer", "throng");
}

/* Copies a member; one that is not there is null. Returns 0 or -1. */
static int copy(json_t *into, const char *name, const json_t *member)
{
    return json_object_set_new(into, name, member ? json_deep_copy(member) : json_null());
}

static int add_latencies(json_t *message, const json_t *summary)
{
    const json_t *metrics = summary_at(summary, "metrics");
    json_t *latencies = json_object();
    int r = json_object_set_new(message, "metrics", latencies);

    for (size_t i = 0; r == 0 && i < COUNT_OF(headline_latencies); i++)
        r = copy(latencies, headline_latencies[i],
                 json_object_get(metrics, headline_latencies[i]));
    return r;
}

/* Those that did not hold. */
static int add_thresholds(json_t *message, const json_t *summary)
{
    const json_t *thresholds = summary_at(summary, "thresholds");
    json_t *broken = json_array();
    int r = json_object_set_new(message, "broken_thresholds", broken);

    for (size_t i = 0; r == 0 && i < json_array_size(thresholds); i++) {
        const json_t *threshold = json_array_get(thresholds, i);

        if (!json_is_true(summary_at(threshold, "passed")))
            r = json_array_append_new(broken, json_deep_copy(threshold));
    }
    return r;
}

static json_t *own_message(const json_t *summary, const char *link)
{
    CLEANUP(buf_deinit) struct buf sentence = BUF_INIT(MAX_TEXT_BYTES);
    json_t *message;
    int r;

    say_sentence(summary, &sentence);
    message = json_pack("{s:s, s:b, s:s, s:s?, s:s}", "schema", NOTIFICATION_SCHEMA,
                        "passed", is_passed(summary), "sentence", buf_str(&sentence),
                        "link", link, "trust", summary_text(summary, "client/trust"));
    r = message ? copy(message, "run", summary_at(summary, "run")) : -1;
    if (r == 0)
        r = copy(message, "verdicts", summary_at(summary, "verdicts"));
    if (r == 0)
        r = add_thresholds(message, summary);
    if (r == 0)
        r = copy(message, "totals", summary_at(summary, "totals"));
    if (r == 0)
        r = add_latencies(message, summary);
    if (r == 0)
        return message;
    json_decref(message);
    return NULL;
}

int notification_write(const json_t *summary, enum plan_webhook_format format,
                       const char *link, struct buf *out)
{
    json_t *message = NULL;
    char *text;

    switch (format) {
    case PLAN_WEBHOOK_SLACK:
        message = slack_message(summary, link);
        break;
    case PLAN_WEBHOOK_JSON:
        message = own_message(summary, link);
        break;
    }
    text = message ? json_dumps(message, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    json_decref(message);
    if (!text)
        return -ENOMEM;
    buf_append_str(out, text);
    free(text);
    return buf_error(out);
}
