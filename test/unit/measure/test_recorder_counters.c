#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "attempt.h"
#include "measure/recorder.h"
#include "plan/plan.h"

/* Two models of one step: one within the window, one outside of it. */
static struct recorder *make(void)
{
    static const struct plan plan = {.max_series = 100};
    const struct recorder_options options = {.plan = &plan, .window_end_ns = MS(9000)};
    const struct label first[] = {{"model", "m1"}, {"step", "ask"}};
    const struct label second[] = {{"model", "m2"}, {"step", "ask"}};
    struct sample inside = good_stream();
    struct sample outside = good_stream();
    struct recorder *recorder = NULL;

    assert_int_equal(recorder_new(&options, &recorder), 0);
    assert_int_equal(labels_intern(recorder_labels(recorder), first, 2, &inside.labels),
                     0);
    assert_int_equal(labels_intern(recorder_labels(recorder), second, 2, &outside.labels),
                     0);
    outside.flags &= ~(uint32_t)SAMPLE_IN_WINDOW;
    outside.cost_pusd = 5;
    recorder_sample(recorder, &inside);
    recorder_sample(recorder, &outside);
    return recorder;
}

/* A value's counters as they come with histograms. */
struct wanted {
    const struct series_view *series;
    size_t found;
};

static void compare_same(void *ctx, const struct series_view *series)
{
    struct wanted *wanted = ctx;

    if (strcmp(series->key, wanted->series->key) != 0 ||
        strcmp(series->value, wanted->series->value) != 0)
        return;
    wanted->found++;
    assert_memory_equal(series->counters, wanted->series->counters,
                        sizeof(*series->counters));
}

static void compare(void *ctx, const struct series_view *series)
{
    struct wanted wanted = {.series = series};

    assert_null(series->histograms);
    recorder_each(ctx, RECORDER_ALL, compare_same, &wanted);
    assert_int_equal(wanted.found, 1);
}

static void counters_alone_are_the_same_counters(void **state)
{
    struct recorder *recorder = make();
    const struct counters window = recorder_counters(recorder, RECORDER_WINDOW);
    const struct counters all = recorder_counters(recorder, RECORDER_ALL);

    (void)state;
    assert_int_equal(window.ok, 1);
    assert_int_equal(all.ok, 2);
    assert_int_equal(all.cost_pusd, 5);
    assert_memory_equal(&all, recorder_total(recorder, RECORDER_ALL).counters,
                        sizeof(all));
    assert_memory_equal(&window, recorder_total(recorder, RECORDER_WINDOW).counters,
                        sizeof(window));
    recorder_each_count(recorder, RECORDER_ALL, "model", compare, recorder);
    recorder_each_count(recorder, RECORDER_ALL, "step", compare, recorder);
    recorder_free(recorder);
}

static void append_value(void *ctx, const struct series_view *series)
{
    char *seen = ctx;

    (void)snprintf(seen + strlen(seen), 16, "%s ", series->value);
}

static void
values_are_counted_of_the_dimension_and_scope_that_were_asked_for(void **state)
{
    struct recorder *recorder = make();
    char seen[64] = "";

    (void)state;
    recorder_each_count(recorder, RECORDER_ALL, "model", append_value, seen);
    recorder_each_count(recorder, RECORDER_WINDOW, "model", append_value, seen);
    recorder_each_count(recorder, RECORDER_ALL, "weather", append_value, seen);
    assert_string_equal(seen, "m1 m2 m1 ");
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_alone_are_the_same_counters),
        cmocka_unit_test(
            values_are_counted_of_the_dimension_and_scope_that_were_asked_for),
    };

    return cmocka_run_group_tests_name("recorder_counters", tests, NULL, NULL);
}
