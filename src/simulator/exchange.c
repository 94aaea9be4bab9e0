#include "simulator/exchange.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/rng.h"
#include "simulator/instance.h"

/* An error's whole body. */
#define ERROR_BYTES_MAX 4096

/* Whether a client's id can stand in a header and in JSON without being escaped. */
static bool is_plain_id(const char *id)
{
    size_t len = 0;

    for (; id[len] != '\0'; len++) {
        if (len == EXCHANGE_ID_BYTES_MAX ||
            (!isalnum((unsigned char)id[len]) && !strchr("._:-", id[len])))
            return false;
    }
    return len > 0;
}

void exchange_init(struct exchange *exchange, struct simulator *simulator,
                   struct serve_request *request)
{
    const char *given = serve_request_header(request, "x-request-id");

    *exchange = (struct exchange){
        .simulator = simulator,
        .request = request,
        .number = ++simulator->counts.requests,
        .now_ns = clock_mono_ns(),
    };
    if (given && is_plain_id(given))
        memcpy(exchange->id, given, strlen(given) + 1);
    else
        (void)snprintf(exchange->id, sizeof(exchange->id), "%016" PRIx64 "%08" PRIx64,
                       rng_mix(simulator->options->seed ^ rng_mix(exchange->number)),
                       exchange->number & UINT32_MAX);
}

static void answer(const struct exchange *exchange, int status, uint64_t retry_after_s,
                   const struct buf *body)
{
    char retry_after[24];
    const struct serve_header headers[] = {
        {"content-type", "application/json"},
        {"x-request-id", exchange->id},
        {"retry-after", retry_after},
    };

    (void)snprintf(retry_after, sizeof(retry_after), "%" PRIu64, retry_after_s);
    serve_answer(exchange->request, status, headers, retry_after_s > 0 ? 3 : 2,
                 buf_str(body), body->len);
}

void exchange_answer(const struct exchange *exchange, int status, const char *json,
                     size_t len)
{
    const struct serve_header headers[] = {
        {"content-type", "application/json"},
        {"x-request-id", exchange->id},
    };

    serve_answer(exchange->request, status, headers, COUNT_OF(headers), json, len);
}

static void write_member(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, ",\"%s\":", name);
    if (!text) {
        buf_append_str(out, "null");
        return;
    }
    buf_append_char(out, '"');
    buf_append_json(out, text, strlen(text));
    buf_append_char(out, '"');
}

void exchange_write_error(struct buf *out, struct exchange_error error,
                          const char *message)
{
    buf_append_str(out, "{\"error\":{\"message\":\"");
    buf_append_json(out, message, strlen(message));
    buf_append_char(out, '"');
    write_member(out, "type", error.type);
    write_member(out, "param", error.param);
    write_member(out, "code", error.code);
    buf_append_str(out, "}}");
}

void exchange_refuse(const struct exchange *exchange, struct exchange_error error,
                     const char *format, ...)
{
    const uint64_t retry_after_ns = exchange->simulator->options->retry_after_ns;
    const bool may_come_back = error.status == 429 || error.status == 503;
    CLEANUP(buf_deinit) struct buf message = BUF_INIT(ERROR_BYTES_MAX / 8);
    CLEANUP(buf_deinit) struct buf body = BUF_INIT(ERROR_BYTES_MAX);
    va_list args;

    va_start(args, format);
    buf_vprintf(&message, format, args);
    va_end(args);
    exchange_write_error(&body, error, buf_str(&message));
    exchange->simulator->counts.refused++;
    answer(exchange, error.status,
           may_come_back ? (retry_after_ns + NS_PER_S - 1) / NS_PER_S : 0, &body);
}

void exchange_refuse_status(const struct exchange *exchange, int status)
{
    switch (status) {
    case 401:
        exchange_refuse(
            exchange, (struct exchange_error){401, "invalid_request_error", NULL, NULL},
            "You didn't provide an API key. You need to provide your API key in an "
            "Authorization header using Bearer auth (i.e. Authorization: Bearer "
            "YOUR_KEY).");
        break;
    case 429:
        exchange_refuse(
            exchange,
            (struct exchange_error){429, "requests", NULL, "rate_limit_exceeded"},
            "Rate limit reached for requests. Please try again later.");
        break;
    case 503:
        exchange_refuse(exchange,
                        (struct exchange_error){503, "server_error", NULL, NULL},
                        "The engine is currently overloaded, please try again later.");
        break;
    default:
        exchange_refuse(
            exchange, (struct exchange_error){status, "server_error", NULL, NULL},
            "The server had an error while processing your request. Sorry about that!");
        break;
    }
}
