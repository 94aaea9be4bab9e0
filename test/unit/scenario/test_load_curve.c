#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scenario/load_curve.h"

static void assert_phases(const struct load_curve *curve, const char *expected)
{
    struct draft draft;

    assert_int_equal(draft_init(&draft), 0);
    load_curve_write(curve, &draft);
    assert_string_equal(buf_str(&draft.parts[DRAFT_LOAD]), expected);
    draft_deinit(&draft);
}

static void pieces_become_phases(void **state)
{
    struct load_curve curve = {0};

    (void)state;
    load_curve_add(&curve, 30, 0, 20);
    load_curve_add(&curve, 0, 20, 99); /* of no length */
    load_curve_add(&curve, 90, 20, 20);
    load_curve_add(&curve, 0.25, 20, 5);
    load_curve_add(&curve, 10, 0, 0);
    load_curve_add(&curve, 5, 7.2, 7.9); /* rounded up, and so the same */
    load_curve_add(&curve, 5, 3, 10);
    assert_phases(&curve, "load:\n"
                          "  - {phase: ramp-up, users: 20, over: 30s}\n"
                          "  - {phase: sustained, users: 20, for: 1m30s}\n"
                          "  - {phase: cool-down, users: 5, over: 250ms}\n"
                          "  - {phase: pause, for: 10s}\n"
                          "  - {phase: sustained, users: 8, for: 5s}\n"
                          "  - {phase: cool-down, users: 3, over: 1ms}\n"
                          "  - {phase: ramp-up, users: 10, over: 5s}\n");
    assert_true(load_curve_peak(&curve) == 20);
    assert_true(load_curve_seconds(&curve) == 140.25);
}

static void rates_keep_their_fractions(void **state)
{
    struct load_curve curve = {.is_rate = true};

    (void)state;
    load_curve_add(&curve, 30, 0, 2.5);
    load_curve_add(&curve, 60, 2.5, 2.5);
    load_curve_add(&curve, 5, 0, 0);
    load_curve_add(&curve, 10, 1.25, 0.5);
    assert_phases(&curve, "load:\n"
                          "  - {phase: ramp-up, rate: 2.5/s, over: 30s}\n"
                          "  - {phase: sustained, rate: 2.5/s, for: 1m}\n"
                          "  - {phase: pause, for: 5s}\n"
                          "  - {phase: cool-down, rate: 1.25/s, over: 1ms}\n"
                          "  - {phase: cool-down, rate: 0.5/s, over: 10s}\n");
}

static void curves_add_up(void **state)
{
    struct load_curve ramp = {0};
    struct load_curve late = {0};
    struct load_curve sum;
    const struct load_curve *const both[] = {&ramp, &late};

    (void)state;
    load_curve_add(&ramp, 10, 0, 10);
    load_curve_add(&ramp, 10, 10, 0);
    load_curve_add(&late, 5, 0, 0);
    load_curve_add(&late, 10, 4, 4);
    load_curve_sum(both, 2, &sum);
    assert_int_equal(sum.count, 4);
    static const double levels[][2] = {{0, 5}, {9, 14}, {14, 9}, {5, 0}};

    for (size_t i = 0; i < 4; i++) {
        assert_true(fabs(sum.pieces[i].seconds - 5) < 1e-9);
        assert_true(fabs(sum.pieces[i].from - levels[i][0]) < 1e-9);
        assert_true(fabs(sum.pieces[i].to - levels[i][1]) < 1e-9);
    }
}

/* So that arrivals are as many in the first cycle as in each that follows. */
static void who_stands_for_arrivals_comes_over_a_cycle(void **state)
{
    struct load_curve curve = {0};

    (void)state;
    load_curve_add(&curve, 60, 20, 20);
    load_curve_add(&curve, 4, 40, 40); /* shorter than a cycle */
    load_curve_add(&curve, 60, 10, 10);
    load_curve_spread(&curve, 10);
    assert_phases(&curve, "load:\n"
                          "  - {phase: ramp-up, users: 20, over: 10s}\n"
                          "  - {phase: sustained, users: 20, for: 50s}\n"
                          "  - {phase: ramp-up, users: 40, over: 4s}\n"
                          "  - {phase: sustained, users: 10, for: 1m}\n");
    assert_true(load_curve_seconds(&curve) == 124);
}

static void more_pieces_than_there_is_room_for_are_told(void **state)
{
    struct load_curve curve = {0};
    struct draft draft;

    (void)state;
    for (int i = 0; i < LOAD_CURVE_PIECES + 1; i++)
        load_curve_add(&curve, 1, i, i + 1);
    assert_int_equal(curve.count, LOAD_CURVE_PIECES);
    assert_int_equal(draft_init(&draft), 0);
    load_curve_write(&curve, &draft);
    assert_non_null(strstr(buf_str(&draft.notes), "more than 512 pieces"));
    draft_deinit(&draft);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_become_phases),
        cmocka_unit_test(rates_keep_their_fractions),
        cmocka_unit_test(curves_add_up),
        cmocka_unit_test(who_stands_for_arrivals_comes_over_a_cycle),
        cmocka_unit_test(more_pieces_than_there_is_room_for_are_told),
    };

    return cmocka_run_group_tests_name("scenario/load_curve", tests, NULL, NULL);
}
