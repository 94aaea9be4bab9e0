#include "output/live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/secret.h"
#include "measure/recorder.h"
#include "measure/run_view.h"
#include "output/live_command.h"
#include "output/live_event.h"
#include "output/live_guard.h"
#include "output/live_json.h"
#include "output/live_page.h"
#include "output/live_stream.h"
#include "output/recent.h"
#include "result/facts.h"
#include "result/timeline.h"
#include "result/timeline_point.h"
#include "serve/router.h"
#include "serve/serve.h"

#define MAX_EVENT_BYTES ((size_t)1 << 20)
#define MAX_ANSWER_BYTES ((size_t)4 << 10)
#define MAX_COMMAND_BYTES 4096
#define TICKS_PER_NOW 4 /* about a second */

struct live {
    struct live_options options;
    struct secret *token; /* owned */
    struct live_guard guard;
    struct live_stream stream;
    struct live_run run;
    struct buf page;                   /* HTML; empty until somebody asks for it */
    struct buf data;                   /* of the event in hand */
    const struct run_control *control; /* NULL: nothing may be asked now */
    struct timeline *timeline;         /* NULL: before the load, or memory was out */
    struct recent *recent;             /* likewise */
    size_t points;                     /* that were told */
    const struct plan *plan;           /* as it was told */
    const char *phase;                 /* likewise; NULL: none yet */
    uint32_t phase_index;
    enum run_state state;
    unsigned ticks;
    struct user_counts users;
    const struct verdicts *verdicts; /* from the end of the load on */
    const char *stop_reason;
    bool has_ended;
};

/* --- Events. --- */

static void add(struct live *live, const char *event)
{
    live_stream_add(&live->stream, event, &live->data);
}

static void tell_plan(struct live *live, const struct run_view *view)
{
    live->plan = view->plan;
    if (live->run.is_search)
        return;
    live_event_plan(view->plan, &live->data);
    add(live, "plan");
}

static void tell_phase(struct live *live, const struct run_view *view)
{
    live->phase = view->phase;
    live->phase_index = view->phase_index;
    live_event_phase(&live->run, view, &live->data);
    add(live, "phase");
}

static void tell_points(struct live *live)
{
    const struct timeline_view view = timeline_view(live->timeline);

    for (; live->points < view.count; live->points++) {
        buf_clear(&live->data);
        if (timeline_point_write(&view, live->points, &live->data) == 0)
            add(live, "point");
    }
}

static void tell_now(struct live *live, const struct run_view *view)
{
    struct recent_figures recent;

    recent_read(live->recent, &recent);
    live_event_now(&live->run, view, &live->users, &recent, &live->data);
    live_stream_tell(&live->stream, "now", &live->data);
}

/* Percentiles take the longest: one metric each time. */
static void work_out(struct live *live)
{
    static const enum recent_metric shown[] = {RECENT_TTFT, RECENT_E2E, RECENT_ICL};

    if (live->ticks % TICKS_PER_NOW < COUNT_OF(shown))
        recent_work_out(live->recent, shown[live->ticks % TICKS_PER_NOW]);
}

/* --- As a probe. --- */

static void on_control(void *ctx, const struct run_control *control)
{
    struct live *live = ctx;

    live->control = control;
}

static void on_mark(void *ctx, const struct run_mark *mark)
{
    struct live *live = ctx;

    live_event_mark(&live->run, mark, &live->data);
    add(live, "mark");
}

static void on_start(void *ctx, const struct run_view *view)
{
    struct live *live = ctx;
    /* Its intervals begin a moment before the load. */
    const struct recorder_options *recording = recorder_options(view->recorder);

    if (timeline_new(view->plan, recording->started_ns, &live->timeline) < 0 ||
        recent_new(&live->recent) < 0) {
        live->timeline = timeline_free(live->timeline);
        return;
    }
    timeline_heed(live->timeline, &recording->pauses);
    live->run.id = live->options.run_id;
    live->run.version = live->options.version;
    live->run.started_ns = view->started_ns;
    live->run.started_wall_ns = clock_wall_ns() - (view->now_ns - view->started_ns);
    live->run.step_ns = timeline_view(live->timeline).step_ns;
    live_event_run(&live->run, view, &live->data);
    add(live, "run");
    tell_plan(live, view);
}

static void follow(struct live *live, const struct run_view *view)
{
    if (view->plan != live->plan) {
        timeline_follow(live->timeline, view->plan);
        tell_plan(live, view);
    }
    if (view->phase != live->phase || view->phase_index != live->phase_index)
        tell_phase(live, view);
}

static void on_tick(void *ctx, const struct run_view *view,
                    const struct interval_view *interval)
{
    struct live *live = ctx;

    if (!live->timeline)
        return;
    live->users = interval->users;
    recent_add(live->recent, interval, clock_thread_cpu_ns());
    work_out(live);
    timeline_add(live->timeline, interval);
    follow(live, view);
    tell_points(live);
    live_stream_push(&live->stream, view->now_ns);
    if (++live->ticks % TICKS_PER_NOW == 0 || view->state != live->state)
        tell_now(live, view);
    live->state = view->state;
}

static void on_end(void *ctx, const struct run_facts *facts)
{
    struct live *live = ctx;

    live->control = NULL;
    live->verdicts = facts->verdicts;
    live->stop_reason = stop_reason_name(facts->view->stop_reason);
    if (!live->timeline)
        return;
    timeline_end(live->timeline);
    tell_points(live);
    live_stream_push(&live->stream, facts->view->now_ns);
    tell_now(live, facts->view);
}

static void on_results(void *ctx)
{
    live_end(ctx);
}

struct probe live_probe(struct live *live)
{
    return (struct probe){.name = "live",
                          .ctx = live,
                          .on_start = on_start,
                          .on_tick = on_tick,
                          .on_end = on_end,
                          .on_control = on_control,
                          .on_mark = on_mark,
                          .on_results = on_results};
}

void live_end(struct live *live)
{
    if (!live->has_ended) {
        live->control = NULL;
        live_event_end(&live->run, live->stop_reason, live->verdicts, &live->data);
        add(live, "end");
    }
    live->has_ended = true;
    live_stream_end(&live->stream);
}

/* --- Requests. --- */

static void answer(struct serve_request *request, int status, const char *type,
                   const struct buf *body)
{
    const struct serve_header headers[] = {
        {"content-type", type},
        {"cache-control", "no-store"},
        {"x-content-type-options", "nosniff"},
        {"www-authenticate", "Bearer"},
    };

    serve_answer(request, buf_error(body) < 0 ? 500 : status, headers,
                 status == 401 ? 4 : 3, buf_str(body), body->len);
}

/* {"error": sentence}; NULL: {"done": true}. */
static void answer_command(struct serve_request *request, int status,
                           const char *sentence)
{
    struct buf json = BUF_INIT(MAX_ANSWER_BYTES);

    live_json_open(&json, "", '{');
    if (sentence)
        live_json_text(&json, "error", sentence);
    else
        live_json_bool(&json, "done", true);
    live_json_close(&json, '}');
    buf_erase(&json, json.len - 1, 1);
    buf_append_char(&json, '\n');
    answer(request, status, "application/json", &json);
    buf_deinit(&json);
}

static int check(const struct live *live, enum live_right right,
                 const struct serve_request *request, const char **reterr_sentence)
{
    const struct live_caller caller = {
        .host = serve_request_header(request, "host"),
        .origin = serve_request_header(request, "origin"),
        .site = serve_request_header(request, "sec-fetch-site"),
        .authorization = serve_request_header(request, "authorization"),
    };

    return live_guard_check(&live->guard, right, &caller, reterr_sentence);
}

static void answer_line(struct serve_request *request, int status, const char *sentence)
{
    struct buf line = BUF_INIT(MAX_ANSWER_BYTES);

    buf_printf(&line, "%s\n", sentence);
    answer(request, status, "text/plain; charset=utf-8", &line);
    buf_deinit(&line);
}

bool live_admits(const struct live *live, struct serve_request *request)
{
    const char *sentence;
    const int status = check(live, LIVE_RIGHT_VIEW, request, &sentence);

    if (status != 0)
        answer_line(request, status, sentence);
    return status == 0;
}

static void show_page(struct live *live, struct serve_request *request)
{
    const char *sentence;
    const int status = check(live, LIVE_RIGHT_PAGE, request, &sentence);

    if (status == 0)
        live_page_show(&live->page, request);
    else
        answer_line(request, status, sentence);
}

static void show_events(struct live *live, struct serve_request *request)
{
    const struct buf nothing = BUF_INIT(0);

    if (!live_admits(live, request))
        return;
    if (strcmp(serve_request_method(request), "HEAD") == 0) {
        answer(request, 200, "text/event-stream; charset=utf-8", &nothing);
        return;
    }
    live_stream_join(&live->stream, request);
    if (live->has_ended)
        live_stream_end(&live->stream);
}

/* A form of another page cannot send this type without being asked for first. */
static bool is_json(const struct serve_request *request)
{
    const char *type = serve_request_header(request, "content-type");

    return type && strncasecmp(type, "application/json", strlen("application/json")) == 0;
}

static void take_command(struct live *live, struct serve_request *request)
{
    char problem[LIVE_SENTENCE_BYTES];
    struct live_command command;
    const char *sentence;
    size_t len;
    const char *body = serve_request_body(request, &len);
    const int status = check(live, LIVE_RIGHT_CONTROL, request, &sentence);

    if (status != 0)
        answer_command(request, status, sentence);
    else if (!is_json(request))
        answer_command(request, 415, "Send it as application/json.");
    else if (len > MAX_COMMAND_BYTES)
        answer_command(request, 413, "A command has 4096 bytes at most.");
    else if (live_command_read(body, len, &command, problem) < 0)
        answer_command(request, 400, problem);
    else if (!live->control)
        answer_command(request, 409, "There is no load now.");
    else if (live_command_run(&command, live->control, problem) < 0)
        answer_command(request, 409, problem);
    else
        answer_command(request, 200, NULL);
}

static const struct path {
    struct serve_route route; /* first, for serve_route_find() */
    void (*show)(struct live *live, struct serve_request *request);
} paths[] = {
    {{"GET", "/"}, show_page},
    {{"GET", "/live/events"}, show_events},
    {{"POST", "/live/control"}, take_command},
};

bool live_answer(struct live *live, struct serve_request *request)
{
    struct serve_route_match match;
    size_t len;
    const char *path = serve_request_path(request, &len);

    switch (serve_route_find(&paths[0].route, COUNT_OF(paths), sizeof(paths[0]),
                             serve_request_method(request), path, len, &match)) {
    case SERVE_ROUTE_FOUND:
        paths[match.index].show(live, request);
        return true;
    case SERVE_ROUTE_NO_METHOD:
        answer_command(request, 405, "Ask with GET, and command with POST.");
        return true;
    case SERVE_ROUTE_NO_PATH:
        break;
    }
    return false;
}

/* --- Its life. --- */

int live_new(const struct live_options *options, struct live **ret_live)
{
    struct live *live;
    int r = 0;

    if (options->token && !live_token_is_fit(options->token))
        return -EINVAL;
    live = calloc(1, sizeof(*live));
    if (!live)
        return -ENOMEM;
    live->options = *options;
    live->data = BUF_INIT(MAX_EVENT_BYTES);
    live->page = BUF_INIT(LIVE_PAGE_BYTES);
    live->stop_reason = stop_reason_name(STOP_NONE);
    live_stream_init(&live->stream);
    r = options->token ? secret_new(options->token, &live->token)
                       : live_token_new(&live->token);
    if (r < 0) {
        live_free(live);
        return r;
    }
    live->guard = (struct live_guard){.token = live->token,
                                      .is_local = live_guard_is_local(options->address)};
    *ret_live = live;
    return 0;
}

struct live *live_free(struct live *live)
{
    if (!live)
        return NULL;
    live_stream_deinit(&live->stream);
    buf_deinit(&live->data);
    buf_deinit(&live->page);
    (void)timeline_free(live->timeline);
    recent_free(live->recent);
    secret_free(live->token);
    free(live);
    return NULL;
}

void live_describe(struct live *live, const char *results, bool is_search)
{
    live->run.results = results;
    live->run.is_search = is_search;
}

const char *live_made_token(const struct live *live)
{
    return live->options.token ? NULL : secret_reveal(live->token);
}
