#include "engine/answer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/dialect.h"
#include "base/clock.h"
#include "engine/attempt.h"
#include "engine/findings.h"
#include "engine/integrity.h"
#include "engine/parts.h"
#include "engine/settlement.h"
#include "engine/user.h"
#include "engine/world.h"
#include "measure/labels.h"
#include "measure/recorder.h"
#include "net/transport.h"

/* Of an answer that is none, so much is kept for people to see (FAULTS row 23). */
#define FIRST_BYTES ((size_t)200)

/* A server that names itself at length is cut off: a name is a label of each figure. */
#define BACKEND_BYTES 128

/* How long the socket may stay open and silent behind the end mark, and behind the answer alone. */
#define DONE_GRACE_NS (UINT64_C(200) * NS_PER_MS)
#define ANSWER_GRACE_NS (UINT64_C(2) * NS_PER_S)

/* Whether what comes in is the answer that was asked for. */
static bool is_answer(const struct attempt *attempt)
{
    const struct ending *ending = &attempt->ending;

    return ending->expected && ending->form_ok && ending->status < 300;
}

/*
 * Who answers: the name that a header of the answer tells, else the peer. Known with the headers,
 * before the first thing that is counted by it. The peer is a label of its own only where it is
 * not the backend, so that there are no more label sets than need be.
 */
static void note_backend(struct attempt *attempt, const char *peer)
{
    struct labels *labels = recorder_labels(attempt->engine->recorder);
    const char *told = attempt->backend_header
                           ? transport_header(attempt->transfer, attempt->backend_header)
                           : NULL;
    const bool named = told && told[0];
    const char *backend = named ? told : peer;
    char cut[BACKEND_BYTES];

    if (strnlen(backend, sizeof(cut)) == sizeof(cut)) {
        (void)snprintf(cut, sizeof(cut), "%s", backend);
        backend = cut;
    }
    if (backend[0])
        (void)labels_extend(labels, attempt->sample.labels, "backend", backend,
                            &attempt->sample.labels);
    if (named && peer[0])
        (void)labels_extend(labels, attempt->sample.labels, "peer", peer,
                            &attempt->sample.labels);
}

/* Many servers and gateways send the request's id back: then it must be the request's own. */
static void note_echo(struct attempt *attempt)
{
    const struct request_maker *maker = &attempt->engine->maker;
    const char *echo = transport_header(attempt->transfer, "X-Request-ID");
    struct sample *sample = &attempt->sample;
    char sent[REQUEST_ID_BYTES];

    if (!echo)
        return;
    request_id_of(maker, sample->operation_id, sample->attempt, sent);
    if (integrity_is_crossed(maker->run_id, sent, echo))
        sample->flags |= SAMPLE_CROSSED;
}

/* How long the server asks to be left alone, where somebody would heed it. */
static void note_retry_after(struct attempt *attempt)
{
    if (attempt->step->retry && attempt->step->retry->honour_retry_after)
        attempt->retry_told =
            retry_read_header(transport_header(attempt->transfer, "Retry-After"),
                              transport_header(attempt->transfer, "Date"));
}

static void on_headers(void *ctx, uint16_t status, const struct arrival *arrival)
{
    struct attempt *attempt = ctx;
    struct ending *ending = &attempt->ending;
    const char *content_type = transport_header(attempt->transfer, "Content-Type");

    attempt->sample.headers_ns = arrival->arrived_ns;
    note_backend(attempt, transport_peer(attempt->transfer));
    ending->status = status;
    ending->expected = ending_expects(attempt->step, status, &ending->degraded);
    ending->form = ending_settle(ending->form, content_type);
    ending->form_ok = ending_is_form(ending->form, content_type);
    note_echo(attempt);
    note_retry_after(attempt);
}

/* A gap of which it shows only now that it can be counted, and how far off it may be. */
static void record_held(struct attempt *attempt, const struct moments_gap *held)
{
    struct recorder *recorder = attempt->engine->recorder;
    const struct sample *sample = &attempt->sample;
    const bool in_window = sample->flags & SAMPLE_IN_WINDOW;

    recorder_gap(recorder, sample->labels, in_window, held->gap_ns);
    if (!(sample->flags & SAMPLE_SLOW_READER))
        recorder_gap_width(recorder, in_window, held->width_ns);
}

static void note_output(struct attempt *attempt, const struct arrival *arrival,
                        uint32_t bits)
{
    struct recorder *recorder = attempt->engine->recorder;
    struct sample *sample = &attempt->sample;
    const bool in_window = sample->flags & SAMPLE_IN_WINDOW;
    const struct moments_output output =
        moments_output(&attempt->moments, sample, arrival, bits);

    attempt->ending.outputs++;
    if (attempt->step->unmeasured)
        return;
    if (output.delay_known)
        recorder_client_delay(recorder, in_window, output.client_delay_ns);
    if (output.held_is_known)
        record_held(attempt, &output.held);
    if (output.gap == GAP_KNOWN)
        recorder_gap(recorder, sample->labels, in_window, output.gap_ns);
}

/* Of what is no stream of words, the one event that answers: a call's. */
static void keep_event(struct attempt *attempt, enum api_kind kind, const char *data,
                       size_t len)
{
    if (kind == API_NOTHING || plan_step_asks_model(attempt->step->kind))
        return;
    buf_clear(&attempt->answer);
    (void)buf_append(&attempt->answer, data,
                     len < findings_room(attempt) ? len : findings_room(attempt));
}

/* Tells who records each chunk of what a model says. */
static void tell_chunk(const struct attempt *attempt, const struct arrival *arrival,
                       bool is_output, bool is_choice)
{
    const struct engine_observer *observer = &attempt->engine->observer;
    const struct chunk chunk = {
        .operation_id = attempt->sample.operation_id,
        .attempt = attempt->sample.attempt,
        .at_ns = arrival->arrived_ns,
        .what =
            (uint8_t)((is_output ? CHUNK_OUTPUT : 0) | (is_choice ? CHUNK_CHOICE : 0)),
    };

    if (observer->on_chunk && chunk.what != 0 && !attempt->step->unmeasured)
        observer->on_chunk(observer->ctx, &chunk);
}

static void read_event(struct attempt *attempt, const char *data, size_t len,
                       const struct arrival *arrival)
{
    struct ending *ending = &attempt->ending;
    const bool asks_model = plan_step_asks_model(attempt->step->kind);
    const uint32_t choices = attempt->reader.choices;
    uint32_t bits = 0;
    enum api_kind kind;

    ending->events++;
    if (asks_model)
        moments_event(&attempt->sample, arrival);
    kind = attempt->dialect->read_event(&attempt->reader, data, len, &bits);
    keep_event(attempt, kind, data, len);
    if (attempt->reader.choices > choices)
        moments_choice(&attempt->sample, arrival);
    if (asks_model)
        tell_chunk(attempt, arrival, kind == API_OUTPUT,
                   attempt->reader.choices > choices);
    switch (kind) {
    case API_OUTPUT:
        if (asks_model)
            note_output(attempt, arrival, bits);
        else
            ending->outputs++;
        vigil_first_output(attempt);
        break;
    case API_TOOL_ERROR:
        ending->tool_error = true;
        ending->outputs++;
        break;
    case API_ERROR:
        ending->error = true;
        break;
    case API_MALFORMED:
        ending->malformed++;
        break;
    case API_NOTHING:
    case API_DONE:
        break;
    }
    ending->finished = attempt->reader.finished;
    ending->done = attempt->reader.done;
}

/* Keeps the beginning of what comes in, where somebody wants to see the bodies. */
static void hear(struct attempt *attempt, const char *bytes, size_t len)
{
    const size_t room = ATTEMPT_HEARD_BYTES - attempt->heard.len;

    if (attempt->engine->observer.on_bodies)
        (void)buf_append(&attempt->heard, bytes, len < room ? len : room);
}

/* How much more is kept of what is no answer, or of an answer that only its step looks at. */
static size_t room_of(const struct attempt *attempt)
{
    const size_t looked = findings_room(attempt);
    const size_t len = attempt->answer.len;
    const size_t first = len < FIRST_BYTES ? FIRST_BYTES - len : 0;

    return looked > first ? looked : first;
}

static void on_event(void *ctx, const char *data, size_t len,
                     const struct arrival *arrival)
{
    struct attempt *attempt = ctx;
    const struct ending *ending = &attempt->ending;

    hear(attempt, data, len);
    hear(attempt, " ", 1);

    if (ending->form != ANSWER_STREAM || !is_answer(attempt)) {
        const size_t room = room_of(attempt);

        (void)buf_append(&attempt->answer, data, len < room ? len : room);
        return;
    }
    read_event(attempt, data, len, arrival);
    /* All that matters is there; a server that keeps the socket open must not keep the user. */
    if (ending->done)
        vigil_enough(attempt, arrival->seen_ns + DONE_GRACE_NS);
    else if (ending->finished || ending->error)
        vigil_enough(attempt, arrival->seen_ns + ANSWER_GRACE_NS);
    else if (attempt->chunks_wanted > 0 &&
             attempt->sample.chunks >= attempt->chunks_wanted)
        transport_cancel(attempt->transfer, TRANSFER_ABANDONED);
}

static void on_body(void *ctx, const char *bytes, size_t len,
                    const struct arrival *arrival)
{
    struct attempt *attempt = ctx;
    struct buf *answer = &attempt->answer;
    size_t keep = room_of(attempt);

    (void)arrival;
    hear(attempt, bytes, len);
    if (attempt->ending.form != ANSWER_STREAM)
        vigil_first_output(attempt);
    if (attempt->ending.form == ANSWER_JSON && is_answer(attempt))
        keep = len;
    if (buf_append(answer, bytes, len < keep ? len : keep) < 0)
        transport_cancel(attempt->transfer, buf_error(answer) == -EMSGSIZE
                                                ? TRANSFER_EVENT_TOO_LARGE
                                                : TRANSFER_LOCAL_RESOURCE);
}

/* An event that the stream did not end: taken where it is whole (FAULTS row 12). */
static void read_tail(struct attempt *attempt, const struct transfer_result *result)
{
    const struct arrival arrival = {
        .arrived_ns = result->closed_ns,
        .seen_ns = result->closed_ns,
        .earliest_ns = result->closed_ns,
        .read_serial = UINT32_MAX,
        .source = ARRIVAL_SEEN,
    };
    const uint32_t malformed = attempt->ending.malformed;

    if (!result->tail || attempt->ending.form != ANSWER_STREAM || !is_answer(attempt))
        return;
    read_event(attempt, result->tail, result->tail_len, &arrival);
    attempt->ending.malformed = malformed; /* cut off: truncated is what it is called */
}

static void read_body(struct attempt *attempt)
{
    struct ending *ending = &attempt->ending;
    const struct buf *answer = &attempt->answer;
    uint32_t bits = 0;

    if (ending->form != ANSWER_JSON || !is_answer(attempt) ||
        ending->end != TRANSFER_COMPLETE || answer->len == 0)
        return;
    ending->events = 1;
    switch (attempt->dialect->read_body(&attempt->reader, answer->bytes, answer->len,
                                        &bits)) {
    case API_TOOL_ERROR:
        ending->tool_error = true;
        ending->outputs = 1;
        break;
    case API_OUTPUT:
        ending->outputs = 1;
        break;
    case API_ERROR:
        ending->error = true;
        break;
    case API_MALFORMED:
        ending->malformed = 1;
        break;
    case API_NOTHING:
    case API_DONE:
        break;
    }
}

static void take_result(struct attempt *attempt, const struct transfer_result *result)
{
    struct sample *sample = &attempt->sample;
    struct labels *labels = recorder_labels(attempt->engine->recorder);

    attempt->ending.end = result->end;
    attempt->detail = result->detail;
    sample->wire_ns = result->wire_ns;
    sample->first_byte_ns = result->first_byte_ns;
    sample->end_width_ns = result->closed_width_ns;
    sample->dns_ns = result->dns_ns;
    sample->connect_ns = result->connect_ns;
    sample->tls_ns = result->tls_ns;
    sample->rtt_min_ns = result->rtt_min_ns;
    sample->rtt_ns = result->rtt_ns;
    sample->rttvar_ns = result->rttvar_ns;
    sample->delivery_rate_bytes_per_s = result->delivery_rate_bytes_per_s;
    sample->retransmits = result->retransmits;
    sample->local_port = result->local_port;
    sample->bytes_sent = result->bytes_sent;
    sample->bytes_received = result->bytes_received;
    sample->flags |= result->reused ? (uint32_t)SAMPLE_REUSED : 0;
    sample->flags |= result->resent ? (uint32_t)SAMPLE_RESENT : 0;
    sample->flags |= result->stamped ? (uint32_t)SAMPLE_STAMPED : 0;
    if (!sample->headers_ns && result->peer[0])
        (void)labels_extend(labels, sample->labels, "backend", result->peer,
                            &sample->labels);
}

static void end_moments(struct attempt *attempt)
{
    struct moments_gap held;

    if (moments_end(&attempt->moments, &held) && !attempt->step->unmeasured)
        record_held(attempt, &held);
}

static void on_end(void *ctx, const struct transfer_result *result)
{
    struct attempt *attempt = ctx;
    struct world *world = attempt->engine->world;
    const struct transfer *transfer = attempt->transfer;
    const uint64_t now_ns = world->ops->now(world);
    uint64_t end_ns = result->closed_ns;

    attempt->transfer = NULL;
    vigil_clear(attempt);
    take_result(attempt, result);
    read_tail(attempt, result);
    read_body(attempt);
    if (end_ns < attempt->sample.last_output_ns)
        end_ns = attempt->sample.last_output_ns;
    attempt->sample.end_ns = end_ns;
    end_moments(attempt);
    findings_take(attempt, transfer);
    settlement_make(attempt, end_ns);
    user_attempt_over(attempt->user, now_ns);
}

int answer_listen(struct attempt *attempt, const struct transfer_request *request,
                  uint64_t now_ns)
{
    static const struct transfer_handler handler = {
        .on_headers = on_headers,
        .on_event = on_event,
        .on_body = on_body,
        .on_end = on_end,
    };

    return transport_start(attempt->engine->world->transport, request, now_ns, &handler,
                           attempt, &attempt->transfer);
}
