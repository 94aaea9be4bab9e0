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
#include <uv.h>

#include "base/buf.h"
#include "measure/labels.h"
#include "measure/sample.h"
#include "result/sample_codec.h"
#include "result/sample_file.h"

#define COUNT 5000
#define STARTED_NS 2

struct scene {
    char path[64];
    uv_loop_t loop;
    struct labels *labels;
    int closed_error;
    bool closed;
    uint64_t read;
};

static int open_scene(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    snprintf(scene->path, sizeof(scene->path), "/tmp/throng-samples-XXXXXX");
    close(mkstemp(scene->path));
    uv_loop_init(&scene->loop);
    *state = scene;
    return labels_new(100, &scene->labels);
}

static int close_scene(void **state)
{
    struct scene *scene = *state;

    labels_free(scene->labels);
    unlink(scene->path);
    assert_int_equal(uv_loop_close(&scene->loop), 0);
    free(scene);
    return 0;
}

static void on_closed(void *ctx, int error)
{
    struct scene *scene = ctx;

    scene->closed = true;
    scene->closed_error = error;
}

/* Sample number i: every field differs from its neighbours'. */
static struct sample sample_of(const struct scene *scene, uint64_t i)
{
    const char *model = i % 2 ? "gpt-4o" : "llama";
    const struct label set[] = {{"model", model}, {"step", i % 3 ? "ask" : "list"}};
    struct sample sample = {.operation_id = i,
                            .attempt = (uint32_t)i % 4,
                            .user = i * 7,
                            .outcome = (enum outcome)(i % OUTCOME_COUNT),
                            .flags = (uint32_t)i & 0x3FF,
                            .status = (uint16_t)(200 + i % 300),
                            .due_ns = i << 32,
                            .end_ns = UINT64_MAX - i,
                            .completion_tokens = i + 1,
                            .cost_pusd = -(int64_t)i,
                            .turn = (uint32_t)i,
                            .rtt_ns = i * 11,
                            .delivery_rate_bytes_per_s = i << 20,
                            .retransmits = (uint32_t)i % 5,
                            .local_port = (uint16_t)i};

    assert_int_equal(labels_intern(scene->labels, set, 2, &sample.labels), 0);
    return sample;
}

static void write_samples(struct scene *scene, const char *path, uint64_t max_bytes,
                          uint64_t *ret_dropped)
{
    struct sample_file *file = NULL;

    assert_int_equal(sample_file_new(&scene->loop, path, max_bytes, scene->labels, 1,
                                     STARTED_NS, &file),
                     0);
    for (uint64_t i = 0; i < COUNT; i++) {
        const struct sample sample = sample_of(scene, i);

        sample_file_append(file, &sample);
        if (i % 100 == 0)
            uv_run(&scene->loop, UV_RUN_NOWAIT);
    }
    *ret_dropped = sample_file_dropped(file);
    sample_file_close(file, on_closed, scene);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
    assert_true(scene->closed);
}

static int compare_sample(void *ctx, const struct sample *sample,
                          const struct labels *labels)
{
    struct scene *scene = ctx;
    struct sample expected = sample_of(scene, scene->read);

    expected.due_ns -=
        expected.due_ns ? STARTED_NS : 0; /* what is read counts from there */
    expected.end_ns -= STARTED_NS;
    assert_int_equal(sample->operation_id, scene->read);
    assert_string_equal(labels_value(labels, sample->labels, "model"),
                        labels_value(scene->labels, expected.labels, "model"));
    assert_string_equal(labels_value(labels, sample->labels, "step"),
                        labels_value(scene->labels, expected.labels, "step"));
    for (size_t i = 0; sample_field_at(i); i++) {
        const struct sample_field *field = sample_field_at(i);

        if (field->kind != SAMPLE_FIELD_LABELS)
            assert_memory_equal((const char *)sample + field->offset,
                                (const char *)&expected + field->offset, field->bytes);
    }
    scene->read++;
    return 0;
}

static void samples_come_back_as_they_were_written(void **state)
{
    struct scene *scene = *state;
    uint64_t dropped = 0;
    bool complete = false;

    write_samples(scene, scene->path, 1 << 30, &dropped);
    assert_int_equal(dropped, 0);
    assert_int_equal(scene->closed_error, 0);
    assert_int_equal(sample_file_read(scene->path, compare_sample, scene, &complete), 0);
    assert_true(complete);
    assert_int_equal(scene->read, COUNT);
}

static int check_moments(void *ctx, const struct sample *sample,
                         const struct labels *labels)
{
    const struct sample_field *field = NULL;
    size_t *moments = ctx;

    (void)labels;
    for (size_t i = 0; (field = sample_field_at(i)) != NULL; i++) {
        if (field->kind != SAMPLE_FIELD_MOMENT)
            continue;
        assert_int_equal(sample_field_load(field, sample), i + 1);
        ++*moments;
    }
    return 0;
}

static void every_moment_counts_from_the_start_of_the_run(void **state)
{
    const uint64_t started_ns = 1000;
    const struct sample_field *field = NULL;
    struct scene *scene = *state;
    struct sample_file *file = NULL;
    struct sample sample = {0};
    size_t moments = 0;
    bool complete = false;

    for (size_t i = 0; (field = sample_field_at(i)) != NULL; i++) {
        if (field->kind == SAMPLE_FIELD_MOMENT)
            sample_field_store(field, started_ns + i + 1, &sample);
    }
    assert_int_equal(sample_file_new(&scene->loop, scene->path, 1 << 20, scene->labels, 1,
                                     started_ns, &file),
                     0);
    sample_file_append(file, &sample);
    sample_file_close(file, on_closed, scene);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
    assert_int_equal(sample_file_read(scene->path, check_moments, &moments, &complete),
                     0);
    assert_int_equal(moments, 12);
}

static void fault_48_a_file_that_was_cut_is_read_up_to_there(void **state)
{
    struct scene *scene = *state;
    uint64_t dropped = 0;
    bool complete = true;

    write_samples(scene, scene->path, 1 << 30, &dropped);
    assert_int_equal(truncate(scene->path, 100000), 0);
    assert_int_equal(sample_file_read(scene->path, compare_sample, scene, &complete), 0);
    assert_false(complete);
    assert_true(scene->read > 300 && scene->read < COUNT);
}

static void past_the_limit_samples_are_dropped_and_counted(void **state)
{
    struct scene *scene = *state;
    uint64_t dropped = 0;
    bool complete = false;

    write_samples(scene, scene->path, 100000, &dropped);
    assert_int_equal(sample_file_read(scene->path, compare_sample, scene, &complete), 0);
    assert_true(complete);
    assert_int_equal(scene->read + dropped, COUNT);
    assert_true(dropped > 0 && scene->read > 0);
}

static void fault_40_a_full_disk_is_told_and_the_run_goes_on(void **state)
{
    struct scene *scene = *state;
    uint64_t dropped = 0;

    write_samples(scene, "/dev/full", 1 << 30, &dropped);
    assert_int_equal(scene->closed_error, -ENOSPC);
}

/* A file that is flushed can be read while it grows: of a killed run all but the last second is there. */
static void fault_48_what_was_flushed_can_be_read_while_the_file_grows(void **state)
{
    struct scene *scene = *state;
    struct sample_file *file = NULL;
    bool complete = true;

    assert_int_equal(sample_file_new(&scene->loop, scene->path, 1 << 30, scene->labels, 1,
                                     STARTED_NS, &file),
                     0);
    assert_int_equal(sample_file_read(scene->path, compare_sample, scene, &complete), 0);
    assert_false(complete);
    for (uint64_t i = 0; i < 300; i++) {
        const struct sample sample = sample_of(scene, i);

        sample_file_append(file, &sample);
        sample_file_flush(file); /* also where the last is still being written */
        if (i % 100 < 99)
            continue;
        uv_run(&scene->loop, UV_RUN_DEFAULT);
        sample_file_flush(file);
        uv_run(&scene->loop, UV_RUN_DEFAULT);
        scene->read = 0;
        assert_int_equal(sample_file_read(scene->path, compare_sample, scene, &complete),
                         0);
        assert_int_equal(scene->read, i + 1);
    }
    sample_file_close(file, on_closed, scene);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
}

static int stop_at_once(void *ctx, const struct sample *sample,
                        const struct labels *labels)
{
    struct scene *scene = ctx;

    (void)sample;
    (void)labels;
    scene->read++;
    return 1;
}

static void a_reader_may_stop_and_another_file_is_refused(void **state)
{
    struct scene *scene = *state;
    uint64_t dropped = 0;
    bool complete = true;

    write_samples(scene, scene->path, 1 << 30, &dropped);
    assert_int_equal(sample_file_read(scene->path, stop_at_once, scene, &complete), 1);
    assert_int_equal(scene->read, 1);
    assert_int_equal(
        sample_file_read("/proc/self/status", stop_at_once, scene, &complete), -EBADMSG);
    assert_int_equal(sample_file_read("/nowhere", stop_at_once, scene, &complete),
                     -ENOENT);
}

static void
a_record_is_below_320_bytes_and_every_field_has_a_name_of_its_own(void **state)
{
    (void)state;
    assert_in_range(sample_record_bytes(), 150, 320);
    for (size_t i = 0; sample_field_at(i); i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(sample_field_at(i)->name, sample_field_at(j)->name);
}

struct heard {
    size_t chunks;
    size_t samples;
};

/* Chunk i is of operation i / 2 and comes before the sample of it. */
static int hear_chunk(void *ctx, const struct chunk *chunk)
{
    struct heard *heard = ctx;

    assert_int_equal(chunk->operation_id, heard->chunks / 2);
    assert_int_equal(chunk->attempt, 3);
    assert_int_equal(chunk->at_ns, 1 + heard->chunks);
    assert_int_equal(chunk->what, heard->chunks % 2 ? CHUNK_OUTPUT : CHUNK_CHOICE);
    heard->chunks++;
    return 0;
}

static int hear_sample(void *ctx, const struct sample *sample,
                       const struct labels *labels)
{
    struct heard *heard = ctx;

    (void)labels;
    assert_int_equal(sample->operation_id, heard->samples);
    heard->samples++;
    assert_int_equal(heard->chunks, 2 * heard->samples);
    return 0;
}

static int count_sample(void *ctx, const struct sample *sample,
                        const struct labels *labels)
{
    (void)sample;
    (void)labels;
    ++*(size_t *)ctx;
    return 0;
}

static int count_chunk(void *ctx, const struct chunk *chunk)
{
    (void)chunk;
    ++((struct heard *)ctx)->chunks;
    return 0;
}

static int count_heard(void *ctx, const struct sample *sample,
                       const struct labels *labels)
{
    (void)sample;
    (void)labels;
    ++((struct heard *)ctx)->samples;
    return 0;
}

/* A file full of chunks would be one without samples. */
static void chunks_past_their_share_are_counted_and_leave_room_for_samples(void **state)
{
    enum { CHUNKS = 10000, SAMPLES = 50 };
    struct scene *scene = *state;
    struct sample_file *file = NULL;
    struct heard heard = {0};
    bool complete = false;

    assert_int_equal(sample_file_new(&scene->loop, scene->path, 100000, scene->labels, 1,
                                     STARTED_NS, &file),
                     0);
    for (uint64_t i = 0; i < CHUNKS; i++)
        sample_file_append_chunk(file, &(struct chunk){.operation_id = i, .at_ns = 9});
    for (uint64_t i = 0; i < SAMPLES; i++) {
        const struct sample sample = sample_of(scene, i);

        sample_file_append(file, &sample);
    }
    heard.chunks = sample_file_chunks_dropped(file);
    assert_int_equal(sample_file_dropped(file), 0);
    sample_file_close(file, on_closed, scene);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
    assert_in_range(heard.chunks, CHUNKS - 75000 / 22, CHUNKS - 1);
    assert_int_equal(
        sample_file_read_chunks(scene->path, count_heard, count_chunk, &heard, &complete),
        0);
    assert_true(complete);
    assert_int_equal(heard.chunks, CHUNKS);
    assert_int_equal(heard.samples, SAMPLES);
}

static void chunks_stand_before_their_sample_and_may_be_passed_over(void **state)
{
    struct scene *scene = *state;
    struct sample_file *file = NULL;
    struct heard heard = {0};
    size_t samples = 0;
    bool complete = false;

    assert_int_equal(sample_file_new(&scene->loop, scene->path, 1 << 20, scene->labels, 1,
                                     STARTED_NS, &file),
                     0);
    for (uint64_t i = 0; i < 20; i++) {
        const struct chunk chunk = {.operation_id = i / 2,
                                    .attempt = 3,
                                    .at_ns = STARTED_NS + 1 + i,
                                    .what = i % 2 ? CHUNK_OUTPUT : CHUNK_CHOICE};
        const struct sample sample = {.operation_id = i / 2};

        sample_file_append_chunk(file, &chunk);
        if (i % 2)
            sample_file_append(file, &sample);
    }
    sample_file_close(file, on_closed, scene);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
    assert_int_equal(
        sample_file_read_chunks(scene->path, hear_sample, hear_chunk, &heard, &complete),
        0);
    assert_true(complete);
    assert_int_equal(heard.samples, 10);
    assert_int_equal(sample_file_read(scene->path, count_sample, &samples, &complete), 0);
    assert_int_equal(samples, 10);
}

/* Writes a file of another version with one sample, of which `lacking` bytes are left out. */
static void write_version(const struct scene *scene, uint32_t version, uint32_t lacking)
{
    struct buf bytes = BUF_INIT(4096);
    const struct sample sample = {
        .due_ns = 5, .turn = 3, .rtt_ns = 7, .local_port = 9, .late_ns = 11};
    const uint32_t record = (uint32_t)sample_record_bytes() - lacking;
    FILE *file = fopen(scene->path, "we");

    assert_non_null(file);
    sample_encode_header(1, STARTED_NS, &bytes);
    memcpy(bytes.bytes + 8, &version, 4);
    memcpy(bytes.bytes + 12, &record, 4);
    sample_encode_labels(LABELS_OTHER, NULL, 0, &bytes);
    sample_encode(&sample, &bytes);
    bytes.len -= lacking;
    assert_int_equal(sample_encode_end(1, 0, &bytes), 0);
    assert_int_equal(fwrite(bytes.bytes, 1, bytes.len, file), bytes.len);
    fclose(file);
    buf_deinit(&bytes);
}

static int keep_sample(void *ctx, const struct sample *sample,
                       const struct labels *labels)
{
    (void)labels;
    *(struct sample *)ctx = *sample;
    return 0;
}

/* What version 5 added: events with a choice, and when the first and the last came. */
#define ADDED_BY_5 (4 + 8 + 8)
/* What version 4 added: how long an arrival waited for somebody. */
#define ADDED_BY_4 8
/* And version 3: how late on purpose. */
#define ADDED_BY_3 8
/* And version 2: rtt, its variation, rate, retransmits, port, chunks together. */
#define ADDED_BY_2 (8 + 8 + 8 + 4 + 2 + 4)

static void a_file_of_an_older_version_is_read_without_what_it_lacks(void **state)
{
    struct scene *scene = *state;
    struct sample sample = {0};
    bool complete = false;

    write_version(scene, 2, ADDED_BY_5 + ADDED_BY_4 + ADDED_BY_3);
    assert_int_equal(sample_file_read(scene->path, keep_sample, &sample, &complete), 0);
    assert_true(complete);
    assert_int_equal(sample.rtt_ns, 7);
    assert_int_equal(sample.local_port, 9);
    assert_int_equal(sample.late_ns, 0);
    assert_int_equal(sample.wait_ns, 0);
    assert_int_equal(sample.last_choice_ns, 0);

    write_version(scene, 1, ADDED_BY_5 + ADDED_BY_4 + ADDED_BY_3 + ADDED_BY_2);
    assert_int_equal(sample_file_read(scene->path, keep_sample, &sample, &complete), 0);
    assert_true(complete);
    assert_int_equal(sample.due_ns, 5 - STARTED_NS);
    assert_int_equal(sample.turn, 3);
    assert_int_equal(sample.rtt_ns, 0);
    assert_int_equal(sample.local_port, 0);
}

static void a_version_from_the_future_and_a_wrong_record_are_refused(void **state)
{
    struct scene *scene = *state;
    struct sample sample = {0};
    bool complete = false;

    write_version(scene, 6, 0);
    assert_int_equal(sample_file_read(scene->path, keep_sample, &sample, &complete),
                     -EBADMSG);
    write_version(scene, 1, 0);
    assert_int_equal(sample_file_read(scene->path, keep_sample, &sample, &complete),
                     -EBADMSG);
    write_version(scene, 2, 4);
    assert_int_equal(sample_file_read(scene->path, keep_sample, &sample, &complete),
                     -EBADMSG);
}

#define WITH_SCENE(test) cmocka_unit_test_setup_teardown(test, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SCENE(samples_come_back_as_they_were_written),
        WITH_SCENE(every_moment_counts_from_the_start_of_the_run),
        WITH_SCENE(fault_48_a_file_that_was_cut_is_read_up_to_there),
        WITH_SCENE(fault_48_what_was_flushed_can_be_read_while_the_file_grows),
        WITH_SCENE(past_the_limit_samples_are_dropped_and_counted),
        WITH_SCENE(fault_40_a_full_disk_is_told_and_the_run_goes_on),
        WITH_SCENE(a_reader_may_stop_and_another_file_is_refused),
        WITH_SCENE(a_file_of_an_older_version_is_read_without_what_it_lacks),
        WITH_SCENE(chunks_past_their_share_are_counted_and_leave_room_for_samples),
        WITH_SCENE(chunks_stand_before_their_sample_and_may_be_passed_over),
        WITH_SCENE(a_version_from_the_future_and_a_wrong_record_are_refused),
        cmocka_unit_test(
            a_record_is_below_320_bytes_and_every_field_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
