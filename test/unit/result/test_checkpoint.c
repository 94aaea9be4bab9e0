#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/clock.h"
#include "made_run.h"
#include "result/checkpoint.h"
#include "result/folder.h"

#define STEP_NS (CHECKPOINT_NS + 1)

struct scene {
    char dir[64];
    uv_loop_t loop;
    uv_timer_t writer;
    struct made_run run;
    struct result_folder *folder;
    struct checkpoint *checkpoint;
    uint64_t written; /* samples, by the writer */
};

static struct run_facts gather(void *ctx)
{
    const struct scene *scene = ctx;

    return scene->run.facts;
}

static void judge(const struct run_facts *facts, struct verdicts *verdicts)
{
    verdicts_add(verdicts, EXIT_SIGNAL, "judged %s", facts->run_id);
}

static int open_scene(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    struct checkpoint_options options = {.gather = gather, .judge = judge, .ctx = scene};

    memcpy(scene->dir, "/tmp/throng-checkpoint-XXXXXX", 30);
    if (!mkdtemp(scene->dir))
        return -1;
    uv_loop_init(&scene->loop);
    made_run_init(&scene->run, (struct made_options){.requests = 4000});
    scene->run.view.stop_reason = STOP_NONE;
    assert_int_equal(result_folder_new(scene->dir, "run", &scene->folder), 0);
    options.loop = &scene->loop;
    options.folder = scene->folder;
    options.plan = &scene->run.plan;
    options.recorder = scene->run.recorder;
    assert_int_equal(checkpoint_new(&options, &scene->checkpoint), 0);
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;
    char command[128];

    checkpoint_close(scene->checkpoint);
    while (!checkpoint_is_closed(scene->checkpoint))
        uv_run(&scene->loop, UV_RUN_ONCE);
    checkpoint_free(scene->checkpoint);
    assert_int_equal(uv_loop_close(&scene->loop), 0);
    result_folder_free(scene->folder);
    made_run_deinit(&scene->run);
    (void)snprintf(command, sizeof(command), "rm -rf %s", scene->dir);
    const int r = system(command);

    free(scene);
    return r;
}

/* Lets one be made from beginning to end; now_ns is its moment. */
static void make_one(struct scene *scene, uint64_t now_ns)
{
    checkpoint_tick(scene->checkpoint, now_ns);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
}

static json_t *read_it(const struct scene *scene)
{
    char path[256];
    json_t *document = NULL;

    assert_int_equal(
        result_folder_path_of(scene->folder, "checkpoint.json", path, sizeof(path)), 0);
    document = json_load_file(path, 0, NULL);
    assert_non_null(document);
    return document;
}

static json_int_t requests(const json_t *document)
{
    return json_integer_value(
        json_object_get(json_object_get(document, "all"), "requests"));
}

static void a_checkpoint_is_a_summary_of_what_was_recorded_so_far(void **state)
{
    struct scene *scene = *state;
    json_t *document = NULL;
    const json_t *run = NULL;

    checkpoint_tick(scene->checkpoint, 1);
    make_one(scene, STEP_NS);
    assert_int_equal(checkpoint_count(scene->checkpoint), 1);
    assert_int_equal(checkpoint_error(scene->checkpoint), 0);
    document = read_it(scene);
    run = json_object_get(document, "run");
    assert_int_equal(requests(document), 4000);
    assert_string_equal(json_string_value(json_object_get(run, "stop_reason")),
                        "running");
    assert_int_equal(json_integer_value(json_object_get(run, "exit_code")), EXIT_SIGNAL);
    assert_int_equal(json_array_size(json_object_get(document, "thresholds")), 2);
    assert_int_equal(
        json_array_size(json_object_get(json_object_get(document, "timeline"), "points")),
        40);
    json_decref(document);
}

static void one_comes_after_a_second_and_then_every_three(void **state)
{
    struct scene *scene = *state;

    make_one(scene, 1);
    make_one(scene, CHECKPOINT_FIRST_NS);
    assert_int_equal(checkpoint_count(scene->checkpoint), 0);
    make_one(scene, CHECKPOINT_FIRST_NS + 1);
    assert_int_equal(checkpoint_count(scene->checkpoint), 1);
    make_one(scene, CHECKPOINT_FIRST_NS + CHECKPOINT_NS);
    assert_int_equal(checkpoint_count(scene->checkpoint), 1);
    make_one(scene, CHECKPOINT_FIRST_NS + CHECKPOINT_NS + 1);
    assert_int_equal(checkpoint_count(scene->checkpoint), 2);
}

/* A request with a label set of its own, so that dimensions grow too. */
static void write_more(uv_timer_t *timer)
{
    struct scene *scene = timer->data;
    struct recorder *recorder = scene->run.recorder;
    const uint64_t due_ns = scene->run.view.started_ns + scene->written * NS_PER_MS;
    char step[16];
    const struct label set[] = {{"model", "large"}, {"step", step}};
    struct sample sample = {.outcome = OUTCOME_OK,
                            .flags = SAMPLE_STREAMED | SAMPLE_IN_WINDOW,
                            .user = scene->written,
                            .due_ns = due_ns,
                            .sent_ns = due_ns,
                            .wire_ns = due_ns + 1,
                            .first_output_ns = due_ns + 2 * NS_PER_MS,
                            .last_output_ns = due_ns + 3 * NS_PER_MS,
                            .end_ns = due_ns + 3 * NS_PER_MS,
                            .chunks = 2,
                            .turn = 1,
                            .prompt_tokens = 10,
                            .completion_tokens = 3};

    (void)snprintf(step, sizeof(step), "step-%u", (unsigned)(scene->written % 50));
    assert_int_equal(labels_intern(recorder_labels(recorder), set, 2, &sample.labels), 0);
    recorder_started(recorder, sample.sent_ns, sample.labels, true);
    recorder_gap(recorder, sample.labels, true, NS_PER_MS);
    recorder_sample(recorder, &sample);
    memset(scene->run.examples[OUTCOME_RESET].text, 'a' + (int)(scene->written % 26), 20);
    scene->written++;
}

/* The build with ThreadSanitizer watches this one: the loop writes all the while. */
static void recording_goes_on_while_checkpoints_are_written(void **state)
{
    struct scene *scene = *state;
    json_int_t before = 0;

    uv_timer_init(&scene->loop, &scene->writer);
    scene->writer.data = scene;
    uv_timer_start(&scene->writer, write_more, 0, 1);
    checkpoint_tick(scene->checkpoint, 1);
    for (uint64_t i = 1; i <= 5; i++) {
        json_t *document = NULL;

        checkpoint_tick(scene->checkpoint, i * STEP_NS);
        while (checkpoint_count(scene->checkpoint) < i)
            uv_run(&scene->loop, UV_RUN_ONCE);
        document = read_it(scene);
        assert_true(requests(document) > before);
        assert_true(requests(document) <= 4000 + (json_int_t)scene->written);
        before = requests(document);
        json_decref(document);
    }
    assert_true(before > 4000);
    uv_close((uv_handle_t *)&scene->writer, NULL);
    uv_run(&scene->loop, UV_RUN_NOWAIT);
}

static void a_folder_that_is_gone_is_told_and_the_next_one_is_tried(void **state)
{
    struct scene *scene = *state;
    checkpoint_tick(scene->checkpoint, 1);
    make_one(scene, STEP_NS);
    assert_int_equal(result_folder_remove(scene->folder, "checkpoint.json"), 0);
    assert_int_equal(rmdir(result_folder_path(scene->folder)), 0);
    make_one(scene, 2 * STEP_NS);
    assert_int_equal(checkpoint_error(scene->checkpoint), -ENOENT);
    make_one(scene, 3 * STEP_NS);
    assert_int_equal(checkpoint_error(scene->checkpoint), -ENOENT);
    assert_int_equal(checkpoint_count(scene->checkpoint), 1);
}

static void it_can_be_closed_at_any_moment(void **state)
{
    struct scene *scene = *state;

    /* While it copies; close_scene() does so while it waits, and the test below while it writes. */
    checkpoint_tick(scene->checkpoint, 1);
    checkpoint_tick(scene->checkpoint, STEP_NS);
    checkpoint_close(scene->checkpoint);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
    assert_true(checkpoint_is_closed(scene->checkpoint));
    assert_int_equal(checkpoint_count(scene->checkpoint), 0);
}

static void one_that_is_being_written_is_written_to_its_end(void **state)
{
    struct scene *scene = *state;
    unsigned turns = 0;

    checkpoint_tick(scene->checkpoint, 1);
    checkpoint_tick(scene->checkpoint, STEP_NS);
    while (turns++ < 3 || (checkpoint_count(scene->checkpoint) == 0 && turns < 1000))
        uv_run(&scene->loop, UV_RUN_NOWAIT);
    checkpoint_close(scene->checkpoint);
    while (!checkpoint_is_closed(scene->checkpoint))
        uv_run(&scene->loop, UV_RUN_ONCE);
    assert_true(checkpoint_count(scene->checkpoint) <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_checkpoint_is_a_summary_of_what_was_recorded_so_far, open_scene,
            close_scene),
        cmocka_unit_test_setup_teardown(one_comes_after_a_second_and_then_every_three,
                                        open_scene, close_scene),
        cmocka_unit_test_setup_teardown(recording_goes_on_while_checkpoints_are_written,
                                        open_scene, close_scene),
        cmocka_unit_test_setup_teardown(
            a_folder_that_is_gone_is_told_and_the_next_one_is_tried, open_scene,
            close_scene),
        cmocka_unit_test_setup_teardown(it_can_be_closed_at_any_moment, open_scene,
                                        close_scene),
        cmocka_unit_test_setup_teardown(one_that_is_being_written_is_written_to_its_end,
                                        open_scene, close_scene),
    };

    return cmocka_run_group_tests_name("checkpoint", tests, NULL, NULL);
}
