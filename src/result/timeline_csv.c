#include "result/timeline_csv.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "result/csv_text.h"

#define LINE_END "\r\n"

struct column {
    const char *name;
    const char *member; /* of a point */
    bool can_be_above;  /* followed by a column NAME_above_ms */
};

#define PERCENTILE(metric, percentile)                                                   \
    {metric "_" percentile, metric "_" percentile, true}
#define PERCENTILES(metric)                                                              \
    PERCENTILE(metric, "p50"), PERCENTILE(metric, "p95"), PERCENTILE(metric, "p99")

/* As doc/results.md lists them. */
static const struct column columns[] = {
    {"start_s", "start_s", false},
    {"end_s", "end_s", false},
    {"phase", "phase", false},
    {"users_wanted", "users_wanted", false},
    {"users_active", "users_active", false},
    {"in_flight", "in_flight", false},
    {"requests", "requests", false},
    {"failed", "failed", false},
    {"requests_per_s", "requests_per_second", false},
    {"goodput_per_s", "goodput", false},
    {"arrivals", "arrivals", false},
    {"dropped_iterations", "dropped_iterations", false},
    {"output_tokens", "completion_tokens", false},
    {"output_tokens_per_s", "output_tokens_per_second", false},
    {"cost_usd", "cost_usd", false},
    PERCENTILES("ttft"),
    PERCENTILES("icl"),
    PERCENTILES("tpot"),
    PERCENTILES("e2e"),
    {"schedule_lag_p99_ms", "schedule_lag_p99", false},
    {"loop_lag_p99_ms", "loop_lag_p99", false},
};

static void append_cell(struct buf *out, const json_t *value)
{
    if (json_is_integer(value))
        buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        buf_printf(out, "%.15g", json_real_value(value));
    else if (json_is_string(value))
        csv_text_append(out, json_string_value(value));
}

/* One of the scenario's own metrics, which has a column, or three if it is a trend. */
#define MAX_MEMBER_BYTES 128

static const char *const one_part[] = {""};
static const char *const trend_parts[] = {"_p50", "_p95", "_p99"};

struct custom_columns {
    const char *name;
    const char *const *parts;
    size_t count;
    const char *unit; /* "_ms" or "" */
};

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

static struct custom_columns columns_of(const json_t *custom)
{
    const bool is_trend = strcmp(text_of(custom, "kind"), "trend") == 0;

    return (struct custom_columns){
        .name = text_of(custom, "name"),
        .parts = is_trend ? trend_parts : one_part,
        .count = is_trend ? COUNT_OF(trend_parts) : COUNT_OF(one_part),
        .unit = strcmp(text_of(custom, "unit"), "ms") == 0 ? "_ms" : "",
    };
}

static void append_custom_names(struct buf *out, const json_t *customs)
{
    for (size_t i = 0; i < json_array_size(customs); i++) {
        const struct custom_columns own = columns_of(json_array_get(customs, i));

        for (size_t j = 0; j < own.count; j++)
            buf_printf(out, ",custom_%s%s%s", own.name, own.parts[j], own.unit);
    }
}

static void append_customs(struct buf *out, const json_t *customs, const json_t *point)
{
    const json_t *values = json_object_get(point, "custom");
    char member[MAX_MEMBER_BYTES];

    for (size_t i = 0; i < json_array_size(customs); i++) {
        const struct custom_columns own = columns_of(json_array_get(customs, i));

        for (size_t j = 0; j < own.count; j++) {
            (void)snprintf(member, sizeof(member), "%s%s", own.name, own.parts[j]);
            buf_append_char(out, ',');
            append_cell(out, json_object_get(values, member));
        }
    }
}

/* What servers told: NAME.METRIC, of each metric that one told. */
static void append_server_names(struct buf *out, const json_t *servers)
{
    for (size_t i = 0; i < json_array_size(servers); i++) {
        const json_t *server = json_array_get(servers, i);
        json_t *courses = json_object_get(server, "timeline");
        const char *metric;
        json_t *course;

        json_object_foreach(courses, metric, course)
            buf_printf(out, ",%s.%s", text_of(server, "name"), metric);
    }
}

static void append_servers(struct buf *out, const json_t *servers, size_t point)
{
    for (size_t i = 0; i < json_array_size(servers); i++) {
        json_t *courses = json_object_get(json_array_get(servers, i), "timeline");
        const char *metric;
        json_t *course;

        json_object_foreach(courses, metric, course)
        {
            buf_append_char(out, ',');
            append_cell(out, json_array_get(course, point));
        }
    }
}

static void append_point(struct buf *out, const json_t *point, const json_t *customs)
{
    const json_t *above = json_object_get(point, "above");

    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        if (i > 0)
            buf_append_char(out, ',');
        append_cell(out, json_object_get(point, columns[i].member));
        if (columns[i].can_be_above) {
            buf_append_char(out, ',');
            append_cell(out, json_object_get(above, columns[i].member));
        }
    }
    append_customs(out, customs, point);
}

int timeline_csv_write(const json_t *summary, struct buf *out)
{
    const json_t *points =
        json_object_get(json_object_get(summary, "timeline"), "points");
    const json_t *customs = json_object_get(summary, "custom");
    const json_t *servers =
        json_object_get(json_object_get(summary, "backend"), "servers");

    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        buf_append_str(out, i > 0 ? "," : "");
        if (columns[i].can_be_above)
            buf_printf(out, "%s_ms,%s_above_ms", columns[i].name, columns[i].name);
        else
            buf_append_str(out, columns[i].name);
    }
    append_custom_names(out, customs);
    append_server_names(out, servers);
    buf_append_str(out, LINE_END);
    for (size_t i = 0; i < json_array_size(points); i++) {
        append_point(out, json_array_get(points, i), customs);
        append_servers(out, servers, i);
        buf_append_str(out, LINE_END);
    }
    return buf_error(out);
}
