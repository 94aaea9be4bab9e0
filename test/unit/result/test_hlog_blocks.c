#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/histogram.h"
#include "result/hlog_blocks.h"
#include "result/run_files.h"

#define NS_PER_MS UINT64_C(1000000)

/* So many intervals of a second, the i-th with i + 1 observations of i + 1 ms, and the window of all. */
static struct run_files made_run(unsigned count)
{
    struct buf text = BUF_INIT((size_t)1 << 20);

    buf_append_str(&text, "Tag=ttft,0.000,9.000,0,HISTwindow\n");
    for (unsigned i = 0; i < count; i++) {
        struct histogram *histogram = NULL;
        char *encoded = NULL;

        assert_int_equal(histogram_new(HISTOGRAM_COARSE, &histogram), 0);
        for (unsigned k = 0; k <= i; k++)
            histogram_record(histogram, (i + 1) * NS_PER_MS);
        assert_int_equal(histogram_encode(histogram, &encoded), 0);
        buf_printf(&text, "Tag=ttft:interval,%u.000,1.000,0,%s\n", i, encoded);
        free(encoded);
        histogram_free(histogram);
    }
    return (struct run_files){.histograms = buf_take(&text)};
}

struct seen {
    size_t lines;
    uint64_t observations;
    double end_s;
    bool has_window;
};

static int see(void *ctx, const struct hlog_line *line)
{
    struct histogram *histogram = NULL;
    struct seen *seen = ctx;

    if (line->kind == HLOG_WINDOW) {
        seen->has_window = strcmp(line->encoded, "HISTwindow") == 0;
        return 0;
    }
    assert_int_equal(histogram_decode(line->encoded, &histogram), 0);
    assert_true(line->start_s > seen->end_s - 1e-9 && line->start_s < seen->end_s + 1e-9);
    seen->end_s = line->start_s + line->length_s;
    seen->observations += histogram_count(histogram);
    seen->lines++;
    histogram_free(histogram);
    return 0;
}

static void there_are_no_more_than_asked_for_and_nothing_is_lost(void **state)
{
    static const struct {
        unsigned intervals;
        size_t most;
        size_t lines;
    } cases[] = {{7, 7, 7}, {7, 100, 7}, {7, 3, 3},    {7, 1, 1},
                 {8, 3, 3}, {0, 3, 0},   {100, 60, 50}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct run_files run = made_run(cases[i].intervals);
        struct seen seen = {0};
        const uint64_t n = cases[i].intervals;

        assert_int_equal(hlog_blocks_each(&run, cases[i].most, see, &seen), 0);
        assert_int_equal(seen.lines, cases[i].lines);
        assert_int_equal(seen.observations, n * (n + 1) / 2);
        assert_true(seen.has_window);
        assert_int_equal((unsigned)(seen.end_s + 0.5), cases[i].intervals);
        run_files_close(&run);
    }
}

static int stop(void *ctx, const struct hlog_line *line)
{
    (void)line;
    ++*(int *)ctx;
    return 7;
}

static void who_has_enough_is_asked_no_more(void **state)
{
    struct run_files run = made_run(9);
    int calls = 0;

    (void)state;
    assert_int_equal(hlog_blocks_each(&run, 2, stop, &calls), 7);
    assert_int_equal(calls, 1);
    run_files_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_no_more_than_asked_for_and_nothing_is_lost),
        cmocka_unit_test(who_has_enough_is_asked_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
