/* What results tell of those who answered. */
#include <errno.h>
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
#include <uv.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "measure/labels.h"
#include "measure/sample.h"
#include "result/portrait.h"
#include "result/sample_file.h"

/* A results folder in the making. */
struct scene {
    char folder[64];
    uv_loop_t loop;
    struct labels *labels;
    struct sample_file *samples;
    struct buf error;
    bool closed;
};

static void path_in(const struct scene *scene, const char *name, char path[static 128])
{
    (void)snprintf(path, 128, "%s/%s", scene->folder, name);
}

static int open_scene(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    char path[128];

    (void)snprintf(scene->folder, sizeof(scene->folder), "/tmp/throng-portrait-XXXXXX");
    assert_non_null(mkdtemp(scene->folder));
    scene->error = BUF_INIT(4096);
    uv_loop_init(&scene->loop);
    assert_int_equal(labels_new(10, &scene->labels), 0);
    path_in(scene, "samples.bin", path);
    assert_int_equal(sample_file_new(&scene->loop, path, 1 << 20, scene->labels, 1, 1,
                                     &scene->samples),
                     0);
    *state = scene;
    return 0;
}

static void on_closed(void *ctx, int error)
{
    assert_int_equal(error, 0);
    ((struct scene *)ctx)->closed = true;
}

static void close_samples(struct scene *scene)
{
    if (!scene->closed)
        sample_file_close(scene->samples, on_closed, scene);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
}

static int close_scene(void **state)
{
    static const char *const names[] = {"samples.bin", "histograms.hlog", "summary.json"};
    struct scene *scene = *state;
    char path[128];

    close_samples(scene);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        path_in(scene, names[i], path);
        unlink(path);
    }
    rmdir(scene->folder);
    labels_free(scene->labels);
    buf_deinit(&scene->error);
    assert_int_equal(uv_loop_close(&scene->loop), 0);
    free(scene);
    return 0;
}

/* A streamed answer of a model that came whole: ttft in ms, gaps of 10 ms, a token in each chunk. */
static struct sample answer(struct scene *scene, const char *model, unsigned ttft_ms,
                            unsigned tokens)
{
    const struct label set[] = {{"model", model}};
    struct sample sample = {
        .outcome = OUTCOME_OK,
        .status = 200,
        .flags = SAMPLE_CHAT | SAMPLE_IN_WINDOW | SAMPLE_STREAMED,
        .sent_ns = NS_PER_S,
        .wire_ns = NS_PER_S,
        .first_output_ns = NS_PER_S + ttft_ms * NS_PER_MS,
        .chunks = tokens,
        .completion_tokens = tokens,
        .prompt_tokens = 10,
        .token_source = TOKENS_USAGE,
    };

    sample.last_output_ns = sample.first_output_ns + (tokens - 1) * 10 * NS_PER_MS;
    sample.end_ns = sample.last_output_ns;
    assert_int_equal(labels_intern(scene->labels, set, 1, &sample.labels), 0);
    return sample;
}

static void append(struct scene *scene, struct sample sample)
{
    sample_file_append(scene->samples, &sample);
}

static struct portrait *read_portrait(struct scene *scene)
{
    struct portrait *portrait = NULL;

    close_samples(scene);
    if (portrait_read(scene->folder, &scene->error, &portrait) < 0)
        fail_msg("%s", buf_str(&scene->error));
    return portrait;
}

static double median(const struct portrait_curve *curve)
{
    assert_non_null(curve->points);
    return curve->points[PORTRAIT_POINTS / 2];
}

static void each_model_has_its_own(void **state)
{
    struct scene *scene = *state;
    struct portrait *portrait;

    for (unsigned i = 0; i < 11; i++) {
        append(scene, answer(scene, "a", 100 + i, 5));
        append(scene, answer(scene, "b", 300 + i, 20));
    }
    portrait = read_portrait(scene);
    assert_int_equal(portrait->count, 3);
    assert_null(portrait->models[0].name);
    assert_int_equal(portrait->models[0].asked, 22);
    assert_string_equal(portrait->models[1].name, "a");
    assert_true(fabs(median(&portrait->models[1].ttft_ns) - 105e6) < 1e3);
    assert_true(fabs(median(&portrait->models[2].ttft_ns) - 305e6) < 1e3);
    assert_true(fabs(median(&portrait->models[2].content_tokens) - 20) < 1e-9);
    /* There is no histograms.hlog: the answers' averages have to do. */
    assert_int_equal(portrait->gaps, PORTRAIT_GAPS_ANSWERS);
    assert_true(fabs(median(&portrait->models[2].gap_ns) - 10e6) < 1);
    assert_null(portrait->models[1].reasoning_tokens.points);
    portrait_free(portrait);
}

/* 3 tokens in each chunk but the last: the average of short answers would be less. */
static void chunks_of_one_size_are_told_from_their_last(void **state)
{
    static const unsigned tokens[] = {4, 7, 9, 10};
    struct scene *scene = *state;
    struct portrait *portrait;

    for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        struct sample sample = answer(scene, "a", 100, tokens[i]);

        sample.chunks = (tokens[i] + 2) / 3;
        append(scene, sample);
        sample.chunks = (tokens[i] + 1) / 2;
        assert_int_equal(labels_intern(scene->labels,
                                       &(struct label){"model", i % 2 ? "x" : "y"}, 1,
                                       &sample.labels),
                         0);
        append(scene, sample);
    }
    portrait = read_portrait(scene);
    assert_int_equal(portrait->count, 4);
    assert_string_equal(portrait->models[1].name, "a");
    assert_true(fabs(portrait->models[1].tokens_per_chunk - 3) < 1e-9);
    /* Of all together there is none that fits: 60 tokens are in 12 and 16 chunks. */
    assert_true(fabs(portrait->models[0].tokens_per_chunk - 60.0 / 28) < 1e-9);
    portrait_free(portrait);
}

/* Those that throng cut off are the slow ones: they must not be forgotten, nor be called failures. */
static void what_was_cut_off_makes_it_no_faster(void **state)
{
    struct scene *scene = *state;
    struct portrait *portrait;

    for (unsigned i = 0; i < 10; i++) {
        struct sample cut = answer(scene, "a", 0, 1);

        append(scene, answer(scene, "a", 100 + i, 5));
        append(scene, answer(scene, "a", 900, 5));
        cut.outcome = OUTCOME_CANCELLED;
        cut.first_output_ns = cut.last_output_ns = 0;
        cut.chunks = 0;
        cut.completion_tokens = 0;
        cut.end_ns = cut.wire_ns + 500 * NS_PER_MS;
        append(scene, cut);
    }
    portrait = read_portrait(scene);
    assert_int_equal(portrait->models[0].asked, 20);
    assert_int_equal(portrait->models[0].whole, 20);
    /* A third was quick: without the ones cut off it were a half. */
    assert_true(portrait->models[0].ttft_ns.points[320] < 110e6);
    assert_true(portrait->models[0].ttft_ns.points[345] > 890e6);
    portrait_free(portrait);
}

static void failures_are_counted_by_what_the_server_did(void **state)
{
    static const struct {
        enum outcome outcome;
        uint16_t status;
    } failures[] = {{OUTCOME_HTTP_5XX, 503},
                    {OUTCOME_DEGRADED, 503},
                    {OUTCOME_RATE_LIMITED, 429},
                    {OUTCOME_RESET, 200},
                    {OUTCOME_FIRST_TOKEN_TIMEOUT, 0},
                    {OUTCOME_TOTAL_TIMEOUT, 200},
                    {OUTCOME_CONNECT, 0},
                    {OUTCOME_CIRCUIT_OPEN, 0}};
    struct scene *scene = *state;
    const struct portrait_model *model;
    struct portrait *portrait;
    struct sample sample;

    append(scene, answer(scene, "a", 100, 5));
    sample = answer(scene, "a", 100, 5);
    sample.flags |= SAMPLE_MISSING_DONE;
    append(scene, sample);
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        sample = answer(scene, "a", 100, 3);
        sample.outcome = failures[i].outcome;
        sample.status = failures[i].status;
        append(scene, sample);
    }
    sample = answer(scene, "a", 100, 3); /* warm-up is not measured */
    sample.outcome = OUTCOME_RESET;
    sample.flags &= ~(uint32_t)SAMPLE_IN_WINDOW;
    append(scene, sample);
    portrait = read_portrait(scene);
    model = &portrait->models[0];
    assert_int_equal(portrait->count, 1); /* one model is all together */
    assert_int_equal(model->asked, 8);
    assert_int_equal(model->whole, 2);
    assert_int_equal(model->others, 2);
    assert_int_equal(model->statuses[0].status, 503);
    assert_int_equal(model->statuses[0].count, 2);
    assert_int_equal(model->statuses[1].status, 429);
    assert_int_equal(model->statuses[2].status, 0);
    assert_int_equal(model->faults[PORTRAIT_RESET], 1);
    assert_int_equal(model->faults[PORTRAIT_STALLED], 2);
    assert_int_equal(model->faults[PORTRAIT_NO_DONE], 1);
    assert_true(fabs(median(&model->fault_after) - 3) < 1e-9);
    portrait_free(portrait);
}

static void write_file(const struct scene *scene, const char *name, const char *text)
{
    char path[128];
    FILE *file;

    path_in(scene, name, path);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Two kinds of gap, which no average of an answer would tell apart. */
static void gaps_are_those_of_the_histograms(void **state)
{
    struct scene *scene = *state;
    struct histogram *gaps = NULL;
    struct portrait *portrait;
    char *encoded = NULL;
    char text[4096];

    append(scene, answer(scene, "a", 100, 5));
    assert_int_equal(histogram_new(HISTOGRAM_FINE, &gaps), 0);
    for (int i = 0; i < 100; i++)
        histogram_record(gaps, (i % 2 ? 2 : 18) * NS_PER_MS);
    assert_int_equal(histogram_encode(gaps, &encoded), 0);
    (void)snprintf(text, sizeof(text),
                   "#[a comment]\nTag=icl:run,0.000,1.000,99.000,HIST\n"
                   "Tag=icl,0.000,1.000,18.000,%s\n",
                   encoded);
    write_file(scene, "histograms.hlog", text);
    portrait = read_portrait(scene);
    assert_int_equal(portrait->gaps, PORTRAIT_GAPS_CHUNKS);
    assert_true(fabs(portrait->models[0].gap_ns.points[300] - 2e6) < 5e3);
    assert_true(fabs(portrait->models[0].gap_ns.points[700] - 18e6) < 2e4);
    portrait_free(portrait);
    histogram_free(gaps);
    free(encoded);
}

static void no_answer_is_nothing_to_learn_from(void **state)
{
    struct scene *scene = *state;
    struct portrait *portrait = NULL;
    struct sample sample = answer(scene, "a", 100, 5);

    sample.outcome = OUTCOME_HTTP_5XX;
    sample.status = 500;
    append(scene, sample);
    close_samples(scene);
    assert_int_equal(portrait_read(scene->folder, &scene->error, &portrait), -ENODATA);
    assert_non_null(strstr(buf_str(&scene->error), "no answer of a model"));
    assert_int_equal(portrait_read("/nowhere/at/all", &scene->error, &portrait), -ENOENT);
}

#define SUMMARY_START "{\"schema\":\"throng.summary/1\",\"totals\":{\"requests\":100,"
#define LATENCY(p50, p90)                                                                \
    "{\"unit\":\"ms\",\"count\":90,\"min\":10.0,\"p50\":" p50 ",\"p90\":" p90            \
    ",\"p95\":null,\"above\":{\"p95\":95.0},\"p99\":null,\"p99_9\":null,\"max\":null}"

static void a_summary_alone_gives_lines_between_percentiles(void **state)
{
    struct scene *scene = *state;
    const struct portrait_model *model;
    struct portrait *portrait = NULL;
    char path[128];

    write_file(scene, "summary.json",
               SUMMARY_START
               "\"failed\":10,\"cancelled\":0,\"abandoned\":0,\"sabotaged\":0,"
               "\"prompt_tokens\":1000,\"cached_tokens\":250,"
               "\"completion_tokens\":1800,\"reasoning_tokens\":0},"
               "\"stream\":{\"tokens_per_chunk\":1.5},"
               "\"errors\":[{\"kind\":\"rate_limited\",\"count\":6},"
               "{\"kind\":\"reset\",\"count\":3},{\"kind\":\"dns\",\"count\":1}],"
               "\"metrics\":{\"ttft\":" LATENCY("50.0", "90.0") ",\"icl\":" LATENCY(
                   "12.0", "14.0") "},\"by\":{\"model\":{\"m\":{}}}}");
    path_in(scene, "summary.json", path);
    if (portrait_read(path, &scene->error, &portrait) < 0)
        fail_msg("%s", buf_str(&scene->error));
    model = &portrait->models[0];
    assert_int_equal(portrait->gaps, PORTRAIT_GAPS_PERCENTILES);
    assert_true(fabs(model->ttft_ns.points[250] - 30e6) < 1);
    assert_true(fabs(model->ttft_ns.points[500] - 50e6) < 1);
    assert_true(fabs(model->ttft_ns.points[700] - 70e6) < 1);
    assert_true(fabs(model->ttft_ns.points[1000] - 95e6) < 1); /* what is known of it */
    assert_true(fabs(median(&model->gap_ns) - 12e6) < 1);
    assert_true(fabs(median(&model->content_tokens) - 20) < 1e-9);
    assert_true(fabs(model->tokens_per_chunk - 1.5) < 1e-9);
    assert_true(fabs(model->cached - 0.25) < 1e-9);
    assert_int_equal(model->asked, 99);
    assert_int_equal(model->others, 1);
    assert_int_equal(model->statuses[0].status, 429);
    assert_int_equal(model->statuses[0].count, 6);
    assert_int_equal(model->faults[PORTRAIT_RESET], 3);
    portrait_free(portrait);
}

#define WITH_SCENE(test) cmocka_unit_test_setup_teardown(test, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SCENE(each_model_has_its_own),
        WITH_SCENE(chunks_of_one_size_are_told_from_their_last),
        WITH_SCENE(what_was_cut_off_makes_it_no_faster),
        WITH_SCENE(failures_are_counted_by_what_the_server_did),
        WITH_SCENE(gaps_are_those_of_the_histograms),
        WITH_SCENE(no_answer_is_nothing_to_learn_from),
        WITH_SCENE(a_summary_alone_gives_lines_between_percentiles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
