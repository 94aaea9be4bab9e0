#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>

#include "base/buf.h"
#include "base/clock.h"
#include "made_run.h"
#include "result/hlog.h"

#define MAX_TEXT ((size_t)1 << 24)
#define STARTED_NS (1000 * NS_PER_S)
#define TICK_NS (250 * NS_PER_MS)

/* A log with a run behind it, for the lines that are not intervals. */
struct fixture {
    uv_loop_t loop;
    struct made_run run;
    struct hlog *hlog;
    struct buf text;
};

static void open_log(struct fixture *f, const struct plan *plan,
                     struct made_options options)
{
    *f = (struct fixture){.text = BUF_INIT(MAX_TEXT)};
    made_run_init(&f->run, options);
    assert_int_equal(uv_loop_init(&f->loop), 0);
    assert_int_equal(hlog_new(&f->loop, plan ? plan : &f->run.plan, STARTED_NS, &f->hlog),
                     0);
    f->run.facts.hlog = f->hlog;
}

static void close_log(struct fixture *f)
{
    buf_deinit(&f->text);
    hlog_free(f->hlog);
    uv_loop_close(&f->loop);
    made_run_deinit(&f->run);
}

/* Ticks of one observation each; the pool works between them, or only at the end. */
static void tick(struct fixture *f, size_t ticks, bool pool_keeps_up)
{
    struct histogram *seen = NULL;
    const struct histogram *histograms[METRIC_COUNT] = {0};

    assert_int_equal(histogram_new(HISTOGRAM_COARSE, &seen), 0);
    histogram_record(seen, 40 * NS_PER_MS);
    histograms[METRIC_TTFT] = seen;
    for (size_t i = 0; i < ticks; i++) {
        const struct interval_view interval = {
            .start_ns = STARTED_NS + i * TICK_NS,
            .end_ns = STARTED_NS + (i + 1) * TICK_NS,
            .total = {.histograms = histograms},
        };

        hlog_add(f->hlog, &interval);
        if (pool_keeps_up)
            uv_run(&f->loop, UV_RUN_DEFAULT);
    }
    uv_run(&f->loop, UV_RUN_DEFAULT);
    histogram_free(seen);
}

/* "start+length start+length …" of the intervals of ttft. */
static const char *stretches(struct fixture *f, char *out, size_t size)
{
    static const char tag[] = "Tag=ttft:interval,";
    size_t len = 0;

    out[0] = '\0';
    assert_int_equal(hlog_write(&f->run.facts, &f->text), 0);
    for (const char *at = strstr(buf_str(&f->text), tag); at; at = strstr(at, tag)) {
        char *end = NULL;
        const double start_s = strtod(at + sizeof(tag) - 1, &end);
        const double length_s = strtod(end + 1, &end);
        const double max_ms = strtod(end + 1, &end);

        assert_float_equal(max_ms, 40, 1e-9);
        len += (size_t)snprintf(out + len, size - len, "%s%g+%g", len ? " " : "", start_s,
                                length_s);
        at = end;
    }
    return out;
}

static void an_interval_is_a_second_and_the_rest_stands_behind(void **state)
{
    struct fixture f;
    char told[128];

    (void)state;
    open_log(&f, NULL, (struct made_options){0});
    tick(&f, 10, true);
    assert_string_equal(stretches(&f, told, sizeof(told)), "0+1 1+1 2+0.5");
    close_log(&f);
}

static void an_interval_goes_on_while_the_pool_is_behind(void **state)
{
    struct fixture f;
    char told[128];

    (void)state;
    open_log(&f, NULL, (struct made_options){0});
    tick(&f, 10, false);
    assert_string_equal(stretches(&f, told, sizeof(told)), "0+1 1+1.5");
    close_log(&f);
}

static void a_load_of_three_hours_has_intervals_of_three_seconds(void **state)
{
    const struct plan_phase phase = {.duration_ns = 3 * 3600 * NS_PER_S};
    const struct plan plan = {.phases = &phase, .phase_count = 1};
    struct fixture f;
    char told[128];

    (void)state;
    open_log(&f, &plan, (struct made_options){0});
    tick(&f, 28, true);
    assert_string_equal(stretches(&f, told, sizeof(told)), "0+3 3+3 6+1");
    close_log(&f);
}

static void a_name_from_outside_breaks_no_line(void **state)
{
    struct fixture f;
    size_t lines = 0;

    (void)state;
    open_log(&f, NULL, (struct made_options){.requests = 4000, .evil = true});
    assert_int_equal(hlog_write(&f.run.facts, &f.text), 0);
    assert_non_null(
        strstr(buf_str(&f.text),
               "Tag=ttft{model=evil%1B[31m%1B[2J%0D%0APASSED%FF},0.000,35.000,"));
    for (const char *at = f.text.bytes; (at = strstr(at, "Tag=")) != NULL; at++) {
        const size_t len = strcspn(at, "\n");
        size_t commas = 0;

        for (size_t i = 0; i < len; i++)
            commas += at[i] == ',';
        assert_int_equal(commas, 4);
        assert_null(memchr(at, ' ', len));
        lines++;
    }
    assert_true(lines > 100);
    close_log(&f);
}

static void the_head_says_when_and_in_what_units(void **state)
{
    struct fixture f;

    (void)state;
    open_log(&f, NULL, (struct made_options){0});
    assert_int_equal(hlog_write(&f.run.facts, &f.text), 0);
    assert_string_equal(
        buf_str(&f.text),
        "#[Values in microseconds; Interval_Max in milliseconds]\n"
        "#[Censored observations are not in here: see summary.json]\n"
        "#[Histogram log format version 1.3]\n"
        "#[StartTime: 1795255740.000 (seconds since epoch), 2026-11-21T10:09:00.000Z]\n"
        "#[BaseTime: 1795255740.000 (seconds since epoch)]\n"
        "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
        "\"Interval_Compressed_Histogram\"\n");
    close_log(&f);
}

struct seen_lines {
    size_t window;
    size_t run;
    size_t intervals;
    uint64_t first_ttft; /* observations in the first interval */
    double last_end_s;
    bool evil; /* the model with the evil name, as it is called */
};

static void count_bucket(void *ctx, uint64_t least_ns, uint64_t most_ns, uint64_t count)
{
    uint64_t *total = ctx;

    assert_true(least_ns <= most_ns);
    *total += count;
}

static int see_line(void *ctx, const struct hlog_line *line)
{
    struct seen_lines *seen = ctx;
    uint64_t count = 0;

    assert_int_equal(histogram_decode_each(line->encoded, count_bucket, &count), 0);
    assert_true(count > 0);
    seen->window += line->kind == HLOG_WINDOW;
    seen->run += line->kind == HLOG_RUN;
    if (line->key && strcmp(line->key, "model") == 0)
        seen->evil |= strcmp(line->value, EVIL_TEXT) == 0;
    if (line->kind != HLOG_INTERVAL)
        return 0;
    if (seen->intervals++ == 0)
        seen->first_ttft = count;
    seen->last_end_s = line->start_s + line->length_s;
    return 0;
}

static int stop_at_once(void *ctx, const struct hlog_line *line)
{
    (void)ctx;
    (void)line;
    return 7;
}

static void what_was_written_is_read_line_by_line(void **state)
{
    char path[] = "/tmp/throng-hlog-XXXXXX";
    struct seen_lines seen = {0};
    struct fixture f;
    FILE *file;

    (void)state;
    open_log(&f, NULL, (struct made_options){.requests = 500, .evil = true});
    tick(&f, 8, true);
    assert_int_equal(hlog_write(&f.run.facts, &f.text), 0);
    file = fdopen(mkstemp(path), "we");
    fputs(buf_str(&f.text), file);
    fclose(file);
    assert_int_equal(hlog_each(path, see_line, &seen), 0);
    assert_true(seen.window > 4);
    assert_true(seen.run > 0);
    assert_int_equal(seen.intervals, 2);
    assert_int_equal(seen.first_ttft, 4);
    assert_true(seen.last_end_s > 1.99 && seen.last_end_s < 2.01);
    assert_true(seen.evil);
    assert_int_equal(hlog_each(path, stop_at_once, NULL), 7);
    file = fopen(path, "we");
    fputs("Tag=ttft{model=gpt,0.000,1.000,1.000,AAAA\n", file);
    fclose(file);
    assert_int_equal(hlog_each(path, see_line, &seen), -EBADMSG);
    remove(path);
    assert_int_equal(hlog_each(path, see_line, &seen), -ENOENT);
    close_log(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interval_is_a_second_and_the_rest_stands_behind),
        cmocka_unit_test(an_interval_goes_on_while_the_pool_is_behind),
        cmocka_unit_test(a_load_of_three_hours_has_intervals_of_three_seconds),
        cmocka_unit_test(a_name_from_outside_breaks_no_line),
        cmocka_unit_test(the_head_says_when_and_in_what_units),
        cmocka_unit_test(what_was_written_is_read_line_by_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
