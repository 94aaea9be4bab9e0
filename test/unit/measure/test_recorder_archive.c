#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/archive.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "full_recorder.h"
#include "measure/check.h"
#include "measure/recorder_archive.h"

#define WORKERS 3
#define ATTEMPTS 300
#define MAX_BYTES ((size_t)16 << 20)

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What a recorder says, line by line in order: whose attempt came first is another in each worker. */
static char *figures_of(const struct recorder *recorder)
{
    char *lines[512];
    size_t count = 0;
    char *text = NULL;
    char *sorted = NULL;
    char *rest = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    write_figures(recorder, out);
    fclose(out);
    for (char *line = strtok_r(text, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        assert_true(count < COUNT_OF(lines));
        lines[count++] = line;
    }
    qsort(lines, count, sizeof(*lines), by_text);
    out = open_memstream(&sorted, &len);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s\n", lines[i]);
    fclose(out);
    free(text);
    return sorted;
}

static void write_worker(unsigned worker, struct buf *bytes)
{
    struct plan share = plan;
    struct archive archive = archive_writer(bytes);
    struct recorder *recorder;

    share.worker_index = worker;
    share.worker_count = WORKERS;
    recorder = make_of(&share);
    for (unsigned n = worker; n < ATTEMPTS; n += WORKERS)
        record(recorder, n);
    recorder_archive_write(&archive, recorder, MS(9000));
    assert_int_equal(archive_error(&archive), 0);
    recorder_free(recorder);
}

static struct recorder *make_merged(void)
{
    const struct recorder_options options = {
        .plan = &plan, .window_start_ns = MS(1000), .window_end_ns = MS(9000)};
    struct recorder *recorder = NULL;

    assert_int_equal(recorder_archive_new(&options, &recorder), 0);
    return recorder;
}

static void workers_together_say_what_one_would_have_said(void **state)
{
    struct recorder *whole = make();
    struct recorder *merged = make_merged();
    struct client_view client;
    char *expected;
    char *seen;

    (void)state;
    for (unsigned n = 0; n < ATTEMPTS; n++)
        record(whole, n);
    for (unsigned worker = 0; worker < WORKERS; worker++) {
        CLEANUP(buf_deinit) struct buf bytes = BUF_INIT(MAX_BYTES);
        struct archive archive;

        write_worker(worker, &bytes);
        archive = archive_reader(bytes.bytes, bytes.len);
        recorder_archive_read(&archive, merged, MS(9000), true);
        assert_int_equal(archive_error(&archive), 0);
        assert_ptr_equal(archive.at, archive.end);
    }
    expected = figures_of(whole);
    seen = figures_of(merged);
    assert_string_equal(expected, seen);
    free(expected);
    free(seen);
    recorder_client(merged, MS(9000), &client);
    assert_int_equal(client.stalls.count, ATTEMPTS);
    assert_int_equal(client.unfinished, 0);
    assert_true(recorder_is_merged(merged) && !recorder_is_partial(merged));
    recorder_free(whole);
    recorder_free(merged);
}

/* Cut anywhere: it says so, and stays in its memory. */
static void what_is_cut_is_damaged(void **state)
{
    CLEANUP(buf_deinit) struct buf bytes = BUF_INIT(MAX_BYTES);

    (void)state;
    write_worker(0, &bytes);
    for (size_t len = 0; len < bytes.len; len += 97) {
        struct recorder *merged = make_merged();
        struct archive archive = archive_reader(bytes.bytes, len);

        recorder_archive_read(&archive, merged, MS(9000), true);
        assert_int_equal(archive_error(&archive), -EBADMSG);
        recorder_free(merged);
    }
}

static void of_another_plan_it_is_refused(void **state)
{
    CLEANUP(buf_deinit) struct buf bytes = BUF_INIT(MAX_BYTES);
    struct plan other = plan;
    const struct recorder_options options = {.plan = &other};
    struct recorder *merged = NULL;
    struct archive archive;

    (void)state;
    other.threshold_count = 0;
    write_worker(0, &bytes);
    assert_int_equal(recorder_archive_new(&options, &merged), 0);
    archive = archive_reader(bytes.bytes, bytes.len);
    recorder_archive_read(&archive, merged, MS(9000), true);
    assert_int_equal(archive_error(&archive), -EBADMSG);
    recorder_free(merged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(workers_together_say_what_one_would_have_said),
        cmocka_unit_test(what_is_cut_is_damaged),
        cmocka_unit_test(of_another_plan_it_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
