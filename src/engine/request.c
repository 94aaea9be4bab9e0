#include "engine/request.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/dialect.h"
#include "base/digits.h"
#include "base/rng.h"
#include "base/secret.h"
#include "engine/cookies.h"
#include "engine/http_body.h"
#include "net/transport.h"
#include "plan/plan.h"
#include "workload/trace.h"

/* Headers that throng itself sends: key, type, accept, version, session, cookies, request id, trace. */
#define OWN_HEADERS 8

#define MAX_KEY_BYTES ((size_t)64 * 1024)
#define MAX_URL_BYTES ((size_t)64 * 1024)

/* The most headers that a target, a class and a step bring together. */
static size_t most_headers(const struct plan *plan)
{
    size_t target = 0;
    size_t class = 0;
    size_t step = 0;

    for (size_t i = 0; i < plan->target_count; i++)
        target = plan->targets[i].header_count > target ? plan->targets[i].header_count
                                                        : target;
    for (size_t i = 0; i < plan->class_count; i++)
        class =
            plan->classes[i].header_count > class ? plan->classes[i].header_count : class;
    for (size_t i = 0; i < plan->step_count; i++)
        step = plan->steps[i].header_count > step ? plan->steps[i].header_count : step;
    return OWN_HEADERS + target + class + step;
}

int request_maker_init(struct request_maker *maker, const struct plan *plan,
                       const char *run_id, uint64_t nonce, size_t recorded_headers)
{
    *maker = (struct request_maker){
        .plan = plan,
        .run_id = run_id,
        .trace = rng_mix(nonce) | 1, /* a trace id must not be zero */
        .header_cap = most_headers(plan) + recorded_headers,
        .authorization = BUF_INIT(MAX_KEY_BYTES),
        .cookies = BUF_INIT(MAX_KEY_BYTES),
    };
    maker->urls = calloc(plan->step_count * plan->target_count + 1, sizeof(*maker->urls));
    maker->headers = calloc(maker->header_cap, sizeof(*maker->headers));
    if (!maker->urls || !maker->headers) {
        request_maker_deinit(maker);
        return -ENOMEM;
    }
    return 0;
}

void request_maker_deinit(struct request_maker *maker)
{
    const size_t urls =
        maker->urls ? maker->plan->step_count * maker->plan->target_count : 0;

    for (size_t i = 0; i < urls; i++)
        free(maker->urls[i].text);
    free(maker->urls);
    free(maker->headers);
    buf_deinit(&maker->authorization);
    buf_deinit(&maker->cookies);
    *maker = (struct request_maker){0};
}

uint32_t request_target(const struct plan *plan, uint32_t class, uint32_t step)
{
    const struct plan_step *wanted = &plan->steps[step];

    if (wanted->target != PLAN_NONE)
        return wanted->target;
    if (plan_step_asks_model(wanted->kind) &&
        plan->models[wanted->chat.model].target != PLAN_NONE)
        return plan->models[wanted->chat.model].target;
    return plan->classes[class].target;
}

/* The path that a step itself says. */
static const char *path_of(const struct plan_step *step)
{
    return step->kind == PLAN_STEP_MCP ? step->mcp.path.text : step->http.path.text;
}

/* The URL of a step at a target, or NULL when memory is out. */
static const char *url_of(struct request_maker *maker, uint32_t step, uint32_t target)
{
    const struct plan_step *wanted = &maker->plan->steps[step];
    const struct plan_target *at = &maker->plan->targets[target];
    const struct api_dialect *dialect = api_dialect_of(at->api, wanted->kind);
    struct request_url *url = &maker->urls[step * maker->plan->target_count + target];
    struct buf text = BUF_INIT(MAX_URL_BYTES);

    if (url->text)
        return url->text;
    buf_append_str(&text, at->origin);
    if (dialect && dialect->path) {
        buf_append_str(&text, at->api_prefix);
        buf_append_str(&text, dialect->path);
    } else {
        buf_append_str(&text, path_of(wanted));
    }
    if (buf_error(&text) == 0)
        url->text = buf_take(&text);
    buf_deinit(&text);
    return url->text;
}

/* Adds a header, in place of one of that name. */
static void put(struct request_maker *maker, const char *name, const char *value)
{
    size_t i = 0;

    while (i < maker->header_count && strcasecmp(maker->headers[i].name, name) != 0)
        i++;
    maker->headers[i] = (struct transfer_header){.name = name, .value = value};
    maker->header_count += i == maker->header_count;
}

static void put_all(struct request_maker *maker, const struct plan_pair *pairs,
                    size_t count, struct wording *wording)
{
    for (size_t i = 0; i < count; i++)
        put(maker, pairs[i].key,
            wording_next(wording, pairs[i].template, pairs[i].value));
}

void request_id_of(const struct request_maker *maker, uint64_t operation,
                   uint32_t attempt, char text[static REQUEST_ID_BYTES])
{
    const size_t run_len = strnlen(maker->run_id, REQUEST_RUN_ID_BYTES);
    char *at = text + run_len;

    static_assert(REQUEST_ID_BYTES >= REQUEST_RUN_ID_BYTES + 3 * (1 + DIGITS_MAX) + 1,
                  "an id does not fit");
    memcpy(text, maker->run_id, run_len);
    *at++ = '-';
    at = digits_decimal(at, maker->plan->worker_index);
    *at++ = '-';
    at = digits_decimal(at, operation);
    *at++ = '-';
    *digits_decimal(at, attempt) = '\0';
}

/* W3C Trace Context, section 3.2.2: version, trace id, parent id, sampled. */
static void write_trace(uint64_t trace, uint64_t operation, uint64_t span,
                        char text[static REQUEST_TRACE_BYTES])
{
    char *at = text;

    memcpy(at, "00-", 3);
    at = digits_hex(at + 3, trace);
    at = digits_hex(at, operation);
    *at++ = '-';
    at = digits_hex(at, span);
    memcpy(at, "-01", sizeof("-01"));
}

static void put_ids(struct request_maker *maker, const struct request_key *key)
{
    const struct plan *plan = maker->plan;
    const uint64_t operation =
        rng_mix(key->operation * plan->worker_count + plan->worker_index);
    const uint64_t span = rng_mix(operation ^ key->attempt) | 1;

    request_id_of(maker, key->operation, key->attempt, maker->request_id);
    write_trace(maker->trace, operation, span, maker->trace_parent);
    put(maker, "X-Request-ID", maker->request_id);
    put(maker, "traceparent", maker->trace_parent);
}

/* token NULL: none is sent. */
static int put_token(struct request_maker *maker, enum api_auth auth, const char *token)
{
    const struct api_auth_words words = api_auth_words_of(auth);

    if (!token)
        return 0;
    /* All room at once: growing would leave a copy of the key behind. */
    buf_reserve(&maker->authorization, strlen(words.scheme) + strlen(token) + 1);
    buf_append_str(&maker->authorization, words.scheme);
    buf_append_str(&maker->authorization, token);
    put(maker, words.header, buf_str(&maker->authorization));
    return buf_error(&maker->authorization) == -EMSGSIZE
               ? -EINVAL
               : buf_error(&maker->authorization);
}

/*
 * What the step says instead of a key, else the roster's key, else the target's. The platform is spoken to
 * with its own: nobody's key is for it.
 */
static const char *token_of(const struct plan *plan, const struct plan_step *step,
                            uint32_t number, const struct request_key *key,
                            struct wording *wording)
{
    const struct plan_target *target = &plan->targets[number];
    const bool is_platform = plan->platform.is_used && plan->platform.target == number;

    if (step->auth.text)
        return step->auth.len > 0
                   ? wording_next(wording, step->auth.template, step->auth.text)
                   : NULL;
    return secret_reveal(key->key && !is_platform ? key->key : target->api_key);
}

static int put_cookies(struct request_maker *maker, const struct request_key *key,
                       const char *url)
{
    const struct cookies_place place = cookies_place_of(url);
    const int r = cookies_write(key->cookies, &place, key->now_ns, &maker->cookies);

    if (r == 0 && maker->cookies.len > 0)
        put(maker, "Cookie", buf_str(&maker->cookies));
    return r;
}

/* Those of the request that was recorded, which say what its body is. */
static void put_recorded(struct request_maker *maker,
                         const struct request_recorded *recorded)
{
    for (size_t i = 0; i < recorded->header_count; i++) {
        const struct trace_header header =
            trace_header_at(recorded->trace, recorded->entry, i);

        put(maker, header.name, header.value);
    }
}

/* dialect: NULL for plain http. */
static void put_content(struct request_maker *maker, const struct plan_step *step,
                        const struct api_dialect *dialect)
{
    if (dialect) {
        const bool streams =
            plan_step_asks_model(step->kind) && step->chat.stream && dialect->read_event;

        put(maker, "Content-Type", "application/json");
        put(maker, "Accept", streams ? "text/event-stream" : dialect->accept);
    } else if (http_body_type(&step->http)) {
        put(maker, "Content-Type", http_body_type(&step->http));
    }
}

static const char *method_of(const struct plan_step *step,
                             const struct request_recorded *recorded)
{
    if (recorded->trace)
        return recorded->method;
    return step->kind == PLAN_STEP_HTTP ? step->http.method : "POST";
}

int request_make(struct request_maker *maker, const struct request_key *key,
                 struct transfer_request *ret_request)
{
    const struct plan *plan = maker->plan;
    const struct plan_class *class = &plan->classes[key->class];
    const struct plan_step *step = &plan->steps[key->step];
    const uint32_t number = request_target(plan, key->class, key->step);
    const struct plan_target *target = &plan->targets[number];
    const struct request_recorded *recorded = &key->recorded;
    const struct api_dialect *dialect =
        recorded->trace ? recorded->dialect : api_dialect_of(target->api, step->kind);
    /* Plain http speaks to the target in the manner of its chats. */
    const struct api_dialect *manner =
        dialect ? dialect : api_dialect_of(target->api, PLAN_STEP_CHAT);
    struct wording wording = key->wording;
    const char *url = recorded->trace ? recorded->url : wording_url(&wording, step);
    int r;

    if (!url)
        url = url_of(maker, key->step, number);
    if (!url)
        return -ENOMEM;
    request_forget(maker);
    r = put_token(maker, manner->auth, token_of(plan, step, number, key, &wording));
    if (r == 0 && key->cookies)
        r = put_cookies(maker, key, url);
    if (r < 0)
        return r;
    if (!recorded->trace)
        put_content(maker, step, dialect);
    put_all(maker, manner->headers, manner->header_count, &wording);
    put_recorded(maker, recorded);
    if (key->session)
        put(maker, "Mcp-Session-Id", key->session);
    put_ids(maker, key);
    put_all(maker, target->headers, target->header_count, &wording);
    if (!key->bare)
        put_all(maker, class->headers, class->header_count, &wording);
    put_all(maker, step->headers, step->header_count, &wording);
    *ret_request = (struct transfer_request){
        .method = method_of(step, recorded),
        .url = url,
        .headers = maker->headers,
        .header_count = maker->header_count,
        .target = number,
        .user = key->user,
        .arrival = key->arrival,
        .sender_class = key->class,
        .connect_timeout_ns = target->timeouts.connect_ns,
        .idle_timeout_ns = target->timeouts.idle_ns,
        .total_timeout_ns =
            step->timeout_ns ? step->timeout_ns : target->timeouts.total_ns,
    };
    return 0;
}

static void wipe(struct buf *buf)
{
    if (buf->bytes)
        secret_wipe(buf->bytes, buf->cap);
    buf_clear(buf);
}

void request_forget(struct request_maker *maker)
{
    wipe(&maker->authorization);
    wipe(&maker->cookies);
    maker->header_count = 0;
}
