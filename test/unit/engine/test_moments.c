#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/dialect.h"
#include "base/clock.h"
#include "engine/moments.h"
#include "measure/sample.h"
#include "net/transport.h"

#define MS(ms) ((uint64_t)(ms) * NS_PER_MS)

static struct arrival stamped(uint32_t read, uint64_t arrived_ms, uint64_t seen_ms)
{
    return (struct arrival){
        .arrived_ns = MS(arrived_ms),
        .seen_ns = MS(seen_ms),
        .earliest_ns = MS(arrived_ms),
        .read_serial = read,
        .source = ARRIVAL_KERNEL,
    };
}

static struct moments_output hear(struct moments *moments, struct sample *sample,
                                  struct arrival arrival)
{
    return moments_output(moments, sample, &arrival, API_OUTPUT_CONTENT);
}

static void the_first_output_has_no_gap(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    const struct moments_output output = hear(&moments, &sample, stamped(1, 50, 50));

    (void)state;
    assert_int_equal(output.gap, GAP_NONE);
    assert_true(output.new_read);
    assert_int_equal(sample.first_output_ns, MS(50));
    assert_int_equal(sample.last_output_ns, MS(50));
    assert_int_equal(sample.chunks, 1);
    assert_int_equal(sample.flags, 0);
}

static void
a_gap_between_reads_is_that_of_the_arrivals_however_late_they_were_seen(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    struct moments_output output;

    (void)state;
    hear(&moments, &sample, stamped(1, 50, 50));
    output = hear(&moments, &sample, stamped(2, 70, 170));
    assert_int_equal(output.gap, GAP_KNOWN);
    assert_int_equal(output.gap_ns, MS(20));
    assert_true(output.delay_known);
    assert_int_equal(output.client_delay_ns, MS(100));
    assert_int_equal(sample.unresolved_chunks, 0);
}

static void chunks_of_one_read_seen_at_once_came_together(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    struct moments_output output;

    (void)state;
    hear(&moments, &sample, stamped(1, 50, 51));
    output = hear(&moments, &sample, stamped(1, 50, 51));
    assert_int_equal(output.gap, GAP_KNOWN);
    assert_int_equal(output.gap_ns, 0);
    assert_false(output.new_read);
    assert_int_equal(sample.reads, 1);
    assert_int_equal(sample.chunks, 2);
    assert_int_equal(sample.together_chunks, 1);
    hear(&moments, &sample, stamped(2, 60, 70)); /* in another read */
    hear(&moments, &sample, stamped(2, 60, 70)); /* seen late */
    assert_int_equal(sample.together_chunks, 1);
}

static void chunks_of_one_read_seen_late_are_unresolved(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    struct moments_output output;

    (void)state;
    hear(&moments, &sample, stamped(1, 50, 52));
    output = hear(&moments, &sample, stamped(1, 50, 52));
    assert_int_equal(output.gap, GAP_UNRESOLVED);
    assert_int_equal(sample.unresolved_chunks, 1);
    /* The gap to the next read is known again. */
    output = hear(&moments, &sample, stamped(2, 80, 80));
    assert_int_equal(output.gap, GAP_KNOWN);
    assert_int_equal(output.gap_ns, MS(30));
}

/* The stamp is that of the last of them: the gap before the first would be too long by the others'. */
static void the_gap_before_a_heap_that_was_seen_late_is_unresolved_too(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    struct arrival heap = stamped(2, 850, 900);
    struct moments_output output;

    (void)state;
    hear(&moments, &sample, stamped(1, 50, 50));
    heap.earliest_ns = MS(50);
    output = hear(&moments, &sample, heap);
    assert_int_equal(output.gap, GAP_UNRESOLVED);
    output =
        hear(&moments, &sample, stamped(2, 850, 900)); /* the last: its time is known */
    assert_int_equal(output.gap, GAP_UNRESOLVED);
    assert_int_equal(sample.unresolved_chunks, 2);
    assert_int_equal(sample.unsure_chunks, 2);
    output = hear(&moments, &sample, stamped(3, 870, 870));
    assert_int_equal(output.gap, GAP_KNOWN);
    assert_int_equal(output.gap_ns, MS(20));
}

/* Another event lies behind the heap's last output: when that came is not known. */
static void the_gap_after_an_output_whose_arrival_is_unknown_is_unresolved(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    struct arrival heap = stamped(2, 850, 900);

    (void)state;
    hear(&moments, &sample, stamped(1, 50, 50));
    heap.earliest_ns = MS(50);
    hear(&moments, &sample, heap);
    assert_int_equal(hear(&moments, &sample, stamped(3, 870, 870)).gap, GAP_UNRESOLVED);
    assert_int_equal(hear(&moments, &sample, stamped(4, 890, 890)).gap, GAP_KNOWN);
    assert_int_equal(sample.unresolved_chunks, 2);
}

static void the_gap_before_a_heap_that_was_seen_at_once_is_known(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    struct arrival heap = stamped(2, 70, 71);

    (void)state;
    hear(&moments, &sample, stamped(1, 50, 50));
    heap.earliest_ns = MS(50);
    assert_int_equal(hear(&moments, &sample, heap).gap, GAP_KNOWN);
    assert_int_equal(sample.unsure_chunks, 0);
}

static struct arrival unstamped(uint32_t read, uint64_t earliest_ms, uint64_t seen_ms)
{
    struct arrival arrival = stamped(read, seen_ms, seen_ms);

    arrival.source = ARRIVAL_SEEN;
    arrival.earliest_ns = MS(earliest_ms);
    return arrival;
}

static void a_gap_without_a_stamp_counts_once_it_shows_that_it_came_alone(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    struct moments_output output;
    struct moments_gap held = {0};

    (void)state;
    hear(&moments, &sample, unstamped(1, 50, 50));
    output = hear(&moments, &sample, unstamped(2, 62, 70));
    assert_int_equal(output.gap, GAP_HELD);
    assert_false(output.held_is_known);
    output = hear(&moments, &sample, unstamped(3, 89, 90));
    assert_true(output.held_is_known);
    assert_int_equal(output.held.gap_ns, MS(20));
    assert_int_equal(output.held.width_ns, MS(8));
    assert_int_equal(output.gap, GAP_KNOWN); /* looked for all the time */
    assert_int_equal(output.gap_ns, MS(20));
    hear(&moments, &sample, unstamped(4, 95, 100));
    assert_true(moments_end(&moments, &held));
    assert_int_equal(held.gap_ns, MS(10));
    assert_int_equal(held.width_ns, MS(5));
    assert_false(moments_end(&moments, &held));
    assert_int_equal(sample.unresolved_chunks, 0);
    assert_int_equal(sample.unsure_chunks, 4);
}

static void the_gap_before_an_unstamped_heap_is_unresolved_too(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    struct moments_output output;
    struct moments_gap held;

    (void)state;
    hear(&moments, &sample, unstamped(1, 50, 50));
    hear(&moments, &sample, unstamped(2, 50, 850));
    for (int i = 0; i < 3; i++) {
        output = hear(&moments, &sample, unstamped(2, 50, 850));
        assert_int_equal(output.gap, GAP_UNRESOLVED);
        assert_false(output.held_is_known);
    }
    assert_false(moments_end(&moments, &held));
    assert_int_equal(sample.chunks, 5);
    assert_int_equal(sample.unresolved_chunks, 4);
    assert_int_equal(sample.unsure_chunks, 5);
}

/* As after a process stood still, when libcurl's own timer had it read before anybody looked. */
static void amid_stamps_what_has_none_and_was_seen_late_has_no_gaps(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};

    (void)state;
    hear(&moments, &sample, stamped(1, 50, 50));
    assert_int_equal(hear(&moments, &sample, unstamped(2, 50, 850)).gap, GAP_UNRESOLVED);
    assert_int_equal(hear(&moments, &sample, stamped(3, 870, 870)).gap, GAP_UNRESOLVED);
    assert_int_equal(hear(&moments, &sample, stamped(4, 890, 890)).gap, GAP_KNOWN);
    assert_int_equal(sample.unresolved_chunks, 2);
}

/* The last of them had just come, but the program could not look for as long as it waited. */
static void
chunks_of_one_read_before_which_others_had_the_cpu_are_unresolved(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    struct arrival heap = stamped(2, 850, 850);
    struct moments_output output;

    (void)state;
    hear(&moments, &sample, stamped(1, 50, 50));
    heap.earliest_ns = MS(50);
    heap.held_up_ns = MS(60);
    output = hear(&moments, &sample, heap);
    assert_int_equal(output.gap, GAP_UNRESOLVED);
    assert_int_equal(output.client_delay_ns, 0);
    heap.earliest_ns = heap.arrived_ns;
    assert_int_equal(hear(&moments, &sample, heap).gap, GAP_UNRESOLVED);
    assert_int_equal(hear(&moments, &sample, stamped(3, 870, 870)).gap, GAP_KNOWN);
}

static void a_first_output_among_others_seen_late_is_a_bound_with_its_width(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    struct arrival arrival = stamped(1, 50, 60);

    (void)state;
    arrival.earliest_ns = MS(42);
    hear(&moments, &sample, arrival);
    assert_int_equal(sample.first_output_ns, MS(50));
    assert_true(sample.flags & SAMPLE_TTFT_BOUND);
    assert_int_equal(sample.ttft_width_ns, MS(8));
    assert_int_equal(sample.unsure_chunks, 1);
}

static void a_first_output_among_others_seen_at_once_is_exact_enough(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    struct arrival arrival = stamped(1, 50, 51);

    (void)state;
    arrival.earliest_ns = MS(42);
    hear(&moments, &sample, arrival);
    assert_int_equal(sample.flags, 0);
    assert_int_equal(sample.ttft_width_ns, 0);
}

static void a_stamp_that_went_backwards_gives_no_gap_and_no_earlier_end(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    struct moments_output output;

    (void)state;
    hear(&moments, &sample, stamped(1, 50, 50));
    output = hear(&moments, &sample, stamped(2, 49, 50));
    assert_int_equal(output.gap, GAP_KNOWN);
    assert_int_equal(output.gap_ns, 0);
    assert_int_equal(sample.last_output_ns, MS(50));
}

static void chunks_without_a_stamp_are_counted(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    struct arrival arrival = stamped(1, 50, 50);

    (void)state;
    arrival.source = ARRIVAL_SEEN;
    hear(&moments, &sample, arrival);
    assert_int_equal(sample.unstamped_chunks, 1);
}

/* It says when somebody looked, and so it is as sure as that was long ago. */
static void without_a_stamp_the_time_since_the_last_look_is_the_delay(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    struct arrival arrival = stamped(1, 50, 50);
    struct moments_output output;

    (void)state;
    arrival.source = ARRIVAL_SEEN;
    arrival.earliest_ns = MS(40);
    output = hear(&moments, &sample, arrival);
    assert_false(output.delay_known);
    assert_true(sample.flags & SAMPLE_TTFT_BOUND);
    assert_false(sample.flags & SAMPLE_GENERATION_UNKNOWN);
    assert_int_equal(sample.ttft_width_ns, MS(10));
    output = hear(&moments, &sample, arrival);
    assert_int_equal(output.gap, GAP_UNRESOLVED);
    assert_true(sample.flags & SAMPLE_GENERATION_UNKNOWN);
}

static void without_a_stamp_what_was_looked_for_all_the_time_is_known(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    struct arrival arrival = stamped(1, 50, 50);
    struct moments_output output;

    (void)state;
    arrival.source = ARRIVAL_SEEN;
    arrival.earliest_ns = MS(50) - NS_PER_MS / 2;
    output = hear(&moments, &sample, arrival);
    assert_false(output.delay_known);
    output = hear(&moments, &sample, arrival);
    assert_int_equal(output.gap, GAP_KNOWN);
    assert_int_equal(output.gap_ns, 0);
    assert_int_equal(sample.flags, 0);
}

static void an_answer_that_began_in_an_unresolved_read_has_no_known_length(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    struct arrival arrival = stamped(1, 50, 60);

    (void)state;
    arrival.earliest_ns = MS(42);
    hear(&moments, &sample, arrival);
    assert_true(sample.flags & SAMPLE_GENERATION_UNKNOWN);
    /* A heap further on leaves its beginning and its end as they are. */
    moments = (struct moments){0};
    sample = (struct sample){0};
    hear(&moments, &sample, stamped(1, 50, 50));
    hear(&moments, &sample, stamped(2, 80, 90));
    hear(&moments, &sample, stamped(2, 80, 90));
    assert_int_equal(sample.unresolved_chunks, 1);
    assert_int_equal(sample.flags, 0);
}

static void the_first_answer_is_the_first_content_after_reasoning(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};
    struct arrival arrival = stamped(1, 50, 50);

    (void)state;
    moments_output(&moments, &sample, &arrival, API_OUTPUT_REASONING);
    arrival = stamped(2, 60, 60);
    moments_output(&moments, &sample, &arrival, API_OUTPUT_REASONING);
    assert_int_equal(sample.first_answer_ns, 0);
    arrival = stamped(3, 70, 70);
    moments_output(&moments, &sample, &arrival, API_OUTPUT_CONTENT);
    arrival = stamped(4, 80, 80);
    moments_output(&moments, &sample, &arrival, API_OUTPUT_CONTENT);
    assert_int_equal(sample.first_answer_ns, MS(70));
    assert_int_equal(sample.first_output_ns, MS(50));
}

static void an_answer_without_reasoning_has_no_first_answer_of_its_own(void **state)
{
    struct moments moments = {0};
    struct sample sample = {0};

    (void)state;
    hear(&moments, &sample, stamped(1, 50, 50));
    hear(&moments, &sample, stamped(2, 60, 60));
    assert_int_equal(sample.first_answer_ns, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_output_has_no_gap),
        cmocka_unit_test(
            a_gap_between_reads_is_that_of_the_arrivals_however_late_they_were_seen),
        cmocka_unit_test(chunks_of_one_read_seen_at_once_came_together),
        cmocka_unit_test(chunks_of_one_read_seen_late_are_unresolved),
        cmocka_unit_test(the_gap_before_a_heap_that_was_seen_late_is_unresolved_too),
        cmocka_unit_test(the_gap_after_an_output_whose_arrival_is_unknown_is_unresolved),
        cmocka_unit_test(the_gap_before_a_heap_that_was_seen_at_once_is_known),
        cmocka_unit_test(a_gap_without_a_stamp_counts_once_it_shows_that_it_came_alone),
        cmocka_unit_test(the_gap_before_an_unstamped_heap_is_unresolved_too),
        cmocka_unit_test(amid_stamps_what_has_none_and_was_seen_late_has_no_gaps),
        cmocka_unit_test(
            chunks_of_one_read_before_which_others_had_the_cpu_are_unresolved),
        cmocka_unit_test(a_first_output_among_others_seen_late_is_a_bound_with_its_width),
        cmocka_unit_test(a_first_output_among_others_seen_at_once_is_exact_enough),
        cmocka_unit_test(a_stamp_that_went_backwards_gives_no_gap_and_no_earlier_end),
        cmocka_unit_test(chunks_without_a_stamp_are_counted),
        cmocka_unit_test(without_a_stamp_the_time_since_the_last_look_is_the_delay),
        cmocka_unit_test(without_a_stamp_what_was_looked_for_all_the_time_is_known),
        cmocka_unit_test(an_answer_that_began_in_an_unresolved_read_has_no_known_length),
        cmocka_unit_test(the_first_answer_is_the_first_content_after_reasoning),
        cmocka_unit_test(an_answer_without_reasoning_has_no_first_answer_of_its_own),
    };

    return cmocka_run_group_tests_name("moments", tests, NULL, NULL);
}
