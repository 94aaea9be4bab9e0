#include "simulator/exchange.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/rng.h"
#include "simulator/distribution.h"
#include "simulator/instance.h"
#include "simulator/reply.h"

/* An error's whole body, and its message: of one that quotes a long path or name the beginning. */
#define ERROR_BYTES_MAX 4096
#define MESSAGE_BYTES_MAX 512

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
        .service = SIMULATOR_SERVICE_COUNT,
    };
    if (given && is_plain_id(given))
        memcpy(exchange->id, given, strlen(given) + 1);
    else
        (void)snprintf(exchange->id, sizeof(exchange->id), "%016" PRIx64 "%08" PRIx64,
                       rng_mix(simulator->options->seed ^ rng_mix(exchange->number)),
                       exchange->number & UINT32_MAX);
}

const char *exchange_key(const struct exchange *exchange)
{
    const char *bearer = serve_request_header(exchange->request, "authorization");

    if (bearer && strncasecmp(bearer, "Bearer ", 7) == 0)
        return bearer + 7;
    return serve_request_header(exchange->request, "x-api-key");
}

void exchange_note_fault(const struct exchange *exchange, enum truth_fault fault)
{
    struct truth_log *truth = exchange->simulator->truth;

    truth_log_note(truth, truth_log_stamp(truth), exchange->number, TRUTH_FAULT,
                   (uint32_t)fault, 0);
}

bool exchange_is_struck(struct exchange *exchange,
                        const struct simulator_options *options)
{
    exchange->fault = fault_draw(options, exchange->service, exchange->number);
    if (exchange->fault.kind != TRUTH_FAULT_STATUS)
        return false;
    exchange_note_fault(exchange, TRUTH_FAULT_STATUS);
    exchange_refuse_status(exchange, exchange->fault.status);
    return true;
}

void exchange_take_time(struct exchange *exchange,
                        const struct simulator_distribution *time)
{
    struct rng rng;

    rng_init(&rng, exchange->simulator->options->seed, exchange->number, STREAM_REPLY,
             RNG_SIMULATOR);
    exchange->due_ns = (exchange->due_ns > 0 ? exchange->due_ns : exchange->now_ns) +
                       distribution_draw_ns(time, &rng);
}

void exchange_head(const struct exchange *exchange, struct head *head)
{
    head_init(head, "application/json", exchange->id);
    quota_add_fields(&exchange->standing, head);
}

void exchange_answer(const struct exchange *exchange, int status, const struct head *head,
                     const char *body, size_t len)
{
    reply_begin(&(struct reply_spec){
        .simulator = exchange->simulator,
        .request = exchange->request,
        .number = exchange->number,
        .status = status,
        .head = head,
        .body = body,
        .len = len,
        .due_ns = exchange->due_ns,
        .fault = exchange->fault,
    });
}

void exchange_answer_json(const struct exchange *exchange, int status, json_t *json)
{
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    struct head head;

    json_decref(json);
    if (!text) {
        exchange_refuse_status(exchange, 500);
        return;
    }
    exchange_head(exchange, &head);
    exchange_answer(exchange, status, &head, text, strlen(text));
    free(text);
}

void exchange_refuse(const struct exchange *exchange, struct exchange_error error,
                     const char *format, ...)
{
    const uint64_t retry_after_ns = exchange->retry_after_ns > 0
                                        ? exchange->retry_after_ns
                                        : exchange->simulator->options->retry_after_ns;
    const bool may_come_back = error.status == 429 || error.status == 503;
    char message[MESSAGE_BYTES_MAX];
    CLEANUP(buf_deinit) struct buf body = BUF_INIT(ERROR_BYTES_MAX);
    struct serve_header fields[HEAD_FIELDS_MAX];
    struct head head;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    voice_write_error(exchange->voice, &error, message, &body);
    exchange_head(exchange, &head);
    if (exchange->is_final)
        head_add(&head, "x-should-retry", "false");
    else if (may_come_back && retry_after_ns > 0)
        head_add(&head, "retry-after", "%" PRIu64,
                 (retry_after_ns + NS_PER_S - 1) / NS_PER_S);
    if (exchange->allow)
        head_add(&head, "allow", "%s", exchange->allow);
    exchange->simulator->counts.refused++;
    serve_answer(exchange->request, error.status, fields, head_fields(&head, fields),
                 buf_str(&body), body.len);
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
        exchange_refuse(exchange,
                        (struct exchange_error){status, "server_error", NULL, NULL},
                        VOICE_SERVER_ERROR);
        break;
    }
}
