#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "result/baseline_file.h"
#include "result/run_files.h"

static const char summary[] =
    "{\"schema\": \"throng.summary/1\", \"run\": {\"id\": \"r1\"},"
    " \"metrics\": {\"ttft\": {\"p95\": 412.5}},"
    " \"by\": {\"model\": {\"m\": {\"requests\": 3}}, \"user_id\": {\"u1\": "
    "{\"requests\": "
    "1}}},"
    " \"users\": {\"count\": 1}, \"client\": {\"trust\": \"A\", \"stalls\": 0},"
    " \"timeline\": {\"step_s\": 1.0, \"points\": [{\"start_s\": 0.0, \"requests\": 3, "
    "\"ttft_p50\": 2.5}]}}";

static const char histograms[] = "#[a comment]\n"
                                 "Tag=ttft:run,0.000,2.000,1.0,HISTrun\n"
                                 "Tag=ttft,0.500,1.500,1.0,HISTall\n"
                                 "Tag=ttft{model=m%2C1},0.500,1.500,1.0,HISTmodel\n"
                                 "Tag=ttft{user_id=u},0.500,1.500,1.0,HISTuser\n"
                                 "Tag=rtt,0.500,1.500,1.0,HISTrtt\n"
                                 "Tag=ttft:interval,0.000,1.000,1.0,HISTone\n";

struct seen {
    struct buf text;
};

static int see(void *ctx, const struct hlog_line *line)
{
    struct seen *seen = ctx;

    return buf_printf(&seen->text, "%s %d %s=%s %.3f+%.3f %s\n", line->metric,
                      (int)line->kind, line->key ? line->key : "",
                      line->value ? line->value : "", line->start_s, line->length_s,
                      line->encoded);
}

static json_t *written(void)
{
    struct run_files run = {.summary = json_loads(summary, 0, NULL),
                            .histograms = strdup(histograms)};
    struct buf text = BUF_INIT(65536);
    json_t *document;

    assert_non_null(run.summary);
    assert_int_equal(baseline_file_write(&run, "v1.2", &text), 0);
    document = json_loads(buf_str(&text), 0, NULL);
    assert_non_null(document);
    run_files_close(&run);
    buf_deinit(&text);
    return document;
}

static void a_baseline_keeps_figures_and_the_histograms_that_are_compared(void **state)
{
    json_t *document = written();
    struct seen seen = {.text = BUF_INIT(65536)};
    struct run_files run = {0};

    (void)state;
    assert_string_equal(json_string_value(json_object_get(document, "name")), "v1.2");
    assert_int_equal(baseline_file_read(document, &run), 0);
    assert_string_equal(run_files_id(&run), "r1");
    assert_int_equal(run_files_each_histogram(&run, see, &seen), 0);
    assert_string_equal(buf_str(&seen.text), "ttft 0 = 0.500+1.500 HISTall\n"
                                             "ttft 0 model=m,1 0.500+1.500 HISTmodel\n"
                                             "ttft 2 = 0.000+1.000 HISTone\n");
    buf_deinit(&seen.text);
    run_files_close(&run);
    json_decref(document);
}

static void what_grows_with_users_or_is_not_compared_is_left_out(void **state)
{
    json_t *document = written();
    json_t *kept = json_object_get(document, "summary");
    json_t *expected = json_loads(
        "{\"schema\": \"throng.summary/1\", \"run\": {\"id\": \"r1\"},"
        " \"metrics\": {\"ttft\": {\"p95\": 412.5}},"
        " \"by\": {\"model\": {\"m\": {\"requests\": 3}}}, \"client\": {\"trust\": "
        "\"A\"},"
        " \"timeline\": {\"step_s\": 1.0, \"points\": [{\"start_s\": 0.0, \"requests\": "
        "3}]}}",
        0, NULL);

    (void)state;
    assert_true(json_equal(kept, expected));
    json_decref(expected);
    json_decref(document);
}

/* Counts are added up, rates are those of the whole, and no time is lost. */
static void a_day_has_no_more_points_than_are_compared(void **state)
{
    struct run_files run = {.summary = json_loads(summary, 0, NULL)};
    json_t *points = json_object_get(json_object_get(run.summary, "timeline"), "points");
    struct buf text = BUF_INIT((size_t)1 << 20);
    struct run_files thin = {0};
    json_int_t requests = 0;

    (void)state;
    json_array_clear(points);
    for (int i = 0; i < 1500;
         i++) /* lengths of 1 and 3 s, with rates of 8 and 4 per second */
        json_array_append_new(points,
                              json_pack("{s:f, s:f, s:i, s:f}", "start_s",
                                        (double)(i / 2 * 4 + i % 2), "end_s",
                                        (double)(i / 2 * 4 + (i % 2 ? 4 : 1)), "requests",
                                        i, "requests_per_second", i % 2 ? 4.0 : 8.0));
    assert_int_equal(baseline_file_write(&run, "day", &text), 0);
    json_t *document = json_loads(buf_str(&text), 0, NULL);

    assert_int_equal(baseline_file_read(document, &thin), 0);
    points = json_object_get(json_object_get(thin.summary, "timeline"), "points");
    assert_int_equal(json_array_size(points), 500); /* three at once */
    for (size_t i = 0; i < json_array_size(points); i++)
        requests +=
            json_integer_value(json_object_get(json_array_get(points, i), "requests"));
    assert_int_equal(requests, 1500 * 1499 / 2);
    const json_t *first = json_array_get(points, 0); /* 1 + 3 + 1 s */

    assert_true(json_number_value(json_object_get(first, "end_s")) == 5);
    assert_true(json_number_value(json_object_get(first, "requests_per_second")) == 5.6);
    assert_true(json_number_value(json_object_get(
                    json_array_get(points, json_array_size(points) - 1), "end_s")) ==
                3000);
    json_decref(document);
    run_files_close(&thin);
    run_files_close(&run);
    buf_deinit(&text);
}

static void what_lacks_a_part_is_no_baseline(void **state)
{
    static const char *const documents[] = {
        "{}",
        "{\"histograms\": []}",
        "{\"histograms\": [], \"summary\": {\"schema\": \"else\"}}",
        "{\"summary\": {\"schema\": \"throng.summary/1\"}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        json_t *document = json_loads(documents[i], 0, NULL);
        struct run_files run = {0};

        assert_int_equal(baseline_file_read(document, &run), -EINVAL);
        assert_null(run.summary);
        json_decref(document);
    }
}

static void a_run_without_histograms_has_a_baseline_too(void **state)
{
    struct run_files run = {.summary = json_loads(summary, 0, NULL)};
    struct buf text = BUF_INIT(65536);

    (void)state;
    assert_int_equal(baseline_file_write(&run, "v1.2", &text), 0);
    assert_non_null(strstr(buf_str(&text), "\"histograms\":[]"));
    run_files_close(&run);
    buf_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_baseline_keeps_figures_and_the_histograms_that_are_compared),
        cmocka_unit_test(what_grows_with_users_or_is_not_compared_is_left_out),
        cmocka_unit_test(a_day_has_no_more_points_than_are_compared),
        cmocka_unit_test(what_lacks_a_part_is_no_baseline),
        cmocka_unit_test(a_run_without_histograms_has_a_baseline_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
