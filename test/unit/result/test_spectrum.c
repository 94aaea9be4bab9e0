#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/histogram.h"
#include "result/heat_map.h"
#include "result/spectrum.h"

/* A file with ttft of 1 to 1,000 ms in its window, and an interval of 10 s at 100 ms from each start. */
static void write_log(char *path, const double *starts_s, size_t count)
{
    struct histogram *window = NULL;
    struct histogram *interval = NULL;
    char *encoded = NULL;
    FILE *file = fdopen(mkstemp(path), "w");

    assert_non_null(file);
    assert_int_equal(histogram_new(HISTOGRAM_FINE, &window), 0);
    assert_int_equal(histogram_new(HISTOGRAM_COARSE, &interval), 0);
    for (uint64_t ms = 1; ms <= 1000; ms++)
        histogram_record(window, ms * NS_PER_MS);
    assert_int_equal(histogram_encode(window, &encoded), 0);
    fprintf(file, "#[Histogram log format version 1.3]\nTag=ttft,0,60,1000,%s\n",
            encoded);
    free(encoded);
    for (int i = 0; i < 3; i++)
        histogram_record(interval, 100 * NS_PER_MS);
    assert_int_equal(histogram_encode(interval, &encoded), 0);
    for (size_t i = 0; i < count; i++)
        fprintf(file, "Tag=ttft:interval,%g,10,100,%s\n", starts_s[i], encoded);
    free(encoded);
    fclose(file);
    histogram_free(window);
    histogram_free(interval);
}

static json_t *summary_of(int censored, double duration_s)
{
    return json_pack("{s:{s:f}, s:{s:{s:i, s:i}}}", "run", "duration_s", duration_s,
                     "metrics", "ttft", "count", 1000, "censored", censored);
}

/* The value at a percentile of the spectrum; NAN: it is null. */
static double value_at(const json_t *spectrum, double percentile)
{
    const json_t *nines = json_object_get(spectrum, "nines");
    const json_t *values = json_object_get(json_object_get(spectrum, "metrics"), "ttft");

    assert_int_equal(json_array_size(nines), json_array_size(values));
    for (size_t i = 0; i < json_array_size(nines); i++)
        if (fabs(json_number_value(json_array_get(nines, i)) +
                 log10(1 - percentile / 100)) < 1e-5)
            return json_is_null(json_array_get(values, i))
                       ? (double)NAN
                       : json_number_value(json_array_get(values, i));
    fail_msg("no such percentile");
    return 0;
}

static json_t *read_spectrum(int censored)
{
    char path[] = "/tmp/throng-spectrum-XXXXXX";
    json_t *summary = summary_of(censored, 60);
    json_t *spectrum = NULL;

    write_log(path, NULL, 0);
    assert_int_equal(spectrum_read(path, summary, &spectrum), 0);
    json_decref(summary);
    unlink(path);
    return spectrum;
}

static void percentiles_are_those_of_the_histogram(void **state)
{
    json_t *spectrum = read_spectrum(0);

    (void)state;
    assert_float_equal(value_at(spectrum, 50), 500, 0.5);
    assert_float_equal(value_at(spectrum, 95), 950, 1);
    assert_float_equal(value_at(spectrum, 99), 990, 1);
    assert_float_equal(value_at(spectrum, 99.9), 999, 1);
    json_decref(spectrum);
}

static void what_too_few_lie_above_is_not_told(void **state)
{
    json_t *spectrum = read_spectrum(0);

    (void)state;
    assert_true(isnan(value_at(spectrum, 99.99)));
    json_decref(spectrum);
}

/* As many were censored as were observed: the upper half of all is only known to be longer. */
static void ranks_among_the_censored_are_not_told(void **state)
{
    json_t *spectrum = read_spectrum(1000);

    (void)state;
    assert_float_equal(value_at(spectrum, 25), 500, 0.5);
    assert_float_equal(value_at(spectrum, 50), 1000, 1);
    assert_true(isnan(value_at(spectrum, 55)));
    assert_true(isnan(value_at(spectrum, 99)));
    json_decref(spectrum);
}

static void a_file_without_latencies_has_no_spectrum(void **state)
{
    json_t *summary = summary_of(0, 60);
    json_t *made = NULL;

    (void)state;
    assert_int_equal(spectrum_read("/dev/null", summary, &made), -ENODATA);
    assert_int_equal(heat_map_read("/dev/null", summary, &made), -ENODATA);
    assert_int_equal(heat_map_read("/nowhere/at/all", summary, &made), -ENOENT);
    json_decref(summary);
}

static json_t *read_heat(const double *starts_s, size_t count, double duration_s)
{
    char path[] = "/tmp/throng-heat-XXXXXX";
    json_t *summary = summary_of(0, duration_s);
    json_t *heat = NULL;

    write_log(path, starts_s, count);
    assert_int_equal(heat_map_read(path, summary, &heat), 0);
    json_decref(summary);
    unlink(path);
    return heat;
}

static void intervals_become_columns_at_their_latency(void **state)
{
    static const double starts_s[] = {0, 10, 40};
    json_t *heat = read_heat(starts_s, 3, 60);
    const json_t *columns = json_object_get(heat, "columns");
    const double from_ms = json_number_value(json_object_get(heat, "from_ms"));
    const double ratio = json_number_value(json_object_get(heat, "ratio"));

    (void)state;
    assert_string_equal(json_string_value(json_object_get(heat, "metric")), "ttft");
    assert_int_equal(json_array_size(columns), 3);
    assert_int_equal(json_integer_value(json_object_get(heat, "rows")), 1);
    assert_true(from_ms <= 100.8 && from_ms * ratio >= 99.2);
    for (size_t i = 0; i < 3; i++) {
        const json_t *column = json_array_get(columns, i);

        assert_float_equal(json_number_value(json_array_get(column, 0)), starts_s[i],
                           1e-9);
        assert_int_equal(json_integer_value(json_array_get(json_array_get(column, 3), 0)),
                         3);
    }
    json_decref(heat);
}

/* A day has as few columns as an hour, and nothing of it is lost. */
static void a_long_run_has_wider_columns(void **state)
{
    double starts_s[8640];
    json_t *heat = NULL;
    json_int_t total = 0;
    size_t index;
    json_t *column;

    (void)state;
    for (size_t i = 0; i < 8640; i++)
        starts_s[i] = (double)i * 10;
    heat = read_heat(starts_s, 8640, 86400);
    assert_int_equal(json_array_size(json_object_get(heat, "columns")), 300);
    json_array_foreach(json_object_get(heat, "columns"), index, column)
    {
        total += json_integer_value(json_array_get(json_array_get(column, 3), 0));
    }
    assert_int_equal(total, 3 * 8640);
    json_decref(heat);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_those_of_the_histogram),
        cmocka_unit_test(what_too_few_lie_above_is_not_told),
        cmocka_unit_test(ranks_among_the_censored_are_not_told),
        cmocka_unit_test(a_file_without_latencies_has_no_spectrum),
        cmocka_unit_test(intervals_become_columns_at_their_latency),
        cmocka_unit_test(a_long_run_has_wider_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
