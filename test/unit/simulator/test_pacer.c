#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <uv.h>

#include "base/clock.h"
#include "simulator/pacer.h"

#define TIMERS 1000

struct probe {
    struct pacer_timer timer; /* first: the callback gets it */
    struct fixture *fixture;
    uint64_t due_ns;
    unsigned fired;
    unsigned repeats_left;
};

struct fixture {
    uv_loop_t loop;
    struct pacer pacer;
    struct probe probes[TIMERS];
    uint64_t last_due_ns;
    unsigned fired;
    bool is_closed;
    bool was_early;
    bool was_out_of_order;
};

static void on_due(struct pacer_timer *timer, uint64_t now_ns)
{
    struct probe *probe = (struct probe *)timer;
    struct fixture *fixture = probe->fixture;

    fixture->was_early |= now_ns < probe->due_ns || clock_mono_ns() < probe->due_ns;
    fixture->was_out_of_order |= probe->due_ns < fixture->last_due_ns;
    fixture->last_due_ns = probe->due_ns;
    fixture->fired++;
    probe->fired++;
    if (probe->repeats_left > 0) {
        probe->repeats_left--;
        probe->due_ns += NS_PER_MS;
        simulator_pacer_set(&fixture->pacer, timer, probe->due_ns);
    }
}

static void note_closed(void *ctx)
{
    ((struct fixture *)ctx)->is_closed = true;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    assert_int_equal(uv_loop_init(&fixture->loop), 0);
    assert_int_equal(simulator_pacer_init(&fixture->pacer, &fixture->loop), 0);
    assert_int_equal(simulator_pacer_reserve(&fixture->pacer, TIMERS), 0);
    for (int i = 0; i < TIMERS; i++) {
        fixture->probes[i].timer.fn = on_due;
        fixture->probes[i].fixture = fixture;
    }
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    simulator_pacer_close(&fixture->pacer, note_closed, fixture);
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
    assert_true(fixture->is_closed);
    assert_int_equal(uv_loop_close(&fixture->loop), 0);
    free(fixture);
    return 0;
}

static void run_until(struct fixture *fixture, unsigned fired)
{
    while (fixture->fired < fired)
        uv_run(&fixture->loop, UV_RUN_ONCE);
}

static void timers_fire_in_order_and_never_early(void **state)
{
    struct fixture *fixture = *state;
    const uint64_t begin_ns = clock_mono_ns();

    for (unsigned i = 0; i < TIMERS; i++) {
        struct probe *probe = &fixture->probes[i];

        probe->due_ns = begin_ns + (i * 7919 % TIMERS) * 20 * NS_PER_US;
        simulator_pacer_set(&fixture->pacer, &probe->timer, probe->due_ns);
    }
    run_until(fixture, TIMERS);
    assert_false(fixture->was_early);
    assert_false(fixture->was_out_of_order);
}

static void a_timer_can_be_set_again_as_it_fires(void **state)
{
    struct fixture *fixture = *state;
    struct probe *probe = &fixture->probes[0];

    probe->repeats_left = 9;
    probe->due_ns = clock_mono_ns();
    simulator_pacer_set(&fixture->pacer, &probe->timer, probe->due_ns);
    run_until(fixture, 10);
    assert_int_equal(probe->fired, 10);
    assert_false(fixture->was_early);
    assert_int_equal(fixture->pacer.deadlines.count, 0);
}

static void a_cleared_timer_does_not_fire(void **state)
{
    struct fixture *fixture = *state;
    const uint64_t begin_ns = clock_mono_ns();

    for (unsigned i = 0; i < 3; i++) {
        fixture->probes[i].due_ns = begin_ns + NS_PER_MS * (i + 1);
        simulator_pacer_set(&fixture->pacer, &fixture->probes[i].timer,
                            fixture->probes[i].due_ns);
    }
    simulator_pacer_clear(&fixture->pacer, &fixture->probes[1].timer);
    simulator_pacer_clear(&fixture->pacer, &fixture->probes[1].timer);
    run_until(fixture, 2);
    assert_int_equal(fixture->probes[1].fired, 0);
    assert_int_equal(fixture->probes[2].fired, 1);
}

#define WITH_PACER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PACER(timers_fire_in_order_and_never_early),
        WITH_PACER(a_timer_can_be_set_again_as_it_fires),
        WITH_PACER(a_cleared_timer_does_not_fire),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
