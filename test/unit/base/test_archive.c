#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/archive.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/histogram.h"
#include "base/histogram_archive.h"

DEFINE_CLEANUP(struct histogram, histogram_free)

#define MS UINT64_C(1000000)

/* What one walk keeps. */
struct figures {
    uint64_t count;
    int64_t money;
    double seconds;
    uint64_t most;
    uint64_t least;
};

static void walk(struct archive *archive, struct figures *figures)
{
    archive_sum(archive, &figures->count);
    archive_sum_signed(archive, &figures->money);
    archive_sum_double(archive, &figures->seconds);
    archive_greatest(archive, &figures->most);
    archive_least(archive, &figures->least);
}

static void add(struct figures *into, struct figures from)
{
    CLEANUP(buf_deinit) struct buf bytes = BUF_INIT(1024);
    struct archive writer = archive_writer(&bytes);
    struct archive reader;

    walk(&writer, &from);
    assert_int_equal(archive_error(&writer), 0);
    reader = archive_reader(bytes.bytes, bytes.len);
    walk(&reader, into);
    assert_int_equal(archive_error(&reader), 0);
    assert_ptr_equal(reader.at, reader.end);
}

static void what_was_written_is_added(void **state)
{
    struct figures all = {0};

    (void)state;
    add(&all, (struct figures){.count = 200, .money = -3, .seconds = 0.5, .most = 7});
    add(&all, (struct figures){.count = UINT64_C(1) << 40,
                               .money = 10,
                               .seconds = 0.25,
                               .most = 5,
                               .least = 9});
    add(&all, (struct figures){.least = 4});
    assert_int_equal(all.count, 200 + (UINT64_C(1) << 40));
    assert_int_equal(all.money, 7);
    assert_true(all.seconds == 0.75);
    assert_int_equal(all.most, 7);
    assert_int_equal(all.least, 4);
    add(&all, (struct figures){.money = INT64_MAX});
    assert_true(all.money == INT64_MAX);
    add(&all, (struct figures){.money = INT64_MIN, .count = UINT64_MAX});
    assert_int_equal(all.money, -1);
}

static void texts_come_back(void **state)
{
    CLEANUP(buf_deinit) struct buf bytes = BUF_INIT(1024);
    struct archive writer = archive_writer(&bytes);
    struct archive reader;
    char *text;

    (void)state;
    assert_null(archive_text(&writer, "größer, \"\n"));
    assert_null(archive_text(&writer, NULL));
    reader = archive_reader(bytes.bytes, bytes.len);
    text = archive_text(&reader, NULL);
    assert_string_equal(text, "größer, \"\n");
    free(text);
    text = archive_text(&reader, NULL);
    assert_string_equal(text, "");
    free(text);
}

static void record_all(struct histogram *histogram, uint64_t from)
{
    for (uint64_t i = from; i < from + 500; i++) {
        histogram_record(histogram, i * i * 1000);
        if (i % 5 == 0)
            histogram_record_censored(histogram, i * MS);
    }
}

static void write_histogram(struct buf *bytes, struct histogram *histogram)
{
    struct archive writer = archive_writer(bytes);

    histogram_archive(&writer, HISTOGRAM_FINE, &histogram);
    assert_int_equal(archive_error(&writer), 0);
}

static void histograms_add_up_to_the_last_bit(void **state)
{
    CLEANUP(histogram_freep) struct histogram *whole = NULL;
    CLEANUP(histogram_freep) struct histogram *merged = NULL;
    CLEANUP(buf_deinit) struct buf bytes = BUF_INIT(1 << 20);
    struct archive reader;

    (void)state;
    assert_int_equal(histogram_new(HISTOGRAM_FINE, &whole), 0);
    for (uint64_t from = 1; from < 2000; from += 700) {
        CLEANUP(histogram_freep) struct histogram *part = NULL;

        assert_int_equal(histogram_new(HISTOGRAM_FINE, &part), 0);
        record_all(part, from);
        record_all(whole, from);
        write_histogram(&bytes, part);
    }
    write_histogram(&bytes, NULL);
    reader = archive_reader(bytes.bytes, bytes.len);
    while (reader.at < reader.end)
        histogram_archive(&reader, HISTOGRAM_FINE, &merged);
    assert_int_equal(archive_error(&reader), 0);
    assert_int_equal(histogram_count(merged), histogram_count(whole));
    assert_int_equal(histogram_censored(merged), histogram_censored(whole));
    assert_int_equal(histogram_min_ns(merged), histogram_min_ns(whole));
    assert_int_equal(histogram_max_ns(merged), histogram_max_ns(whole));
    assert_true(histogram_mean_ns(merged) == histogram_mean_ns(whole));
    assert_true(histogram_stddev_ns(merged) == histogram_stddev_ns(whole));
    assert_true(histogram_mean_least_ns(merged) == histogram_mean_least_ns(whole));
    for (double q = 0.01; q < 1; q += 0.01) {
        const struct histogram_quantile one = histogram_quantile(merged, q);
        const struct histogram_quantile two = histogram_quantile(whole, q);

        assert_true(one.value_ns == two.value_ns && one.above == two.above);
    }
}

/* Cut anywhere, or with any byte turned: it says so or reads something, and stays in its memory. */
static void damage_does_no_harm(void **state)
{
    CLEANUP(histogram_freep) struct histogram *part = NULL;
    CLEANUP(buf_deinit) struct buf bytes = BUF_INIT(1 << 20);

    (void)state;
    assert_int_equal(histogram_new(HISTOGRAM_FINE, &part), 0);
    record_all(part, 1);
    write_histogram(&bytes, part);
    for (size_t i = 0; i < bytes.len; i++) {
        CLEANUP(histogram_freep) struct histogram *into = NULL;
        struct archive reader = archive_reader(bytes.bytes, i);

        histogram_archive(&reader, HISTOGRAM_FINE, &into);
        assert_int_equal(archive_error(&reader), -EBADMSG);
    }
    for (size_t i = 0; i < bytes.len; i++) {
        CLEANUP(histogram_freep) struct histogram *into = NULL;
        struct archive reader = archive_reader(bytes.bytes, bytes.len);

        bytes.bytes[i] = (char)~bytes.bytes[i];
        histogram_archive(&reader, HISTOGRAM_FINE, &into);
        if (into && archive_error(&reader) == 0)
            (void)histogram_quantile(into, 0.5);
        bytes.bytes[i] = (char)~bytes.bytes[i];
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_added),
        cmocka_unit_test(texts_come_back),
        cmocka_unit_test(histograms_add_up_to_the_last_bit),
        cmocka_unit_test(damage_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
