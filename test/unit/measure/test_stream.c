#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attempt.h"
#include "base/cleanup.h"
#include "measure/recorder.h"
#include "measure/stream.h"

/* A stream of 41 chunks, 10 ms each, of which so many came together with the one before. */
static struct sample stream_of(uint32_t together)
{
    struct sample sample = good_stream();

    sample.chunks = 41;
    sample.first_output_ns = MS(1100);
    sample.last_output_ns = MS(1500);
    sample.together_chunks = together;
    sample.reads = sample.chunks - together;
    return sample;
}

static void chunks_that_came_alone_flowed(void **state)
{
    struct sample sample = stream_of(0);

    (void)state;
    assert_int_equal(stream_shape_of(&sample), STREAM_FLOWED);
    sample = stream_of(20);
    assert_int_equal(stream_shape_of(&sample), STREAM_FLOWED);
    /* Speculative decoding: eight at a time. */
    sample = stream_of(35);
    assert_int_equal(stream_shape_of(&sample), STREAM_FLOWED);
}

static void ten_at_a_time_are_bunched(void **state)
{
    struct sample sample = stream_of(36);

    (void)state;
    assert_int_equal(stream_shape_of(&sample), STREAM_BUNCHED);
    sample = stream_of(40);
    assert_int_equal(stream_shape_of(&sample), STREAM_BUNCHED);
}

static void a_fast_server_is_not_taken_for_a_buffer(void **state)
{
    struct sample sample = stream_of(40);

    (void)state;
    sample.last_output_ns = sample.first_output_ns + 40 * NS_PER_MS - 1;
    assert_int_equal(stream_shape_of(&sample), STREAM_UNJUDGED);
    sample.last_output_ns = sample.first_output_ns + 40 * UINT64_C(125000);
    assert_int_equal(stream_shape_of(&sample), STREAM_UNJUDGED);
    /* No model is so fast: it was whole before it was sent. */
    sample.last_output_ns = sample.first_output_ns + 40 * UINT64_C(124999);
    assert_int_equal(stream_shape_of(&sample), STREAM_BUNCHED);
    /* Fast, and each chunk alone. */
    sample.together_chunks = 0;
    assert_int_equal(stream_shape_of(&sample), STREAM_FLOWED);
}

static void the_clients_own_lateness_is_left_out(void **state)
{
    struct sample sample = stream_of(0);

    (void)state;
    sample.unresolved_chunks = 40; /* a heap that throng saw late */
    assert_int_equal(stream_shape_of(&sample), STREAM_UNJUDGED);
    sample.unresolved_chunks = 21;
    sample.together_chunks = 19;
    assert_int_equal(stream_shape_of(&sample), STREAM_UNJUDGED);
    sample.unresolved_chunks = 20;
    sample.together_chunks = 18;
    assert_int_equal(stream_shape_of(&sample), STREAM_BUNCHED);
    sample.flags |= SAMPLE_GENERATION_UNKNOWN;
    assert_int_equal(stream_shape_of(&sample), STREAM_UNJUDGED);
}

static void what_is_no_long_whole_stream_is_not_judged(void **state)
{
    struct sample sample = stream_of(40);

    (void)state;
    sample.outcome = OUTCOME_RESET;
    assert_int_equal(stream_shape_of(&sample), STREAM_UNJUDGED);
    sample = stream_of(40);
    sample.flags &= ~(uint32_t)SAMPLE_STREAMED;
    assert_int_equal(stream_shape_of(&sample), STREAM_UNJUDGED);
    sample = stream_of(8);
    sample.chunks = 9;
    assert_int_equal(stream_shape_of(&sample), STREAM_UNJUDGED);
    sample = (struct sample){.flags = SAMPLE_STREAMED};
    assert_int_equal(stream_shape_of(&sample), STREAM_UNJUDGED);
}

static void a_verdict_needs_five_answers_and_the_greater_half_of_them(void **state)
{
    static const struct {
        uint64_t judged;
        uint64_t bunched;
        enum stream_verdict verdict;
    } table[] = {
        {0, 0, STREAM_UNKNOWN}, {4, 4, STREAM_UNKNOWN},   {5, 0, STREAM_FLOWS},
        {6, 3, STREAM_FLOWS},   {5, 3, STREAM_HELD_BACK}, {9, 9, STREAM_HELD_BACK},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const struct counters counters = {.judged_streams = table[i].judged,
                                          .bunched_streams = table[i].bunched};

        assert_int_equal(stream_verdict_of(&counters), table[i].verdict);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_that_came_alone_flowed),
        cmocka_unit_test(ten_at_a_time_are_bunched),
        cmocka_unit_test(a_fast_server_is_not_taken_for_a_buffer),
        cmocka_unit_test(the_clients_own_lateness_is_left_out),
        cmocka_unit_test(what_is_no_long_whole_stream_is_not_judged),
        cmocka_unit_test(a_verdict_needs_five_answers_and_the_greater_half_of_them),
    };

    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
