/*
 * Transport: HTTP requests → timestamped transfer events. The interface that the engine knows;
 * behind it stand the libcurl transport of this module and, in tests, a scripted one. It knows no
 * LLM: server-sent events are framed here, their meaning is not.
 *
 * All calls and callbacks happen on one thread. No callback is made from inside transport_start()
 * or transport_cancel().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How sure an arrival time is. */
enum arrival_source {
    ARRIVAL_KERNEL, /* the kernel's receive stamp */
    ARRIVAL_SEEN,   /* no stamp was to be had: the moment the program saw the bytes */
};

/* When bytes came in. All times are monotonic ns. */
struct arrival {
    uint64_t arrived_ns; /* the last of the bytes that were read together arrived */
    uint64_t seen_ns;    /* the program got them */
    /*
     * The earliest the first of these bytes can have arrived: the last time the socket was known
     * to be empty, or sent_ns. Equal to arrived_ns where the read held one piece.
     */
    uint64_t earliest_ns;
    /*
     * For so long before it was seen nobody could look, since others had the CPU: what was read
     * together may have come apart by as much. 0 where the kernel does not say.
     */
    uint64_t held_up_ns;
    uint32_t
        read_serial; /* counts the reads of this transfer: events of one read share it */
    enum arrival_source source;
};

/* Why a transfer ended. Mutually exclusive. */
enum transfer_end {
    TRANSFER_COMPLETE,  /* the whole response was received */
    TRANSFER_CANCELLED, /* transport_cancel() */
    TRANSFER_DNS,       /* the name did not resolve */
    TRANSFER_CONNECT,   /* refused or unreachable */
    TRANSFER_TLS,       /* handshake or verification failed */
    TRANSFER_PROXY,     /* the proxy refused */
    TRANSFER_CONNECT_TIMEOUT,
    TRANSFER_FIRST_TOKEN_TIMEOUT, /* set by the engine's own timer through transport_cancel() */
    TRANSFER_IDLE_TIMEOUT,
    TRANSFER_TOTAL_TIMEOUT,
    TRANSFER_RESET,     /* the connection was reset */
    TRANSFER_TRUNCATED, /* closed before the response was whole */
    TRANSFER_PROTOCOL,  /* the bytes are not HTTP: bad chunk, bad header, bad length */
    TRANSFER_EVENT_TOO_LARGE, /* an SSE event or a body passed the cap */
    TRANSFER_ENCODING,        /* content encoding is broken or unasked for */
    TRANSFER_LOCAL_RESOURCE,  /* descriptors, ports or memory of this machine ran out */
    /* Set through transport_cancel(), like TRANSFER_CANCELLED: */
    TRANSFER_ABANDONED, /* the person lost patience */
    TRANSFER_DROPPED,   /* broken on purpose: the connection is closed (FIN) */
    TRANSFER_TORN,      /* broken on purpose: the connection is reset (RST) */
    TRANSFER_END_COUNT,
};

/* Snake-case name for results and logs: "connect_timeout". */
const char *transfer_end_name(enum transfer_end end);

/* What is known when a transfer is over. Times are monotonic ns, 0: did not happen. */
struct transfer_result {
    enum transfer_end end;
    const char
        *detail;     /* one sentence from the library, or ""; borrowed for the callback */
    uint16_t status; /* HTTP status, 0 without one */
    bool reused;     /* on a connection that stood already */
    bool resent;  /* libcurl sent it again on a new connection after a keep-alive race */
    bool stamped; /* the kernel stamped this connection's bytes */
    uint64_t
        wire_ns;     /* the first byte could go: connected, or reused connection chosen */
    uint64_t dns_ns; /* durations of the set-up, 0 where reused */
    uint64_t connect_ns;
    uint64_t tls_ns;
    uint64_t first_byte_ns; /* moment the first body byte arrived */
    uint64_t closed_ns;     /* moment the end of the response arrived */
    uint64_t
        closed_width_ns; /* how much earlier it may have: 0 where the kernel stamped it */
    uint64_t bytes_sent;
    uint64_t bytes_received; /* of the body, as on the wire */
    /* TCP_INFO at the end of the request, 0: unknown. Of the socket, which a proxy's may be. */
    uint64_t rtt_min_ns; /* the smallest round trip of the connection so far */
    uint64_t rtt_ns;     /* smoothed round trip */
    uint64_t rttvar_ns;  /* its variation */
    uint64_t delivery_rate_bytes_per_s; /* of what was sent */
    uint32_t retransmits; /* segments sent again since the request before on it */
    uint16_t local_port;
    char peer[64];            /* "127.0.0.1:8000" */
    uint64_t peeks;           /* reads whose stamp was asked for */
    uint64_t unstamped_reads; /* of those, without a stamp */
    uint64_t comments;        /* SSE comment lines: keep-alive pings */
    /*
     * The data of an event that the stream began and did not end with a blank line. The standard
     * discards it; a dialect may take it where its JSON is whole. NULL: none. NUL-terminated,
     * borrowed for the callback.
     */
    const char *tail;
    size_t tail_len;
};

/* Who hears of a transfer. Calls come in this order; on_end is the last and comes exactly once. */
struct transfer_handler {
    /*
     * An interim answer of status 102 to 199: header_at() below gives its headers until this returns.
     * NULL: nobody wants them.
     */
    void (*on_interim)(void *ctx, uint16_t status);
    /* The status line and all headers are in. header() below works until on_end returns. */
    void (*on_headers)(void *ctx, uint16_t status, const struct arrival *arrival);
    /*
     * One complete server-sent event (bodies of type text/event-stream). data is borrowed for
     * the call, NUL-terminated.
     */
    void (*on_event)(void *ctx, const char *data, size_t len,
                     const struct arrival *arrival);
    /* A piece of any other body. Borrowed for the call. */
    void (*on_body)(void *ctx, const char *bytes, size_t len,
                    const struct arrival *arrival);
    /* Over: the transfer is gone when this returns. */
    void (*on_end)(void *ctx, const struct transfer_result *result);
};

/* A header line: "Name: value" made by the transport, or as it came. */
struct transfer_header {
    const char *name;
    const char *value;
};

/* What to send. Everything is borrowed until transport_start() returns, but for `body`. */
struct transfer_request {
    const char *method;
    const char *url;
    const struct transfer_header *headers;
    size_t header_count;
    const char *body; /* borrowed until on_end; NULL: none */
    size_t body_len;
    uint32_t target; /* which of the targets the transport was made with */
    uint64_t user;   /* ordinal: picks the shard, and the connection under reuse: user */
    uint64_t
        arrival; /* of an open loop, for whoever looks at requests; the transport does not */
    uint32_t sender_class; /* likewise: index into the plan's classes */
    /* 0: no limit. The first-token limit is the engine's: the transport knows no tokens. */
    uint64_t connect_timeout_ns;
    uint64_t idle_timeout_ns;
    uint64_t total_timeout_ns;
    size_t max_event_bytes; /* cap of one SSE event, 0: 8 MiB */
    /*
     * How fast the body is read, so that a server that sends faster is held up; 0: as it comes. The
     * time in which nothing is read on purpose counts for neither the idle nor the total time-out.
     */
    uint64_t read_bytes_per_s;
    /*
     * For those who pass requests and answers on: the body is handed over as it came, also where it
     * holds events or is encoded, and no header is sent but those above, Host and Content-Length.
     */
    bool passes_on;
};

/* One transfer in flight; lives from transport_start() to the return of on_end. */
struct transfer;
struct transport;

/* What stands behind the interface. */
struct transport_ops {
    int (*start)(struct transport *transport, const struct transfer_request *request,
                 uint64_t now_ns, const struct transfer_handler *handler, void *ctx,
                 struct transfer **ret_transfer);
    void (*cancel)(struct transfer *transfer, enum transfer_end why);
    const char *(*header)(const struct transfer *transfer, const char *name);
    bool (*header_at)(const struct transfer *transfer, size_t index,
                      struct transfer_header *ret_header);
    const char *(*peer)(const struct transfer *transfer);
    /* NULL where the answers cannot be held up. */
    void (*pause)(struct transfer *transfer);
    void (*resume)(struct transfer *transfer);
};

/* The head of every transport and transfer, so that calls find their way. */
struct transport {
    const struct transport_ops *ops;
};
struct transfer {
    struct transport *transport;
};

/*
 * Hands a request to the network; now_ns is its `sent` moment. Returns 0; -ENOMEM; -EINVAL for a
 * URL or header that cannot be sent; -ECANCELED when the transport is being closed (no callback is
 * made then). All other failures are on_end's.
 */
int transport_start(struct transport *transport, const struct transfer_request *request,
                    uint64_t now_ns, const struct transfer_handler *handler, void *ctx,
                    struct transfer **ret_transfer);

/*
 * Ends a transfer: on_end comes soon, with this reason, and no other callback before it. The server
 * sees its connection closed; where others are on it too (HTTP/2) its stream is reset (RST_STREAM),
 * whatever the reason.
 */
void transport_cancel(struct transfer *transfer, enum transfer_end why);

/*
 * Reads no more of the answer, so that the server is held up, until transport_resume(). What was read
 * already may still come. Time-outs go on meanwhile. Not for transfers with read_bytes_per_s.
 */
void transport_pause(struct transfer *transfer);

/* Reads on. The body's callbacks may come before it returns: not to be called within one. */
void transport_resume(struct transfer *transfer);

/* A response header's value, or NULL. name in any case. Borrowed until on_end returns. */
const char *transport_header(const struct transfer *transfer, const char *name);

/*
 * Each header of the response in its order, those of one name one by one. Returns false from the end
 * on. Borrowed likewise.
 */
bool transport_header_at(const struct transfer *transfer, size_t index,
                         struct transfer_header *ret_header);

/* Who is at the other end, "127.0.0.1:8000"; "" until the connection stands. Borrowed likewise. */
const char *transport_peer(const struct transfer *transfer);
