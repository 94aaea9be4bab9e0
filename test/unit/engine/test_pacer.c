#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/pacer.h"
#include "engine/virtual_world.h"
#include "engine/world.h"
#include "measure/recorder.h"
#include "plan/plan.h"

#define MS(ms) ((uint64_t)(ms) * NS_PER_MS)
#define ALARMS 1000

static const struct plan plan = {.max_series = 10};

struct bed;

struct alarm {
    struct pacer_timer timer;
    struct bed *bed;
    uint64_t rang_ns;
    uint64_t work_ns; /* how long the program is busy with it */
    uint32_t place;   /* among all that rang */
};

struct bed {
    struct virtual_world *world;
    struct recorder *recorder;
    struct pacer pacer;
    struct alarm alarms[ALARMS];
    uint32_t rung;
};

static void ring(struct pacer_timer *timer, uint64_t now_ns)
{
    struct alarm *alarm = HEAP_ENTRY(timer, struct alarm, timer);

    alarm->rang_ns = now_ns;
    alarm->place = ++alarm->bed->rung;
    virtual_world_stall(alarm->bed->world, alarm->work_ns);
}

static int make_bed(void **state)
{
    static struct bed bed;
    const struct recorder_options options = {.plan = &plan, .window_end_ns = UINT64_MAX};

    bed = (struct bed){0};
    if (virtual_world_new(MS(1), NULL, NULL, &bed.world) < 0 ||
        recorder_new(&options, &bed.recorder) < 0)
        return -1;
    pacer_init(&bed.pacer, virtual_world_as_world(bed.world), bed.recorder);
    for (size_t i = 0; i < ALARMS; i++) {
        bed.alarms[i].timer.fn = ring;
        bed.alarms[i].bed = &bed;
    }
    *state = &bed;
    return pacer_reserve(&bed.pacer, ALARMS);
}

static int leave_bed(void **state)
{
    struct bed *bed = *state;

    pacer_deinit(&bed->pacer);
    recorder_free(bed->recorder);
    virtual_world_free(bed->world);
    return 0;
}

static void timers_run_at_their_moments_in_order(void **state)
{
    struct bed *bed = *state;

    for (uint32_t i = 0; i < ALARMS; i++)
        pacer_set(&bed->pacer, &bed->alarms[i].timer, MS(5) + (i * 7919U) % 1009);
    assert_false(virtual_world_run_until(bed->world, MS(10)));
    for (uint32_t i = 0; i < ALARMS; i++)
        assert_int_equal(bed->alarms[i].rang_ns, MS(5) + (i * 7919U) % 1009);
}

static void equal_moments_run_in_the_order_they_were_set(void **state)
{
    struct bed *bed = *state;

    for (uint32_t i = 0; i < ALARMS; i++)
        pacer_set(&bed->pacer, &bed->alarms[i].timer, MS(5));
    virtual_world_run_until(bed->world, MS(10));
    for (uint32_t i = 0; i < ALARMS; i++)
        assert_int_equal(bed->alarms[i].place, i + 1);
}

static void a_timer_set_again_runs_once_at_the_later_word(void **state)
{
    struct bed *bed = *state;

    pacer_set(&bed->pacer, &bed->alarms[0].timer, MS(5));
    pacer_set(&bed->pacer, &bed->alarms[0].timer, MS(7));
    pacer_set(&bed->pacer, &bed->alarms[1].timer, MS(9));
    pacer_set(&bed->pacer, &bed->alarms[1].timer, MS(6));
    pacer_set(&bed->pacer, &bed->alarms[2].timer, MS(5));
    pacer_clear(&bed->pacer, &bed->alarms[2].timer);
    pacer_clear(&bed->pacer, &bed->alarms[2].timer);
    virtual_world_run_until(bed->world, MS(10));
    assert_int_equal(bed->alarms[0].rang_ns, MS(7));
    assert_int_equal(bed->alarms[1].rang_ns, MS(6));
    assert_int_equal(bed->rung, 2);
}

static void each_timer_is_told_the_time_of_its_own_call(void **state)
{
    struct bed *bed = *state;

    bed->alarms[0].work_ns = MS(3);
    pacer_set(&bed->pacer, &bed->alarms[0].timer, MS(5));
    pacer_set(&bed->pacer, &bed->alarms[1].timer, MS(5));
    virtual_world_run_until(bed->world, MS(10));
    assert_int_equal(bed->alarms[1].rang_ns, MS(8));
}

static void one_wake_up_runs_a_bounded_number_and_says_that_it_was_behind(void **state)
{
    struct bed *bed = *state;
    struct world *world = virtual_world_as_world(bed->world);

    for (uint32_t i = 0; i < ALARMS; i++)
        pacer_set(&bed->pacer, &bed->alarms[i].timer, MS(5));
    virtual_world_stall(bed->world, MS(5));
    world->on_wake(world->on_wake_ctx, MS(6));
    assert_int_equal(bed->rung, PACER_BATCH);
    assert_int_equal(bed->pacer.catch_ups, 1);
    virtual_world_run_until(bed->world, MS(20));
    assert_int_equal(bed->rung, ALARMS);
    assert_int_equal(bed->pacer.catch_ups, (ALARMS - 1) / PACER_BATCH);
    assert_int_equal(bed->pacer.fired, ALARMS);
}

static void one_wake_up_lasts_no_longer_than_a_turn(void **state)
{
    struct bed *bed = *state;
    struct world *world = virtual_world_as_world(bed->world);

    for (uint32_t i = 0; i < 10; i++) {
        bed->alarms[i].work_ns = PACER_TURN_NS / 3 + 1;
        pacer_set(&bed->pacer, &bed->alarms[i].timer, MS(5));
    }
    virtual_world_stall(bed->world, MS(5));
    world->on_wake(world->on_wake_ctx, MS(6));
    assert_int_equal(bed->rung, 3);
    assert_int_equal(bed->pacer.catch_ups, 1);
}

static void lateness_is_recorded_as_loop_lag(void **state)
{
    struct bed *bed = *state;
    struct series_view total;

    pacer_set(&bed->pacer, &bed->alarms[0].timer, MS(5));
    virtual_world_stall(bed->world, MS(11));
    virtual_world_run_until(bed->world, MS(20));
    total = recorder_total(bed->recorder, RECORDER_ALL);
    assert_int_equal(histogram_count(total.histograms[METRIC_LOOP_LAG]), 1);
    assert_in_range(histogram_max_ns(total.histograms[METRIC_LOOP_LAG]), 6990000,
                    7010000);
}

static struct stall_counts stalls_of(const struct bed *bed)
{
    struct client_view client;

    recorder_client(bed->recorder, virtual_world_now(bed->world), &client);
    return client.stalls;
}

static void a_loop_that_stood_still_is_seen_though_no_timer_was_due(void **state)
{
    struct bed *bed = *state;

    pacer_beat(&bed->pacer, 0);
    virtual_world_run_until(bed->world, MS(1000));
    assert_int_equal(stalls_of(bed).count, 0);
    virtual_world_stall(bed->world, MS(800));
    virtual_world_run_until(bed->world, MS(3000));
    assert_int_equal(stalls_of(bed).count, 1);
    /* From the beat that was due, at most PACER_BEAT_NS after it began. */
    assert_in_range(stalls_of(bed).longest_ns, MS(750), MS(800));
    pacer_rest(&bed->pacer);
    assert_false(virtual_world_run_until(bed->world, UINT64_MAX));
}

static void a_short_pause_of_the_loop_is_no_stall(void **state)
{
    struct bed *bed = *state;

    pacer_beat(&bed->pacer, 0);
    virtual_world_run_until(bed->world, MS(50));
    virtual_world_stall(bed->world, PACER_BEAT_NS + PACER_STALL_NS - 1);
    virtual_world_run_until(bed->world, MS(3000));
    assert_int_equal(stalls_of(bed).count, 0);
    pacer_rest(&bed->pacer);
}

static void a_timer_that_takes_too_long_is_a_stall_and_a_long_queue_is_none(void **state)
{
    struct bed *bed = *state;

    for (uint32_t i = 0; i < 10; i++) {
        bed->alarms[i].work_ns = MS(30);
        pacer_set(&bed->pacer, &bed->alarms[i].timer, MS(5));
    }
    virtual_world_run_until(bed->world, MS(1000));
    assert_int_equal(bed->rung, 10);
    assert_int_equal(stalls_of(bed).count, 0);
    bed->alarms[0].work_ns = PACER_STALL_NS;
    pacer_set(&bed->pacer, &bed->alarms[0].timer, MS(1100));
    virtual_world_run_until(bed->world, MS(2000));
    assert_int_equal(stalls_of(bed).count, 1);
    assert_int_equal(stalls_of(bed).longest_ns, PACER_STALL_NS);
}

int main(void)
{
#define IN_BED(test) cmocka_unit_test_setup_teardown(test, make_bed, leave_bed)
    const struct CMUnitTest tests[] = {
        IN_BED(timers_run_at_their_moments_in_order),
        IN_BED(equal_moments_run_in_the_order_they_were_set),
        IN_BED(a_timer_set_again_runs_once_at_the_later_word),
        IN_BED(each_timer_is_told_the_time_of_its_own_call),
        IN_BED(one_wake_up_runs_a_bounded_number_and_says_that_it_was_behind),
        IN_BED(one_wake_up_lasts_no_longer_than_a_turn),
        IN_BED(lateness_is_recorded_as_loop_lag),
        IN_BED(a_loop_that_stood_still_is_seen_though_no_timer_was_due),
        IN_BED(a_short_pause_of_the_loop_is_no_stall),
        IN_BED(a_timer_that_takes_too_long_is_a_stall_and_a_long_queue_is_none),
    };

    return cmocka_run_group_tests_name("pacer", tests, NULL, NULL);
}
