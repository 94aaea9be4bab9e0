#include "net/call.h"

#include <errno.h>
#include <string.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/secret.h"
#include "net/easy.h"

#define LOOK_EVERY_MS 50 /* at whether it was cancelled */

/* A call under way. */
struct line {
    CURL *easy;
    CURLM *multi;
    struct curl_slist *headers;
    struct buf body; /* its begin */
    char error[CURL_ERROR_SIZE];
};

static size_t on_body(char *bytes, size_t size, size_t count, void *ctx)
{
    struct line *line = ctx;
    const size_t len = size * count;
    const size_t room = line->body.max_bytes - line->body.len;

    (void)buf_append(&line->body, bytes, len < room ? len : room);
    return len; /* the rest is read and forgotten */
}

static int set_headers(struct line *line, const struct call *call)
{
    struct curl_slist *longer = curl_slist_append(NULL, "Expect:"); /* nothing waits */
    int r = longer ? 0 : -ENOMEM;

    line->headers = longer;
    for (size_t i = 0; r == 0 && i < call->header_count; i++)
        r = easy_add_header(&line->headers, call->headers[i].name,
                            call->headers[i].value);
    if (r == 0)
        curl_easy_setopt(line->easy, CURLOPT_HTTPHEADER, line->headers);
    return r;
}

static int set_up(struct line *line, const struct call *call)
{
    const uint64_t timeout_ms = (call->timeout_ns + NS_PER_MS - 1) / NS_PER_MS;
    const struct easy_tls tls = {.insecure = call->insecure,
                                 .ca_file = call->ca_file,
                                 .cert_file = call->cert_file,
                                 .key_file = call->key_file};
    CURL *easy = line->easy;

    if (curl_easy_setopt(easy, CURLOPT_URL, call->url) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method) != CURLE_OK)
        return -ENOMEM;
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* not for a name server that hangs */
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, line->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, line);
    if (call->body) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_len);
    }
    if (call->credentials) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        if (curl_easy_setopt(easy, CURLOPT_USERPWD, secret_reveal(call->credentials)) !=
            CURLE_OK)
            return -ENOMEM;
    }
    easy_set_tls(easy, &tls);
    return set_headers(line, call);
}

/* Waits for the end. */
static int drive(struct line *line, const struct call *call, CURLcode *ret_code)
{
    int running = 1;
    int left = 0;
    const CURLMsg *message;

    while (running > 0) {
        if (call->cancelled && atomic_load(call->cancelled))
            return -ECANCELED;
        if (curl_multi_perform(line->multi, &running) != CURLM_OK ||
            (running > 0 &&
             curl_multi_poll(line->multi, NULL, 0, LOOK_EVERY_MS, NULL) != CURLM_OK))
            return -ENOMEM;
    }
    message = curl_multi_info_read(line->multi, &left);
    *ret_code = message ? message->data.result : CURLE_OUT_OF_MEMORY;
    return 0;
}

static int talk(struct line *line, const struct call *call, struct call_result *result)
{
    CURLcode code = CURLE_OK;
    long status = 0;
    int r = set_up(line, call);

    if (r == 0 && curl_multi_add_handle(line->multi, line->easy) != CURLM_OK)
        r = -ENOMEM;
    if (r == 0)
        r = drive(line, call, &code);
    if (r == 0)
        r = easy_error_of(code);
    if (r == 0) {
        curl_easy_getinfo(line->easy, CURLINFO_RESPONSE_CODE, &status);
        result->status = (uint16_t)status;
        easy_write_detail(buf_str(&line->body), line->body.len, result->detail,
                          sizeof(result->detail));
    } else if (code != CURLE_OK) {
        const char *why = *line->error ? line->error : curl_easy_strerror(code);

        easy_write_detail(why, strlen(why), result->detail, sizeof(result->detail));
    }
    return r;
}

int call_perform(const struct call *call, struct call_result *ret_result)
{
    struct line line = {
        .easy = curl_easy_init(),
        .multi = curl_multi_init(),
        .body = BUF_INIT(sizeof(ret_result->detail)),
    };
    int r = line.easy && line.multi ? 0 : -ENOMEM;

    *ret_result = (struct call_result){0};
    if (r == 0)
        r = talk(&line, call, ret_result);
    if (line.easy && line.multi)
        curl_multi_remove_handle(line.multi, line.easy);
    curl_easy_cleanup(line.easy);
    curl_multi_cleanup(line.multi);
    curl_slist_free_all(line.headers);
    buf_deinit(&line.body);
    return r;
}
