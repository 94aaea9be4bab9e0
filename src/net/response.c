/*
 * What comes back: libcurl's header and body callbacks → the handler's, each with its arrival.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "net/curl_transfer.h"
#include "net/shard.h"

/* A response head beyond this is an attack or a fault, not an answer. */
#define MAX_HEAD_BYTES ((uint64_t)256 * 1024)

/* Reading takes some microseconds; what comes within this is not told apart anyway. */
#define AT_ONCE_NS NS_PER_MS

/*
 * Bytes on the wire that no callback hands over. A chunk (RFC 9112, section 7.1) has its length in
 * hexadecimal and two line ends; the last one is 5 bytes. A TLS record has a header, a nonce and a
 * tag (29 bytes with TLS 1.2 and AES-GCM, less with 1.3).
 */
#define CHUNK_ENDS_BYTES 4
#define LAST_CHUNK_BYTES 5
#define RECORD_BYTES 29

/* What a callback returns to have libcurl end the transfer. */
#define REFUSED 0

/* Bytes of another read than the last ones: true once for each. */
static bool begin_read(struct curl_transfer *transfer, uint64_t serial)
{
    if (transfer->serial == serial)
        return false;
    transfer->serial = serial;
    transfer->read_serial++;
    transfer->framing_bytes = 0;
    return true;
}

/* Bytes that came after the latest look at the socket, or without one. */
static void arrive_blind(struct curl_transfer *transfer, uint64_t seen_ns)
{
    const struct connection *connection = transfer->connection;
    uint64_t earliest_ns = transfer->wire_ns;

    if (connection && connection->read.looked_ns > earliest_ns)
        earliest_ns = connection->read.looked_ns;
    (void)begin_read(transfer, transfer->shard->blind_read);
    transfer->left_bytes = 0;
    transfer->arrival = (struct arrival){
        .arrived_ns = seen_ns,
        .seen_ns = seen_ns,
        .earliest_ns = earliest_ns,
        .read_serial = transfer->read_serial,
        .source = ARRIVAL_SEEN,
    };
}

/*
 * Whether libcurl read right behind the look. A process that was held up in between has read what
 * came meanwhile too, of which the stamp tells nothing.
 */
static bool read_at_once(struct connection_read *read, uint64_t seen_ns)
{
    if (read->handed_ns == 0)
        read->handed_ns = seen_ns;
    return read->handed_ns - read->asked_ns <= AT_ONCE_NS;
}

/* Bytes that the latest look at the socket covers. */
static void arrive_looked(struct curl_transfer *transfer, struct connection_read *read,
                          uint64_t seen_ns, size_t len)
{
    struct arrival *arrival = &transfer->arrival;

    if (begin_read(transfer, read->serial)) {
        transfer->peeks++;
        transfer->unstamped_reads += read->stamp_ns == 0;
    }
    read->left_bytes -= read->left_bytes < len ? read->left_bytes : len;
    transfer->left_bytes = read->left_bytes;
    *arrival = (struct arrival){
        .arrived_ns = seen_ns,
        .seen_ns = seen_ns,
        .earliest_ns =
            read->earliest_ns > transfer->wire_ns ? read->earliest_ns : transfer->wire_ns,
        .held_up_ns = read->held_up_ns,
        .read_serial = transfer->read_serial,
        .source = ARRIVAL_SEEN,
    };
    /* A stamp from before the request went out belongs to other bytes. */
    if (read_at_once(read, seen_ns) && read->stamp_ns >= transfer->wire_ns &&
        read->stamp_ns > 0) {
        arrival->arrived_ns = read->stamp_ns;
        arrival->source = ARRIVAL_KERNEL;
        transfer->stamped = true;
    }
    if (arrival->earliest_ns > arrival->arrived_ns)
        arrival->earliest_ns = arrival->arrived_ns;
}

/* Works out when the bytes in hand arrived. */
static void arrive(struct curl_transfer *transfer, size_t len)
{
    const uint64_t seen_ns = clock_mono_ns();
    struct connection *connection = transfer->connection;

    transfer->active_ns = seen_ns;
    /* With HTTP/2 bytes do not count: a frame may be handed over long after it was read. */
    if (connection && connection->read.serial > 0 &&
        (connection->read.left_bytes > 0 || transfer->multiplexed))
        arrive_looked(transfer, &connection->read, seen_ns, len);
    else
        arrive_blind(transfer, seen_ns);
    if (connection) {
        connection->answered = true;
        connection->emptied_ns = seen_ns;
    }
}

/* One bit for a header's name. Different names may share one. */
static uint64_t name_bit(const char *name, size_t len)
{
    const size_t first = len > 0 ? (unsigned char)name[0] | 0x20U : 0;

    return UINT64_C(1) << ((first * 7 + len) % 64);
}

static void note_name(struct curl_transfer *transfer, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);

    if (colon)
        transfer->header_names |= name_bit(line, (size_t)(colon - line));
}

const char *curl_transfer_header(const struct curl_transfer *transfer, const char *name)
{
    struct curl_header *header = NULL;

    /* Most of what is asked for is not there, and libcurl's search is slow. */
    if (!(transfer->header_names & name_bit(name, strlen(name))))
        return NULL;
    if (curl_easy_header(transfer->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return NULL;
    return header->value;
}

bool curl_transfer_header_at(const struct curl_transfer *transfer, size_t index,
                             struct transfer_header *ret_header)
{
    const unsigned origin = transfer->headers_done ? CURLH_HEADER : CURLH_1XX;
    struct curl_header *header = NULL;

    do
        header = curl_easy_nextheader(transfer->easy, origin, -1, header);
    while (header && index-- > 0);
    if (!header)
        return false;
    *ret_header = (struct transfer_header){.name = header->name, .value = header->value};
    return true;
}

/* Whether a media type, without its parameters, is the one named. */
static bool is_media_type(const char *value, const char *wanted)
{
    const size_t len = strlen(wanted);

    return value && strncasecmp(value, wanted, len) == 0 &&
           (value[len] == '\0' || value[len] == ';' || value[len] == ' ' ||
            value[len] == '\t');
}

/* The most that can have framed a piece of a body. */
static size_t framing_of(const struct curl_transfer *transfer, size_t len)
{
    size_t bytes = CHUNK_ENDS_BYTES + (transfer->secure ? RECORD_BYTES : 0);

    for (; len > 0; len /= 16)
        bytes++;
    return bytes;
}

/*
 * Whether nothing lies behind the event in its read. Such an event's arrival is exact, since the
 * kernel stamps the last bytes of a read.
 */
static bool ends_read(const struct curl_transfer *transfer, const struct sse_event *event)
{
    /* A frame that libcurl kept from an earlier read: what came with it is forgotten. */
    if (transfer->multiplexed && transfer->left_bytes == 0)
        return false;
    return event->rest_len + transfer->left_bytes <=
           transfer->framing_bytes + LAST_CHUNK_BYTES;
}

static void on_event(void *ctx, const struct sse_event *event)
{
    struct curl_transfer *transfer = ctx;
    struct arrival arrival = transfer->arrival;

    if (transfer->over)
        return;
    if (arrival.source == ARRIVAL_KERNEL && ends_read(transfer, event))
        arrival.earliest_ns = arrival.arrived_ns;
    transfer->handler->on_event(transfer->ctx, event->data, event->data_len, &arrival);
}

static int begin_events(struct curl_transfer *transfer)
{
    transfer->is_event_stream = true;
    if (transfer->sse) {
        sse_parser_reset(transfer->sse, transfer->max_event_bytes);
        return 0;
    }
    return sse_parser_new(&transfer->sse, transfer->max_event_bytes, on_event, transfer);
}

/* All headers are in. */
static void begin_body(struct curl_transfer *transfer, uint16_t status)
{
    const char *encoding = curl_transfer_header(transfer, "Content-Encoding");

    transfer->headers_done = true;
    if (transfer->passes_on) {
        transfer->handler->on_headers(transfer->ctx, status, &transfer->arrival);
        return;
    }
    if (encoding && !transfer->asked_encoding && strcasecmp(encoding, "identity") != 0) {
        curl_transfer_refuse(
            transfer, TRANSFER_ENCODING,
            "the response has a content encoding that was not asked for");
        return;
    }
    if (is_media_type(curl_transfer_header(transfer, "Content-Type"),
                      "text/event-stream") &&
        begin_events(transfer) < 0) {
        transfer->is_event_stream = false;
        curl_transfer_refuse(transfer, TRANSFER_LOCAL_RESOURCE, "out of memory");
        return;
    }
    transfer->handler->on_headers(transfer->ctx, status, &transfer->arrival);
}

static size_t on_header(char *line, size_t size, size_t count, void *userp)
{
    struct curl_transfer *transfer = userp;
    const size_t len = size * count;
    long status = 0;

    if (transfer->over)
        return REFUSED;
    transfer->header_bytes += len;
    note_name(transfer, line, len);
    if (transfer->header_bytes > MAX_HEAD_BYTES) {
        curl_transfer_refuse(transfer, TRANSFER_PROTOCOL,
                             "the response head is larger than 256 KiB");
        return REFUSED;
    }
    if (len >= 6 && memcmp(line, "HTTP/2", 6) == 0)
        transfer->multiplexed = true;
    arrive(transfer, len);
    if (transfer->headers_done || line[0] != '\r' || len != 2)
        return len; /* not the end, or a trailer */
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 || status == 101)
        begin_body(transfer, (uint16_t)status);
    else if (status > 101 && transfer->handler->on_interim)
        transfer->handler->on_interim(transfer->ctx, (uint16_t)status);
    return transfer->over ? REFUSED : len;
}

static void take_events(struct curl_transfer *transfer, const char *bytes, size_t len)
{
    const int r = sse_parser_feed(transfer->sse, bytes, len);

    if (r == -EMSGSIZE)
        curl_transfer_refuse(transfer, TRANSFER_EVENT_TOO_LARGE,
                             "a server-sent event is larger than the limit");
    else if (r < 0)
        curl_transfer_refuse(transfer, TRANSFER_LOCAL_RESOURCE, "out of memory");
}

static size_t on_body(char *bytes, size_t size, size_t count, void *userp)
{
    struct curl_transfer *transfer = userp;
    const size_t len = size * count;

    if (len == 0)
        return 0;
    if (transfer->over)
        return REFUSED;
    arrive(transfer, len);
    transfer->framing_bytes += framing_of(transfer, len);
    transfer->body_bytes += len;
    if (transfer->first_byte_ns == 0)
        transfer->first_byte_ns = transfer->arrival.arrived_ns;
    if (transfer->is_event_stream)
        take_events(transfer, bytes, len);
    else
        transfer->handler->on_body(transfer->ctx, bytes, len, &transfer->arrival);
    slow_reader_took(transfer, len, transfer->arrival.seen_ns);
    return transfer->over ? REFUSED : len;
}

void curl_transfer_pause(struct curl_transfer *transfer)
{
    if (transfer->paused || transfer->over)
        return;
    transfer->paused = curl_easy_pause(transfer->easy, CURLPAUSE_RECV) == CURLE_OK;
}

void curl_transfer_resume(struct curl_transfer *transfer)
{
    if (!transfer->paused || transfer->over)
        return;
    transfer->paused = false;
    transfer->active_ns = clock_mono_ns(); /* whoever rested was not kept waiting */
    (void)curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
}

void curl_transfer_receive(struct curl_transfer *transfer)
{
    (void)curl_easy_setopt(transfer->easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_HEADERDATA, transfer);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_WRITEDATA, transfer);
}
