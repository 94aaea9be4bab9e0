#include "record/relay.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "net/transport.h"
#include "record/hop.h"
#include "serve/serve.h"

/* More are no answer but a flood; what is behind them is left out. */
#define HEADERS_MAX 256

#define SENTENCE_BYTES_MAX ((size_t)1024)

/* A name that a client can read (RFC 9110, section 5.6.2). */
static bool is_token(const char *name)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";

    if (*name == '\0')
        return false;
    for (; *name; name++)
        if (!(*name >= 'a' && *name <= 'z') && !(*name >= 'A' && *name <= 'Z') &&
            !(*name >= '0' && *name <= '9') && !strchr(marks, *name))
            return false;
    return true;
}

/* A value that cannot be taken for the end of its line. */
static bool is_value(const char *value)
{
    for (; *value; value++)
        if (((unsigned char)*value < ' ' && *value != '\t') || *value == '\x7f')
            return false;
    return true;
}

static size_t gather(const struct transfer *transfer,
                     struct serve_header headers[static HEADERS_MAX])
{
    const char *connection = transport_header(transfer, "Connection");
    struct transfer_header header;
    size_t count = 0;

    for (size_t i = 0; count < HEADERS_MAX && transport_header_at(transfer, i, &header);
         i++)
        if (!hop_is_own(header.name, connection) && is_token(header.name) &&
            is_value(header.value))
            headers[count++] =
                (struct serve_header){.name = header.name, .value = header.value};
    return count;
}

/* A transfer coding goes before a length (RFC 9112, section 6.3). */
static uint64_t length_of(const struct transfer *transfer)
{
    const char *text = transport_header(transfer, "Content-Length");
    uint64_t length;

    if (!text || transport_header(transfer, "Transfer-Encoding") ||
        quantity_parse_count(text, &length) < 0)
        return SERVE_LENGTH_UNKNOWN;
    return length;
}

int relay_interim(struct serve_request *request, const struct transfer *transfer,
                  uint16_t status)
{
    struct serve_header headers[HEADERS_MAX];
    const size_t count = gather(transfer, headers);

    return serve_interim(request, status, headers, count);
}

int relay_head(struct serve_request *request, const struct transfer *transfer,
               uint16_t status)
{
    struct serve_header headers[HEADERS_MAX];
    const size_t count = gather(transfer, headers);

    return serve_relay_open(request, status, headers, count, length_of(transfer));
}

void relay_refusal(struct serve_request *request, int status, const char *sentence)
{
    static const struct serve_header header = {"content-type", "application/json"};
    struct buf body = BUF_INIT(8 * SENTENCE_BYTES_MAX);

    (void)buf_append_str(&body, "{\"error\": {\"message\": \"");
    (void)buf_append_json(&body, sentence, strlen(sentence));
    (void)buf_append_str(&body, "\", \"type\": \"proxy_error\", \"param\": null, "
                                "\"code\": \"throng_record\"}}\n");
    serve_answer(request, status, &header, 1, buf_str(&body), body.len);
    buf_deinit(&body);
}

static const char *reason_of(enum transfer_end end)
{
    switch (end) {
    case TRANSFER_DNS:
        return "its name does not resolve";
    case TRANSFER_CONNECT:
        return "it does not take connections";
    case TRANSFER_TLS:
        return "TLS failed";
    case TRANSFER_CONNECT_TIMEOUT:
        return "no connection came about in time";
    case TRANSFER_RESET:
        return "it reset the connection before it answered";
    case TRANSFER_TRUNCATED:
        return "it closed the connection before it answered";
    case TRANSFER_PROTOCOL:
        return "what it answers is no HTTP";
    case TRANSFER_LOCAL_RESOURCE:
        return "this machine has no descriptors, ports or memory left";
    case TRANSFER_IDLE_TIMEOUT:
    case TRANSFER_TOTAL_TIMEOUT:
    case TRANSFER_FIRST_TOKEN_TIMEOUT:
        return "it took too long";
    case TRANSFER_COMPLETE:
    case TRANSFER_CANCELLED:
    case TRANSFER_PROXY:
    case TRANSFER_EVENT_TOO_LARGE:
    case TRANSFER_ENCODING:
    case TRANSFER_ABANDONED:
    case TRANSFER_DROPPED:
    case TRANSFER_TORN:
    case TRANSFER_END_COUNT:
        break;
    }
    return "the request broke off";
}

static bool is_late(enum transfer_end end)
{
    return end == TRANSFER_CONNECT_TIMEOUT || end == TRANSFER_IDLE_TIMEOUT ||
           end == TRANSFER_TOTAL_TIMEOUT || end == TRANSFER_FIRST_TOKEN_TIMEOUT;
}

uint16_t relay_failure(struct serve_request *request,
                       const struct transfer_result *result)
{
    const uint16_t status = is_late(result->end) ? 504 : 502;
    struct buf sentence = BUF_INIT(SENTENCE_BYTES_MAX);

    buf_printf(&sentence, "throng record got no answer from the upstream: %s",
               reason_of(result->end));
    if (result->detail[0])
        buf_printf(&sentence, " (%s)", result->detail);
    relay_refusal(request, status, buf_str(&sentence));
    buf_deinit(&sentence);
    return status;
}
