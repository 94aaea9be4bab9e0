#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "expr/threshold.h"

static void assert_reads(const char *text, enum threshold_aggregate aggregate,
                         enum threshold_comparison comparison, double limit)
{
    struct threshold threshold;
    const char *hint;

    assert_int_equal(threshold_parse(text, &threshold, &hint), 0);
    assert_int_equal(threshold.aggregate, aggregate);
    assert_int_equal(threshold.comparison, comparison);
    assert_true(threshold.limit > limit - 1e-9 && threshold.limit < limit + 1e-9);
}

static void the_forms_of_k6_and_units_are_read(void **state)
{
    (void)state;
    assert_reads("p(95)<500", THRESHOLD_PERCENTILE, THRESHOLD_LESS, 500);
    assert_reads(" p(99.9) <= 2s ", THRESHOLD_PERCENTILE, THRESHOLD_LESS_EQUAL, 2000);
    assert_reads("rate<1%", THRESHOLD_RATE, THRESHOLD_LESS, 0.01);
    assert_reads("rate<0.05", THRESHOLD_RATE, THRESHOLD_LESS, 0.05);
    assert_reads("avg>40", THRESHOLD_AVG, THRESHOLD_GREATER, 40);
    assert_reads("count>=100", THRESHOLD_COUNT, THRESHOLD_GREATER_EQUAL, 100);
    assert_reads("value<1.50 USD", THRESHOLD_VALUE, THRESHOLD_LESS, 1.5);
    assert_reads("med==0", THRESHOLD_MED, THRESHOLD_EQUAL, 0);
    assert_reads("max!=0", THRESHOLD_MAX, THRESHOLD_NOT_EQUAL, 0);
    assert_reads("min<250us", THRESHOLD_MIN, THRESHOLD_LESS, 0.25);
    assert_reads("count === 7", THRESHOLD_COUNT, THRESHOLD_EQUAL, 7);
    assert_reads("rate>10/s", THRESHOLD_RATE, THRESHOLD_GREATER, 10);
    assert_reads("value>=A", THRESHOLD_VALUE, THRESHOLD_GREATER_EQUAL, 4);
    assert_reads("value >= B ", THRESHOLD_VALUE, THRESHOLD_GREATER_EQUAL, 3);
    assert_reads("value!=F", THRESHOLD_VALUE, THRESHOLD_NOT_EQUAL, 0);
}

static void drifts_and_baselines_are_read(void **state)
{
    struct threshold threshold;
    const char *hint;

    (void)state;
    assert_reads("drift(p(95))<10%", THRESHOLD_PERCENTILE, THRESHOLD_LESS, 0.1);
    assert_reads(" drift( avg ) >= -5%", THRESHOLD_AVG, THRESHOLD_GREATER_EQUAL, -0.05);
    assert_reads("p(95)<baseline*1.10", THRESHOLD_PERCENTILE, THRESHOLD_LESS, 1.1);
    assert_reads("avg<=baseline", THRESHOLD_AVG, THRESHOLD_LESS_EQUAL, 1);
    assert_reads("avg < baseline * 0.9 ", THRESHOLD_AVG, THRESHOLD_LESS, 0.9);

    assert_int_equal(threshold_parse("drift(med)<1%", &threshold, &hint), 0);
    assert_true(threshold.drift);
    assert_int_equal(threshold_parse("med<1", &threshold, &hint), 0);
    assert_false(threshold.drift);
    assert_int_equal(threshold_parse("med<baseline*1.5", &threshold, &hint), 0);
    assert_int_equal(threshold.written, THRESHOLD_BASELINE);
    assert_true(threshold_limit(&threshold, 100) > 149 &&
                threshold_limit(&threshold, 100) < 151);
}

static void what_is_no_threshold_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "p95<500ms",
                                      "p(95)500ms",
                                      "p(101)<1s",
                                      "p(0)<1",
                                      "p(95)<",
                                      "p(95)<fast",
                                      "p(95<1",
                                      "avg=<1",
                                      "mean<1",
                                      "<1",
                                      "p()<1",
                                      "value>=E",
                                      "value>=b",
                                      "value>=AB",
                                      "value>=B A",
                                      "p(95)<nan",
                                      "avg<1 apple",
                                      "p(123456789012345678)<1",
                                      "drift(p(95)<10%",
                                      "drift(p(95)))<10%",
                                      "drift()<10%",
                                      "drift(drift(avg))<1%",
                                      "avg<baseline*0",
                                      "avg<baseline*-1",
                                      "avg<baseline1.1",
                                      "avg<1.1*baseline"};
    struct threshold threshold;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *hint = NULL;

        assert_int_equal(threshold_parse(bad[i], &threshold, &hint), -EINVAL);
        assert_non_null(hint);
    }
}

static void each_comparison_means_what_it_says(void **state)
{
    static const struct {
        const char *text;
        bool below, equal, above;
    } cases[] = {{"avg<5", true, false, false},  {"avg<=5", true, true, false},
                 {"avg>5", false, false, true},  {"avg>=5", false, true, true},
                 {"avg==5", false, true, false}, {"avg!=5", true, false, true}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct threshold threshold;
        const char *hint;

        assert_int_equal(threshold_parse(cases[i].text, &threshold, &hint), 0);
        assert_int_equal(threshold_holds(&threshold, 4), cases[i].below);
        assert_int_equal(threshold_holds(&threshold, 5), cases[i].equal);
        assert_int_equal(threshold_holds(&threshold, 6), cases[i].above);
    }
}

static void assert_fits(const char *text, enum threshold_kind kind, bool fits)
{
    struct threshold threshold;
    const char *hint = NULL;

    assert_int_equal(threshold_parse(text, &threshold, &hint), 0);
    if (fits)
        assert_null(threshold_misfit(&threshold, kind));
    else
        assert_non_null(threshold_misfit(&threshold, kind));
}

static void an_expression_fits_some_kinds_of_metrics_and_not_others(void **state)
{
    static const struct {
        const char *text;
        const char *fits; /* a letter for each kind, in their order */
    } cases[] = {
        {"p(95)<500", "ts....."},
        {"p(95)<500ms", "t......"},
        {"avg>40/s", ".s....."},
        {"count>100", "ts.c..."},
        {"count>100ms", "......."},
        {"rate<5%", "..h...."},
        {"rate<0.05", "..hcr.."},
        {"rate<5", "...cr.."},
        {"rate>5/s", "...cr.."},
        {"value<0.5", "..hcrm."},
        {"value<1 USD", ".....m."},
        {"value<5%", "..h...."},
        {"max<5%", "......."},
        {"value>=B", "......g"},
        {"avg>=B", "......."},
        {"drift(p(95))<10%", "ts....."},
        {"drift(rate)<10%", "..hcr.."},
        {"drift(p(95))<10ms", "......."},
        {"drift(value)<10%", "..hcr.."},
        {"p(95)<baseline", "ts....."},
        {"value<baseline*1.1", "..hcrm."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (enum threshold_kind kind = 0; kind <= THRESHOLD_OF_GRADE; kind++)
            assert_fits(cases[i].text, kind, cases[i].fits[kind] != '.');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_forms_of_k6_and_units_are_read),
        cmocka_unit_test(drifts_and_baselines_are_read),
        cmocka_unit_test(what_is_no_threshold_is_refused),
        cmocka_unit_test(each_comparison_means_what_it_says),
        cmocka_unit_test(an_expression_fits_some_kinds_of_metrics_and_not_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
