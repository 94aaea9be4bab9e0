/*
 * Each folder of test/golden/backends holds what a server of some kind told, and told two seconds later
 * (before.prom, after.prom), and what that comes to (expected): the figures that are known, each in the unit
 * of results.
 */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "platform/backend_derive.h"
#include "platform/backend_kind.h"
#include "platform/backend_read.h"

#define MAX_BYTES ((size_t)1 << 20)

static const char *folder;

static void read_file(const char *name, const char *file, struct buf *text)
{
    char path[1000];
    char piece[4096];
    FILE *stream;
    size_t len;

    (void)snprintf(path, sizeof(path), "%s/%s/%s", folder, name, file);
    stream = fopen(path, "re");
    if (!stream)
        fail_msg("%s cannot be read", path);
    while ((len = fread(piece, 1, sizeof(piece), stream)) > 0)
        assert_int_equal(buf_append(text, piece, len), 0);
    (void)fclose(stream);
}

static const struct backend_kind *read_raw(const char *name, const char *file,
                                           uint64_t at_ns, struct backend_raw *raw)
{
    struct buf text = BUF_INIT(MAX_BYTES);
    struct prom_problem problem = {0};
    const struct backend_kind *kind = NULL;
    const struct backend_kind *again = NULL;
    struct backend_raw same;

    read_file(name, file, &text);
    if (backend_read(PLAN_BACKEND_AUTO, buf_str(&text), text.len, at_ns, raw, &kind,
                     &problem) < 0)
        fail_msg("%s/%s:%zu: %s", name, file, problem.line, problem.what);
    /* Who says the kind gets the same. */
    assert_int_equal(backend_read(kind->kind, buf_str(&text), text.len, at_ns, &same,
                                  &again, &problem),
                     0);
    assert_ptr_equal(kind, again);
    assert_memory_equal(raw, &same, sizeof(same));
    buf_deinit(&text);
    return kind;
}

static void append_reading(const struct backend_reading *reading, struct buf *out)
{
    if (reading->capacity > 0)
        buf_printf(out, "capacity %.6g\n", reading->capacity);
    for (size_t i = 0; i < BACKEND_METRIC_COUNT; i++)
        if (!isnan(reading->values[i]))
            buf_printf(out, "%s %.6g\n",
                       backend_metric_info((enum backend_metric)i)->name,
                       backend_value_of((enum backend_metric)i, reading->values[i]));
}

static void check(const char *name)
{
    struct buf expected = BUF_INIT(MAX_BYTES);
    struct buf told = BUF_INIT(MAX_BYTES);
    struct backend_raw before;
    struct backend_raw after;
    const struct backend_kind *kind = read_raw(name, "after.prom", 3 * NS_PER_S, &after);
    struct backend_reading reading;

    assert_ptr_equal(read_raw(name, "before.prom", NS_PER_S, &before), kind);
    reading = backend_derive(&before, &after);
    assert_int_equal(reading.at_ns, 3 * NS_PER_S);
    buf_printf(&told, "kind %s\n", kind->name);
    append_reading(&reading, &told);
    read_file(name, "expected", &expected);
    if (strcmp(buf_str(&told), buf_str(&expected)) != 0)
        fail_msg("%s: expected\n%s\nand it is\n%s", name, buf_str(&expected),
                 buf_str(&told));
    buf_deinit(&expected);
    buf_deinit(&told);
}

static void every_kind_is_normalised(void **state)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;

    (void)state;
    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        if (*entry->d_name == '.')
            continue;
        check(entry->d_name);
        count++;
    }
    (void)closedir(dir);
    assert_true(count >= 11);
}

static void each_kind_has_a_recording(void **state)
{
    const struct backend_kind *kind;

    (void)state;
    for (size_t i = 0; (kind = backend_kind_at(i)); i++)
        check(kind->name);
}

static int read_text(enum plan_backend_kind kind, const char *text)
{
    struct backend_raw raw;
    const struct backend_kind *found;
    struct prom_problem problem;

    return backend_read(kind, text, strlen(text), 1, &raw, &found, &problem);
}

static void what_is_not_known_is_told_apart(void **state)
{
    static const char running[] = "vllm:num_requests_running 1\n";

    (void)state;
    assert_int_equal(read_text(PLAN_BACKEND_AUTO, ""), -ENODATA);
    assert_int_equal(read_text(PLAN_BACKEND_AUTO, "go_goroutines 7\n"), -ENODATA);
    assert_int_equal(read_text(PLAN_BACKEND_AUTO, "vllm:of_a_later_version 7\n"),
                     -ENODATA);
    assert_int_equal(read_text(PLAN_BACKEND_SGLANG, running), -ENODATA);
    assert_int_equal(read_text(PLAN_BACKEND_VLLM, running), 0);
    assert_int_equal(read_text(PLAN_BACKEND_AUTO, "<html>\n"), -EINVAL);
    /* That a value is not known is not told as 0. */
    assert_int_equal(read_text(PLAN_BACKEND_AUTO, "vllm:num_requests_running NaN\n"),
                     -ENODATA);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_normalised),
        cmocka_unit_test(each_kind_has_a_recording),
        cmocka_unit_test(what_is_not_known_is_told_apart),
    };

    assert_int_equal(argc, 2);
    folder = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
