#include "net/asker.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/secret.h"
#include "net/easy.h"

/* Without anything to do, the thread looks so often. */
#define LONGEST_WAIT_MS 1000
#define DETAIL_BYTES 200

/* A source as the thread has it. */
struct line {
    const struct asker_source *source;
    CURL *easy;
    struct curl_slist *headers;
    struct buf body;
    bool is_asking;
    bool is_too_long;
    uint64_t due_ns; /* of the next asking */
    char error[CURL_ERROR_SIZE];
};

struct asker {
    struct asker_options options;
    pthread_t thread;
    bool has_thread;
    atomic_bool ends;
    CURLM *multi;
    size_t line_count;
    struct line lines[];
};

DEFINE_CLEANUP(struct asker, asker_free)

static size_t on_body(char *bytes, size_t size, size_t count, void *ctx)
{
    struct line *line = ctx;
    const size_t len = size * count;

    if (buf_append(&line->body, bytes, len) == 0)
        return len;
    line->is_too_long = buf_error(&line->body) == -EMSGSIZE;
    return 0;
}

static int set_headers(struct line *line)
{
    const struct asker_source *source = line->source;
    int r = easy_add_header(&line->headers, "Accept", "text/plain; version=0.0.4");

    for (size_t i = 0; r == 0 && i < source->header_count; i++)
        r = easy_add_header(&line->headers, source->headers[i].name,
                            source->headers[i].value);
    if (r == 0 && source->bearer) {
        CLEANUP(buf_deinit) struct buf value = BUF_INIT(8192);

        buf_printf(&value, "Bearer %s", secret_reveal(source->bearer));
        r = buf_error(&value);
        if (r == 0)
            r = easy_add_header(&line->headers, "Authorization", buf_str(&value));
        secret_wipe(value.bytes, value.len);
    }
    if (r == 0)
        curl_easy_setopt(line->easy, CURLOPT_HTTPHEADER, line->headers);
    return r;
}

static int open_line(struct line *line, const struct asker_source *source,
                     size_t max_bytes)
{
    const struct easy_tls tls = {.insecure = source->insecure,
                                 .ca_file = source->ca_file,
                                 .cert_file = source->cert_file,
                                 .key_file = source->key_file};
    const uint64_t timeout_ms = (source->timeout_ns + NS_PER_MS - 1) / NS_PER_MS;

    line->source = source;
    line->body = BUF_INIT(max_bytes);
    line->easy = curl_easy_init();
    if (!line->easy ||
        curl_easy_setopt(line->easy, CURLOPT_URL, source->url) != CURLE_OK ||
        curl_easy_setopt(line->easy, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK)
        return -ENOMEM;
    curl_easy_setopt(line->easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(line->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(line->easy, CURLOPT_QUICK_EXIT,
                     1L); /* not for a name server that hangs */
    curl_easy_setopt(line->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(line->easy, CURLOPT_ERRORBUFFER, line->error);
    curl_easy_setopt(line->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(line->easy, CURLOPT_WRITEDATA, line);
    curl_easy_setopt(line->easy, CURLOPT_PRIVATE, line);
    easy_set_tls(line->easy, &tls);
    return set_headers(line);
}

/* --- On the thread. --- */

static void begin(struct asker *asker, struct line *line, uint64_t now_ns)
{
    buf_clear(&line->body);
    *line->error = '\0';
    line->is_too_long = false;
    line->due_ns += line->source->interval_ns;
    if (line->due_ns <= now_ns)
        line->due_ns = now_ns + line->source->interval_ns;
    line->is_asking = curl_multi_add_handle(asker->multi, line->easy) == CURLM_OK;
}

static void tell(struct asker *asker, struct line *line, CURLcode code)
{
    char detail[DETAIL_BYTES] = "";
    const char *why = *line->error ? line->error : curl_easy_strerror(code);
    struct asker_answer answer = {
        .source = (size_t)(line - asker->lines),
        .at_ns = clock_mono_ns(),
        .error = line->is_too_long ? -EMSGSIZE : easy_error_of(code),
        .detail = detail,
        .body = line->body.bytes,
        .len = line->body.len,
    };
    long status = 0;

    if (answer.error == 0) {
        curl_easy_getinfo(line->easy, CURLINFO_RESPONSE_CODE, &status);
        answer.status = (uint16_t)status;
    } else if (line->is_too_long) {
        (void)snprintf(detail, sizeof(detail), "its answer is longer than %zu bytes",
                       asker->options.max_bytes);
    } else {
        easy_write_detail(why, strlen(why), detail, sizeof(detail));
    }
    asker->options.on_answer(asker->options.ctx, &answer);
}

static void end_those_over(struct asker *asker)
{
    const CURLMsg *message;
    int left = 0;

    while ((message = curl_multi_info_read(asker->multi, &left))) {
        CURL *easy = message->easy_handle;
        const CURLcode code = message->data.result;
        char *private = NULL;
        struct line *line;

        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
        line = (struct line *)(void *)private;
        (void)curl_multi_remove_handle(asker->multi, easy); /* message is gone */
        line->is_asking = false;
        tell(asker, line, code);
    }
}

static void begin_those_due(struct asker *asker)
{
    const uint64_t now_ns = clock_mono_ns();

    for (size_t i = 0; i < asker->line_count; i++) {
        struct line *line = &asker->lines[i];

        if (!line->is_asking && line->due_ns <= now_ns)
            begin(asker, line, now_ns);
    }
}

/* How many ms it is until something is due, unless an answer comes before. */
static int wait_ms(const struct asker *asker)
{
    const uint64_t now_ns = clock_mono_ns();
    uint64_t wait = LONGEST_WAIT_MS;

    for (size_t i = 0; i < asker->line_count; i++) {
        const struct line *line = &asker->lines[i];
        const uint64_t until =
            line->due_ns > now_ns ? (line->due_ns - now_ns) / NS_PER_MS + 1 : 0;

        if (!line->is_asking && until < wait)
            wait = until;
    }
    return (int)wait;
}

static void *keep_asking(void *ctx)
{
    struct asker *asker = ctx;

    while (!atomic_load(&asker->ends)) {
        int running = 0;

        begin_those_due(asker);
        if (curl_multi_perform(asker->multi, &running) != CURLM_OK)
            break;
        end_those_over(asker);
        if (curl_multi_poll(asker->multi, NULL, 0, wait_ms(asker), NULL) != CURLM_OK)
            break;
    }
    return NULL;
}

/* --- Its life. --- */

struct asker *asker_free(struct asker *asker)
{
    if (!asker)
        return NULL;
    atomic_store(&asker->ends, true);
    if (asker->has_thread) {
        (void)curl_multi_wakeup(asker->multi);
        (void)pthread_join(asker->thread, NULL);
    }
    for (size_t i = 0; i < asker->line_count; i++) {
        struct line *line = &asker->lines[i];

        if (line->is_asking)
            (void)curl_multi_remove_handle(asker->multi, line->easy);
        curl_easy_cleanup(line->easy);
        curl_slist_free_all(line->headers);
        buf_deinit(&line->body);
    }
    curl_multi_cleanup(asker->multi);
    free(asker);
    return NULL;
}

int asker_new(const struct asker_options *options, struct asker **ret_asker)
{
    CLEANUP(asker_freep) struct asker *asker = NULL;
    const uint64_t now_ns = clock_mono_ns();

    asker = calloc(1, sizeof(*asker) + options->source_count * sizeof(asker->lines[0]));
    if (!asker)
        return -ENOMEM;
    asker->options = *options;
    asker->line_count = options->source_count;
    asker->multi = curl_multi_init();
    if (!asker->multi)
        return -ENOMEM;
    for (size_t i = 0; i < asker->line_count; i++) {
        const int r =
            open_line(&asker->lines[i], &options->sources[i], options->max_bytes);

        if (r < 0)
            return r;
        asker->lines[i].due_ns = now_ns;
    }
    if (pthread_create(&asker->thread, NULL, keep_asking, asker) != 0)
        return -EAGAIN;
    asker->has_thread = true;
    *ret_asker = TAKE(asker);
    return 0;
}
