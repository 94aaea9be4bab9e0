#include "net/curl_transfer.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digits.h"
#include "net/failure.h"
#include "net/hub.h"
#include "net/shard.h"
#include "net/stamp.h"

/* libcurl's smallest, and 3 KiB per stream less than its usual one (BENCH). */
#define RECEIVE_BUFFER_BYTES 1024L

/* libcurl's smallest: with TLS every handle keeps one, of 64 KiB unless told otherwise. */
#define SEND_BUFFER_BYTES 16384L

/* The request head holds keys and ids, never documents. */
#define MAX_HEADER_LINES_BYTES ((size_t)1024 * 1024)
#define MAX_URL_BYTES ((size_t)64 * 1024)

/* Where libcurl begins to send a body apart from the head. */
#define JOINED_BODY_BYTES ((size_t)64 * 1024)

/* A bound socket gets its port when it connects: one that other servers' connections may have too. */
static void share_ports(int fd)
{
    const int on = 1;

    (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
}

static curl_socket_t on_open(void *clientp, curlsocktype purpose,
                             struct curl_sockaddr *address)
{
    struct curl_transfer *transfer = clientp;
    struct shard *shard = transfer->shard;
    struct connection *connection;
    int r;
    const int fd =
        socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
               address->protocol);

    (void)purpose;
    if (fd < 0) {
        transfer->os_errno = errno;
        return CURL_SOCKET_BAD;
    }
    slow_reader_set_up(transfer, fd);
    if (shard->policy->source_count > 0)
        share_ports(fd);
    if (shard->transport->kernel_stamps)
        (void)stamp_enable(fd); /* without it the moments seen are used, and counted */
    r = connection_new(shard, fd, true, transfer->user, &connection);
    if (r < 0) {
        transfer->os_errno = -r;
        (void)close(fd);
        return CURL_SOCKET_BAD;
    }
    return fd;
}

/* Bound to the shard: a connection outlives the transfer that opened it. */
static int on_close(void *clientp, curl_socket_t fd)
{
    struct connection *connection = connection_of(clientp, fd);

    if (connection)
        connection_close(connection);
    return close(fd);
}

/* An address is at most 45 bytes long, with a scope some more: what is longer is cut. */
static void write_peer(const char *address, uint16_t port, char text[static PEER_BYTES])
{
    const size_t len = strnlen(address, PEER_BYTES - sizeof("[]:65535"));
    const bool v6 = memchr(address, ':', len) != NULL;
    char *at = text;

    if (v6)
        *at++ = '[';
    memcpy(at, address, len);
    at += len;
    if (v6)
        *at++ = ']';
    *at++ = ':';
    *digits_decimal(at, port) = '\0';
}

/* The connection stands and nothing has been sent on it yet: the request goes out now. */
static int on_wire(void *clientp, char *peer, char *local, int peer_port, int local_port)
{
    struct curl_transfer *transfer = clientp;

    (void)local;
    transfer->wire_ns = clock_mono_ns();
    transfer->wires++;
    transfer->os_errno = 0; /* of an address that did not work, where another did */
    transfer->local_port = (uint16_t)local_port;
    write_peer(peer, (uint16_t)peer_port, transfer->peer);
    return CURL_PREREQFUNC_OK;
}

static void set_long(struct curl_transfer *transfer, CURLoption option, long value)
{
    (void)curl_easy_setopt(transfer->easy, option, value);
}

static bool set_string(struct curl_transfer *transfer, CURLoption option,
                       const char *text)
{
    return !text || curl_easy_setopt(transfer->easy, option, text) == CURLE_OK;
}

static void set_age(struct curl_transfer *transfer,
                    const struct connection_policy *policy)
{
    const uint64_t age_s = policy->max_age_ns / NS_PER_S;

    /* libcurl counts idle time in seconds, and 0 as no reuse at all. */
    set_long(transfer, CURLOPT_MAXAGE_CONN,
             policy->max_age_ns == 0 || age_s >= INT32_MAX ? INT32_MAX : (long)age_s + 1);
}

static int set_policy(struct curl_transfer *transfer,
                      const struct connection_policy *policy)
{
    set_age(transfer, policy);
    if (policy->insecure) {
        set_long(transfer, CURLOPT_SSL_VERIFYPEER, 0);
        set_long(transfer, CURLOPT_SSL_VERIFYHOST, 0);
        /* Nor are the system's certificates read for each connection. */
        (void)curl_easy_setopt(transfer->easy, CURLOPT_CAINFO, NULL);
        (void)curl_easy_setopt(transfer->easy, CURLOPT_CAPATH, NULL);
    }
    /* An empty proxy, unlike none, has libcurl ignore the environment's. */
    /* Nor is the environment asked whom to reach without one, where there is none. */
    return set_string(transfer, CURLOPT_NOPROXY, policy->proxy ? NULL : "") &&
                   set_string(transfer, CURLOPT_CAINFO, policy->ca_file) &&
                   set_string(transfer, CURLOPT_SSLCERT, policy->cert_file) &&
                   set_string(transfer, CURLOPT_SSLKEY, policy->key_file) &&
                   set_string(transfer, CURLOPT_PROXY, policy->proxy ? policy->proxy : "")
               ? 0
               : -ENOMEM;
}

static int set_up(struct curl_transfer *transfer)
{
    CURL *easy = transfer->easy;

    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    (void)curl_easy_setopt(easy, CURLOPT_SHARE, transfer->shard->transport->share);
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, transfer->shard);
    (void)curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_wire);
    (void)curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    curl_transfer_receive(transfer);
    set_long(transfer, CURLOPT_NOSIGNAL, 1);
    set_long(transfer, CURLOPT_QUICK_EXIT, 1); /* waits for no hung name server */
    set_long(transfer, CURLOPT_NOPROGRESS, 1);
    set_long(transfer, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER_BYTES);
    set_long(transfer, CURLOPT_UPLOAD_BUFFERSIZE, SEND_BUFFER_BYTES);
    set_long(transfer, CURLOPT_TCP_NODELAY, 1);
    set_long(transfer, CURLOPT_FOLLOWLOCATION, 0);
    set_long(transfer, CURLOPT_HTTP_CONTENT_DECODING, 0);
    set_long(transfer, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1);
    set_long(transfer, CURLOPT_PATH_AS_IS, 1);
    return set_string(transfer, CURLOPT_PROTOCOLS_STR, "http,https")
               ? set_policy(transfer, transfer->shard->policy)
               : -ENOMEM;
}

int curl_transfer_new(struct shard *shard, struct curl_transfer **ret_transfer)
{
    struct curl_transfer *transfer = calloc(1, sizeof(*transfer));
    int r;

    if (!transfer)
        return -ENOMEM;
    transfer->shard = shard;
    transfer->url = BUF_INIT(MAX_URL_BYTES);
    transfer->header_lines = BUF_INIT(MAX_HEADER_LINES_BYTES);
    list_init(&transfer->link);
    list_init(&transfer->on_connection);
    deadline_init(&transfer->deadline);
    transfer->easy = curl_easy_init();
    r = transfer->easy ? set_up(transfer) : -ENOMEM;
    if (r < 0) {
        curl_transfer_free(transfer);
        return r;
    }
    *ret_transfer = transfer;
    return 0;
}

struct curl_transfer *curl_transfer_free(struct curl_transfer *transfer)
{
    if (!transfer)
        return NULL;
    if (transfer->easy)
        curl_easy_cleanup(transfer->easy);
    curl_url_cleanup(transfer->parsed_url);
    sse_parser_free(transfer->sse);
    buf_deinit(&transfer->url);
    buf_deinit(&transfer->header_lines);
    free(transfer->header_list);
    free(transfer);
    return NULL;
}

void curl_transfer_refuse(struct curl_transfer *transfer, enum transfer_end why,
                          const char *reason)
{
    if (transfer->over) /* the first reason counts */
        return;
    transfer->over = true;
    transfer->refusal = why;
    transfer->reason = reason;
    list_remove(&transfer->link);
    list_append(&transfer->shard->ending, &transfer->link);
    shard_mark_due(transfer->shard);
}

uint64_t curl_transfer_due_ns(const struct curl_transfer *transfer, uint64_t now_ns)
{
    const uint64_t rests_until_ns = slow_reader_rests_until_ns(transfer);
    uint64_t due_ns = UINT64_MAX;

    if (rests_until_ns > 0)
        return rests_until_ns;
    if (transfer->total_timeout_ns > 0)
        due_ns = transfer->sent_ns + transfer->slow_reader.rested_ns +
                 transfer->total_timeout_ns;
    if (transfer->idle_timeout_ns > 0) {
        /* Until the request can go, the time-out of the connection's set-up is the one that counts. */
        const uint64_t since_ns = transfer->wire_ns == 0 ? now_ns
                                  : transfer->active_ns > transfer->wire_ns
                                      ? transfer->active_ns
                                      : transfer->wire_ns;
        const uint64_t idle_ns = since_ns + transfer->idle_timeout_ns;

        if (idle_ns < due_ns)
            due_ns = idle_ns;
    }
    return due_ns;
}

void curl_transfer_note_upload(struct curl_transfer *transfer, uint64_t now_ns)
{
    curl_off_t sent = 0;
    uint64_t bytes;
    bool was_whole;

    (void)curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    bytes = (uint64_t)sent;
    /* A body that went out before anyone looked went out with the head. */
    was_whole = transfer->uploaded_bytes == 0 && bytes >= transfer->request_body_bytes;
    if (bytes > transfer->uploaded_bytes && !was_whole)
        transfer->active_ns = now_ns;
    transfer->uploaded_bytes = bytes;
}

void curl_transfer_expire(struct curl_transfer *transfer, uint64_t now_ns)
{
    const bool total = transfer->total_timeout_ns > 0 &&
                       transfer->sent_ns + transfer->slow_reader.rested_ns +
                               transfer->total_timeout_ns <=
                           now_ns;

    if (total)
        curl_transfer_refuse(transfer, TRANSFER_TOTAL_TIMEOUT,
                             "the whole request took longer than its time-out");
    else
        curl_transfer_refuse(transfer, TRANSFER_IDLE_TIMEOUT,
                             "no byte came for the idle time-out");
}

/* What TCP says of a connection at the end of the transfer on it. */
static void note_tcp(struct curl_transfer *transfer, struct connection *connection)
{
    const uint32_t before = transfer->tcp.retransmits;
    uint32_t counted = 0;

    tcp_ask(connection->fd, &transfer->tcp);
    counted = transfer->tcp.retransmits;
    transfer->tcp.retransmits = before + counted - connection->retransmits;
    connection->retransmits = counted;
}

/* The connection that it is on, known to us or to libcurl alone; NULL: none. */
static struct connection *find_connection(const struct curl_transfer *transfer)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    struct connection *connection = transfer->connection;

    if (connection ||
        curl_easy_getinfo(transfer->easy, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK)
        return connection;
    connection = connection_of(transfer->shard, fd);
    return connection && connection->ours ? connection : NULL;
}

void curl_transfer_break(struct curl_transfer *transfer)
{
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    const struct connection *connection;

    if (!transfer->over || transfer->shard->policy->http2)
        return;
    connection = find_connection(transfer);
    if (!connection)
        return;
    /* A close with bytes unread sends a reset by itself; behind a shutdown it comes too late. */
    if (transfer->refusal == TRANSFER_TORN)
        (void)setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &at_once,
                         sizeof(at_once));
    else if (transfer->refusal == TRANSFER_DROPPED)
        (void)shutdown(connection->fd, SHUT_WR);
}

void curl_transfer_find_tcp(struct curl_transfer *transfer)
{
    struct connection *connection =
        transfer->connection ? NULL : find_connection(transfer);

    if (connection)
        note_tcp(transfer, connection);
}

/* The end of a stream has no stamp: the moment it was seen. */
static void note_last_read(struct curl_transfer *transfer,
                           const struct connection_read *read)
{
    transfer->last_stamp_ns = read->stamp_ns ? read->stamp_ns : read->looked_ns;
    if (read->stamp_ns)
        transfer->last_width_ns = 0;
    else if (transfer->stamped) /* it woke the loop, unless that could not run */
        transfer->last_width_ns = read->held_up_ns;
    else
        transfer->last_width_ns = read->looked_ns - read->earliest_ns;
}

void curl_transfer_leave(struct curl_transfer *transfer)
{
    struct connection *connection = transfer->connection;

    if (!connection)
        return;
    note_tcp(transfer, connection);
    note_last_read(transfer, &connection->read);
    if (connection->error != 0)
        transfer->os_errno = connection->error;
    connection_detach(transfer);
}

static uint64_t info_ns(const struct curl_transfer *transfer, CURLINFO info)
{
    curl_off_t us = 0;

    (void)curl_easy_getinfo(transfer->easy, info, &us);
    return us > 0 ? (uint64_t)us * NS_PER_US : 0;
}

static void fill_set_up(const struct curl_transfer *transfer,
                        struct transfer_result *result)
{
    const uint64_t dns_ns = info_ns(transfer, CURLINFO_NAMELOOKUP_TIME_T);
    const uint64_t connect_ns = info_ns(transfer, CURLINFO_CONNECT_TIME_T);
    const uint64_t tls_ns = info_ns(transfer, CURLINFO_APPCONNECT_TIME_T);

    if (result->reused)
        return;
    /* libcurl's times count from the start, each including those before it. */
    result->dns_ns = dns_ns;
    if (connect_ns > dns_ns)
        result->connect_ns = connect_ns - dns_ns;
    if (tls_ns > connect_ns)
        result->tls_ns = tls_ns - connect_ns;
}

static void fill_tcp(const struct tcp_facts *tcp, struct transfer_result *result)
{
    result->rtt_min_ns = tcp->rtt_min_ns;
    result->rtt_ns = tcp->rtt_ns;
    result->rttvar_ns = tcp->rttvar_ns;
    result->delivery_rate_bytes_per_s = tcp->delivery_rate_bytes_per_s;
    result->retransmits = tcp->retransmits;
}

static enum transfer_end end_of(const struct curl_transfer *transfer, CURLcode code)
{
    struct failure failure = {
        .code = code,
        .resolved = info_ns(transfer, CURLINFO_NAMELOOKUP_TIME_T) > 0,
        .on_wire = transfer->wires > 0,
        .secure = transfer->secure,
        .proxied = transfer->shard->policy->proxy != NULL,
        .in_head = transfer->wires > 0 && !transfer->headers_done,
    };
    long os_errno = 0;

    if (transfer->over)
        return transfer->refusal;
    /* A close inside the head is fine with libcurl. */
    if (code == CURLE_OK && !transfer->headers_done)
        return TRANSFER_TRUNCATED;
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &os_errno);
    failure.os_errno = transfer->os_errno ? transfer->os_errno : (int)os_errno;
    /* The end of a body without a length, as libcurl sees it. */
    if (code == CURLE_OK && transfer->os_errno != 0)
        failure.code = CURLE_RECV_ERROR;
    return failure_end(&failure);
}

bool curl_transfer_is_spent(const struct curl_transfer *transfer)
{
    long os_errno = 0;

    (void)curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &os_errno);
    return os_errno != 0;
}

static const char *detail_of(const struct curl_transfer *transfer, CURLcode code,
                             enum transfer_end end)
{
    if (transfer->over)
        return transfer->reason;
    if (end == TRANSFER_COMPLETE)
        return "";
    if (end == TRANSFER_RESET && transfer->os_errno != 0)
        return "the connection was reset";
    if (code == CURLE_OK)
        return "the connection was closed inside the head";
    if (code == CURLE_OUT_OF_MEMORY && end == TRANSFER_PROTOCOL)
        return "a header line is longer than libcurl takes";
    return transfer->error[0] ? transfer->error : curl_easy_strerror(code);
}

/*
 * libcurl 7.88 sends a smaller body together with the head and counts it under both; a larger one,
 * and any with HTTP/2, goes by itself.
 */
static uint64_t sent_bytes(const struct curl_transfer *transfer)
{
    long head_bytes = 0;
    curl_off_t body_bytes = 0;

    (void)curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &head_bytes);
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_UPLOAD_T, &body_bytes);
    if (transfer->multiplexed || transfer->request_body_bytes >= JOINED_BODY_BYTES)
        return (uint64_t)head_bytes + (uint64_t)body_bytes;
    return (uint64_t)(head_bytes > body_bytes ? head_bytes : body_bytes);
}

/* The last bytes may have come in the latest look, which no callback told of, or after it. */
static void fill_completion(const struct curl_transfer *transfer,
                            struct transfer_result *result)
{
    const struct arrival *arrival = &transfer->arrival;

    if (transfer->last_stamp_ns > arrival->arrived_ns) {
        result->closed_ns = transfer->last_stamp_ns;
        result->closed_width_ns = transfer->last_width_ns;
        return;
    }
    result->closed_ns = arrival->arrived_ns;
    if (arrival->source == ARRIVAL_SEEN)
        result->closed_width_ns = arrival->arrived_ns - arrival->earliest_ns;
}

void curl_transfer_end(struct curl_transfer *transfer, CURLcode code)
{
    struct transfer_result result = {
        .wire_ns = transfer->wire_ns,
        .first_byte_ns = transfer->first_byte_ns,
        .closed_ns = clock_mono_ns(),
        .bytes_received = transfer->body_bytes,
        .resent = transfer->wires > 1,
        .stamped = transfer->stamped,
        .local_port = transfer->local_port,
        .peeks = transfer->peeks,
        .unstamped_reads = transfer->unstamped_reads,
    };
    struct sse_event tail;
    long status = 0;
    long connects = 0;

    curl_transfer_leave(transfer);
    result.end = end_of(transfer, code);
    result.detail = detail_of(transfer, code, result.end);
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &connects);
    result.status = (uint16_t)status;
    result.reused = transfer->wires > 0 && connects == 0;
    result.bytes_sent = sent_bytes(transfer);
    fill_tcp(&transfer->tcp, &result);
    if (result.end == TRANSFER_COMPLETE)
        fill_completion(transfer, &result);
    fill_set_up(transfer, &result);
    memcpy(result.peer, transfer->peer, sizeof(result.peer));
    if (transfer->is_event_stream) {
        result.comments = sse_parser_comments(transfer->sse);
        if (sse_parser_tail(transfer->sse, &tail)) {
            result.tail = tail.data;
            result.tail_len = tail.data_len;
        }
    }
    transfer->over = true;
    transfer->handler->on_end(transfer->ctx, &result);
}
