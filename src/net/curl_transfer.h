/*
 * One request on a libcurl easy handle: sets the handle up, turns what libcurl hands over into the
 * handler's calls with their arrival times, and tells at the end what is known. The handle and all
 * buffers serve one transfer after the other.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/list.h"
#include "net/connection.h"
#include "net/deadline.h"
#include "net/slow_reader.h"
#include "net/sse.h"
#include "net/tcp.h"
#include "net/transport.h"

/* Room for an address and a port. */
#define PEER_BYTES 64

struct curl_transfer {
    struct transfer base; /* first: what the engine holds */
    struct list link;     /* in one of the shard's lists */
    struct list on_connection;
    struct deadline deadline;
    struct slow_reader slow_reader;
    struct shard *shard;
    struct connection *connection; /* NULL: not on one, or not known yet */
    CURL *easy;
    const struct transfer_handler *handler;
    void *ctx;
    struct sse_parser *sse; /* NULL until the first event stream */

    /* What is sent. libcurl reads the list and its lines from here. */
    struct buf url;
    CURLU *parsed_url; /* the same, so that libcurl need not parse it for each request */
    struct buf header_lines;        /* "Name: value", each NUL-terminated */
    struct curl_slist *header_list; /* array, chained */
    size_t header_cap;
    uint64_t user;
    uint64_t idle_timeout_ns;
    uint64_t total_timeout_ns;
    size_t max_event_bytes;
    size_t request_body_bytes;
    bool scoped; /* of a pool of connections of its own */
    const char
        *source; /* that its connections come from; NULL: not chosen yet, or none */
    bool asked_encoding; /* the request itself asked for a content encoding */
    bool passes_on;      /* the body is handed over as it came */
    bool secure;         /* https */

    /* What happens. Times are monotonic ns, 0: not yet. */
    uint64_t sent_ns;
    uint64_t wire_ns;
    uint64_t active_ns; /* the last sign of life */
    uint64_t first_byte_ns;
    uint64_t last_stamp_ns;  /* of the connection's latest read */
    uint64_t last_width_ns;  /* how much earlier its bytes may have come */
    uint64_t uploaded_bytes; /* of the request's body, when a time-out asked last */
    uint64_t body_bytes;
    uint64_t header_bytes;
    uint64_t header_names; /* bits that the names of the response's headers hash to */
    uint64_t serial;       /* connection_read.serial that read_serial stands for */
    uint32_t read_serial;
    uint32_t wires; /* how often the request went out: more than once after a race */
    uint64_t peeks;
    uint64_t unstamped_reads;
    struct tcp_facts tcp;   /* of its connection at its end; retransmits: its own */
    struct arrival arrival; /* of the bytes in hand */
    uint64_t left_bytes;    /* behind the bytes in hand, of the same read */
    uint64_t framing_bytes; /* of the same read, that frame the bytes handed over */
    bool added;             /* in the multi handle */
    bool stamped;
    bool headers_done;
    bool paused; /* the handler wants no more of the body */
    bool is_event_stream;
    bool multiplexed; /* HTTP/2: stamps belong to the connection, not to byte counts */
    bool over;        /* ended by us: no callback but on_end */
    enum transfer_end refusal; /* why, when over */
    int os_errno; /* of a socket that did not open or broke, unknown to libcurl */
    uint16_t local_port;
    char peer[PEER_BYTES];
    const char *reason; /* our own sentence for `detail`, or NULL */
    char error[CURL_ERROR_SIZE];
};

/* Makes a transfer with its easy handle, with all that the policy fixes. Returns 0; -ENOMEM. */
int curl_transfer_new(struct shard *shard, struct curl_transfer **ret_transfer);

/* Releases it; it must be out of the multi handle. NULL is allowed. Returns NULL. */
struct curl_transfer *curl_transfer_free(struct curl_transfer *transfer);

/* Sets the handle up for a request. Returns 0; -EINVAL; -ENOMEM. (request.c) */
int curl_transfer_prepare(struct curl_transfer *transfer,
                          const struct transfer_request *request, uint64_t now_ns,
                          const struct transfer_handler *handler, void *ctx);

/* Has libcurl hand the response over to the handler. (response.c) */
void curl_transfer_receive(struct curl_transfer *transfer);

/* A response header's value, or NULL. */
const char *curl_transfer_header(const struct curl_transfer *transfer, const char *name);

/*
 * Each header of the response in its order; before that begins, those of interim answers. Returns false
 * from the end on.
 */
bool curl_transfer_header_at(const struct curl_transfer *transfer, size_t index,
                             struct transfer_header *ret_header);

/*
 * Ends it: from here on only on_end will be called, with this reason. The first reason counts.
 * `reason` is a static sentence for the result, or "".
 */
void curl_transfer_refuse(struct curl_transfer *transfer, enum transfer_end why,
                          const char *reason);

/* Has libcurl read no more, and read on. (response.c) */
void curl_transfer_pause(struct curl_transfer *transfer);
void curl_transfer_resume(struct curl_transfer *transfer);

/* When the next time-out could strike, UINT64_MAX: never. Moves as bytes come in. */
uint64_t curl_transfer_due_ns(const struct curl_transfer *transfer, uint64_t now_ns);

/* Takes note of what was sent since the last time: a slow upload is not silence. */
void curl_transfer_note_upload(struct curl_transfer *transfer, uint64_t now_ns);

/*
 * Before it leaves libcurl unfinished: where it ends as dropped or torn, and is alone on its
 * connection, that is closed just so.
 */
void curl_transfer_break(struct curl_transfer *transfer);

/* The time-out that is due has struck. */
void curl_transfer_expire(struct curl_transfer *transfer, uint64_t now_ns);

/* The connection is about to go: keeps what it knows. */
void curl_transfer_leave(struct curl_transfer *transfer);

/*
 * An answer that was there before libcurl waited for it came on a connection that libcurl never
 * named: asks TCP there all the same. Done, and the handle still in the multi handle.
 */
void curl_transfer_find_tcp(struct curl_transfer *transfer);

/* Calls on_end. The handle is out of the multi handle. */
void curl_transfer_end(struct curl_transfer *transfer, CURLcode code);

/*
 * Whether a transfer that is over may not be used again: libcurl never forgets the errno of a
 * failure (CURLINFO_OS_ERRNO), and a later one would be taken for the same.
 */
bool curl_transfer_is_spent(const struct curl_transfer *transfer);
