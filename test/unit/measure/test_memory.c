#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attempt.h"
#include "measure/check.h"
#include "measure/recorder.h"
#include "measure/recorder_copy.h"
#include "plan/plan.h"

/* The allocation that fails, counted from 1; 0: none. Then how many there were. */
static size_t failing;
static size_t allocations;

static bool fails(void)
{
    return ++allocations == failing;
}

/* The linker sends the module's allocations, and HdrHistogram's, to these (--wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_reallocarray(void *memory, size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_reallocarray(void *memory, size_t count, size_t size)
{
    return fails() ? NULL : __real_reallocarray(memory, count, size);
}

static void ignore(void *ctx, const struct series_view *series)
{
    (void)ctx;
    (void)series;
}

static void run_attempt(struct recorder *recorder, uint32_t labels, bool in_window)
{
    struct sample sample = good_stream();
    const struct operation operation = {
        .labels = labels,
        .in_window = in_window,
        .due_ns = sample.due_ns,
        .end_ns = sample.end_ns,
    };

    sample.labels = labels;
    sample.turn = 1;
    if (!in_window)
        sample.flags &= ~(uint32_t)SAMPLE_IN_WINDOW;
    recorder_started(recorder, sample.sent_ns, labels, in_window);
    for (uint32_t i = 1; i < sample.chunks; i++) {
        recorder_gap(recorder, labels, in_window, MS(100));
        recorder_client_delay(recorder, in_window, MS(1));
    }
    recorder_sample(recorder, &sample);
    recorder_operation(recorder, &operation);
}

static int record_some(struct recorder *recorder)
{
    const struct label set[] = {{"model", "m"}};
    uint32_t labels, extended;
    int r;

    r = labels_intern(recorder_labels(recorder), set, 1, &labels);
    if (r < 0)
        return r;
    r = labels_extend(recorder_labels(recorder), labels, "backend", "pod", &extended);
    if (r < 0)
        return r;
    run_attempt(recorder, labels, true);
    run_attempt(recorder, extended, false);
    recorder_each(recorder, RECORDER_ALL, ignore, NULL);
    return 0;
}

static int copy_all(const struct recorder *recorder)
{
    struct recorder_copy *copy = NULL;
    int r = recorder_copy_new(recorder, &copy);

    while (r == 0)
        r = recorder_copy_step(copy, 1);
    recorder_copy_free(copy);
    return r < 0 ? r : 0;
}

/* A small run. Whether it went well, or told that it did not. */
static bool runs_well(void)
{
    /* good_stream() is due right behind the spike. */
    const struct plan_phase phases[] = {
        {.kind = PLAN_PHASE_SPIKE, .name = "spike", .duration_ns = MS(1000)},
        {.kind = PLAN_PHASE_SUSTAINED, .name = "sustained", .duration_ns = MS(8000)},
    };
    const struct plan plan = {.max_series = 20, .phases = phases, .phase_count = 2};
    const struct recorder_options options = {.plan = &plan, .window_end_ns = MS(9000)};
    struct recorder *recorder = NULL;
    bool well;
    int r = recorder_new(&options, &recorder);

    if (r < 0) {
        assert_int_equal(r, -ENOMEM);
        assert_null(recorder);
        return false;
    }
    r = record_some(recorder);
    if (r == 0)
        r = copy_all(recorder);
    assert_true(r == 0 || r == -ENOMEM);
    well = r == 0 && check_recorder(recorder, MS(9000), NULL, NULL) == 0;
    recorder_free(recorder);
    return well;
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    failing = 0;
    allocations = 0;
    assert_true(runs_well());
    assert_true(allocations > 50);
    for (size_t n = 1, all = allocations; n <= all; n++) {
        failing = n;
        allocations = 0;
        if (runs_well())
            fail_msg("allocation %zu of %zu failed, and nobody said so", n, all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failed_allocation_is_told),
    };

    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
