#include "output/listener.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "measure/run_view.h"
#include "output/live.h"
#include "output/memory_report.h"
#include "result/facts.h"
#include "serve/router.h"
#include "serve/serve.h"

#define MAX_TEXT_BYTES ((size_t)16 << 20)
#define MAX_JSON_BYTES ((size_t)16 << 10)
#define MAX_ADDRESS_BYTES 128
#define BACKLOG 64
#define MAX_BODY_BYTES ((size_t)16 << 10)
#define MAX_HEAD_BYTES ((size_t)16 << 10)
#define GRACE_MS 1000 /* for the last that viewers are told */

/* Who asked for /metrics and waits for the text. */
struct scrape {
    struct list link;
    struct serve_request *request;
};

struct listener {
    struct listener_options options;
    uv_loop_t *loop;
    struct serve *serve;
    struct exposition *exposition;
    bool has_begun;       /* the load */
    bool is_over;         /* view is the run's last: its text is made once and kept */
    struct run_view view; /* as of the last tick */
    struct user_counts users;
    struct list scrapes;
    bool is_working;
    bool is_work_last; /* it makes the text that is kept */
    struct buf text;   /* the pool's while it works */
    uv_work_t work;
};

/* --- /metrics --- */

static void answer_text(struct serve_request *request, int status, const char *text,
                        size_t len)
{
    const struct serve_header type = {"content-type",
                                      "text/plain; version=0.0.4; charset=utf-8"};

    serve_answer(request, status, &type, 1, text, len);
}

static void answer_line(struct serve_request *request, int status, const char *line)
{
    answer_text(request, status, line, strlen(line));
}

static void answer_metrics(struct listener *listener, struct serve_request *request)
{
    if (buf_error(&listener->text) == 0)
        answer_text(request, 200, buf_str(&listener->text), listener->text.len);
    else
        answer_line(request, 500, "throng is out of memory\n");
}

static void answer_scrapes(struct listener *listener)
{
    LIST_FOR_EACH(link, next, &listener->scrapes)
    {
        struct scrape *scrape = LIST_ENTRY(link, struct scrape, link);

        list_remove(link);
        answer_metrics(listener, scrape->request);
        free(scrape);
    }
}

static void on_pool(uv_work_t *work)
{
    struct listener *listener = work->data;

    buf_clear(&listener->text);
    (void)exposition_write(listener->exposition, true, &listener->text);
}

static void begin_text(struct listener *listener);

static void on_written(uv_work_t *work, int status)
{
    struct listener *listener = work->data;

    (void)status; /* nobody takes it out of the queue */
    listener->is_working = false;
    answer_scrapes(listener);
    if (listener->is_over && !listener->is_work_last)
        begin_text(listener);
}

static void begin_text(struct listener *listener)
{
    int r = exposition_take(listener->exposition, &listener->view);

    if (r < 0) {
        listener->text.error = r;
        answer_scrapes(listener);
        return;
    }
    listener->is_work_last = listener->is_over;
    listener->work.data = listener;
    r = uv_queue_work(listener->loop, &listener->work, on_pool, on_written);
    assert(r == 0); /* it fails only without a function */
    listener->is_working = r == 0;
}

static void on_gone(void *ctx)
{
    struct scrape *scrape = ctx;

    list_remove(&scrape->link);
    free(scrape);
}

static void show_metrics(struct listener *listener, struct serve_request *request)
{
    struct scrape *scrape;

    if (!listener->has_begun) {
        answer_line(request, 503, "The load has not begun yet.\n");
        return;
    }
    if (listener->is_over && !listener->is_working) {
        answer_metrics(listener, request);
        return;
    }
    scrape = malloc(sizeof(*scrape));
    if (!scrape) {
        answer_line(request, 500, "throng is out of memory\n");
        return;
    }
    scrape->request = request;
    list_append(&listener->scrapes, &scrape->link);
    serve_request_on_gone(request, on_gone, scrape);
    if (!listener->is_working)
        begin_text(listener);
}

/* --- The others. --- */

static void answer_json(struct serve_request *request, int status, struct buf *json)
{
    const struct serve_header type = {"content-type", "application/json"};

    buf_append_char(json, '\n');
    serve_answer(request, buf_error(json) < 0 ? 500 : status, &type, 1, buf_str(json),
                 json->len);
}

static void append_member(struct buf *json, const char *name, const char *value)
{
    buf_printf(json, "\"%s\":\"", name);
    buf_append_json(json, value, strlen(value));
    buf_append_str(json, "\",");
}

static void show_health(struct listener *listener, struct serve_request *request)
{
    CLEANUP(buf_deinit) struct buf json = BUF_INIT(MAX_JSON_BYTES);
    const struct run_view *view = &listener->view;
    const struct user_counts *users = &listener->users;

    buf_append_char(&json, '{');
    append_member(&json, "run", listener->options.exposition.test_run);
    append_member(&json, "version", listener->options.exposition.version);
    append_member(&json, "state",
                  run_state_name(listener->has_begun ? view->state : RUN_STARTING));
    append_member(&json, "phase", listener->has_begun ? view->phase : "");
    buf_printf(&json,
               "\"users\":{\"wanted\":%" PRIu64 ",\"active\":%" PRIu64
               ",\"leaving\":%" PRIu64 "}}",
               users->wanted, users->active, users->leaving);
    answer_json(request, 200, &json);
}

static void show_readiness(struct listener *listener, struct serve_request *request)
{
    if (listener->has_begun)
        answer_line(request, 200, "ready\n");
    else
        answer_line(request, 503, "The load has not begun yet.\n");
}

static void show_memory(struct listener *listener, struct serve_request *request)
{
    CLEANUP(buf_deinit) struct buf json = BUF_INIT(MAX_JSON_BYTES);

    if (!listener->options.debug_memory) {
        answer_line(request, 404, "Start the run with --debug-memory to see this.\n");
        return;
    }
    buf_append_char(&json, '{');
    memory_report_append(listener->loop, &json);
    buf_printf(&json, ",\"buffers\":{\"exposition_bytes\":%zu,\"connections\":%zu}}",
               listener->text.cap, serve_connection_count(listener->serve));
    answer_json(request, 200, &json);
}

static const struct page {
    struct serve_route route; /* first, for serve_route_find() */
    void (*show)(struct listener *listener, struct serve_request *request);
    bool is_for_all; /* it tells no figures of the run */
} pages[] = {
    {{"GET", "/metrics"}, show_metrics, false},
    {{"GET", "/healthz"}, show_health, true},
    {{"GET", "/readyz"}, show_readiness, true},
    {{"GET", "/debug/memory"}, show_memory, false},
};

static void show_page(struct listener *listener, const struct page *page,
                      struct serve_request *request)
{
    const struct listener_options *options = &listener->options;

    if (page->is_for_all || !options->asks_token || live_admits(options->live, request))
        page->show(listener, request);
}

static void on_request(void *ctx, struct serve_request *request)
{
    struct listener *listener = ctx;
    struct serve_route_match match;
    size_t len;
    const char *path = serve_request_path(request, &len);

    if (listener->options.live && live_answer(listener->options.live, request))
        return;
    switch (serve_route_find(&pages[0].route, COUNT_OF(pages), sizeof(pages[0]),
                             serve_request_method(request), path, len, &match)) {
    case SERVE_ROUTE_FOUND:
        show_page(listener, &pages[match.index], request);
        break;
    case SERVE_ROUTE_NO_PATH:
        answer_line(request, 404, "There are /metrics, /healthz and /readyz.\n");
        break;
    case SERVE_ROUTE_NO_METHOD:
        answer_line(request, 405, "Ask with GET.\n");
        break;
    }
}

/* --- As a probe. --- */

static void on_start(void *ctx, const struct run_view *view)
{
    struct listener *listener = ctx;

    listener->view = *view;
    listener->has_begun = true;
}

static void on_tick(void *ctx, const struct run_view *view,
                    const struct interval_view *interval)
{
    struct listener *listener = ctx;

    listener->view = *view;
    listener->users = interval->users;
    exposition_add(listener->exposition, interval);
}

static void on_end(void *ctx, const struct run_facts *facts)
{
    struct listener *listener = ctx;

    listener->view = *facts->view;
    listener->view.trust = facts->trust;
    listener->is_over = true;
    if (!listener->is_working)
        begin_text(listener);
}

static bool is_busy(const void *ctx)
{
    const struct listener *listener = ctx;

    return listener->is_working;
}

struct probe listener_probe(struct listener *listener)
{
    return (struct probe){.name = "listener",
                          .ctx = listener,
                          .on_start = on_start,
                          .on_tick = on_tick,
                          .on_end = on_end,
                          .is_busy = is_busy};
}

/* --- Its life. --- */

static void release(struct listener *listener)
{
    exposition_free(listener->exposition);
    buf_deinit(&listener->text);
    serve_free(listener->serve);
    live_free(listener->options.live);
    free(listener);
}

static void on_stopped(void *ctx)
{
    release(ctx);
}

struct listener *listener_close(struct listener *listener)
{
    if (!listener)
        return NULL;
    assert(!listener->is_working);
    if (listener->options.live)
        live_end(listener->options.live);
    serve_stop(listener->serve, listener->options.live ? GRACE_MS : 0, on_stopped,
               listener);
    return NULL;
}

/* Nobody but this machine is told of a run, unless an address says so. */
int listener_address(const char *text, struct sockaddr_storage *ret_address)
{
    char local[MAX_ADDRESS_BYTES];

    if (*text != ':')
        return serve_address_parse(text, ret_address);
    if ((size_t)snprintf(local, sizeof(local), "127.0.0.1%s", text) >= sizeof(local))
        return -EINVAL;
    return serve_address_parse(local, ret_address);
}

int listener_new(uv_loop_t *loop, const struct listener_options *options,
                 struct listener **ret_listener)
{
    struct serve_options serve = SERVE_OPTIONS_DEFAULT;
    struct listener *listener = malloc(sizeof(*listener));
    int r;

    if (!listener) {
        live_free(options->live);
        return -ENOMEM;
    }
    *listener = (struct listener){
        .options = *options, .loop = loop, .text = BUF_INIT(MAX_TEXT_BYTES)};
    list_init(&listener->scrapes);
    serve.backlog = BACKLOG;
    serve.max_body_bytes = MAX_BODY_BYTES;
    serve.max_head_bytes = MAX_HEAD_BYTES;
    serve.address = *options->address;
    listener->options.address = NULL; /* it is not looked at again */
    r = exposition_new(&options->exposition, &listener->exposition);
    if (r == 0)
        r = serve_new(loop, &serve, on_request, listener, &listener->serve);
    if (r < 0) {
        release(listener);
        return r;
    }
    *ret_listener = listener;
    return 0;
}

void listener_url(const struct listener *listener, char url[static 64])
{
    serve_url(listener->serve, url);
}

void listener_set_pushes(struct listener *listener, const struct push_counts *pushes)
{
    exposition_set_pushes(listener->exposition, pushes);
}
