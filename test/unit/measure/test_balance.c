#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attempt.h"
#include "measure/balance.h"
#include "measure/recorder.h"
#include "plan/plan.h"

static const struct plan plan = {.max_series = 200};

static struct recorder *make(void)
{
    const struct recorder_options options = {.plan = &plan, .window_end_ns = MS(9000)};
    struct recorder *recorder = NULL;

    assert_int_equal(recorder_new(&options, &recorder), 0);
    return recorder;
}

static void record(struct recorder *recorder, const char *backend, unsigned count)
{
    const struct label set[] = {{"backend", backend}, {"step", "ask"}};
    struct sample sample = good_stream();

    assert_int_equal(labels_intern(recorder_labels(recorder), set, 2, &sample.labels), 0);
    while (count-- > 0)
        recorder_sample(recorder, &sample);
}

/* A recorder of three backends with so many requests each. */
static struct recorder *record_three(unsigned a, unsigned b, unsigned c)
{
    struct recorder *recorder = make();

    record(recorder, "a", a);
    record(recorder, "b", b);
    record(recorder, "c", c);
    return recorder;
}

static bool is_uneven(unsigned a, unsigned b, unsigned c)
{
    struct recorder *recorder = record_three(a, b, c);
    const bool uneven = balance_of(recorder).uneven;

    recorder_free(recorder);
    return uneven;
}

static void the_busiest_and_the_least_busy_are_told(void **state)
{
    struct recorder *recorder = record_three(100, 300, 50);
    const struct balance found = balance_of(recorder);

    (void)state;
    assert_int_equal(found.backends, 3);
    assert_int_equal(found.requests, 450);
    assert_int_equal(found.most, 300);
    assert_int_equal(found.least, 50);
    assert_string_equal(found.busiest, "b");
    assert_true(found.uneven);
    recorder_free(recorder);
}

static void chance_is_not_called_uneven(void **state)
{
    (void)state;
    assert_false(is_uneven(100, 100, 100));
    assert_false(is_uneven(140, 80, 80)); /* 1.4 times the mean */
    assert_false(is_uneven(8, 2, 2));     /* twice the mean of 4, by 2 deviations */
    assert_true(is_uneven(160, 70, 70));  /* 1.6 times the mean, by 6 */
}

/* An LLM and a web platform, or the arms of a comparison: what each gets is the scenario's choice. */
static void several_targets_have_no_balance(void **state)
{
    struct recorder *recorder = make();
    struct sample sample = good_stream();

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        const struct label set[] = {{"backend", i % 5 ? "a" : "b"},
                                    {"target", i % 5 ? "web" : "llm"}};

        assert_int_equal(labels_intern(recorder_labels(recorder), set, 2, &sample.labels),
                         0);
        recorder_sample(recorder, &sample);
    }
    assert_int_equal(balance_of(recorder).most, 800);
    assert_false(balance_of(recorder).uneven);
    recorder_free(recorder);
}

static void one_backend_has_no_balance(void **state)
{
    struct recorder *recorder = make();
    struct balance found;

    (void)state;
    found = balance_of(recorder);
    assert_int_equal(found.backends, 0);
    assert_null(found.busiest);
    record(recorder, "a", 1000);
    found = balance_of(recorder);
    assert_int_equal(found.backends, 1);
    assert_false(found.uneven);
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_busiest_and_the_least_busy_are_told),
        cmocka_unit_test(chance_is_not_called_uneven),
        cmocka_unit_test(several_targets_have_no_balance),
        cmocka_unit_test(one_backend_has_no_balance),
    };

    return cmocka_run_group_tests_name("balance", tests, NULL, NULL);
}
