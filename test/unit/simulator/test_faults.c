/* Capacity, the queue, and everything that the platform can do wrong on purpose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "rig.h"

#define STREAM ",\"stream\":true"
#define END "0\r\n\r\n"

static void requests_wait_for_their_turn(void **state)
{
    struct rig *rig = *state;
    struct simulator_counts counts;

    rig_set(rig, "capacity", "1");
    rig_set(rig, "queue", "2");
    rig_set(rig, "queue_full_status", "429");
    rig_set(rig, "ttft", "20ms");
    rig_start(rig);
    for (unsigned i = 0; i < 4; i++) {
        rig_chat(rig, i, STREAM);
        while (simulator_counts(rig->simulator).requests <= i)
            wire_turn(&rig->wires[i]);
    }
    wire_await(&rig->wires[3], "}}", 1);
    assert_int_equal(wire_count(&rig->wires[3], "HTTP/1.1 429 Too Many Requests"), 1);
    assert_int_equal(wire_count(&rig->wires[3], "retry-after: 1\r\n"), 1);
    counts = simulator_counts(rig->simulator);
    assert_int_equal(counts.active, 1);
    assert_int_equal(counts.waiting, 2);
    wire_await(&rig->wires[1], "HTTP/1.1 200", 1);
    wire_turn(&rig->wires[0]);
    assert_int_equal(wire_count(&rig->wires[0], "[DONE]"), 1);
    wire_await(&rig->wires[2], "HTTP/1.1 200", 1);
    wire_turn(&rig->wires[1]);
    assert_int_equal(wire_count(&rig->wires[1], "[DONE]"), 1);
    wire_await(&rig->wires[2], END, 1);
    counts = simulator_counts(rig->simulator);
    assert_int_equal(counts.answered, 3);
    assert_int_equal(counts.refused, 1);
    assert_int_equal(counts.active_peak, 1);
    assert_int_equal(counts.waiting_peak, 2);
    assert_int_equal(counts.active + counts.waiting, 0);
}

static void a_client_that_leaves_gives_its_place_away(void **state)
{
    struct rig *rig = *state;

    rig_set(rig, "capacity", "1");
    rig_set(rig, "ttft", "1h");
    rig_start(rig);
    for (unsigned i = 0; i < 3; i++) {
        rig_chat(rig, i, STREAM);
        while (simulator_counts(rig->simulator).requests <= i)
            wire_turn(&rig->wires[i]);
    }
    wire_close(&rig->wires[1], false); /* it waits */
    while (simulator_counts(rig->simulator).abandoned < 1)
        uv_run(&rig->loop, UV_RUN_NOWAIT);
    assert_int_equal(simulator_counts(rig->simulator).waiting, 1);
    wire_close(&rig->wires[0], true); /* it is served */
    wire_await(&rig->wires[2], "HTTP/1.1 200", 1);
    assert_int_equal(simulator_counts(rig->simulator).abandoned, 2);
    assert_int_equal(simulator_counts(rig->simulator).active, 1);
    assert_int_equal(simulator_counts(rig->simulator).waiting, 0);
}

static void error_statuses_strike_at_their_rate(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];
    unsigned refused;

    rig_set(rig, "error_rate", "25%");
    rig_set(rig, "error_status", "429,500,503");
    rig_set(rig, "retry_after", "2500ms");
    rig_start(rig);
    for (int i = 0; i < 400; i++)
        wire_send_text(wire, "GET /v1/models/m HTTP/1.1\r\n\r\n");
    wire_await(wire, "HTTP/1.1 ", 400);
    refused = wire_count(wire, "HTTP/1.1 429 ") + wire_count(wire, "HTTP/1.1 500 ") +
              wire_count(wire, "HTTP/1.1 503 ");
    assert_in_range(refused, 65, 135); /* 100 ± 4 standard deviations */
    assert_in_range(wire_count(wire, "HTTP/1.1 429 "), 10, 60);
    assert_int_equal(wire_count(wire, "retry-after: 3\r\n"),
                     refused - wire_count(wire, "HTTP/1.1 500 "));
    assert_int_equal(simulator_counts(rig->simulator).refused, refused);
}

static void faults_are_the_same_for_the_same_seed(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];
    unsigned refused;

    rig_set(rig, "error_rate", "50%");
    rig_start(rig);
    for (int i = 0; i < 20; i++)
        wire_send_text(wire, "GET /v1/models/m HTTP/1.1\r\n\r\n");
    wire_await(wire, "HTTP/1.1 ", 20);
    refused = wire_count(wire, "HTTP/1.1 500 ");
    assert_in_range(refused, 1, 19);
    for (int i = 0; i < RIG_WIRES; i++)
        wire_close(&rig->wires[i], false);
    rig_stop(rig);
    simulator_free(rig->simulator);
    rig->is_stopped = false;
    rig_start(rig);
    for (int i = 0; i < 20; i++)
        wire_send_text(wire, "GET /v1/models/m HTTP/1.1\r\n\r\n");
    wire_await(wire, "HTTP/1.1 ", 20);
    assert_int_equal(wire_count(wire, "HTTP/1.1 500 "), refused);
}

static void a_reset_can_come_before_the_first_byte(void **state)
{
    struct rig *rig = *state;

    rig_set(rig, "reset_rate", "1");
    rig_set(rig, "fault_after", "0");
    rig_start(rig);
    rig_chat(rig, 0, STREAM);
    rig_chat(rig, 1, STREAM);
    for (unsigned i = 0; i < 2; i++) {
        wire_await_end(&rig->wires[i]);
        assert_true(rig->wires[i].is_reset);
        assert_int_equal(rig->wires[i].total, 0);
    }
    assert_int_equal(simulator_counts(rig->simulator).broken, 2);
}

static void a_reset_can_come_within_the_stream(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_set(rig, "reset_rate", "1");
    rig_set(rig, "fault_after", "2");
    rig_start(rig);
    rig_chat(rig, 0, STREAM);
    wire_await_end(wire);
    assert_true(wire->is_reset);
    assert_int_equal(wire_count(wire, "\"content\":\""), 3); /* the role's and two */
    assert_int_equal(wire_count(wire, "finish_reason\":\""), 0);
}

static void a_truncated_answer_ends_in_order_but_early(void **state)
{
    struct rig *rig = *state;

    rig_set(rig, "truncate_rate", "1");
    rig_set(rig, "fault_after", "1");
    rig_start(rig);
    rig_chat(rig, 0, STREAM);
    rig_chat(rig, 1, STREAM);
    for (unsigned i = 0; i < 2; i++) {
        wire_await_end(&rig->wires[i]);
        assert_false(rig->wires[i].is_reset);
        assert_int_equal(wire_count(&rig->wires[i], "HTTP/1.1 200"), 1);
        assert_int_equal(wire_count(&rig->wires[i], END), 0);
    }
}

static void a_stalled_stream_goes_on_after_its_time(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];
    uint64_t begin_ns;

    rig_set(rig, "stall_rate", "1");
    rig_set(rig, "stall_for", "50ms");
    rig_set(rig, "fault_after", "1");
    rig_start(rig);
    rig_chat(rig, 0, STREAM);
    wire_await(wire, "\"content\":\"", 2);
    begin_ns = clock_mono_ns();
    wire_await(wire, END, 1);
    assert_true(clock_mono_ns() - begin_ns > 40 * NS_PER_MS);
    assert_int_equal(simulator_counts(rig->simulator).answered, 1);
}

static void a_stall_can_last_for_ever(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_set(rig, "stall_rate", "1");
    rig_set(rig, "fault_after", "1");
    rig_start(rig);
    rig_chat(rig, 0, STREAM);
    rig_chat(rig, 1, STREAM);
    wire_await(wire, "\"content\":\"", 2);
    assert_int_equal(simulator_counts(rig->simulator).active, 2);
    rig_stop(rig); /* it ends with the simulator at the latest */
    assert_int_equal(simulator_counts(rig->simulator).abandoned, 2);
}

static void one_event_can_be_malformed(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_set(rig, "malformed_rate", "1");
    rig_set(rig, "fault_after", "uniform(0,9)");
    rig_start(rig);
    rig_chat(rig, 0, STREAM);
    wire_await(wire, END, 1);
    assert_int_equal(wire_count(wire, "data: "), 6);
    assert_int_equal(wire_count(wire, "}]}\n\n"), 4);
    assert_int_equal(wire_count(wire, "[DONE]\n\n"), 1);
}

static void an_error_can_end_the_stream(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_set(rig, "stream_error_rate", "1");
    rig_set(rig, "fault_after", "1");
    rig_start(rig);
    rig_chat(rig, 0, STREAM);
    wire_await(wire, END, 1);
    assert_int_equal(wire_count(wire, "HTTP/1.1 200"), 1);
    assert_int_equal(wire_count(wire, "data: {\"error\":{\"message\":\""), 1);
    assert_int_equal(wire_count(wire, "[DONE]"), 0);
    assert_int_equal(simulator_counts(rig->simulator).broken, 1);
}

static void a_dripping_stream_leaves_byte_by_byte(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_set(rig, "drip_rate", "1");
    rig_set(rig, "fault_after", "0");
    rig_set(rig, "gap", "10us");
    rig_set(rig, "tokens", "1");
    rig_start(rig);
    rig_chat(rig, 0, STREAM);
    wire_await(wire, END, 1);
    assert_int_equal(wire_count(wire, "\r\n1\r\nd\r\n1\r\na\r\n1\r\nt\r\n1\r\na\r\n"), 4);
    assert_int_equal(simulator_counts(rig->simulator).answered, 1);
}

/* The stream waits for its client, in bounded memory, and then goes on to its end. */
static void a_client_that_does_not_read_delays_only_itself(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];
    uint64_t chunks;

    rig_set(rig, "ttft", "0");
    rig_set(rig, "gap", "0");
    rig_set(rig, "tokens", "60000");
    rig_start(rig);
    rig_chat(rig, 0, STREAM);
    do {
        chunks = simulator_counts(rig->simulator).chunks;
        for (int i = 0; i < 50; i++)
            uv_run(&rig->loop, UV_RUN_NOWAIT);
    } while (chunks == 0 || simulator_counts(rig->simulator).chunks > chunks);
    assert_true(chunks < 60000);
    assert_int_equal(simulator_counts(rig->simulator).active, 1);
    rig_post(rig, 1, "/v1/models", "", "{}");
    wire_await(&rig->wires[1], "HTTP/1.1 405", 1);
    while (simulator_counts(rig->simulator).answered == 0) {
        wire_forget(wire);
        wire_turn(wire);
        assert_false(wire->is_over);
    }
    assert_int_equal(simulator_counts(rig->simulator).chunks, 60000);
}

static void an_outage_hits_everything(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_set(rig, "outage", "0s..1h");
    rig_start(rig);
    wire_send_text(wire, "GET /health HTTP/1.1\r\n\r\n");
    wire_await(wire, "HTTP/1.1 503 Service Unavailable", 1);
    rig_set(rig, "outage_status", "reset");
    wire_send_text(wire, "GET /health HTTP/1.1\r\n\r\n");
    wire_await_end(wire);
    assert_true(wire->is_reset);
    rig_set(rig, "outage", "1h..2h");
    wire_send_text(&rig->wires[1], "GET /health HTTP/1.1\r\n\r\n");
    wire_await(&rig->wires[1], "HTTP/1.1 200 OK", 1);
}

static void options_that_contradict_each_other_are_refused(void **state)
{
    struct rig *rig = *state;

    rig_set(rig, "error_rate", "60%");
    rig_set(rig, "reset_rate", "60%");
    assert_int_equal(
        simulator_new(&rig->loop, &rig->options, &rig->error, &rig->simulator), -EINVAL);
    assert_non_null(strstr(buf_str(&rig->error), "add up to 1.2"));
    rig_set(rig, "reset_rate", "0");
    rig_set(rig, "ground_truth", "/no/such/folder/log");
    assert_int_equal(
        simulator_new(&rig->loop, &rig->options, &rig->error, &rig->simulator), -ENOENT);
    rig_set(rig, "ground_truth", "");
    rig_set(rig, "listen", "192.0.2.1:80");
    assert_true(simulator_new(&rig->loop, &rig->options, &rig->error, &rig->simulator) <
                0);
    assert_non_null(strstr(buf_str(&rig->error), "cannot listen: "));
}

static void a_dripping_stream_keeps_its_speed(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];
    const uint64_t begin_ns = clock_mono_ns();

    rig_set(rig, "drip_rate", "1");
    rig_set(rig, "drip_bytes_per_s", "20000");
    rig_set(rig, "fault_after", "0");
    rig_start(rig);
    rig_chat(rig, 0, STREAM);
    wire_await(wire, "\r\n" END, 1);
    /* Each byte is a chunk of its own, and no two come closer than 50 us. */
    assert_true(wire_count(wire, "\r\n1\r\n") > 800);
    assert_true(clock_mono_ns() - begin_ns >= 800 * NS_PER_S / 20000);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

/* Answers of all kinds begin when it is over, and none is an error. */
static void an_outage_may_be_a_standstill(void **state)
{
    struct rig *rig = *state;
    uint64_t began_ns;

    rig_set(rig, "ttft", "0");
    rig_set(rig, "outage", "0s..300ms");
    rig_set(rig, "outage_status", "stall");
    began_ns = clock_mono_ns();
    rig_start(rig);
    wire_send_text(&rig->wires[0], "GET /health HTTP/1.1\r\n\r\n");
    rig_chat(rig, 1, STREAM);
    wire_await(&rig->wires[0], "HTTP/1.1 200 OK", 1);
    wire_await(&rig->wires[1], END, 1);
    assert_true(clock_mono_ns() - began_ns >= 300 * NS_PER_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(requests_wait_for_their_turn),
        WITH_RIG(a_client_that_leaves_gives_its_place_away),
        WITH_RIG(error_statuses_strike_at_their_rate),
        WITH_RIG(faults_are_the_same_for_the_same_seed),
        WITH_RIG(a_reset_can_come_before_the_first_byte),
        WITH_RIG(a_reset_can_come_within_the_stream),
        WITH_RIG(a_truncated_answer_ends_in_order_but_early),
        WITH_RIG(a_stalled_stream_goes_on_after_its_time),
        WITH_RIG(a_stall_can_last_for_ever),
        WITH_RIG(one_event_can_be_malformed),
        WITH_RIG(an_error_can_end_the_stream),
        WITH_RIG(a_dripping_stream_leaves_byte_by_byte),
        WITH_RIG(a_client_that_does_not_read_delays_only_itself),
        WITH_RIG(an_outage_hits_everything),
        WITH_RIG(an_outage_may_be_a_standstill),
        WITH_RIG(options_that_contradict_each_other_are_refused),
        WITH_RIG(a_dripping_stream_keeps_its_speed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
