/* The ground truth says what a client saw, and when it was written. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "rig.h"
#include "simulator/truth.h"

#define STREAM_USAGE ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"
/* The wall clock and the monotonic one differ by years: this much tells which is which. */
#define CLOCKS_APART_NS (60 * NS_PER_S)
#define END "0\r\n\r\n"

static void the_log_names_each_event_of_a_stream(void **state)
{
    static const enum truth_kind kinds[] = {
        TRUTH_RECEIVED, TRUTH_ADMITTED, TRUTH_HEAD,   TRUTH_ROLE,  TRUTH_CONTENT,
        TRUTH_CONTENT,  TRUTH_CONTENT,  TRUTH_FINISH, TRUTH_USAGE, TRUTH_DONE,
    };
    struct rig *rig = *state;
    struct truth_reader *reader = NULL;
    struct truth_record record;
    uint64_t begin_ns;
    uint64_t last_ns;
    uint32_t event = 0;

    rig_keep_truth(rig);
    rig_set(rig, "ttft", "20ms");
    rig_start(rig);
    begin_ns = last_ns = clock_mono_ns();
    rig_chat(rig, 0, STREAM_USAGE);
    wire_await(&rig->wires[0], END, 1);
    rig_stop(rig);
    assert_int_equal(simulator_truth_error(rig->simulator), 0);
    assert_int_equal(truth_reader_new(rig->truth_path, &reader), 0);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        assert_int_equal(truth_reader_next(reader, &record), 1);
        assert_int_equal(record.bytes.kind, kinds[i]);
        assert_int_equal(record.bytes.request, 1);
        assert_int_equal(wire_count(&rig->wires[0], record.id), 1 + 6);
        assert_true(record.bytes.mono_ns >= last_ns);
        last_ns = record.bytes.mono_ns;
        if (kinds[i] >= TRUTH_ROLE)
            assert_int_equal(record.bytes.index, event++);
        assert_int_equal(record.bytes.tokens, kinds[i] == TRUTH_CONTENT ? 1 : 0);
        /* Not from its admission: that is noted when the time to the first token runs already. */
        if (kinds[i] == TRUTH_CONTENT)
            assert_true(record.bytes.mono_ns >= begin_ns + 20 * NS_PER_MS);
        /* The two clocks are read one after the other, and a busy machine may pause between. */
        assert_in_range(record.bytes.wall_ns - record.bytes.mono_ns -
                            (uint64_t)truth_reader_wall_offset_ns(reader) +
                            CLOCKS_APART_NS,
                        0, 2 * CLOCKS_APART_NS);
    }
    assert_true(last_ns < clock_mono_ns());
    assert_int_equal(truth_reader_next(reader, &record), 0);
    truth_reader_free(reader);
}

static void ids_join_the_log_with_many_clients(void **state)
{
    struct rig *rig = *state;
    struct truth_reader *reader = NULL;
    struct truth_record record;
    unsigned contents[RIG_WIRES] = {0};
    char header[256];

    rig_keep_truth(rig);
    rig_set(rig, "gap", "0");
    rig_set(rig, "tokens", "20000"); /* several blocks of the log */
    rig_start(rig);
    for (unsigned i = 0; i < RIG_WIRES; i++) {
        /* Ids of every length around the records' */
        (void)snprintf(header, sizeof(header), "X-Request-ID: %u%.*s\r\n", i,
                       (int)(30 + i), "-the-id-of-a-request-that-is-long-");
        rig_post(rig, i, "/v1/chat/completions", header,
                 "{\"model\":\"m\",\"messages\":[{\"role\":\"user\"}],\"stream\":true}");
    }
    for (unsigned i = 0; i < RIG_WIRES; i++) {
        while (rig->wires[i].len == 0 ||
               !strstr(rig->wires[i].bytes +
                           (rig->wires[i].len > 64 ? rig->wires[i].len - 64 : 0),
                       END)) {
            for (unsigned j = 0; j < RIG_WIRES; j++) {
                struct wire *wire = &rig->wires[j];

                if (wire->len > sizeof(wire->bytes) - 4096) {
                    wire_forget(wire);
                }
                wire_turn(wire);
            }
        }
    }
    rig_stop(rig);
    assert_int_equal(truth_reader_new(rig->truth_path, &reader), 0);
    while (truth_reader_next(reader, &record) == 1) {
        const unsigned wire = (unsigned)(record.id[0] - '0');

        assert_true(wire < RIG_WIRES);
        assert_int_equal(strlen(record.id), 1 + 30 + wire);
        if (record.bytes.kind == TRUTH_CONTENT)
            contents[wire]++;
    }
    truth_reader_free(reader);
    for (unsigned i = 0; i < RIG_WIRES; i++)
        assert_int_equal(contents[i], 20000);
}

static void faults_and_departures_are_in_the_log(void **state)
{
    struct rig *rig = *state;
    struct truth_reader *reader = NULL;
    struct truth_record record;
    unsigned faults = 0;
    unsigned gone = 0;

    rig_keep_truth(rig);
    rig_set(rig, "stall_rate", "1");
    rig_set(rig, "stall_for", "10ms");
    rig_set(rig, "fault_after", "1");
    rig_start(rig);
    rig_chat(rig, 0, ",\"stream\":true");
    wire_await(&rig->wires[0], END, 1);
    /* So long that it cannot be over before the client leaves, however slow the machine is. */
    rig_chat(rig, 1, ",\"stream\":true,\"min_tokens\":100000");
    wire_await(&rig->wires[1], "HTTP/1.1 200", 1);
    wire_close(&rig->wires[1], false);
    while (simulator_counts(rig->simulator).abandoned == 0)
        uv_run(&rig->loop, UV_RUN_ONCE);
    rig_stop(rig);
    assert_int_equal(truth_reader_new(rig->truth_path, &reader), 0);
    while (truth_reader_next(reader, &record) == 1) {
        const bool is_second = record.bytes.request == 2;

        /* Whether the second one is struck before its client leaves is a matter of luck. */
        faults += !is_second && record.bytes.kind == TRUTH_FAULT &&
                  record.bytes.index == TRUTH_FAULT_STALL;
        gone += is_second && record.bytes.kind == TRUTH_GONE;
    }
    assert_int_equal(faults, 1);
    assert_int_equal(gone, 1);
    truth_reader_free(reader);
}

static void a_file_of_another_kind_is_refused(void **state)
{
    struct rig *rig = *state;
    struct truth_reader *reader = NULL;
    FILE *file;

    rig_keep_truth(rig);
    assert_int_equal(truth_reader_new("/no/such/file", &reader), -ENOENT);
    assert_int_equal(truth_reader_new(rig->truth_path, &reader), -EINVAL);
    file = fopen(rig->truth_path, "we");
    assert_non_null(file);
    (void)fputs("{\"not\": \"a log of the ground truth at all\"}", file);
    (void)fclose(file);
    assert_int_equal(truth_reader_new(rig->truth_path, &reader), -EINVAL);
    assert_null(reader);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(the_log_names_each_event_of_a_stream),
        WITH_RIG(ids_join_the_log_with_many_clients),
        WITH_RIG(faults_and_departures_are_in_the_log),
        WITH_RIG(a_file_of_another_kind_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
