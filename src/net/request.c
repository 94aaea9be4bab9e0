/*
 * What is sent: a request → the options of the easy handle. What did not change since the handle's
 * last request is not set again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "net/curl_transfer.h"
#include "net/shard.h"

#define DEFAULT_MAX_EVENT_BYTES ((size_t)8 * 1024 * 1024)

/* "host!" and the longest address, with a scope. */
#define SOURCE_BYTES 80

/* So many users in a row differ in their address as much as they can. */
#define USERS_PER_ROUND 64

/* libcurl counts the time-out of the set-up in ms, and 0 as its own five minutes. */
#define LONGEST_TIMEOUT_MS INT32_MAX

/* A token of RFC 9110, section 5.6.2: what names of methods and headers are made of. */
static bool is_token(const char *text)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";

    if (*text == '\0')
        return false;
    for (; *text; text++)
        if (!(*text >= 'a' && *text <= 'z') && !(*text >= 'A' && *text <= 'Z') &&
            !(*text >= '0' && *text <= '9') && !strchr(marks, *text))
            return false;
    return true;
}

/* A line break in a value would begin a header of its own. */
static bool is_field_value(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' && *text != '\t')
            return false;
    return true;
}

static int parse_url(const char *url, CURLU **ret_parsed)
{
    CURLU *parsed = curl_url();
    char *scheme = NULL;
    int r = -EINVAL;

    if (!parsed)
        return -ENOMEM;
    if (curl_url_set(parsed, CURLUPART_URL, url, CURLU_PATH_AS_IS) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0))
        r = 0;
    curl_free(scheme);
    if (r < 0)
        curl_url_cleanup(parsed);
    else
        *ret_parsed = parsed;
    return r;
}

/*
 * The parsed form is what libcurl takes for a request; the text is what it tells of it. In this
 * order, for a newer libcurl forgets the one that was given first.
 */
static bool give_url(struct curl_transfer *transfer, const char *url, CURLU *parsed)
{
    CURL *easy = transfer->easy;

    return curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CURLU, parsed) == CURLE_OK;
}

/* libcurl 7.88 cannot use an HTTP/2 connection in the clear again (curl issue 10634). */
static bool breaks_on_reuse(void)
{
    return curl_version_info(CURLVERSION_NOW)->version_num < 0x080000;
}

static void set_version(struct curl_transfer *transfer)
{
    const struct connection_policy *policy = transfer->shard->policy;
    const bool in_clear = policy->http2 && !transfer->secure;
    const bool alone =
        policy->reuse == CONNECTION_REUSE_NONE || (in_clear && breaks_on_reuse());
    long version = CURL_HTTP_VERSION_1_1;

    if (policy->http2)
        version = in_clear ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE : CURL_HTTP_VERSION_2TLS;
    (void)curl_easy_setopt(transfer->easy, CURLOPT_HTTP_VERSION, version);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_PIPEWAIT,
                           policy->http2 && !alone ? 1L : 0L);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_FRESH_CONNECT, alone ? 1L : 0L);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_FORBID_REUSE, alone ? 1L : 0L);
}

static int set_url(struct curl_transfer *transfer, const char *url)
{
    CURLU *parsed = NULL;
    int r;

    if (transfer->url.len > 0 && strcmp(transfer->url.bytes, url) == 0)
        return 0;
    r = parse_url(url, &parsed);
    if (r < 0)
        return r;
    buf_clear(&transfer->url);
    r = buf_append_str(&transfer->url, url);
    if (r == 0 && !give_url(transfer, url, parsed))
        r = -ENOMEM;
    curl_url_cleanup(transfer->parsed_url);
    transfer->parsed_url = r == 0 ? parsed : NULL;
    if (r < 0) {
        (void)curl_easy_setopt(transfer->easy, CURLOPT_CURLU, NULL);
        curl_url_cleanup(parsed);
        buf_clear(&transfer->url);
        return r == -EMSGSIZE ? -EINVAL : r;
    }
    transfer->secure = strncasecmp(url, "https:", 6) == 0;
    set_version(transfer);
    return 0;
}

static int set_method(struct curl_transfer *transfer,
                      const struct transfer_request *request)
{
    CURL *easy = transfer->easy;
    const bool plain_get = !request->body && strcmp(request->method, "GET") == 0;
    const bool plain_post = strcmp(request->method, "POST") == 0;
    const bool head = strcmp(request->method, "HEAD") == 0;
    CURLcode code;

    if (!is_token(request->method))
        return -EINVAL;
    (void)curl_easy_setopt(easy, CURLOPT_NOBODY, head ? 1L : 0L);
    if (head)
        return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL) == CURLE_OK ? 0
                                                                               : -ENOMEM;
    if (request->body || plain_post) {
        (void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                               (curl_off_t)request->body_len);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                               request->body ? request->body : "");
    } else {
        (void)curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    code = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST,
                            plain_get || plain_post ? NULL : request->method);
    return code == CURLE_OK ? 0 : -ENOMEM;
}

/* libcurl's spelling: "Name: value", or "Name;" for a header without a value. */
static int append_line(struct buf *lines, const char *name, const char *value)
{
    (void)buf_append_str(lines, name);
    if (*value == '\0') {
        (void)buf_append_str(lines, ";");
    } else {
        (void)buf_append_str(lines, ": ");
        (void)buf_append_str(lines, value);
    }
    return buf_append_char(lines, '\0');
}

static int reserve_list(struct curl_transfer *transfer, size_t count)
{
    struct curl_slist *list;

    if (count <= transfer->header_cap)
        return 0;
    list = realloc(transfer->header_list, count * sizeof(*list));
    if (!list)
        return -ENOMEM;
    transfer->header_list = list;
    transfer->header_cap = count;
    return 0;
}

/* Which of the headers that libcurl would add were given. */
struct given_headers {
    bool type;
    bool accept;
};

static int add_headers(struct curl_transfer *transfer,
                       const struct transfer_request *request,
                       struct given_headers *ret_given)
{
    transfer->asked_encoding = false;
    for (size_t i = 0; i < request->header_count; i++) {
        const struct transfer_header *header = &request->headers[i];

        if (!is_token(header->name) || !is_field_value(header->value))
            return -EINVAL;
        if (strcasecmp(header->name, "Accept-Encoding") == 0)
            transfer->asked_encoding = true;
        if (strcasecmp(header->name, "Content-Type") == 0)
            ret_given->type = true;
        if (strcasecmp(header->name, "Accept") == 0)
            ret_given->accept = true;
        (void)append_line(&transfer->header_lines, header->name, header->value);
    }
    return 0;
}

static void chain_headers(struct curl_transfer *transfer, size_t count)
{
    char *line = transfer->header_lines.bytes;

    for (size_t i = 0; i < count; i++) {
        transfer->header_list[i] = (struct curl_slist){
            .data = line,
            .next = i + 1 < count ? &transfer->header_list[i + 1] : NULL,
        };
        line += strlen(line) + 1;
    }
    (void)curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->header_list);
}

static int set_headers(struct curl_transfer *transfer,
                       const struct transfer_request *request)
{
    size_t count = request->header_count + 1;
    struct buf *lines = &transfer->header_lines;
    struct given_headers given = {0};
    int r = reserve_list(transfer, count + 2);

    if (r < 0)
        return r;
    buf_clear(lines);
    r = add_headers(transfer, request, &given);
    if (r < 0)
        return r;
    /* No body waits for a "100 Continue" that few servers send. */
    r = buf_append(lines, "Expect:", sizeof("Expect:"));
    /* Whoever passes a request on sends none of libcurl's own. */
    if (r == 0 && request->passes_on && !given.accept) {
        r = buf_append(lines, "Accept:", sizeof("Accept:"));
        count++;
    }
    /* A body of which nobody said what it is is no form, as libcurl would have it. */
    if (r == 0 && !given.type) {
        r = buf_append(lines, "Content-Type:", sizeof("Content-Type:"));
        count++;
    }
    if (r < 0)
        return r == -EMSGSIZE ? -EINVAL : r;
    chain_headers(transfer, count);
    return 0;
}

/*
 * libcurl looks for a connection among those of the same host, port and IPv6 scope; the kernel minds a
 * scope on link-local addresses only. A scope per user makes one pool per user, and another one is for
 * those who read slowly, but for HTTP/2, where the stream itself holds the server up.
 */
static void set_scope(struct curl_transfer *transfer,
                      const struct transfer_request *request)
{
    const bool is_slow = request->read_bytes_per_s > 0 && !transfer->shard->policy->http2;
    const bool is_own = transfer->shard->policy->reuse == CONNECTION_REUSE_USER;
    const uint64_t pool = is_own ? request->user % (UINT32_MAX / 2) : 0;

    if (is_own || is_slow || transfer->scoped)
        (void)curl_easy_setopt(transfer->easy, CURLOPT_ADDRESS_SCOPE,
                               is_own || is_slow ? (long)(2 * pool) + 1 + is_slow : 0L);
    transfer->scoped = is_own || is_slow;
}

/*
 * Which of the local addresses a user's connections come from. Users of one shard are so many apart, and
 * those of a worker too: both must not end up on one address.
 */
static const char *source_of(const struct curl_transfer *transfer, uint64_t user)
{
    const struct connection_policy *policy = transfer->shard->policy;
    const uint64_t round = user / USERS_PER_ROUND;

    return policy->source_count > 0
               ? policy->sources[(user + round) % policy->source_count]
               : NULL;
}

/* libcurl uses a connection again only from the address that it was made from. */
static int set_source(struct curl_transfer *transfer, uint64_t user)
{
    const char *source = source_of(transfer, user);
    char host[SOURCE_BYTES];

    if (source == transfer->source)
        return 0;
    (void)snprintf(host, sizeof(host), "host!%s", source);
    if (curl_easy_setopt(transfer->easy, CURLOPT_INTERFACE, host) != CURLE_OK)
        return -ENOMEM;
    transfer->source = source;
    return 0;
}

static int set_connection(struct curl_transfer *transfer,
                          const struct transfer_request *request)
{
    const uint64_t timeout_ms = (request->connect_timeout_ns + NS_PER_MS - 1) / NS_PER_MS;

    (void)curl_easy_setopt(transfer->easy, CURLOPT_CONNECTTIMEOUT_MS,
                           timeout_ms == 0 || timeout_ms > LONGEST_TIMEOUT_MS
                               ? (long)LONGEST_TIMEOUT_MS
                               : (long)timeout_ms);
    set_scope(transfer, request);
    return set_source(transfer, request->user);
}

static void forget_last(struct curl_transfer *transfer)
{
    transfer->wire_ns = 0;
    transfer->uploaded_bytes = 0;
    transfer->active_ns = 0;
    transfer->first_byte_ns = 0;
    transfer->last_stamp_ns = 0;
    transfer->last_width_ns = 0;
    transfer->body_bytes = 0;
    transfer->header_bytes = 0;
    transfer->header_names = 0;
    transfer->serial = 0;
    transfer->read_serial = 0;
    transfer->wires = 0;
    transfer->peeks = 0;
    transfer->unstamped_reads = 0;
    transfer->tcp = (struct tcp_facts){0};
    transfer->arrival = (struct arrival){0};
    transfer->left_bytes = 0;
    transfer->framing_bytes = 0;
    transfer->stamped = false;
    transfer->headers_done = false;
    transfer->paused = false;
    transfer->is_event_stream = false;
    transfer->multiplexed = false;
    transfer->over = false;
    transfer->refusal = TRANSFER_COMPLETE;
    transfer->os_errno = 0;
    transfer->local_port = 0;
    transfer->peer[0] = '\0';
    transfer->reason = "";
    transfer->error[0] = '\0';
}

int curl_transfer_prepare(struct curl_transfer *transfer,
                          const struct transfer_request *request, uint64_t now_ns,
                          const struct transfer_handler *handler, void *ctx)
{
    int r;

    forget_last(transfer);
    transfer->handler = handler;
    transfer->ctx = ctx;
    transfer->user = request->user;
    transfer->passes_on = request->passes_on;
    transfer->request_body_bytes = request->body ? request->body_len : 0;
    transfer->sent_ns = now_ns;
    transfer->idle_timeout_ns = request->idle_timeout_ns;
    transfer->total_timeout_ns = request->total_timeout_ns;
    slow_reader_begin(transfer, request->read_bytes_per_s);
    transfer->max_event_bytes =
        request->max_event_bytes ? request->max_event_bytes : DEFAULT_MAX_EVENT_BYTES;
    r = set_url(transfer, request->url);
    if (r < 0)
        return r;
    r = set_method(transfer, request);
    if (r < 0)
        return r;
    r = set_connection(transfer, request);
    return r < 0 ? r : set_headers(transfer, request);
}
