/* A push's way over the loop and the threadpool; real gateways and faults are in test/e2e. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/clock.h"
#include "made_run.h"
#include "output/pushgateway.h"
#include "scripted_server.h"

struct stage {
    uv_loop_t loop;
    struct made_run run;
    struct scripted_server *server;
    char url[64];
    struct plan_pushgateway plan;
    struct pushgateway *gateway;
    struct probe probe;
    unsigned told;
    char last_words[300];
    /* The server's threads': */
    atomic_bool hangs;
    atomic_uint puts;
    atomic_uint deletes;
    atomic_uint results; /* of the puts */
    atomic_int status;
};

static bool answer(void *ctx, const struct asked *asked)
{
    struct stage *stage = ctx;
    char text[100];
    char byte;

    if (strncmp(asked->head, "PUT ", 4) == 0)
        atomic_fetch_add(&stage->puts, 1);
    if (strncmp(asked->head, "PUT /metrics/job/throng_result/scenario/", 40) == 0)
        atomic_fetch_add(&stage->results, 1);
    if (strncmp(asked->head, "PUT ", 4) != 0)
        atomic_fetch_add(&stage->deletes, 1);
    if (atomic_load(&stage->hangs)) {
        (void)recv(asked->fd, &byte, 1, 0);
        return false;
    }
    (void)snprintf(text, sizeof(text), "HTTP/1.1 %d Word\r\nContent-Length: 0\r\n\r\n",
                   atomic_load(&stage->status));
    answer_text(asked->fd, text);
    return true;
}

static void tell(void *ctx, const char *sentence)
{
    struct stage *stage = ctx;

    assert_non_null(strstr(sentence, stage->url));
    stage->told++;
    (void)snprintf(stage->last_words, sizeof(stage->last_words), "%s", sentence);
}

static int set_up(void **state)
{
    static struct stage stage;
    struct pushgateway_options options;

    (void)signal(SIGPIPE, SIG_IGN);
    stage = (struct stage){.status = 200};
    made_run_init(&stage.run, (struct made_options){.requests = 40});
    stage.server = scripted_server_start(answer, &stage);
    (void)snprintf(stage.url, sizeof(stage.url), "http://127.0.0.1:%u",
                   scripted_server_port(stage.server));
    stage.plan = (struct plan_pushgateway){.url = stage.url,
                                           .job = "throng",
                                           .interval_ns = NS_PER_S,
                                           .timeout_ns = 60 * NS_PER_S,
                                           .delete_at_end = true,
                                           .scrape_interval_ns = 3600 * NS_PER_S};
    options = (struct pushgateway_options){.plan = &stage.plan,
                                           .exposition = {.plan = &stage.run.plan,
                                                          .test_run = "a-run",
                                                          .worker_pod = "pod",
                                                          .version = "1.2.3",
                                                          .fingerprint = ""},
                                           .strict = true,
                                           .tell = tell,
                                           .ctx = &stage};
    assert_int_equal(uv_loop_init(&stage.loop), 0);
    assert_int_equal(pushgateway_new(&stage.loop, &options, &stage.gateway), 0);
    stage.probe = pushgateway_probe(stage.gateway);
    stage.run.view.state = RUN_LOADING;
    *state = &stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;

    pushgateway_close(stage->gateway);
    uv_run(&stage->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&stage->loop), 0);
    scripted_server_stop(stage->server);
    made_run_deinit(&stage->run);
    return 0;
}

static void wait_for_it(struct stage *stage)
{
    while (stage->probe.is_busy(stage->probe.ctx))
        uv_run(&stage->loop, UV_RUN_ONCE);
}

static void start(struct stage *stage)
{
    stage->probe.on_start(stage->probe.ctx, &stage->run.view);
}

/* As the run does when so much time has gone by. */
static void tick(struct stage *stage, uint64_t passed_ns)
{
    struct interval_view interval;

    stage->run.view.now_ns += passed_ns;
    recorder_close_interval(stage->run.recorder, stage->run.view.now_ns, &interval);
    stage->probe.on_tick(stage->probe.ctx, &stage->run.view, &interval);
}

static void end(struct stage *stage)
{
    stage->run.view.state = RUN_DONE;
    stage->probe.on_end(stage->probe.ctx, &stage->run.facts);
    wait_for_it(stage);
    stage->probe.judge(stage->probe.ctx, &stage->run.verdicts);
}

static void figures_are_pushed_at_the_start_each_interval_and_at_the_end(void **state)
{
    struct stage *stage = *state;
    const size_t verdicts = stage->run.verdicts.count;

    start(stage);
    wait_for_it(stage);
    tick(stage, NS_PER_S / 2);
    assert_false(stage->probe.is_busy(stage->probe.ctx)); /* not due yet */
    tick(stage, NS_PER_S / 2);
    wait_for_it(stage);
    end(stage);
    assert_int_equal(atomic_load(&stage->puts), 3);
    assert_int_equal(pushgateway_counts(stage->gateway)->ok, 3);
    assert_int_equal(stage->run.verdicts.count, verdicts);
    assert_int_equal(stage->told, 0);
}

static void a_push_that_hangs_is_not_joined_by_another_and_ends_with_the_run(void **state)
{
    struct stage *stage = *state;

    atomic_store(&stage->hangs, true);
    start(stage);
    while (atomic_load(&stage->puts) == 0)
        uv_run(&stage->loop, UV_RUN_NOWAIT);
    tick(stage, NS_PER_S);
    tick(stage, NS_PER_S);
    assert_int_equal(pushgateway_counts(stage->gateway)->skipped, 2);
    atomic_store(&stage->hangs, false);
    end(stage); /* and not after the minute that a push may take */
    assert_int_equal(atomic_load(&stage->puts), 2);
    assert_int_equal(pushgateway_counts(stage->gateway)->skipped, 3);
    assert_int_equal(pushgateway_counts(stage->gateway)->ok, 1);
}

static void a_refusal_is_told_once_and_its_end_too(void **state)
{
    struct stage *stage = *state;
    const size_t verdicts = stage->run.verdicts.count;

    atomic_store(&stage->status, 500);
    start(stage);
    wait_for_it(stage);
    tick(stage, NS_PER_S);
    wait_for_it(stage);
    assert_int_equal(stage->told, 1);
    atomic_store(&stage->status, 202);
    tick(stage, NS_PER_S);
    wait_for_it(stage);
    assert_int_equal(stage->told, 2);
    atomic_store(&stage->status, 400);
    end(stage);
    assert_int_equal(pushgateway_counts(stage->gateway)->failed, 3);
    assert_int_equal(stage->run.verdicts.count, verdicts + 1);
    assert_int_equal(stage->run.verdicts.items[verdicts].code, EXIT_NOT_SAVED);
}

static void who_is_in_a_hurry_does_not_wait_for_prometheus(void **state)
{
    struct stage *stage = *state;

    start(stage);
    wait_for_it(stage);
    end(stage);
    stage->probe.on_results(stage->probe.ctx);
    assert_true(stage->probe.is_busy(stage->probe.ctx)); /* for two hours */
    assert_int_equal(atomic_load(&stage->deletes), 0);
    stage->probe.hurry(stage->probe.ctx);
    wait_for_it(stage);
    assert_int_equal(atomic_load(&stage->deletes), 1);
}

static void a_group_that_is_not_deleted_is_told_as_that(void **state)
{
    struct stage *stage = *state;

    start(stage);
    wait_for_it(stage);
    end(stage);
    atomic_store(&stage->status, 405);
    stage->probe.on_results(stage->probe.ctx);
    stage->probe.hurry(stage->probe.ctx);
    wait_for_it(stage);
    assert_int_equal(stage->told, 1);
    assert_non_null(strstr(stage->last_words, "delete the figures"));
    assert_non_null(strstr(stage->last_words, "it answered 405"));
}

static void a_deletion_that_hangs_ends_with_a_signal_and_says_so(void **state)
{
    struct stage *stage = *state;

    start(stage);
    wait_for_it(stage);
    end(stage);
    atomic_store(&stage->hangs, true);
    stage->probe.on_results(stage->probe.ctx);
    stage->probe.hurry(stage->probe.ctx);
    while (atomic_load(&stage->deletes) == 0)
        uv_run(&stage->loop, UV_RUN_NOWAIT);
    stage->probe.hurry(stage->probe.ctx);
    wait_for_it(stage); /* and not for the minute that it may take */
    assert_int_equal(stage->told, 1);
    assert_non_null(strstr(stage->last_words, "delete the figures"));
    assert_non_null(strstr(stage->last_words, "a signal cut it short"));
}

static void
what_came_out_is_pushed_behind_the_results_and_before_the_deletion(void **state)
{
    struct stage *stage = *state;

    stage->plan.last_result = true;
    start(stage);
    wait_for_it(stage);
    end(stage);
    assert_int_equal(atomic_load(&stage->results), 0);
    stage->probe.on_results(stage->probe.ctx);
    while (atomic_load(&stage->results) == 0)
        uv_run(&stage->loop, UV_RUN_ONCE);
    assert_int_equal(atomic_load(&stage->deletes), 0);
    assert_true(stage->probe.is_busy(stage->probe.ctx));
    stage->probe.hurry(stage->probe.ctx);
    wait_for_it(stage);
    assert_int_equal(atomic_load(&stage->deletes), 1);
    assert_int_equal(stage->told, 0);
}

static void a_result_that_is_refused_is_told_as_that(void **state)
{
    struct stage *stage = *state;

    stage->plan.last_result = true;
    stage->plan.delete_at_end = false;
    start(stage);
    wait_for_it(stage);
    end(stage);
    atomic_store(&stage->status, 400);
    stage->probe.on_results(stage->probe.ctx);
    wait_for_it(stage);
    assert_int_equal(stage->told, 1);
    assert_non_null(strstr(stage->last_words, "does not take the result"));
    assert_non_null(strstr(stage->last_words, "it answered 400"));
}

static void one_of_several_workers_has_no_result(void **state)
{
    struct stage *stage = *state;

    stage->plan.last_result = true;
    stage->plan.delete_at_end = false;
    stage->run.plan.worker_count = 2;
    start(stage);
    wait_for_it(stage);
    end(stage);
    stage->probe.on_results(stage->probe.ctx);
    assert_false(stage->probe.is_busy(stage->probe.ctx));
    assert_int_equal(atomic_load(&stage->results), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            figures_are_pushed_at_the_start_each_interval_and_at_the_end, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(
            a_push_that_hangs_is_not_joined_by_another_and_ends_with_the_run, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(a_refusal_is_told_once_and_its_end_too, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_is_in_a_hurry_does_not_wait_for_prometheus,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_group_that_is_not_deleted_is_told_as_that,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_deletion_that_hangs_ends_with_a_signal_and_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            what_came_out_is_pushed_behind_the_results_and_before_the_deletion, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(a_result_that_is_refused_is_told_as_that, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(one_of_several_workers_has_no_result, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
