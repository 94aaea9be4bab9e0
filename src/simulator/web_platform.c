/* /api/v1/deployments and /api/v1/metrics: what accounts have done for them, and how it goes. */
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/rng.h"
#include "simulator/endpoint.h"
#include "simulator/web.h"

#define POINTS_OF_SERIES 12

/* The id of what is to be deployed, with the kind it is of; where there is none it is refused here. */
static const json_t *find_deployed(const struct exchange *exchange, const json_t *account,
                                   const json_t *body)
{
    static const struct {
        const char *member;
        const char *shelf;
    } ways[] = {{"agent_id", "agents"}, {"pipeline_id", "pipelines"}};

    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        const char *id = json_string_value(json_object_get(body, ways[i].member));
        const json_t *item;

        if (!id)
            continue;
        item = json_object_get(json_object_get(account, ways[i].shelf), id);
        if (!item)
            exchange_refuse(exchange, (struct exchange_error){.status = 404},
                            "Nothing of yours has this %s", ways[i].member);
        return item;
    }
    web_refuse_field(exchange, "body", "agent_id", "agent_id or pipeline_id is required");
    return NULL;
}

void web_deploy(struct exchange *exchange)
{
    const json_t *account = web_account(exchange);
    json_t *body = account ? web_body(exchange) : NULL;
    const json_t *item = body ? find_deployed(exchange, account, body) : NULL;
    const char *environment = json_string_value(json_object_get(body, "environment"));
    char id[48];
    char now[32];

    if (item) {
        web_make_id(exchange, "deployment", id);
        web_write_now(now);
        exchange_answer_json(exchange, 201,
                             json_pack("{s:s, s:O, s:s, s:s, s:s}", "id", id,
                                       "deployed_id", json_object_get(item, "id"),
                                       "environment",
                                       environment ? environment : "staging", "status",
                                       "running", "created_at", now));
    }
    json_decref(body);
}

/* The seconds of "15m", "1h", "24h", "7d", "30d"; 0 for anything else. */
static uint64_t seconds_of(const char *time_range)
{
    static const struct {
        const char *name;
        uint64_t seconds;
    } ranges[] = {{"15m", 900},   {"1h", 3600},   {"6h", 21600},
                  {"24h", 86400}, {"7d", 604800}, {"30d", 2592000}};

    for (size_t i = 0; i < COUNT_OF(ranges); i++) {
        if (strcmp(ranges[i].name, time_range) == 0)
            return ranges[i].seconds;
    }
    return 0;
}

/* Figures for the stretches of a range, which depend on their times alone. */
static json_t *series_of(uint64_t range_s)
{
    const uint64_t step_s = range_s / POINTS_OF_SERIES;
    const uint64_t now_s = clock_wall_ns() / NS_PER_S;
    const uint64_t last_s = now_s - now_s % step_s;
    json_t *series = json_array();

    for (uint64_t i = 0; i < POINTS_OF_SERIES; i++) {
        const uint64_t at_s = last_s - (POINTS_OF_SERIES - 1 - i) * step_s;
        const uint64_t noise = rng_mix(at_s);

        (void)json_array_append_new(
            series, json_pack("{s:I, s:I, s:I, s:f}", "at", (json_int_t)at_s, "requests",
                              (json_int_t)(100 + noise % 900), "errors",
                              (json_int_t)((noise >> 10) % 10), "p95_ms",
                              (double)(50 + (noise >> 20) % 200)));
    }
    return series;
}

void web_metrics(struct exchange *exchange)
{
    const json_t *account = web_account(exchange);
    char range[16] = "1h";
    uint64_t range_s;

    if (!account)
        return;
    (void)serve_query_find(serve_request_query(exchange->request), "time_range", range,
                           sizeof(range));
    range_s = seconds_of(range);
    if (range_s == 0) {
        web_refuse_field(exchange, "query", "time_range",
                         "one of 15m, 1h, 6h, 24h, 7d and 30d is required");
        return;
    }
    exchange_answer_json(
        exchange, 200,
        json_pack("{s:s, s:I, s:I, s:o}", "time_range", range, "agents",
                  (json_int_t)json_object_size(json_object_get(account, "agents")),
                  "pipelines",
                  (json_int_t)json_object_size(json_object_get(account, "pipelines")),
                  "series", series_of(range_s)));
}
