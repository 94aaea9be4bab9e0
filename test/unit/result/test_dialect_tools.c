/*
 * What other tools told of streams that they measured themselves (test/golden/dialects/README.md), told again from
 * the same moments: with a tool's own stamps the figures are its own, digit for digit; with the simulator's
 * ground truth in their place they are what its client saw, less its delay.
 *
 *   test_result_dialect_tools FILE…
 */
#include <inttypes.h>
#include <math.h>
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
#include <uv.h>

#include "measure/labels.h"
#include "measure/sample.h"
#include "result/dialect.h"
#include "result/sample_file.h"

#define EXACT 1e-6 /* unless the file says how fine its tool's clock is */
/* What depends on when all was over, which tools do not tell of single requests. */
#define NEAR 0.05
/* A client in Python gets to a chunk later than the server wrote it; half of them within this (ms). */
#define CLIENT_DELAY 3.0

struct scene {
    json_t *recorded; /* the file */
    bool of_truth;    /* the moments are the server's */
    char path[64];
    uv_loop_t loop;
    struct labels *labels;
    struct sample_file *file;
    bool closed;
};

static uint64_t number_of(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

static void append_chunk(struct scene *scene, uint64_t id, uint64_t at_ns)
{
    const struct chunk chunk = {
        .operation_id = id, .at_ns = at_ns, .what = CHUNK_OUTPUT | CHUNK_CHOICE};

    sample_file_append_chunk(scene->file, &chunk);
}

/* The moments of an answer, as its client has them. */
static void take_own(struct scene *scene, const json_t *request, struct sample *sample)
{
    const json_t *at = json_object_get(request, "at");
    const size_t count = json_array_size(at);

    for (size_t i = 0; i < count; i++)
        append_chunk(scene, sample->operation_id,
                     (uint64_t)json_integer_value(json_array_get(at, i)));
    if (count == 0)
        return;
    sample->first_output_ns = (uint64_t)json_integer_value(json_array_get(at, 0));
    sample->first_choice_ns = sample->first_output_ns;
    sample->last_output_ns = number_of(request, "last");
    sample->last_choice_ns = sample->last_output_ns;
    sample->first_answer_ns = number_of(request, "answer");
    sample->chunks = (uint32_t)count;
    sample->choices = sample->chunks;
}

/* And as the server wrote them, whose clock is the client's: the role and the finish reason are no output. */
static void take_truth(const json_t *truth, struct sample *sample)
{
    sample->first_choice_ns = number_of(truth, "role");
    sample->first_output_ns = number_of(truth, "first");
    sample->first_answer_ns = number_of(truth, "answer");
    sample->last_output_ns = number_of(truth, "last");
    sample->last_choice_ns = number_of(truth, "finish");
    sample->end_ns = number_of(truth, "end");
}

static enum outcome outcome_of(const char *name)
{
    for (size_t i = 0; i < OUTCOME_COUNT; i++)
        if (strcmp(outcome_name((enum outcome)i), name) == 0)
            return (enum outcome)i;
    fail_msg("no outcome %s", name);
    return OUTCOME_COUNT;
}

static void append_request(struct scene *scene, uint64_t id, const json_t *request)
{
    const json_t *truth = json_object_get(request, "truth");
    const bool reasoned = json_object_get(request, "answer") ||
                          json_is_true(json_object_get(request, "reasoned"));
    struct sample sample = {
        .operation_id = id,
        .outcome = outcome_of(json_string_value(json_object_get(request, "outcome"))),
        .status = (uint16_t)number_of(request, "status"),
        .flags = SAMPLE_CHAT | SAMPLE_IN_WINDOW | SAMPLE_STREAMED,
        .token_source =
            json_object_get(request, "completion") ? TOKENS_USAGE : TOKENS_ESTIMATED,
        .sent_ns = number_of(request, "sent"),
        .wire_ns = number_of(request, "wire"),
        .end_ns = number_of(request, "end"),
        .prompt_tokens = number_of(request, "prompt"),
        .completion_tokens = number_of(request, "completion"),
        .reasoning_tokens = number_of(request, "reasoning"),
    };

    sample.flags |= reasoned ? (uint32_t)SAMPLE_REASONED : 0;
    take_own(scene, request, &sample);
    if (scene->of_truth && truth)
        take_truth(truth, &sample);
    sample_file_append(scene->file, &sample);
}

static void on_closed(void *ctx, int error)
{
    assert_int_equal(error, 0);
    *(bool *)ctx = true;
}

static void write_samples(struct scene *scene)
{
    const json_t *requests = json_object_get(scene->recorded, "requests");

    assert_int_equal(labels_new(10, &scene->labels), 0);
    assert_int_equal(sample_file_new(&scene->loop, scene->path, UINT64_C(1) << 30,
                                     scene->labels, 1, 0, &scene->file),
                     0);
    for (size_t i = 0; i < json_array_size(requests); i++)
        append_request(scene, i, json_array_get(requests, i));
    sample_file_close(scene->file, on_closed, &scene->closed);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
    assert_true(scene->closed);
}

static struct dialect_story *tell(struct scene *scene)
{
    const char *name = json_string_value(json_object_get(scene->recorded, "dialect"));
    json_t *summary = json_pack("{s:{s:s}}", "run", "id", "r");
    struct dialect_story *story = NULL;

    snprintf(scene->path, sizeof(scene->path), "/tmp/throng-dialect-XXXXXX");
    close(mkstemp(scene->path));
    uv_loop_init(&scene->loop);
    write_samples(scene);
    assert_non_null(dialect_find(name));
    assert_int_equal(dialect_tell(dialect_find(name), scene->path, summary, &story), 0);
    unlink(scene->path);
    labels_free(scene->labels);
    assert_int_equal(uv_loop_close(&scene->loop), 0);
    json_decref(summary);
    return story;
}

/* The number at a path of keys between slashes. */
static double number_at(const json_t *document, const char *path)
{
    char part[128];
    const char *slash = NULL;

    for (; (slash = strchr(path, '/')) != NULL; path = slash + 1) {
        snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
        document = json_object_get(document, part);
    }
    document = json_object_get(document, path);
    return json_is_number(document) ? json_number_value(document) : (double)NAN;
}

/* Compares what was told under `key` with what the tool told. */
static void compare(const struct scene *scene, const json_t *document, const char *key,
                    double relative, double absolute)
{
    const json_t *wanted = json_object_get(scene->recorded, key);
    size_t count = 0;

    for (void *at = json_object_iter((json_t *)json_object_get(scene->recorded, key)); at;
         at =
             json_object_iter_next((json_t *)json_object_get(scene->recorded, key), at)) {
        const char *path = json_object_iter_key(at);
        const double expected = json_number_value(json_object_iter_value(at));
        const double told = number_at(document, path);

        if (!(fabs(told - expected) <= absolute + relative * fabs(expected)))
            fail_msg("%s of %s: %.9g, where the tool told %.9g", path,
                     json_string_value(json_object_get(scene->recorded, "tool")), told,
                     expected);
        count++;
    }
    assert_int_equal(count, json_object_size(wanted));
}

static void open_file(struct scene *scene, const char *path)
{
    json_error_t error;

    scene->recorded = json_load_file(path, 0, &error);
    if (!scene->recorded)
        fail_msg("%s:%d: %s", path, error.line, error.text);
}

static void its_own_moments_make_its_own_figures(void **state)
{
    struct scene scene = {0};
    struct dialect_story *story;
    const json_t *tolerance;

    open_file(&scene, *state);
    tolerance = json_object_get(scene.recorded, "tolerance");
    story = tell(&scene);
    assert_true(json_object_size(json_object_get(scene.recorded, "told")) > 20);
    compare(&scene, story->document, "told",
            json_is_number(tolerance) ? json_number_value(tolerance) : EXACT, EXACT);
    compare(&scene, story->document, "near", NEAR, 0);
    dialect_story_free(story);
    json_decref(scene.recorded);
}

/* A definition that waits for another event would be off by tens of milliseconds. */
static void the_servers_moments_are_those_that_it_waits_for(void **state)
{
    struct scene scene = {.of_truth = true};
    const json_t *unit_ms;
    struct dialect_story *story;

    open_file(&scene, *state);
    story = tell(&scene);
    assert_true(json_object_size(json_object_get(scene.recorded, "truth")) > 1);
    unit_ms = json_object_get(scene.recorded, "unit_ms");
    compare(&scene, story->document, "truth", 0,
            CLIENT_DELAY * (unit_ms ? json_number_value(unit_ms) : 1));
    dialect_story_free(story);
    json_decref(scene.recorded);
}

int main(int argc, char **argv)
{
    int failed = argc > 1 ? 0 : 1;

    for (int i = 1; i < argc; i++) {
        const struct CMUnitTest tests[] = {
            cmocka_unit_test_prestate(its_own_moments_make_its_own_figures, argv[i]),
            cmocka_unit_test_prestate(the_servers_moments_are_those_that_it_waits_for,
                                      argv[i]),
        };

        failed += cmocka_run_group_tests_name(argv[i], tests, NULL, NULL);
    }
    return failed;
}
