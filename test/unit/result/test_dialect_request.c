/* Requests with their chunks: what is told of gaps is told only where none of them is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <uv.h>

#include "measure/labels.h"
#include "result/dialect_request.h"
#include "result/sample_file.h"

#define OUTPUTS 3

static void on_closed(void *ctx, int error)
{
    (void)ctx;
    assert_int_equal(error, 0);
}

/* The role, then outputs: of the first request all are recorded, of the second one is not. */
static void write_requests(const char *path)
{
    struct sample_file *file = NULL;
    struct labels *labels = NULL;
    uv_loop_t loop;

    uv_loop_init(&loop);
    assert_int_equal(labels_new(10, &labels), 0);
    assert_int_equal(sample_file_new(&loop, path, 1 << 20, labels, 1, 1, &file), 0);
    for (uint64_t id = 0; id < 2; id++) {
        struct sample sample = {
            .operation_id = id, .chunks = OUTPUTS, .choices = OUTPUTS + 1};

        sample_file_append_chunk(
            file, &(struct chunk){.operation_id = id, .at_ns = 10, .what = CHUNK_CHOICE});
        for (uint64_t i = id; i < OUTPUTS; i++)
            sample_file_append_chunk(
                file, &(struct chunk){.operation_id = id,
                                      .at_ns = 20 + i,
                                      .what = CHUNK_OUTPUT | CHUNK_CHOICE});
        sample_file_append(file, &sample);
    }
    sample_file_close(file, on_closed, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    labels_free(labels);
}

static void a_request_that_lacks_a_chunk_has_no_gaps(void **state)
{
    struct dialect_requests requests;
    char path[] = "/tmp/throng-dialect-XXXXXX";

    (void)state;
    close(mkstemp(path));
    write_requests(path);
    assert_int_equal(dialect_requests_read(path, &requests), 0);
    assert_int_equal(requests.count, 2);
    assert_true(requests.items[0].has_events);
    assert_int_equal(requests.items[1].event_count, OUTPUTS);
    assert_false(requests.items[1].has_events);
    dialect_requests_deinit(&requests);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_that_lacks_a_chunk_has_no_gaps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
