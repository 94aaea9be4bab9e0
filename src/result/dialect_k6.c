/*
 * k6, as lib/netext/httpext/tracer.go and transport.go define its http_req_*: HTTP alone, of all requests and
 * of the whole run. Of a stream k6 sees its beginning and its end.
 */
#include <math.h>

#include "base/cleanup.h"
#include "measure/sample.h"
#include "result/dialect_answer.h"
#include "result/dialect_table.h"

static const struct dialect_statistic statistics[] = {
    {"avg", DIALECT_MEAN, 0, true},         {"min", DIALECT_MIN, 0, true},
    {"med", DIALECT_QUANTILE, 0.5, true},   {"max", DIALECT_MAX, 0, true},
    {"p(90)", DIALECT_QUANTILE, 0.9, true}, {"p(95)", DIALECT_QUANTILE, 0.95, true},
};

/* Whether the response could be read to its end, whatever stood in it. */
static bool is_transferred(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_DNS:
    case OUTCOME_CONNECT:
    case OUTCOME_TLS:
    case OUTCOME_PROXY:
    case OUTCOME_CONNECT_TIMEOUT:
    case OUTCOME_FIRST_TOKEN_TIMEOUT:
    case OUTCOME_IDLE_TIMEOUT:
    case OUTCOME_TOTAL_TIMEOUT:
    case OUTCOME_RESET:
    case OUTCOME_TRUNCATED:
    case OUTCOME_PROTOCOL:
    case OUTCOME_EVENT_TOO_LARGE:
    case OUTCOME_ENCODING:
    case OUTCOME_LOCAL_RESOURCE:
    case OUTCOME_CIRCUIT_OPEN:
        return false;
    case OUTCOME_OK:
    case OUTCOME_DEGRADED:
    case OUTCOME_CANCELLED:
    case OUTCOME_RATE_LIMITED:
    case OUTCOME_UNAUTHORIZED:
    case OUTCOME_HTTP_4XX:
    case OUTCOME_HTTP_5XX:
    case OUTCOME_STREAM_ERROR:
    case OUTCOME_MALFORMED_EVENT:
    case OUTCOME_BAD_CONTENT_TYPE:
    case OUTCOME_EMPTY:
    case OUTCOME_CHECK_FAILED:
    case OUTCOME_REDIRECT:
    case OUTCOME_STATUS:
    case OUTCOME_ABANDONED:
    case OUTCOME_SABOTAGED:
    case OUTCOME_TOOL_ERROR:
    case OUTCOME_COUNT:
        break;
    }
    return true;
}

static enum dialect_fate fate(const struct dialect_request *request)
{
    if (outcome_is_withdrawn(request->outcome))
        return DIALECT_LEFT_OUT;
    return is_transferred(request->outcome) && request->status >= 200 &&
                   request->status < 400
               ? DIALECT_SUCCEEDED
               : DIALECT_FAILED;
}

static uint64_t headers_of(const struct dialect_request *request)
{
    return request->headers_ns ? request->headers_ns : request->end_ns;
}

/* A part of a request; 0 where there was no connection. */
static void add_part(const struct dialect_request *request, double part_ns,
                     struct dialect_values *values)
{
    dialect_values_add(values, request->wire_ns ? part_ns : 0, 1);
}

static void duration(const struct dialect_view *view,
                     const struct dialect_request *request, struct dialect_values *values)
{
    (void)view;
    add_part(request, dialect_span(request->wire_ns, request->end_ns), values);
}

static void waiting(const struct dialect_view *view,
                    const struct dialect_request *request, struct dialect_values *values)
{
    (void)view;
    add_part(request, dialect_span(request->wire_ns, headers_of(request)), values);
}

static void receiving(const struct dialect_view *view,
                      const struct dialect_request *request,
                      struct dialect_values *values)
{
    (void)view;
    add_part(request, dialect_span(headers_of(request), request->end_ns), values);
}

static void sending(const struct dialect_view *view,
                    const struct dialect_request *request, struct dialect_values *values)
{
    (void)view;
    add_part(request, 0, values);
}

static void blocked(const struct dialect_view *view,
                    const struct dialect_request *request, struct dialect_values *values)
{
    (void)view;
    add_part(request, dialect_span(request->sent_ns, request->wire_ns), values);
}

static double of_new(const struct dialect_request *request, uint64_t part_ns)
{
    return request->flags & SAMPLE_REUSED ? 0 : (double)part_ns;
}

static void connecting(const struct dialect_view *view,
                       const struct dialect_request *request,
                       struct dialect_values *values)
{
    (void)view;
    add_part(request, of_new(request, request->connect_ns), values);
}

static void handshaking(const struct dialect_view *view,
                        const struct dialect_request *request,
                        struct dialect_values *values)
{
    (void)view;
    add_part(request, of_new(request, request->tls_ns), values);
}

static double all_requests(const struct dialect_view *view)
{
    return (double)(view->succeeded + view->failed);
}

static double requests_per_second(const struct dialect_view *view)
{
    const json_t *run = json_object_get(view->summary, "run");
    const double seconds = json_number_value(json_object_get(run, "duration_s"));

    return seconds > 0 ? all_requests(view) / seconds : (double)NAN;
}

static double failed_share(const struct dialect_view *view)
{
    return view->succeeded + view->failed > 0 ? (double)view->failed / all_requests(view)
                                              : (double)NAN;
}

static const struct dialect_row rows[] = {
    {.name = "http_req_duration",
     .path = "metrics/http_req_duration",
     .title = "http_req_duration",
     .unit = "ms",
     .scale = 1e-6,
     .collect = duration,
     .of_all = true,
     .metric = "http_req_duration",
     .meaning = "Sending, waiting and receiving: from the first byte on the wire to the "
                "end of the body, failures included; 0 where there was no connection.",
     .why = "Throng's own is of the measured window, and has no value where there was no "
            "connection."},
    {.name = "http_req_waiting",
     .path = "metrics/http_req_waiting",
     .title = "http_req_waiting",
     .unit = "ms",
     .scale = 1e-6,
     .collect = waiting,
     .of_all = true,
     .metric = "http_req_waiting",
     .meaning = "From the request's last byte to the answer's first; to the end where "
                "none came.",
     .why = "Throng's begins with the request's first byte and ends with the last "
            "header; throng's own is of the measured window."},
    {.name = "http_req_receiving",
     .path = "metrics/http_req_receiving",
     .title = "http_req_receiving",
     .unit = "ms",
     .scale = 1e-6,
     .collect = receiving,
     .of_all = true,
     .metric = "http_req_receiving",
     .meaning = "From the answer's first byte to its end.",
     .why = "Begins with the last header. Throng's own is of the measured window."},
    {.name = "http_req_sending",
     .path = "metrics/http_req_sending",
     .title = "http_req_sending",
     .unit = "ms",
     .scale = 1e-6,
     .collect = sending,
     .of_all = true,
     .metric = "http_req_sending",
     .meaning = "Writing the request.",
     .why = "0 here: libcurl does not tell it from waiting."},
    {.name = "http_req_blocked",
     .path = "metrics/http_req_blocked",
     .title = "http_req_blocked",
     .unit = "ms",
     .scale = 1e-6,
     .collect = blocked,
     .of_all = true,
     .metric = "http_req_blocked",
     .meaning = "Waiting for a connection, and making one.",
     .why = "Throng's own is of the measured window."},
    {.name = "http_req_connecting",
     .path = "metrics/http_req_connecting",
     .title = "http_req_connecting",
     .unit = "ms",
     .scale = 1e-6,
     .collect = connecting,
     .of_all = true,
     .metric = "http_req_connecting",
     .meaning = "The TCP handshake; 0 on a connection that stood.",
     .why = "Throng's own is of the measured window."},
    {.name = "http_req_tls_handshaking",
     .path = "metrics/http_req_tls_handshaking",
     .title = "http_req_tls_handshaking",
     .unit = "ms",
     .scale = 1e-6,
     .collect = handshaking,
     .of_all = true,
     .metric = "http_req_tls_handshaking",
     .meaning = "The TLS handshake; 0 on a connection that stood.",
     .why = "Throng's own is of the measured window."},
    {.name = "http_reqs",
     .path = "metrics/http_reqs/count",
     .title = "http_reqs",
     .unit = "requests",
     .number = all_requests,
     .is_whole = true,
     .meaning = "All requests.",
     .why = "Throng's own leaves out what is not in the window."},
    {.name = "http_reqs.rate",
     .path = "metrics/http_reqs/rate",
     .title = "http_reqs.rate",
     .unit = "requests/s",
     .number = requests_per_second,
     .meaning = "Over the whole run.",
     .why = "Throng's is over the window."},
    {.name = "http_req_failed",
     .path = "metrics/http_req_failed/value",
     .title = "http_req_failed",
     .unit = "fraction",
     .number = failed_share,
     .meaning = "Status below 200 or from 400 on, or a response that could not be read "
                "to its end, over all.",
     .why = "What the answer says is not looked at: an error event in a stream, a "
            "missing finish reason or an empty answer is no failure here."},
    {.name = "http_req_failed.passes",
     .path = "metrics/http_req_failed/passes",
     .title = "http_req_failed.passes",
     .unit = "requests",
     .number = dialect_failed,
     .is_whole = true,
     .meaning = "Those that failed: so k6 names them.",
     .why = ""},
    {.name = "http_req_failed.fails",
     .path = "metrics/http_req_failed/fails",
     .title = "http_req_failed.fails",
     .unit = "requests",
     .number = dialect_succeeded,
     .is_whole = true,
     .meaning = "Those that did not.",
     .why = ""},
};

const struct dialect dialect_k6 = {
    .name = "k6",
    .tool = "k6 2.2",
    .file = "that of `--summary-export`, without what scripts count",
    .fate = fate,
    .rule = DIALECT_LINEAR,
    .statistics = statistics,
    .statistic_count = COUNT_OF(statistics),
    .rows = rows,
    .row_count = COUNT_OF(rows),
};
