#include "platform/backend.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "measure/backend_book.h"
#include "net/asker.h"
#include "plan/plan.h"
#include "platform/backend_derive.h"
#include "platform/backend_kind.h"
#include "platform/backend_read.h"

/* Of an exposition: ten times what a server with many models tells. */
#define MAX_BYTES ((size_t)16 << 20)
#define MAX_URL_BYTES 8192
#define MAX_SENTENCE_BYTES 1024

struct watched {
    const struct plan_backend *plan;
    char *url;                       /* owned */
    struct transfer_header *headers; /* owned; what they point to is the plan's */
    bool is_told;                    /* it was told that it fails */
    /* The asker's thread's alone: */
    struct backend_raw before; /* what it told last */
    bool has_before;
};

struct backend_watch {
    const struct plan *plan;
    struct backend_book *book;
    struct asker *asker;
    struct asker_source *sources;
    size_t count;
    struct watched each[];
};

DEFINE_CLEANUP(struct backend_watch, backend_watch_free)

/* --- On the asker's thread. --- */

static void fail(struct backend_watch *watch, size_t index, const char *problem)
{
    watch->each[index].has_before = false; /* no rate over the gap */
    backend_book_fail(watch->book, index, problem);
}

static void take(struct backend_watch *watch, const struct asker_answer *answer)
{
    struct watched *watched = &watch->each[answer->source];
    const struct backend_kind *kind = NULL;
    struct prom_problem problem = {0};
    struct backend_raw raw;
    struct backend_reading reading;
    char text[BACKEND_PROBLEM_BYTES];
    const int r = backend_read(watched->plan->kind, answer->body, answer->len,
                               answer->at_ns, &raw, &kind, &problem);

    if (r == -EINVAL) {
        (void)snprintf(text, sizeof(text),
                       "what it answers is no exposition: line %zu: %s", problem.line,
                       problem.what);
        fail(watch, answer->source, text);
        return;
    }
    if (r < 0) {
        fail(watch, answer->source, "it tells nothing that is known of its kind");
        return;
    }
    reading = backend_derive(watched->has_before ? &watched->before : NULL, &raw);
    watched->before = raw;
    watched->has_before = true;
    backend_book_name_kind(watch->book, answer->source, kind->name);
    backend_book_add(watch->book, answer->source, &reading);
}

static void on_answer(void *ctx, const struct asker_answer *answer)
{
    struct backend_watch *watch = ctx;
    char text[BACKEND_PROBLEM_BYTES];

    if (answer->error < 0) {
        fail(watch, answer->source, answer->detail);
    } else if (answer->status != 200) {
        (void)snprintf(text, sizeof(text), "status %u", answer->status);
        fail(watch, answer->source, text);
    } else {
        take(watch, answer);
    }
}

/* --- On the loop. --- */

void backend_watch_tell(struct backend_watch *watch, backend_tell_fn *tell, void *ctx)
{
    for (size_t i = 0; i < watch->count; i++) {
        struct watched *watched = &watch->each[i];
        CLEANUP(buf_deinit) struct buf sentence = BUF_INIT(MAX_SENTENCE_BYTES);
        struct backend_view view;

        backend_book_view(watch->book, i, &view);
        if (view.is_failing == watched->is_told)
            continue;
        watched->is_told = view.is_failing;
        if (view.is_failing)
            buf_printf(
                &sentence,
                "backend %s: %.300s does not tell its metrics: %s; the run goes on "
                "without them",
                view.name, watched->url, view.problem);
        else
            buf_printf(&sentence,
                       "backend %s tells its metrics again, after it did not %" PRIu64
                       " times",
                       view.name, view.failed);
        tell(ctx, buf_str(&sentence));
    }
}

/* --- Its life. --- */

struct backend_watch *backend_watch_free(struct backend_watch *watch)
{
    if (!watch)
        return NULL;
    asker_free(watch->asker);
    for (size_t i = 0; i < watch->count; i++) {
        free(watch->each[i].url);
        free(watch->each[i].headers);
    }
    free(watch->sources);
    free(watch);
    return NULL;
}

static int make_headers(struct watched *watched, struct asker_source *source)
{
    const struct plan_backend *plan = watched->plan;

    watched->headers = calloc(plan->header_count + 1, sizeof(*watched->headers));
    if (!watched->headers)
        return -ENOMEM;
    for (size_t i = 0; i < plan->header_count; i++)
        watched->headers[i] = (struct transfer_header){.name = plan->headers[i].key,
                                                       .value = plan->headers[i].value};
    source->headers = watched->headers;
    source->header_count = plan->header_count;
    return 0;
}

static int make_source(const struct plan *plan, struct watched *watched,
                       struct asker_source *source)
{
    const struct plan_backend *backend = watched->plan;
    const struct plan_tls *tls = &plan->targets[backend->target].tls;
    CLEANUP(buf_deinit) struct buf url = BUF_INIT(MAX_URL_BYTES);

    if (backend->url)
        buf_append_str(&url, backend->url);
    else
        buf_printf(&url, "%s/metrics", plan->targets[backend->target].origin);
    if (buf_error(&url) < 0)
        return -ENOMEM;
    watched->url = buf_take(&url);
    *source = (struct asker_source){
        .url = watched->url,
        .bearer = backend->token,
        .interval_ns = backend->interval_ns,
        .timeout_ns = backend->timeout_ns,
        .insecure = tls->insecure,
        .ca_file = tls->ca_file,
        .cert_file = backend->url ? NULL : tls->cert_file,
        .key_file = backend->url ? NULL : tls->key_file,
    };
    return make_headers(watched, source);
}

int backend_watch_new(const struct plan *plan, struct backend_book *book,
                      struct backend_watch **ret_watch)
{
    const size_t count = plan->backend_count;
    CLEANUP(backend_watch_freep) struct backend_watch *watch = NULL;
    struct asker_options options = {
        .source_count = count, .max_bytes = MAX_BYTES, .on_answer = on_answer};
    int r = 0;

    watch = calloc(1, sizeof(*watch) + count * sizeof(watch->each[0]));
    if (!watch)
        return -ENOMEM;
    watch->plan = plan;
    watch->book = book;
    watch->count = count;
    watch->sources = calloc(count + 1, sizeof(*watch->sources));
    if (!watch->sources)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++) {
        watch->each[i].plan = &plan->backends[i];
        r = make_source(plan, &watch->each[i], &watch->sources[i]);
    }
    if (r < 0)
        return r;
    options.sources = watch->sources;
    options.ctx = watch;
    r = asker_new(&options, &watch->asker);
    if (r < 0)
        return r;
    *ret_watch = TAKE(watch);
    return 0;
}
