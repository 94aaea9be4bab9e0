#include "measure/metric.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static const struct metric_info table[METRIC_COUNT] = {
    [METRIC_HEADERS] =
        {
            .name = "headers",
            .help = "From sent to the status line and all headers of the answer",
            .censored = true,
        },
    [METRIC_TTFB] =
        {
            .name = "ttfb",
            .help = "From sent to the first byte of the answer's body",
            .censored = true,
        },
    [METRIC_TT_FIRST_EVENT] =
        {
            .name = "tt_first_event",
            .help = "From sent to the first event of the stream, of any kind",
            .streamed = true,
            .censored = true,
        },
    [METRIC_TTFT] =
        {
            .name = "ttft",
            .help = "From sent to the first chunk with content, reasoning or a tool call",
            .streamed = true,
            .censored = true,
        },
    [METRIC_TTFO] =
        {
            .name = "ttfo",
            .help = "From sent to the first content of the answer, where reasoning came "
                    "before it",
            .streamed = true,
        },
    [METRIC_ICL] =
        {
            .name = "icl",
            .help = "Gap between two consecutive output chunks of one answer",
            .streamed = true,
        },
    [METRIC_TPOT] =
        {
            .name = "tpot",
            .help = "Time per output token after the first: from the first to the last "
                    "output chunk, over the tokens less one",
            .streamed = true,
        },
    [METRIC_E2E] =
        {
            .name = "e2e",
            .help = "From sent to the last output chunk; not streaming, to the end of "
                    "the body",
            .censored = true,
        },
    [METRIC_STREAM_CLOSE] =
        {
            .name = "stream_close",
            .help = "From sent to the end of the stream",
            .streamed = true,
        },
    [METRIC_GENERATION] =
        {
            .name = "generation",
            .help = "From the first to the last output chunk",
            .streamed = true,
        },
    [METRIC_TTFT_SERVER] =
        {
            .name = "ttft_server",
            .help = "From the first byte on the wire to the first output chunk, less the "
                    "connection's shortest round trip",
            .streamed = true,
        },
    [METRIC_PROMPT_PROCESSING] =
        {
            .name = "prompt_processing",
            .help = "Reading the prompt, as the server itself says",
        },
    [METRIC_TTFT_FROM_DUE] =
        {
            .name = "ttft_from_due",
            .help = "Open loop: from the moment the arrival was due to the first output "
                    "chunk",
            .streamed = true,
            .censored = true,
        },
    [METRIC_E2E_FROM_DUE] =
        {
            .name = "e2e_from_due",
            .help = "Open loop: from the moment the arrival was due to the end that e2e "
                    "counts to",
            .censored = true,
        },
    [METRIC_ARRIVAL_WAIT] =
        {
            .name = "arrival_wait",
            .help = "Open loop: how long arrivals waited that found nobody free",
            .censored = true,
        },
    [METRIC_REPLAY_LATENESS] =
        {
            .name = "replay_lateness",
            .help =
                "Replay: how long after its recorded moment an entry of the trace was "
                "sent",
        },
    [METRIC_DNS] =
        {
            .name = "dns",
            .help = "Looking up the name, on a new connection",
        },
    [METRIC_CONNECT] =
        {
            .name = "connect",
            .help = "The TCP handshake, on a new connection",
        },
    [METRIC_TLS] =
        {
            .name = "tls",
            .help = "The TLS handshake, on a new connection",
        },
    [METRIC_CONN_WAIT] =
        {
            .name = "conn_wait",
            .help = "From sent to the first byte on the wire, on a new connection",
        },
    [METRIC_RTT] =
        {
            .name = "rtt",
            .help = "Smoothed round trip of the connection, as TCP had it at the end of "
                    "the request",
        },
    [METRIC_HTTP_REQ_DURATION] =
        {
            .name = "http_req_duration",
            .help = "From the first byte on the wire to the end of the body, failures "
                    "included (k6's meaning)",
        },
    [METRIC_HTTP_REQ_BLOCKED] =
        {
            .name = "http_req_blocked",
            .help = "From sent to the first byte on the wire: waiting for a connection, "
                    "and making "
                    "one (k6's meaning)",
            .of_totals = true,
        },
    [METRIC_HTTP_REQ_CONNECTING] =
        {
            .name = "http_req_connecting",
            .help =
                "The TCP handshake; 0 on a connection that stood already (k6's meaning)",
            .of_totals = true,
        },
    [METRIC_HTTP_REQ_TLS_HANDSHAKING] =
        {
            .name = "http_req_tls_handshaking",
            .help =
                "The TLS handshake; 0 on a connection that stood already (k6's meaning)",
            .of_totals = true,
        },
    [METRIC_HTTP_REQ_SENDING] =
        {
            .name = "http_req_sending",
            .help = "Writing the request: always 0, since it is not known apart from "
                    "http_req_waiting",
            .of_totals = true,
        },
    [METRIC_HTTP_REQ_WAITING] =
        {
            .name = "http_req_waiting",
            .help = "From the first byte on the wire to the status line and all headers",
            .of_totals = true,
        },
    [METRIC_HTTP_REQ_RECEIVING] =
        {
            .name = "http_req_receiving",
            .help = "From the status line and all headers to the end of the body",
            .of_totals = true,
        },
    [METRIC_OPERATION_DURATION] =
        {
            .name = "operation_duration",
            .help = "From the moment a step was due to the end of its last attempt, "
                    "back-off included",
            .censored = true,
        },
    [METRIC_GROUP_DURATION] =
        {
            .name = "group_duration",
            .help = "A group of steps, from its beginning to its end (k6's meaning)",
        },
    [METRIC_ITERATION_DURATION] =
        {
            .name = "iteration_duration",
            .help = "A flow from its beginning to its end, pauses included (k6's "
                    "meaning)",
        },
    [METRIC_SCHEDULE_LAG] =
        {
            .name = "schedule_lag",
            .help = "How long after it was due a request was sent",
        },
    [METRIC_SEND_DELAY] =
        {
            .name = "send_delay",
            .help = "From sent to the first byte on the wire, on a connection that stood "
                    "already",
        },
    [METRIC_CLIENT_DELAY] =
        {
            .name = "client_delay",
            .help =
                "From the arrival of output in the kernel to the moment throng saw it",
            .streamed = true,
        },
    [METRIC_TTFT_WIDTH] =
        {
            .name = "ttft_width",
            .help = "How much earlier the first output may have come than ttft says; "
                    "only where that is not known",
            .streamed = true,
        },
    [METRIC_E2E_WIDTH] =
        {
            .name = "e2e_width",
            .help =
                "How much earlier an answer in one piece may have ended than e2e says; "
                "only where the kernel did not tell",
        },
    [METRIC_ICL_WIDTH] =
        {
            .name = "icl_width",
            .help = "How far off a gap in icl may be, for want of the kernel's stamp; "
                    "only above a millisecond",
            .streamed = true,
        },
    [METRIC_LOOP_LAG] =
        {
            .name = "loop_lag",
            .help = "How long after it was due a timer ran",
        },
};

const struct metric_info *metric_info(enum metric metric)
{
    assert(metric < METRIC_COUNT);
    return &table[metric];
}

int metric_find(const char *name, enum metric *ret_metric)
{
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        if (strcmp(table[metric].name, name) == 0) {
            *ret_metric = metric;
            return 0;
        }
    }
    return -ENOENT;
}
