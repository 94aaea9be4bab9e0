#include "simulator/web.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/rng.h"
#include "simulator/asked.h"
#include "simulator/instance.h"
#include "simulator/web_state.h"

/* Items are kept: what could be sent to models is too much here. */
#define BODY_BYTES_MAX (256 * 1024)

struct web *web_new(void)
{
    struct web *web = calloc(1, sizeof(*web));

    if (!web)
        return NULL;
    web->accounts = json_object();
    web->tokens = json_object();
    return web->accounts && web->tokens ? web : web_free(web);
}

struct web *web_free(struct web *web)
{
    if (!web)
        return NULL;
    json_decref(web->tokens);
    json_decref(web->accounts);
    free(web);
    return NULL;
}

struct web *web_of(const struct exchange *exchange)
{
    struct simulator *simulator = exchange->simulator;

    if (!simulator->web)
        simulator->web = web_new();
    if (!simulator->web)
        exchange_refuse_status(exchange, 500);
    return simulator->web;
}

void web_make_id(const struct exchange *exchange, const char *prefix,
                 char ret_id[static 48])
{
    struct web *web = exchange->simulator->web;

    (void)snprintf(
        ret_id, 48, "%.20s-%016" PRIx64, prefix,
        rng_mix(exchange->simulator->options->seed ^ rng_mix(++web->id_count)));
}

void web_write_now(char ret_time[static 32])
{
    const time_t now = (time_t)(clock_wall_ns() / NS_PER_S);
    struct tm utc;

    ret_time[0] = '\0';
    if (gmtime_r(&now, &utc))
        (void)strftime(ret_time, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

json_t *web_account(const struct exchange *exchange)
{
    const struct web *web = web_of(exchange);
    const char *token = exchange_key(exchange);
    json_t *account;

    if (!web)
        return NULL;
    account = token ? json_object_get(web->tokens, token) : NULL;
    if (!account)
        exchange_refuse(exchange, (struct exchange_error){.status = 401}, "%s",
                        token ? "Invalid or expired token" : "Not authenticated");
    return account;
}

void web_refuse_field(const struct exchange *exchange, const char *where,
                      const char *field, const char *message)
{
    exchange->simulator->counts.refused++;
    exchange_answer_json(exchange, 422,
                         json_pack("{s:[{s:[s, s], s:s}]}", "detail", "loc", where, field,
                                   "msg", message));
}

json_t *web_body(const struct exchange *exchange)
{
    json_t *body;
    size_t len;

    (void)serve_request_body(exchange->request, &len);
    if (len > BODY_BYTES_MAX) {
        exchange_refuse(exchange, (struct exchange_error){.status = 413},
                        "A body has %d bytes at most", BODY_BYTES_MAX);
        return NULL;
    }
    body = asked_parse(exchange);
    if (json_is_object(body))
        return body;
    json_decref(body);
    exchange_refuse(exchange, (struct exchange_error){.status = 400},
                    "The body is no JSON object");
    return NULL;
}

const char *web_text(const struct exchange *exchange, const json_t *body,
                     const char *field, size_t least, size_t most)
{
    const json_t *value = json_object_get(body, field);
    const size_t len = json_string_length(value);
    char message[80];

    if (json_is_string(value) && len >= least && len <= most)
        return json_string_value(value);
    (void)snprintf(message, sizeof(message), "a text of %zu to %zu bytes is required",
                   least, most);
    web_refuse_field(exchange, "body", field, message);
    return NULL;
}
