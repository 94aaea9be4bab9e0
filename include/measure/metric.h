/*
 * The metrics: one table that names every latency throng measures, with its meaning. Summary,
 * exposition, documents and the check of dashboards are made from it. DESIGN section 3 and
 * doc/metrics.md define each; measure/observe.h has the rules.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Metrics of an attempt come first, then those of the operation, then those of the client. */
enum metric {
    METRIC_HEADERS,        /* sent to the status line and all headers */
    METRIC_TTFB,           /* sent to the first body byte */
    METRIC_TT_FIRST_EVENT, /* sent to the first event of any kind */
    METRIC_TTFT, /* sent to the first chunk with content, reasoning or a tool call */
    METRIC_TTFO, /* sent to the first answer content after reasoning */
    METRIC_ICL,  /* gap between consecutive output chunks */
    METRIC_TPOT, /* (last − first output) / (tokens − 1) */
    METRIC_E2E,  /* sent to the last output chunk; not streaming: to the body's end */
    METRIC_STREAM_CLOSE,      /* sent to the end of the stream */
    METRIC_GENERATION,        /* first to last output chunk */
    METRIC_TTFT_SERVER,       /* first output − wire − minimum round trip, floored at 0 */
    METRIC_PROMPT_PROCESSING, /* reading the prompt, as the server itself says */
    METRIC_TTFT_FROM_DUE,     /* open loop: due to the first output */
    METRIC_E2E_FROM_DUE,
    METRIC_ARRIVAL_WAIT,    /* open loop: due to taken, of those that found nobody free */
    METRIC_REPLAY_LATENESS, /* replay: sent − due, of the first attempt at an entry */
    METRIC_DNS,
    METRIC_CONNECT,
    METRIC_TLS,
    METRIC_CONN_WAIT,         /* sent to wire on a new connection */
    METRIC_RTT,               /* of the connection, as TCP had it at the end */
    METRIC_HTTP_REQ_DURATION, /* k6's: wire to the end of the body, failures included */
    /* k6's parts of it: doc/metrics.md says where they differ. */
    METRIC_HTTP_REQ_BLOCKED,    /* sent to wire */
    METRIC_HTTP_REQ_CONNECTING, /* 0 on a connection that stood, as is the next */
    METRIC_HTTP_REQ_TLS_HANDSHAKING,
    METRIC_HTTP_REQ_SENDING,   /* always 0: libcurl does not tell */
    METRIC_HTTP_REQ_WAITING,   /* wire to the headers */
    METRIC_HTTP_REQ_RECEIVING, /* the headers to the end of the body */
    METRIC_OPERATION_DURATION, /* first due to the end of the last attempt */
    METRIC_GROUP_DURATION,     /* a group of steps, from its beginning to its end */
    METRIC_ITERATION_DURATION, /* a flow, likewise, pauses included */
    METRIC_SCHEDULE_LAG,       /* sent − due */
    METRIC_SEND_DELAY,         /* wire − sent on a reused connection */
    METRIC_CLIENT_DELAY,       /* seen − arrived, per read of an output chunk */
    METRIC_TTFT_WIDTH,         /* how much too long a ttft may be; only where it may be */
    METRIC_E2E_WIDTH,          /* how much too long the e2e of a body may be; likewise */
    METRIC_ICL_WIDTH,          /* how far off an unstamped gap may be; likewise */
    METRIC_LOOP_LAG,           /* how late the loop ran a timer that was due */
    METRIC_COUNT,
};

struct metric_info {
    const char *name; /* as in scenario, summary and labels: "ttft" */
    const char *help; /* one sentence, without its full stop */
    bool streamed;    /* exists for streamed answers only */
    /* It is kept of totals and of what thresholds select, and of no dimension; it may be 0. */
    bool of_totals;
    bool censored; /* an attempt that ended before it is kept as "longer than waited" */
};

/* What the table says of a metric. */
const struct metric_info *metric_info(enum metric metric);

/* The metric of a name. Returns 0 or -ENOENT. */
int metric_find(const char *name, enum metric *ret_metric);
