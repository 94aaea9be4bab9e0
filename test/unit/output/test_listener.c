/* The pages of a run over its life; the whole of it with real runs is in test/e2e. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "made_run.h"
#include "output/listener.h"
#include "wire.h"

struct stage {
    uv_loop_t loop;
    struct made_run run;
    struct listener *listener;
    struct probe probe;
    struct sockaddr_storage address;
    struct wire wire;
};

static struct listener_options options_of(const struct made_run *run,
                                          const struct sockaddr_storage *address)
{
    return (struct listener_options){.address = address,
                                     .exposition = {.plan = &run->plan,
                                                    .test_run = "a-run",
                                                    .worker_pod = "pod",
                                                    .version = "1.2.3",
                                                    .fingerprint = ""}};
}

static int set_up(void **state)
{
    static struct stage stage;
    struct listener_options options;
    unsigned port = 0;
    char url[64];

    (void)signal(SIGPIPE, SIG_IGN);
    stage = (struct stage){.listener = NULL};
    made_run_init(&stage.run, (struct made_options){.requests = 40});
    assert_int_equal(listener_address(":0", &stage.address), 0);
    options = options_of(&stage.run, &stage.address);
    assert_int_equal(uv_loop_init(&stage.loop), 0);
    assert_int_equal(listener_new(&stage.loop, &options, &stage.listener), 0);
    stage.probe = listener_probe(stage.listener);
    listener_url(stage.listener, url);
    assert_memory_equal(url, "http://127.0.0.1:", 17); /* this machine alone */
    for (const char *at = url + 17; *at; at++)
        port = port * 10 + (unsigned)(*at - '0');
    wire_open(&stage.wire, &stage.loop, (uint16_t)port);
    *state = &stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;

    wire_close(&stage->wire, false);
    listener_close(stage->listener);
    uv_run(&stage->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&stage->loop), 0);
    made_run_deinit(&stage->run);
    return 0;
}

/* Asks for a page and waits for `words` in the answer. */
static void ask(struct stage *stage, const char *path, const char *words)
{
    char request[200];

    wire_forget(&stage->wire);
    (void)snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
    wire_send_text(&stage->wire, request);
    wire_await(&stage->wire, words, 1);
}

static void begin(struct stage *stage)
{
    stage->run.view.state = RUN_LOADING;
    stage->probe.on_start(stage->probe.ctx, &stage->run.view);
}

static void end(struct stage *stage)
{
    stage->run.view.state = RUN_DONE;
    stage->probe.on_end(stage->probe.ctx, &stage->run.facts);
    while (stage->probe.is_busy(stage->probe.ctx))
        uv_run(&stage->loop, UV_RUN_ONCE);
}

static void a_run_is_not_ready_before_its_load_begins(void **state)
{
    struct stage *stage = *state;

    ask(stage, "/readyz", "HTTP/1.1 503 ");
    ask(stage, "/metrics", "HTTP/1.1 503 ");
    ask(stage, "/healthz", "\"state\":\"starting\"");
    begin(stage);
    ask(stage, "/readyz", "HTTP/1.1 200 ");
    ask(stage, "/healthz", "\"state\":\"loading\"");
    ask(stage, "/metrics", "throng_pushes_total{result=\"ok\",test_run=\"a-run\"");
}

static void what_comes_while_text_is_made_gets_that_text(void **state)
{
    static const char two[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
                              "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
    struct stage *stage = *state;

    begin(stage);
    wire_send_text(&stage->wire, two);
    wire_await(&stage->wire, "throng_pushes_total{result=\"skipped\"", 2);
}

static void the_last_figures_stay_when_the_recorder_has_gone(void **state)
{
    struct stage *stage = *state;

    begin(stage);
    end(stage);
    recorder_free(stage->run.recorder);
    stage->run.recorder = NULL;
    ask(stage, "/metrics",
        "throng_requests_total{model=\"large\",step=\"ask\","
        "outcome=\"ok\",test_run=\"a-run\",worker_pod=\"pod\"} 30\n");
    ask(stage, "/healthz", "\"state\":\"done\"");
}

static void addresses_that_are_none_are_refused(void **state)
{
    struct stage *stage = *state;
    struct sockaddr_storage address;
    struct listener_options options = options_of(&stage->run, &address);
    struct listener *listener = NULL;
    char url[64];

    assert_int_equal(listener_address("nowhere", &address), -EINVAL);
    listener_url(stage->listener, url);
    assert_int_equal(listener_address(url + strlen("http://"), &address), 0);
    assert_int_equal(listener_new(&stage->loop, &options, &listener), -EADDRINUSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_run_is_not_ready_before_its_load_begins, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_comes_while_text_is_made_gets_that_text,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_last_figures_stay_when_the_recorder_has_gone,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(addresses_that_are_none_are_refused, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
