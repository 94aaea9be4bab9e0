#include "measure/observe.h"

/* The observations of one sample while they are written. */
struct observer {
    const struct sample *sample;
    struct observation *observations;
    size_t count;
};

/* Two clocks may be behind a span (the kernel's stamp, ours): what came out backwards is 0. */
static uint64_t span(uint64_t from_ns, uint64_t to_ns)
{
    return to_ns > from_ns ? to_ns - from_ns : 0;
}

static bool has(const struct observer *observer, enum sample_flag flag)
{
    return observer->sample->flags & (uint32_t)flag;
}

static void put(struct observer *observer, enum metric metric, uint64_t value_ns)
{
    observer->observations[observer->count++] =
        (struct observation){.metric = metric, .value_ns = value_ns};
}

static void put_censored(struct observer *observer, enum metric metric, uint64_t from_ns)
{
    observer->observations[observer->count++] =
        (struct observation){.metric = metric,
                             .censored = true,
                             .value_ns = span(from_ns, observer->sample->end_ns)};
}

/* From from_ns to a moment of the answer, or censored where it did not happen. */
static void put_moment(struct observer *observer, enum metric metric, uint64_t from_ns,
                       uint64_t moment_ns)
{
    if (moment_ns)
        put(observer, metric, span(from_ns, moment_ns));
    else
        put_censored(observer, metric, from_ns);
}

/* A whole answer without a body (204) has no first byte, and did not miss one either. */
static void observe_beginning(struct observer *observer)
{
    const struct sample *sample = observer->sample;
    const bool refused = outcome_is_refusal(sample->outcome);

    if (sample->headers_ns || !outcome_is_whole(sample->outcome))
        put_moment(observer, METRIC_HEADERS, sample->sent_ns,
                   refused ? 0 : sample->headers_ns);
    if (sample->first_byte_ns || !outcome_is_whole(sample->outcome))
        put_moment(observer, METRIC_TTFB, sample->sent_ns,
                   refused ? 0 : sample->first_byte_ns);
}

static void observe_server(struct observer *observer)
{
    if (observer->sample->server_prompt_ns)
        put(observer, METRIC_PROMPT_PROCESSING, observer->sample->server_prompt_ns);
}

static void observe_connection(struct observer *observer)
{
    const struct sample *sample = observer->sample;
    const bool reused = has(observer, SAMPLE_REUSED);

    if (sample->due_ns)
        put(observer, METRIC_SCHEDULE_LAG,
            span(sample->due_ns + sample->late_ns + sample->wait_ns, sample->sent_ns));
    /* However it came about: people who were not free, steps before it, chaos, throng itself. */
    if (has(observer, SAMPLE_REPLAYED))
        put(observer, METRIC_REPLAY_LATENESS, span(sample->recorded_ns, sample->sent_ns));
    if (!reused && sample->dns_ns)
        put(observer, METRIC_DNS, sample->dns_ns);
    if (!reused && sample->connect_ns)
        put(observer, METRIC_CONNECT, sample->connect_ns);
    if (!reused && sample->tls_ns)
        put(observer, METRIC_TLS, sample->tls_ns);
    if (sample->rtt_ns)
        put(observer, METRIC_RTT, sample->rtt_ns);
    if (sample->wire_ns) {
        put(observer, reused ? METRIC_SEND_DELAY : METRIC_CONN_WAIT,
            span(sample->sent_ns, sample->wire_ns));
        put(observer, METRIC_HTTP_REQ_DURATION, span(sample->wire_ns, sample->end_ns));
    }
}

/*
 * What is known only of a stream that came whole and had several chunks. Where a heap hides when it
 * began, the span that was seen is shorter than the true one, maybe 0: it would say that the server
 * is fast because the client was slow.
 */
static void observe_generation(struct observer *observer)
{
    const struct sample *sample = observer->sample;
    const uint64_t generation_ns = span(sample->first_output_ns, sample->last_output_ns);
    const uint64_t tokens = sample->completion_tokens;

    if (!outcome_is_whole(sample->outcome))
        return;
    put(observer, METRIC_STREAM_CLOSE, span(sample->sent_ns, sample->end_ns));
    if (sample->chunks < 2 || has(observer, SAMPLE_GENERATION_UNKNOWN))
        return;
    put(observer, METRIC_GENERATION, generation_ns);
    if (tokens >= 2)
        put(observer, METRIC_TPOT, (generation_ns + (tokens - 1) / 2) / (tokens - 1));
}

static void observe_stream(struct observer *observer)
{
    const struct sample *sample = observer->sample;
    const bool refused = outcome_is_refusal(sample->outcome);
    const uint64_t first_ns = refused ? 0 : sample->first_output_ns;
    const uint64_t last_ns =
        outcome_is_whole(sample->outcome) ? sample->last_output_ns : 0;
    /* The person went away while the answer came: how long it would have been says nothing. */
    const bool cut_short = outcome_is_withdrawn(sample->outcome) && first_ns;

    observe_beginning(observer);
    put_moment(observer, METRIC_TT_FIRST_EVENT, sample->sent_ns,
               refused ? 0 : sample->first_event_ns);
    put_moment(observer, METRIC_TTFT, sample->sent_ns, first_ns);
    if (first_ns && sample->ttft_width_ns && !has(observer, SAMPLE_SLOW_READER))
        put(observer, METRIC_TTFT_WIDTH, sample->ttft_width_ns);
    if (first_ns && sample->first_answer_ns)
        put(observer, METRIC_TTFO, span(sample->sent_ns, sample->first_answer_ns));
    if (first_ns && sample->wire_ns)
        put(observer, METRIC_TTFT_SERVER,
            span(sample->wire_ns + sample->rtt_min_ns, first_ns));
    if (!cut_short)
        put_moment(observer, METRIC_E2E, sample->sent_ns, last_ns);
    if (has(observer, SAMPLE_OPEN_LOOP)) {
        put_moment(observer, METRIC_TTFT_FROM_DUE, sample->due_ns, first_ns);
        if (!cut_short)
            put_moment(observer, METRIC_E2E_FROM_DUE, sample->due_ns, last_ns);
    }
    observe_generation(observer);
}

/* An answer in one piece: http steps, and chats that do not stream. */
static void observe_body(struct observer *observer)
{
    const struct sample *sample = observer->sample;
    const uint64_t end_ns = outcome_is_whole(sample->outcome) ? sample->end_ns : 0;

    observe_beginning(observer);
    put_moment(observer, METRIC_E2E, sample->sent_ns, end_ns);
    if (end_ns && sample->end_width_ns && !has(observer, SAMPLE_SLOW_READER))
        put(observer, METRIC_E2E_WIDTH, sample->end_width_ns);
    if (has(observer, SAMPLE_OPEN_LOOP))
        put_moment(observer, METRIC_E2E_FROM_DUE, sample->due_ns, end_ns);
}

size_t observe_sample(const struct sample *sample,
                      struct observation ret_observations[METRIC_COUNT])
{
    struct observer observer = {.sample = sample, .observations = ret_observations};

    observe_connection(&observer);
    observe_server(&observer);
    if (has(&observer, SAMPLE_STREAMED))
        observe_stream(&observer);
    else
        observe_body(&observer);
    return observer.count;
}

/* They add up to http_req_duration, with 0 for sending, which libcurl does not tell from waiting. */
size_t observe_parts(const struct sample *sample,
                     struct observation ret_parts[OBSERVE_PARTS])
{
    struct observer observer = {.sample = sample, .observations = ret_parts};
    const bool reused = has(&observer, SAMPLE_REUSED);
    const uint64_t headers_ns = sample->headers_ns ? sample->headers_ns : sample->end_ns;

    if (!sample->wire_ns)
        return 0;
    put(&observer, METRIC_HTTP_REQ_BLOCKED, span(sample->sent_ns, sample->wire_ns));
    put(&observer, METRIC_HTTP_REQ_CONNECTING, reused ? 0 : sample->connect_ns);
    put(&observer, METRIC_HTTP_REQ_TLS_HANDSHAKING, reused ? 0 : sample->tls_ns);
    put(&observer, METRIC_HTTP_REQ_SENDING, 0);
    put(&observer, METRIC_HTTP_REQ_WAITING, span(sample->wire_ns, headers_ns));
    put(&observer, METRIC_HTTP_REQ_RECEIVING, span(headers_ns, sample->end_ns));
    return observer.count;
}

struct observation observe_operation(const struct operation *operation)
{
    return (struct observation){
        .metric = METRIC_OPERATION_DURATION,
        .censored = operation->failed || operation->withdrawn,
        .value_ns = span(operation->due_ns, operation->end_ns),
    };
}
