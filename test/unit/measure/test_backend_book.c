#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "measure/backend_book.h"
#include "plan/plan.h"

static const struct plan_backend backends[] = {
    {.name = "a"}, {.name = "b"}, {.name = "c", .capacity = 8}};
static const struct plan plan = {.backends = backends, .backend_count = 3};

static void assert_is(double value, double expected)
{
    assert_true(fabs(value - expected) <= 1e-9 * fmax(1, fabs(expected)));
}

static struct backend_book *make(void)
{
    struct backend_book *book = NULL;

    assert_int_equal(backend_book_new(&plan, &book), 0);
    return book;
}

static void add(struct backend_book *book, size_t index, uint64_t at_ns, double running,
                double waiting)
{
    struct backend_reading reading = backend_reading_none(at_ns);

    reading.values[BACKEND_RUNNING] = running;
    reading.values[BACKEND_WAITING] = waiting;
    backend_book_add(book, index, &reading);
}

static struct backend_stats stats(const struct backend_book *book, size_t index,
                                  enum backend_metric metric, uint64_t from_ns,
                                  uint64_t to_ns)
{
    struct backend_stats found;

    backend_book_stats(book, index, metric, from_ns, to_ns, &found);
    return found;
}

static void a_stretch_has_the_figures_of_its_readings(void **state)
{
    struct backend_book *book = make();
    struct backend_stats found;

    (void)state;
    for (uint64_t i = 1; i <= 100; i++)
        add(book, 0, i * NS_PER_S, (double)i, (double)NAN);
    found = stats(book, 0, BACKEND_RUNNING, 11 * NS_PER_S, 51 * NS_PER_S);
    assert_int_equal(found.readings, 40);
    assert_is(found.min, 11);
    assert_is(found.max, 50);
    assert_is(found.mean, 30.5);
    assert_is(found.p95, 48); /* the 38th of 40 */
    assert_is(found.last, 50);
    assert_int_equal(stats(book, 0, BACKEND_WAITING, 0, UINT64_MAX).readings, 0);
    assert_int_equal(stats(book, 1, BACKEND_RUNNING, 0, UINT64_MAX).readings, 0);
    assert_int_equal(stats(book, 0, BACKEND_RUNNING, 200 * NS_PER_S, UINT64_MAX).readings,
                     0);
    backend_book_free(book);
}

/* However many readings there are, the least and the greatest of them are not lost. */
static void many_readings_are_thinned_and_stay_exact(void **state)
{
    const uint64_t count = 20000;
    struct backend_book *book = make();
    struct backend_stats found;

    (void)state;
    for (uint64_t i = 0; i < count; i++)
        add(book, 0, i * NS_PER_S,
            i == 777     ? 900
            : i == 15001 ? -5
                         : (double)(i % 10),
            (double)NAN);
    found = stats(book, 0, BACKEND_RUNNING, 0, UINT64_MAX);
    assert_int_equal(found.readings, count);
    assert_is(found.min, -5);
    assert_is(found.max, 900);
    assert_is(found.mean, 4.5 + (900.0 - 7 - 5 - 1) / (double)count);
    assert_is(found.last, (double)((count - 1) % 10));
    assert_true(isfinite(found.p95));
    /* A part of it is exact to the few readings that became one. */
    found = stats(book, 0, BACKEND_RUNNING, 0, 10000 * NS_PER_S);
    assert_in_range(found.readings, 10000, 10016);
    backend_book_free(book);
}

static void a_figure_that_begins_late_is_its_own(void **state)
{
    struct backend_book *book = make();
    struct backend_stats found;

    (void)state;
    for (uint64_t i = 0; i < 200; i++)
        add(book, 0, i, 1, i < 150 ? (double)NAN : 7);
    found = stats(book, 0, BACKEND_WAITING, 0, UINT64_MAX);
    assert_int_equal(found.readings, 50);
    assert_is(found.min, 7);
    backend_book_free(book);
}

static struct backend_view view_of(const struct backend_book *book, size_t index)
{
    struct backend_view view;

    backend_book_view(book, index, &view);
    return view;
}

static void what_a_server_can_run_is_known_in_four_ways(void **state)
{
    struct backend_book *book = make();
    struct backend_reading told = backend_reading_none(9);

    (void)state;
    assert_int_equal(view_of(book, 0).capacity_source, BACKEND_CAPACITY_UNKNOWN);
    add(book, 0, 1, 4, 0);
    add(book, 0, 2, 2, 0);
    assert_int_equal(view_of(book, 0).capacity_source, BACKEND_CAPACITY_SEEN);
    assert_is(view_of(book, 0).capacity, 4);
    assert_is(view_of(book, 0).last.values[BACKEND_SATURATION], 0.5);
    assert_is(stats(book, 0, BACKEND_SATURATION, 0, 10).mean, 0.75);
    assert_is(stats(book, 0, BACKEND_SATURATION, 0, 10).p95, 1);
    add(book, 0, 3, 4, 1);
    assert_int_equal(view_of(book, 0).capacity_source, BACKEND_CAPACITY_QUEUED);
    add(book, 0, 4, 20, 0); /* so it was not full */
    assert_int_equal(view_of(book, 0).capacity_source, BACKEND_CAPACITY_SEEN);
    told.values[BACKEND_RUNNING] = 16;
    told.capacity = 64;
    backend_book_add(book, 1, &told);
    assert_int_equal(view_of(book, 1).capacity_source, BACKEND_CAPACITY_TOLD);
    assert_is(view_of(book, 1).last.values[BACKEND_SATURATION], 0.25);
    add(book, 2, 1, 4, 0);
    assert_int_equal(view_of(book, 2).capacity_source, BACKEND_CAPACITY_STATED);
    assert_is(stats(book, 2, BACKEND_SATURATION, 0, 10).max, 0.5);
    backend_book_free(book);
}

static void what_does_not_answer_has_no_last_reading(void **state)
{
    struct backend_book *book = make();
    struct backend_view view;

    (void)state;
    add(book, 0, 1, 4, 0);
    backend_book_fail(book, 0, "Connection refused");
    view = view_of(book, 0);
    assert_true(view.is_failing);
    assert_int_equal(view.answered, 1);
    assert_int_equal(view.failed, 1);
    assert_string_equal(view.problem, "Connection refused");
    assert_true(isnan(view.last.values[BACKEND_RUNNING]));
    assert_int_equal(stats(book, 0, BACKEND_RUNNING, 0, 10).readings, 1);
    add(book, 0, 2, 5, 0);
    assert_false(view_of(book, 0).is_failing);
    backend_book_free(book);
}

static void percentiles_of_all_servers_are_of_all_their_readings(void **state)
{
    struct backend_book *book = make();

    (void)state;
    assert_true(
        isnan(backend_book_quantile(book, SIZE_MAX, BACKEND_RUNNING, 0, 100, 0.5)));
    for (uint64_t i = 1; i <= 10; i++) {
        add(book, 0, i, (double)i, 0);
        add(book, 1, i, 100 + (double)i, 0);
    }
    assert_is(backend_book_quantile(book, SIZE_MAX, BACKEND_RUNNING, 0, 100, 0.5), 10);
    assert_is(backend_book_quantile(book, SIZE_MAX, BACKEND_RUNNING, 0, 100, 0.95), 109);
    assert_is(backend_book_quantile(book, 0, BACKEND_RUNNING, 0, 100, 0.95), 10);
    backend_book_free(book);
}

static void every_metric_has_its_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < BACKEND_METRIC_COUNT; i++) {
        const struct backend_metric_info *info =
            backend_metric_info((enum backend_metric)i);
        enum backend_metric found = BACKEND_METRIC_COUNT;

        assert_non_null(info->name);
        assert_int_equal(strncmp(info->family, "throng_backend_", 15), 0);
        assert_int_equal(backend_metric_find(info->name, &found), 0);
        assert_int_equal(found, i);
    }
    assert_int_equal(backend_metric_find("ttft", &(enum backend_metric){0}), -ENOENT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stretch_has_the_figures_of_its_readings),
        cmocka_unit_test(many_readings_are_thinned_and_stay_exact),
        cmocka_unit_test(a_figure_that_begins_late_is_its_own),
        cmocka_unit_test(what_a_server_can_run_is_known_in_four_ways),
        cmocka_unit_test(what_does_not_answer_has_no_last_reading),
        cmocka_unit_test(percentiles_of_all_servers_are_of_all_their_readings),
        cmocka_unit_test(every_metric_has_its_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
