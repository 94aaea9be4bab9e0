/* Faults of answers that are no generations, and faults of one service alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "rig.h"

#define EMBED "{\"model\":\"m\",\"input\":\"a bee\",\"dimensions\":4}"

static void ask(struct rig *rig)
{
    rig_set(rig, "embedding", "2ms");
    rig_start(rig);
    rig_post(rig, 0, "/v1/embeddings", "", EMBED);
}

static void a_reset_comes_in_place_of_the_answer(void **state)
{
    struct rig *rig = *state;

    rig_set(rig, "reset_rate", "embeddings=1");
    ask(rig);
    wire_await_end(&rig->wires[0]);
    assert_true(rig->wires[0].is_reset);
    assert_int_equal(rig->wires[0].total, 0);
    assert_int_equal(simulator_counts(rig->simulator).broken, 1);
}

static void a_truncated_body_ends_in_its_middle(void **state)
{
    struct rig *rig = *state;

    rig_set(rig, "truncate_rate", "embeddings=1");
    ask(rig);
    wire_await_end(&rig->wires[0]);
    assert_false(rig->wires[0].is_reset);
    assert_int_equal(wire_count(&rig->wires[0], "\"object\":\"list\""), 1);
    assert_int_equal(wire_count(&rig->wires[0], "\"usage\""), 0);
    assert_int_equal(wire_count(&rig->wires[0], "0\r\n\r\n"), 0);
}

static void a_malformed_body_is_half_a_body_of_the_stated_length(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_set(rig, "malformed_rate", "embeddings=1");
    rig_start(rig);
    rig_call(rig, "POST", "/v1/embeddings", "", EMBED, &answer);
    assert_int_equal(answer.status, 200);
    assert_null(answer.json);
    rig_answer_deinit(&answer);
}

static void a_stalled_answer_comes_after_its_time(void **state)
{
    struct rig *rig = *state;
    const uint64_t begin_ns = clock_mono_ns();

    rig_set(rig, "stall_rate", "embeddings=1");
    rig_set(rig, "stall_for", "40ms");
    ask(rig);
    wire_await(&rig->wires[0], "\"usage\"", 1);
    assert_true(clock_mono_ns() - begin_ns >= 42 * NS_PER_MS);
}

static void a_late_answer_is_whole(void **state)
{
    struct rig *rig = *state;
    const uint64_t begin_ns = clock_mono_ns();

    rig_set(rig, "late_rate", "embeddings=1,chat=1");
    rig_set(rig, "late_by", "40ms");
    ask(rig);
    wire_await(&rig->wires[0], "\"usage\"", 1);
    assert_true(clock_mono_ns() - begin_ns >= 42 * NS_PER_MS);
    rig_chat(rig, 1, ",\"stream\":true");
    wire_await(&rig->wires[1], "[DONE]", 1);
    assert_true(clock_mono_ns() - begin_ns >= 80 * NS_PER_MS);
}

static void a_dripping_body_comes_byte_by_byte_at_its_speed(void **state)
{
    struct rig *rig = *state;
    const uint64_t begin_ns = clock_mono_ns();

    rig_set(rig, "drip_rate", "embeddings=1");
    rig_set(rig, "drip_bytes_per_s", "4000");
    ask(rig);
    wire_await(&rig->wires[0], "\r\n0\r\n\r\n", 1);
    assert_true(wire_count(&rig->wires[0], "\r\n1\r\n") > 150); /* chunks of one byte */
    assert_true(clock_mono_ns() - begin_ns >= 150 * NS_PER_S / 4000);
}

static void a_client_that_leaves_a_waiting_answer_costs_nothing(void **state)
{
    struct rig *rig = *state;

    rig_set(rig, "embedding", "1h");
    rig_start(rig);
    rig_post(rig, 0, "/v1/embeddings", "", EMBED);
    while (simulator_counts(rig->simulator).requests < 1)
        wire_turn(&rig->wires[0]);
    wire_close(&rig->wires[0], true);
    rig_stop(rig); /* would wait, or assert, if something were left */
}

static void a_fault_of_one_service_leaves_the_others_alone(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_set(rig, "error_rate", "embeddings=1");
    rig_set(rig, "error_status", "503=1");
    rig_start(rig);
    rig_call(rig, "POST", "/v1/embeddings", "", EMBED, &answer);
    assert_int_equal(answer.status, 503);
    rig_answer_deinit(&answer);
    rig_call(rig, "GET", "/v1/models", "", NULL, &answer);
    assert_int_equal(answer.status, 200);
    rig_answer_deinit(&answer);
}

static void weights_say_which_status_is_the_usual_one(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_set(rig, "error_rate", "1");
    rig_set(rig, "error_status", "503=9,429=1");
    rig_start(rig);
    for (int i = 0; i < 400; i++)
        wire_send_text(wire, "GET /v1/models/m HTTP/1.1\r\n\r\n");
    wire_await(wire, "HTTP/1.1 ", 400);
    assert_in_range(wire_count(wire, "HTTP/1.1 429 "), 16, 64); /* 40 ± 4 deviations */
    assert_int_equal(
        wire_count(wire, "HTTP/1.1 429 ") + wire_count(wire, "HTTP/1.1 503 "), 400);
}

static void an_outage_of_one_service_shows_in_its_answers_and_in_the_health(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_set(rig, "outage", "embeddings=0s..1h");
    rig_start(rig);
    rig_call(rig, "POST", "/v1/embeddings", "", EMBED, &answer);
    assert_int_equal(answer.status, 503);
    rig_answer_deinit(&answer);
    rig_call(rig, "GET", "/v1/models", "", NULL, &answer);
    assert_int_equal(answer.status, 200);
    rig_answer_deinit(&answer);
    rig_call(rig, "GET", "/v1/health", "", NULL, &answer);
    assert_int_equal(answer.status, 503);
    assert_string_equal(rig_text_at(answer.json, "status"), "degraded");
    assert_string_equal(rig_text_at(answer.json, "components.embeddings"), "down");
    assert_string_equal(rig_text_at(answer.json, "components.vector_store"), "ok");
    rig_answer_deinit(&answer);
}

/* Asks until the answer has this status. Fails after 10 s. */
static void await_status(struct rig *rig, int status)
{
    const uint64_t end_ns = clock_mono_ns() + 10 * NS_PER_S;
    struct rig_answer answer;

    do {
        assert_true(clock_mono_ns() < end_ns);
        rig_call(rig, "GET", "/health", "", NULL, &answer);
        rig_answer_deinit(&answer);
    } while (answer.status != status);
}

static void an_outage_comes_again_every_period(void **state)
{
    struct rig *rig = *state;

    rig_set(rig, "outage", "20ms..40ms every 40ms");
    rig_start(rig);
    for (int turns = 0; turns < 3; turns++) {
        await_status(rig, 503);
        await_status(rig, 200);
    }
}

/* A 204 or 202 in chunks would be the start of the next answer to many a client. */
static void what_has_no_body_cannot_drip(void **state)
{
    static const char begin[] =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{"
        "\"protocolVersion\":\"2025-06-18\"}}";
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];
    char headers[160] = "Accept: */*\r\n";
    const char *session;

    rig_set(rig, "drip_rate", "mcp=1");
    rig_set(rig, "drip_bytes_per_s", "100000");
    rig_start(rig);
    rig_post(rig, 0, "/mcp", headers, begin);
    wire_await(wire, "0\r\n\r\n", 1);
    assert_int_equal(wire_count(wire, "transfer-encoding: chunked"), 1);
    session = strstr(wire->bytes, "mcp-session-id: ");
    assert_non_null(session);
    (void)snprintf(headers + strlen(headers), sizeof(headers) - strlen(headers),
                   "%.*s\r\n", (int)strcspn(session, "\r"), session);
    wire_forget(wire);
    rig_post(rig, 0, "/mcp", headers,
             "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
    wire_await(wire, "\r\n\r\n", 1);
    assert_int_equal(wire_count(wire, "HTTP/1.1 202 "), 1);
    assert_int_equal(wire_count(wire, "content-length: 0"), 1);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_reset_comes_in_place_of_the_answer),
        WITH_RIG(a_truncated_body_ends_in_its_middle),
        WITH_RIG(a_malformed_body_is_half_a_body_of_the_stated_length),
        WITH_RIG(a_stalled_answer_comes_after_its_time),
        WITH_RIG(a_late_answer_is_whole),
        WITH_RIG(a_dripping_body_comes_byte_by_byte_at_its_speed),
        WITH_RIG(a_client_that_leaves_a_waiting_answer_costs_nothing),
        WITH_RIG(a_fault_of_one_service_leaves_the_others_alone),
        WITH_RIG(weights_say_which_status_is_the_usual_one),
        WITH_RIG(an_outage_of_one_service_shows_in_its_answers_and_in_the_health),
        WITH_RIG(an_outage_comes_again_every_period),
        WITH_RIG(what_has_no_body_cannot_drip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
