/* The live page of a run over its life, as a client sees it. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/clock.h"
#include "made_run.h"
#include "measure/run_mark.h"
#include "output/listener.h"
#include "output/live.h"
#include "wire.h"

#define TOKEN "a-token-of-this-test"
#define JSON "Content-Type: application/json\r\n"
#define KEY "Authorization: Bearer " TOKEN "\r\n"

struct stage {
    uv_loop_t loop;
    struct made_run run;
    struct sockaddr_storage address;
    struct live *live;
    struct listener *listener;
    struct probe probe;
    struct wire wire;
    struct wire control;
    struct run_control asked;
    uint64_t users;
};

static int set_users(void *ctx, uint64_t users)
{
    ((struct stage *)ctx)->users = users;
    return 0;
}

static void open_wire(struct stage *stage, struct wire *wire)
{
    unsigned port = 0;
    char url[64];

    listener_url(stage->listener, url);
    for (const char *at = strrchr(url, ':') + 1; *at; at++)
        port = port * 10 + (unsigned)(*at - '0');
    wire_open(wire, &stage->loop, (uint16_t)port);
}

static int set_up(void **state)
{
    static struct stage stage;
    struct live_options options = {
        .run_id = "a-run", .version = "1.2.3", .token = TOKEN, .address = &stage.address};
    struct listener_options listener = {.address = &stage.address, .asks_token = true};

    (void)signal(SIGPIPE, SIG_IGN);
    stage = (struct stage){.users = 0};
    made_run_init(&stage.run, (struct made_options){.requests = 40, .failures = true});
    assert_int_equal(uv_loop_init(&stage.loop), 0);
    assert_int_equal(listener_address(":0", &stage.address), 0);
    assert_int_equal(live_new(&options, &stage.live), 0);
    assert_null(live_made_token(stage.live));
    live_describe(stage.live, "results/a-run", false);
    listener.live = stage.live;
    listener.exposition = (struct exposition_options){.plan = &stage.run.plan,
                                                      .test_run = "a-run",
                                                      .worker_pod = "pod",
                                                      .version = "1.2.3",
                                                      .fingerprint = ""};
    assert_int_equal(listener_new(&stage.loop, &listener, &stage.listener), 0);
    stage.probe = live_probe(stage.live);
    stage.asked = (struct run_control){.ctx = &stage, .set_users = set_users};
    open_wire(&stage, &stage.wire);
    open_wire(&stage, &stage.control);
    *state = &stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;

    wire_close(&stage->wire, false);
    wire_close(&stage->control, false);
    listener_close(stage->listener);
    uv_run(&stage->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&stage->loop), 0);
    made_run_deinit(&stage->run);
    return 0;
}

static void view(struct stage *stage)
{
    wire_send_text(&stage->wire, "GET /live/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    wire_await(&stage->wire, "retry: 1000", 1);
}

static void command(struct stage *stage, const char *headers, const char *body,
                    const char *answer)
{
    char request[800];

    wire_forget(&stage->control);
    (void)snprintf(request, sizeof(request),
                   "POST /live/control HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: "
                   "%zu\r\n\r\n%s",
                   headers, strlen(body), body);
    wire_send_text(&stage->control, request);
    wire_await(&stage->control, answer, 1);
}

static void begin(struct stage *stage)
{
    stage->run.view.state = RUN_LOADING;
    stage->probe.on_control(stage->probe.ctx, &stage->asked);
    stage->probe.on_start(stage->probe.ctx, &stage->run.view);
}

/* Intervals of the made run are over: these are empty. */
static void tick(struct stage *stage, unsigned count)
{
    struct run_view view = stage->run.view;

    for (unsigned i = 1; i <= count; i++) {
        struct interval_view interval;

        view.now_ns = stage->run.view.now_ns + i * 250 * NS_PER_MS;
        recorder_close_interval(stage->run.recorder, view.now_ns, &interval);
        stage->probe.on_tick(stage->probe.ctx, &view, &interval);
    }
}

/* Each event's data is JSON. */
static void check_events(const char *text)
{
    unsigned events = 0;

    for (const char *at = strstr(text, "\ndata: "); at; at = strstr(at, "\ndata: ")) {
        const char *end = strstr(at, "\n\n");
        json_t *data = NULL;

        at += strlen("\ndata: ");
        assert_non_null(end);
        data = json_loadb(at, (size_t)(end - at), 0, NULL);
        assert_true(json_is_object(data));
        json_decref(data);
        events++;
    }
    assert_true(events > 0);
}

static void a_viewer_hears_of_a_run_from_its_start_to_its_end(void **state)
{
    struct stage *stage = *state;
    const struct run_mark mark = {.at_ns = stage->run.view.now_ns,
                                  .kind = RUN_MARK_CONTROL,
                                  .text = "users set to \"40\""};

    view(stage);
    begin(stage);
    tick(stage, 8);
    stage->probe.on_mark(stage->probe.ctx, &mark);
    tick(stage, 4);
    wire_await(&stage->wire, "event: mark\ndata: {\"at_s\":", 1);
    wire_await(&stage->wire, "\"text\":\"users set to \\\"40\\\"\"", 1);
    wire_await(&stage->wire, "event: now\n", 3);
    stage->probe.on_end(stage->probe.ctx, &stage->run.facts);
    stage->probe.on_results(stage->probe.ctx);
    wire_await(&stage->wire, "\r\n0\r\n\r\n", 1);
    assert_int_equal(wire_count(&stage->wire, "event: run\ndata: {\"id\":\"a-run\""), 1);
    assert_int_equal(wire_count(&stage->wire, "event: plan\n"), 1);
    assert_true(wire_count(&stage->wire, "event: point\n") >= 2);
    assert_int_equal(wire_count(&stage->wire, "\"results\":\"results/a-run\""), 2);
    check_events(stage->wire.bytes);
    /* Who comes now gets the same, and an end. */
    open_wire(stage, &stage->control);
    wire_send_text(&stage->control,
                   "GET /live/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    wire_await(&stage->control, "\r\n0\r\n\r\n", 1);
    assert_int_equal(wire_count(&stage->control, "event: end\n"), 1);
    assert_int_equal(wire_count(&stage->control, "event: mark\n"), 1);
}

static void a_run_without_a_load_ends_too(void **state)
{
    struct stage *stage = *state;

    view(stage);
    live_end(stage->live);
    wire_await(&stage->wire, "\"had_load\":false", 1);
    check_events(stage->wire.bytes);
}

static void commands_are_carried_out_by_those_who_have_the_token(void **state)
{
    struct stage *stage = *state;

    command(stage, JSON KEY, "{\"users\":40}", "HTTP/1.1 409 ");
    begin(stage);
    command(stage, JSON, "{\"users\":41}", "HTTP/1.1 401 ");
    command(stage, JSON KEY "Origin: http://evil.example\r\n", "{\"users\":42}",
            "HTTP/1.1 403 ");
    command(stage, KEY, "{\"users\":43}", "HTTP/1.1 415 ");
    command(stage, JSON KEY, "{\"users\":-1}", "{\"error\":\"users has to be ");
    assert_int_equal(stage->users, 0);
    command(stage, JSON KEY, "{\"users\":44}", "{\"done\":true}");
    assert_int_equal(stage->users, 44);
    stage->probe.on_end(stage->probe.ctx, &stage->run.facts);
    command(stage, JSON KEY, "{\"users\":45}", "HTTP/1.1 409 ");
    assert_int_equal(stage->users, 44);
}

static void ask(struct stage *stage, const char *head, const char *answer)
{
    char request[400];

    wire_forget(&stage->control);
    (void)snprintf(request, sizeof(request), "%s\r\n\r\n", head);
    wire_send_text(&stage->control, request);
    wire_await(&stage->control, answer, 1);
}

static void figures_are_not_told_to_a_name_that_was_rebound(void **state)
{
    struct stage *stage = *state;

    ask(stage, "GET /live/events HTTP/1.1\r\nHost: evil.example", "HTTP/1.1 403 ");
    ask(stage, "GET /metrics HTTP/1.1\r\nHost: evil.example", "HTTP/1.1 403 ");
    ask(stage, "GET /healthz HTTP/1.1\r\nHost: 10.0.0.1", "HTTP/1.1 200 ");
    ask(stage, "GET /live/control HTTP/1.1\r\nHost: localhost", "HTTP/1.1 405 ");
    ask(stage, "HEAD /live/events HTTP/1.1\r\nHost: localhost", "HTTP/1.1 200 ");
    ask(stage, "GET /live HTTP/1.1\r\nHost: localhost", "HTTP/1.1 404 ");
}

static void a_token_that_cannot_stand_in_a_url_is_refused(void **state)
{
    struct stage *stage = *state;
    const struct live_options options = {.token = "short", .address = &stage->address};
    struct live *live = NULL;

    assert_int_equal(live_new(&options, &live), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_viewer_hears_of_a_run_from_its_start_to_its_end,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_run_without_a_load_ends_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            commands_are_carried_out_by_those_who_have_the_token, set_up, tear_down),
        cmocka_unit_test_setup_teardown(figures_are_not_told_to_a_name_that_was_rebound,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_token_that_cannot_stand_in_a_url_is_refused,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
