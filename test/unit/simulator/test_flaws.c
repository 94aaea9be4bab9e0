/* Answers that come whole and are wrong all the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "rig.h"

#define END "0\r\n\r\n"
#define USAGE ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"

/* Asks on a wire under an id, and reads the whole answer. */
static struct wire *ask(struct rig *rig, unsigned wire, const char *id, const char *more)
{
    CLEANUP(buf_deinit) struct buf header = BUF_INIT(256);
    CLEANUP(buf_deinit) struct buf json = BUF_INIT(1024);

    buf_printf(&header, "X-Request-ID: %s\r\n", id);
    buf_printf(&json,
               "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
               "\"Who is %s?\"}]%s}",
               id, more);
    rig_post(rig, wire, "/v1/chat/completions", buf_str(&header), buf_str(&json));
    wire_await(&rig->wires[wire], strstr(more, "stream") ? END : "service_tier", 1);
    return &rig->wires[wire];
}

static void a_stream_can_lack_its_finish_reason(void **state)
{
    struct rig *rig = *state;
    const struct wire *wire = NULL;

    rig_set(rig, "no_finish_rate", "1");
    rig_start(rig);
    wire = ask(rig, 0, "first", USAGE);
    assert_int_equal(wire_count(wire, "\"finish_reason\":\"stop\""), 0);
    assert_int_equal(wire_count(wire, "[DONE]"), 1);
    assert_int_equal(wire_count(wire, "\"total_tokens\""), 1);
}

static void a_stream_can_lack_its_end_mark(void **state)
{
    struct rig *rig = *state;
    const struct wire *wire = NULL;

    rig_set(rig, "no_done_rate", "1");
    rig_start(rig);
    wire = ask(rig, 0, "first", USAGE);
    assert_int_equal(wire_count(wire, "\"finish_reason\":\"stop\""), 1);
    assert_int_equal(wire_count(wire, "[DONE]"), 0);
}

static void an_event_can_follow_the_end_mark(void **state)
{
    struct rig *rig = *state;
    const struct wire *wire = NULL;

    rig_set(rig, "after_done_rate", "1");
    rig_start(rig);
    wire = ask(rig, 0, "first", USAGE);
    assert_int_equal(wire_count(wire, "[DONE]\n\ndata: {"), 1);
}

static void a_usage_can_be_wrong_in_three_ways(void **state)
{
    struct rig *rig = *state;

    rig_set(rig, "wrong_usage_rate", "1");
    rig_start(rig);
    /* 3 for a prompt, 3 for its message, 3 for its 12 bytes; an answer of 3. */
    assert_int_equal(wire_count(ask(rig, 0, "one.", USAGE), "\"cached_tokens\":10,"), 1);
    assert_int_equal(wire_count(ask(rig, 1, "two.", USAGE),
                                "\"completion_tokens\":0,\"total_tokens\":9,"),
                     1);
    assert_int_equal(wire_count(ask(rig, 2, "six.", USAGE), "\"total_tokens\":13,"), 1);
}

static void a_crossed_answer_is_the_one_to_the_request_before(void **state)
{
    struct rig *rig = *state;
    const struct wire *first = NULL;
    const struct wire *second = NULL;

    rig_set(rig, "crossed_rate", "1");
    rig_start(rig);
    first = ask(rig, 0, "first", USAGE); /* nobody came before: it is not crossed */
    assert_int_equal(wire_count(first, "x-request-id: first\r\n"), 1);
    second = ask(rig, 1, "second", USAGE);
    assert_int_equal(wire_count(second, "x-request-id: first\r\n"), 1);
    assert_int_equal(wire_count(second, "\"id\":\"chatcmpl-first\""),
                     wire_count(first, "\"id\":\"chatcmpl-first\""));
    assert_int_equal(wire_count(second, "second"), 0);
}

static void a_mixed_answer_takes_over_another_id_on_the_way(void **state)
{
    struct rig *rig = *state;
    const struct wire *second = NULL;

    rig_set(rig, "mixed_rate", "1");
    rig_set(rig, "fault_after", "0"); /* the first chunk keeps its own all the same */
    rig_start(rig);
    (void)ask(rig, 0, "first", USAGE);
    second = ask(rig, 1, "second", USAGE);
    assert_int_equal(wire_count(second, "x-request-id: second\r\n"), 1);
    assert_int_equal(wire_count(second, "\"id\":\"chatcmpl-second\""),
                     2); /* role, word */
    assert_int_equal(wire_count(second, "\"id\":\"chatcmpl-first\""), 4);
}

static void a_plain_answer_has_the_flaws_that_it_can_have(void **state)
{
    struct rig *rig = *state;
    const struct wire *second = NULL;

    rig_set(rig, "crossed_rate", "1");
    rig_start(rig);
    (void)ask(rig, 0, "first", "");
    second = ask(rig, 1, "second", "");
    assert_int_equal(wire_count(second, "x-request-id: first\r\n"), 1);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_stream_can_lack_its_finish_reason),
        WITH_RIG(a_stream_can_lack_its_end_mark),
        WITH_RIG(an_event_can_follow_the_end_mark),
        WITH_RIG(a_usage_can_be_wrong_in_three_ways),
        WITH_RIG(a_crossed_answer_is_the_one_to_the_request_before),
        WITH_RIG(a_mixed_answer_takes_over_another_id_on_the_way),
        WITH_RIG(a_plain_answer_has_the_flaws_that_it_can_have),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
