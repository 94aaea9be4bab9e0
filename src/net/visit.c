#include "net/visit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "net/easy.h"
#include "net/failure.h"

#define LOOK_EVERY_MS 50
#define SOURCE_BYTES 80

/* A visit under way. */
struct trip {
    struct visit *visit;
    CURL *easy;
    struct curl_slist *headers;
    char error[CURL_ERROR_SIZE];
};

/* The answer's body is of no interest. */
static size_t on_body(char *bytes, size_t size, size_t count, void *ctx)
{
    (void)bytes;
    (void)ctx;
    return size * count;
}

static void set_policy(CURL *easy, const struct connection_policy *policy,
                       const char *url)
{
    const bool secure = strncmp(url, "https:", sizeof("https:") - 1) == 0;
    const struct easy_tls tls = {.insecure = policy->insecure,
                                 .ca_file = policy->ca_file,
                                 .cert_file = policy->cert_file,
                                 .key_file = policy->key_file};
    char source[SOURCE_BYTES];
    long version = CURL_HTTP_VERSION_1_1;

    if (policy->http2)
        version = secure ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, version);
    easy_set_tls(easy, &tls);
    curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, policy->proxy ? policy->proxy : "");
    if (!policy->proxy)
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    if (policy->source_count > 0) {
        (void)snprintf(source, sizeof(source), "host!%s", policy->sources[0]);
        curl_easy_setopt(easy, CURLOPT_INTERFACE, source);
    }
}

static int set_up(struct trip *trip)
{
    const struct visit *visit = trip->visit;
    CURL *easy = trip->easy;
    int r = 0;

    if (curl_easy_setopt(easy, CURLOPT_URL, visit->url) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK)
        return -ENOMEM;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, trip);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, trip->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(visit->connect_timeout_ns / NS_PER_MS));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(visit->timeout_ns / NS_PER_MS));
    set_policy(easy, visit->policy, visit->url);
    for (size_t i = 0; r == 0 && i < visit->header_count; i++)
        r = easy_add_header(&trip->headers, visit->headers[i].name,
                            visit->headers[i].value);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, trip->headers);
    return r;
}

static uint64_t time_of(CURL *easy, CURLINFO info)
{
    curl_off_t time_us = 0;

    curl_easy_getinfo(easy, info, &time_us);
    return time_us > 0 ? (uint64_t)time_us * NS_PER_US : 0;
}

static uint64_t between(uint64_t from_ns, uint64_t to_ns)
{
    return to_ns > from_ns ? to_ns - from_ns : 0;
}

static long long_of(CURL *easy, CURLINFO info)
{
    long value = 0;

    curl_easy_getinfo(easy, info, &value);
    return value;
}

/* libcurl tells certificates as lines "Name:value", the server's own first. */
static int64_t certificate_end_of(CURL *easy)
{
    static const char name[] = "Expire date:";
    const struct curl_certinfo *info = NULL;
    struct tm end = {0};

    curl_easy_getinfo(easy, CURLINFO_CERTINFO, &info);
    for (const struct curl_slist *line =
             info && info->num_of_certs > 0 ? info->certinfo[0] : NULL;
         line; line = line->next) {
        if (strncmp(line->data, name, sizeof(name) - 1) != 0)
            continue;
        /* As OpenSSL prints ASN.1 times: "Jan  2 15:04:05 2030 GMT". */
        if (strptime(line->data + sizeof(name) - 1, " %b %d %H:%M:%S %Y", &end))
            return (int64_t)timegm(&end);
    }
    return 0;
}

static unsigned version_of(long version)
{
    switch (version) {
    case CURL_HTTP_VERSION_1_0:
    case CURL_HTTP_VERSION_1_1:
        return 1;
    case CURL_HTTP_VERSION_2_0:
        return 2;
    default:
        return 0;
    }
}

static void write_peer(CURL *easy, struct visit_result *result)
{
    const char *address = NULL;
    const long port = long_of(easy, CURLINFO_PRIMARY_PORT);

    curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address);
    if (address && *address)
        (void)snprintf(result->peer, sizeof(result->peer),
                       strchr(address, ':') ? "[%.45s]:%ld" : "%.45s:%ld", address, port);
}

static void note_times(CURL *easy, struct visit_result *result)
{
    const uint64_t resolved_ns = time_of(easy, CURLINFO_NAMELOOKUP_TIME_T);
    const uint64_t connected_ns = time_of(easy, CURLINFO_CONNECT_TIME_T);
    const uint64_t secured_ns = time_of(easy, CURLINFO_APPCONNECT_TIME_T);

    result->dns_ns = resolved_ns;
    result->connect_ns = between(resolved_ns, connected_ns);
    result->tls_ns = between(connected_ns, secured_ns);
    result->first_byte_ns = time_of(easy, CURLINFO_STARTTRANSFER_TIME_T);
}

static void note_end(const struct trip *trip, CURLcode code)
{
    const struct visit *visit = trip->visit;
    struct visit_result *result = &trip->visit->result;
    CURL *easy = trip->easy;
    const struct failure failure = {
        .code = code,
        .os_errno = (int)long_of(easy, CURLINFO_OS_ERRNO),
        .resolved = time_of(easy, CURLINFO_NAMELOOKUP_TIME_T) > 0,
        .on_wire = time_of(easy, CURLINFO_PRETRANSFER_TIME_T) > 0,
        .secure = strncmp(visit->url, "https:", sizeof("https:") - 1) == 0,
        .proxied = visit->policy->proxy != NULL,
    };

    result->end = failure_end(&failure);
    result->status = (uint16_t)long_of(easy, CURLINFO_RESPONSE_CODE);
    result->http = version_of(long_of(easy, CURLINFO_HTTP_VERSION));
    result->certificate_ends_s = certificate_end_of(easy);
    note_times(easy, result);
    write_peer(easy, result);
    if (code != CURLE_OK)
        (void)snprintf(result->detail, sizeof(result->detail), "%.190s",
                       *trip->error ? trip->error : curl_easy_strerror(code));
}

static int drive(CURLM *multi)
{
    int running = 1;
    int left = 0;
    const CURLMsg *message;

    while (running > 0) {
        if (curl_multi_perform(multi, &running) != CURLM_OK ||
            (running > 0 &&
             curl_multi_poll(multi, NULL, 0, LOOK_EVERY_MS, NULL) != CURLM_OK))
            return -ENOMEM;
    }
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        const struct trip *trip = NULL;

        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &trip);
        note_end(trip, message->data.result);
    }
    return 0;
}

static int begin(struct trip *trip, struct visit *visit, CURLM *multi)
{
    int r;

    visit->result = (struct visit_result){.end = TRANSFER_CANCELLED};
    trip->visit = visit;
    trip->easy = curl_easy_init();
    if (!trip->easy)
        return -ENOMEM;
    r = set_up(trip);
    if (r == 0 && curl_multi_add_handle(multi, trip->easy) != CURLM_OK)
        r = -ENOMEM;
    return r;
}

int visits_perform(struct visit *visits, size_t count)
{
    struct trip *trips = calloc(count > 0 ? count : 1, sizeof(*trips));
    CURLM *multi = curl_multi_init();
    int r = trips && multi ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < count; i++)
        r = begin(&trips[i], &visits[i], multi);
    if (r == 0)
        r = drive(multi);
    for (size_t i = 0; trips && i < count; i++) {
        if (!trips[i].easy)
            continue;
        curl_multi_remove_handle(multi, trips[i].easy);
        curl_easy_cleanup(trips[i].easy);
        curl_slist_free_all(trips[i].headers);
    }
    curl_multi_cleanup(multi);
    free(trips);
    return r;
}
