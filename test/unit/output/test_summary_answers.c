#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "answers.h"
#include "base/buf.h"
#include "output/summary_answers.h"

struct scene {
    struct made_run run;
    struct buf said;
};

static int open_scene(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    made_run_init(&scene->run, (struct made_options){.requests = 0});
    scene->said = BUF_INIT(4096);
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;

    buf_deinit(&scene->said);
    made_run_deinit(&scene->run);
    free(scene);
    return 0;
}

static void a_network_that_did_its_work_is_not_worth_a_line(void **state)
{
    struct scene *scene = *state;
    const struct sample one = whole_stream(&scene->run, "a:1");
    const struct sample two = whole_stream(&scene->run, "b:2");

    record_all(&scene->run, &one, 50);
    record_all(&scene->run, &two, 60);
    assert_false(summary_say_network(&scene->run.facts, &scene->said));
    assert_string_equal(buf_str(&scene->said), "");
}

static void retransmissions_resets_and_an_uneven_balance_are_told(void **state)
{
    struct scene *scene = *state;
    struct sample one = whole_stream(&scene->run, "a\033[31m:1");
    struct sample two = whole_stream(&scene->run, "b:2");

    one.retransmits = 2;
    two.outcome = OUTCOME_RESET;
    record_all(&scene->run, &one, 900);
    record_all(&scene->run, &two, 100);
    assert_true(summary_say_network(&scene->run.facts, &scene->said));
    assert_string_equal(buf_str(&scene->said),
                        "1,800 TCP segments sent again (1800.0 per 1,000 requests); "
                        "100 connections reset; uneven: 90% of 1,000 requests went to "
                        "a\\x1b[31m:1, one of 2 backends");
}

static void money_is_told_by_what_it_bought(void **state)
{
    struct scene *scene = *state;
    struct sample sample = whole_stream(&scene->run, "a:1");

    assert_false(summary_say_cost(&scene->run.facts, &scene->said));
    sample.cost_pusd = INT64_C(1000000000); /* a tenth of a cent */
    record_all(&scene->run, &sample, 1);
    sample.user = 5;
    record_all(&scene->run, &sample, 1);
    sample.user = 7;
    record_all(&scene->run, &sample, 38);
    assert_true(summary_say_cost(&scene->run.facts, &scene->said));
    assert_string_equal(buf_str(&scene->said),
                        "$0.0400 for the whole run, $7.69 per 1M tokens, $0.001000 per "
                        "good answer, $0.005556 per second of generation, $0.0133 per "
                        "user (the dearest, user 7: $0.0380)");
}

static void streams_are_worth_a_line_only_where_somebody_holds_them_back(void **state)
{
    struct scene *scene = *state;
    struct sample sample = whole_stream(&scene->run, "a:1");

    record_all(&scene->run, &sample, 40);
    assert_false(summary_say_stream(&scene->run.facts, &scene->said));
    sample.reads = 1;
    sample.together_chunks = 9;
    record_all(&scene->run, &sample, 60);
    assert_true(summary_say_stream(&scene->run.facts, &scene->said));
    assert_string_equal(
        buf_str(&scene->said),
        "held back: the chunks of 60% of 100 answers came in bunches, 2.2 a read, while "
        "throng was on time. The server or a proxy before it buffers the stream (nginx: "
        "proxy_buffering): ttft is the time to the first bunch, and icl says nothing");
}

static void of_what_is_wrong_the_worst_is_explained(void **state)
{
    struct scene *scene = *state;
    struct sample sample = whole_stream(&scene->run, "a:1");

    record_all(&scene->run, &sample, 1000);
    assert_false(summary_say_integrity(&scene->run.facts, &scene->said));
    sample.flags |= SAMPLE_MISSING_DONE;
    record_all(&scene->run, &sample, 200);
    sample.flags |= SAMPLE_CROSSED;
    record_all(&scene->run, &sample, 3);
    assert_true(summary_say_integrity(&scene->run.facts, &scene->said));
    assert_string_equal(
        buf_str(&scene->said),
        "203 of 1,203 answers: 3 crossed, 203 missing_done. The answer carries the "
        "X-Request-ID of another request of this run: look for connections or buffers "
        "that are shared by mistake. Others may read what is not theirs.");
}

#define WITH_SCENE(test) cmocka_unit_test_setup_teardown(test, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SCENE(money_is_told_by_what_it_bought),
        WITH_SCENE(streams_are_worth_a_line_only_where_somebody_holds_them_back),
        WITH_SCENE(of_what_is_wrong_the_worst_is_explained),
        WITH_SCENE(a_network_that_did_its_work_is_not_worth_a_line),
        WITH_SCENE(retransmissions_resets_and_an_uneven_balance_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
