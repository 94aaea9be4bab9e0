#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/rng.h"
#include "platform/prom_text.h"

#define MAX_BYTES ((size_t)4 << 20)

/* What was told of, written down again. */
static void write_down(void *ctx, const struct prom_sample *sample)
{
    struct buf *out = ctx;

    buf_append(out, sample->name.at, sample->name.len);
    for (size_t i = 0; i < sample->label_count; i++) {
        buf_append_str(out, i == 0 ? "{" : ",");
        buf_append(out, sample->labels[i].name.at, sample->labels[i].name.len);
        buf_append_str(out, "=\"");
        buf_append(out, sample->labels[i].value.at, sample->labels[i].value.len);
        buf_append_char(out, '"');
    }
    if (sample->label_count > 0)
        buf_append_char(out, '}');
    buf_printf(out, " %.17g\n", sample->value);
}

static int read_all(const char *text, size_t len, struct buf *out,
                    struct prom_problem *problem)
{
    return prom_text_read(text, len, write_down, out, problem);
}

static void assert_reads(const char *text, const char *expected)
{
    struct buf out = BUF_INIT(MAX_BYTES);
    struct prom_problem problem = {0};

    if (read_all(text, strlen(text), &out, &problem) < 0)
        fail_msg("'%s': line %zu: %s", text, problem.line, problem.what);
    assert_string_equal(buf_str(&out), expected);
    buf_deinit(&out);
}

static void what_the_format_allows_is_read(void **state)
{
    static const char *const pairs[][2] = {
        {"", ""},
        {"\n\n  \n", ""},
        {"# a remark\n#\n# HELP a what \"it\" is\n# TYPE a gauge\na 1\n", "a 1\n"},
        {"a{} 1\n", "a 1\n"},
        {"  a  {  b  =  \"c\"  ,  }  1  1731664000123  \n", "a{b=\"c\"} 1\n"},
        {"a:b_C9{le=\"+Inf\",_x=\"\"} -2.5e-3 -1\n",
         "a:b_C9{le=\"+Inf\",_x=\"\"} -0.0025000000000000001\n"},
        {"a{b=\"} 7 # { , = \\\" \\\\ \\n\"} 1\n",
         "a{b=\"} 7 # { , = \\\" \\\\ \\n\"} 1\n"},
        {"a +Inf\nb -Inf\nc NaN\nd inf\n", "a inf\nb -inf\nc nan\nd inf\n"},
        {"a 123456789012345678\n", "a 1.2345678901234568e+17\n"},
        {"a 1e999\nb 1e-999\n", "a inf\nb 0\n"},
        {"a{b=\"c\"}1\n", "a{b=\"c\"} 1\n"},
        {"a_bucket{le=\"0.1\"} 8 # {id=\"x\"} 0.05\n# EOF\n", "a_bucket{le=\"0.1\"} 8\n"},
        {"a 1 1520879607.789\n# EOF\n", "a 1\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        assert_reads(pairs[i][0], pairs[i][1]);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
    static const struct {
        const char *text;
        size_t line;
        const char *what;
    } cases[] = {
        {"a 1", 1, "the last line does not end"},
        {"a 1\nb 12", 2, "the last line does not end"},
        {"<html>\n", 1, "a line that begins with no name"},
        {"{\"a\": 1}\n", 1, "a line that begins with no name"},
        {"9a 1\n", 1, "a line that begins with no name"},
        {"a\n", 1, "a sample without its value"},
        {"\n\na b\n", 3, "a sample without its value"},
        {"a 0x10\n", 1, "a sample without its value"},
        {"a 1_000\n", 1, "a sample without its value"},
        {"a 1,5\n", 1, "a sample without its value"},
        {"a --1\n", 1, "a sample without its value"},
        {"a 1 x\n", 1, "a sample's time is no number"},
        {"a 1 2 3\n", 1, "something stands behind the sample"},
        {"a{b 1\n", 1, "a label without its value"},
        {"a{b=c} 1\n", 1, "a label's value is not in quotes"},
        {"a{b=\"c} 1\n", 1, "a label's value does not end"},
        {"a{b=\"c\\\n", 1, "a backslash that escapes nothing"},
        {"a{b=\"\\t\"} 1\n", 1, "a backslash that escapes nothing"},
        {"a{b=\"c\" d=\"e\"} 1\n", 1, "labels are not separated by commas"},
        {"a{b:c=\"d\"} 1\n", 1, "a label without its value"},
        {"a{,} 1\n", 1, "what stands in braces is no label"},
        {"a{b=\"c\"\n", 1, "labels are not separated by commas"},
        {"a 1 # x\n", 1, "something stands behind the sample"},
        {"a 1 # {x=\"y\"}\n", 1, "an exemplar without its value"},
        {"a 1\r\n", 1, "a line ends with a carriage return"},
        {"# EOF\na 1\n", 2, "something stands behind '# EOF'"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf out = BUF_INIT(MAX_BYTES);
        struct prom_problem problem = {0};

        if (read_all(cases[i].text, strlen(cases[i].text), &out, &problem) != -EINVAL)
            fail_msg("'%s' is read", cases[i].text);
        if (problem.line != cases[i].line || strcmp(problem.what, cases[i].what) != 0)
            fail_msg("'%s': line %zu: %s", cases[i].text, problem.line, problem.what);
        buf_deinit(&out);
    }
}

static void a_line_and_its_labels_have_limits(void **state)
{
    struct buf text = BUF_INIT(MAX_BYTES);
    struct buf out = BUF_INIT(MAX_BYTES);
    struct prom_problem problem = {0};

    (void)state;
    buf_append_str(&text, "a{");
    for (size_t i = 0; i < PROM_MAX_LABELS; i++)
        buf_printf(&text, "l%zu=\"v\",", i);
    buf_append_str(&text, "} 1\n");
    assert_int_equal(read_all(buf_str(&text), text.len, &out, &problem), 0);
    buf_clear(&text);
    buf_append_str(&text, "a{");
    for (size_t i = 0; i <= PROM_MAX_LABELS; i++)
        buf_printf(&text, "l%zu=\"v\",", i);
    buf_append_str(&text, "} 1\n");
    assert_int_equal(read_all(buf_str(&text), text.len, &out, &problem), -EINVAL);
    assert_string_equal(problem.what, "more labels than a sample may have");
    buf_clear(&text);
    buf_append_str(&text, "# ");
    for (size_t i = 0; i < PROM_MAX_LINE_BYTES; i++)
        buf_append_char(&text, 'x');
    buf_append_char(&text, '\n');
    assert_int_equal(read_all(buf_str(&text), text.len, &out, &problem), -EINVAL);
    assert_string_equal(problem.what, "a line that is too long");
    buf_deinit(&text);
    buf_deinit(&out);
}

/* What was read and written down reads as the same again. */
static void reading_what_was_read_changes_nothing(void **state)
{
    static const char text[] =
        "a{b=\"c\\\\d\\\"\",e=\"\"} 0.1\nf -3e300\ng{h=\"i\"} 7 8\n";
    struct buf once = BUF_INIT(MAX_BYTES);
    struct buf twice = BUF_INIT(MAX_BYTES);
    struct prom_problem problem = {0};

    (void)state;
    assert_int_equal(read_all(text, strlen(text), &once, &problem), 0);
    assert_int_equal(read_all(buf_str(&once), once.len, &twice, &problem), 0);
    assert_string_equal(buf_str(&once), buf_str(&twice));
    buf_deinit(&once);
    buf_deinit(&twice);
}

/* Where in a text a slice lies. */
struct bounds {
    const char *begin;
    const char *end;
};

static void is_within(void *ctx, const struct prom_sample *sample)
{
    const struct bounds *bounds = ctx;

    assert_true(sample->name.at >= bounds->begin && sample->name.len > 0);
    assert_true(sample->name.at + sample->name.len <= bounds->end);
    assert_true(sample->label_count <= PROM_MAX_LABELS);
    for (size_t i = 0; i < sample->label_count; i++) {
        assert_true(sample->labels[i].name.at > bounds->begin);
        assert_true(sample->labels[i].value.at + sample->labels[i].value.len <
                    bounds->end);
    }
}

/*
 * Whatever bytes come: it ends, and tells of nothing outside the text. Each text is copied to memory of just
 * its size, so that the sanitizers see a read beyond it.
 */
static void no_text_makes_it_read_beyond(void **state)
{
    static const char seed_text[] =
        "# HELP a help\n# TYPE a histogram\na_bucket{le=\"0.1\",m=\"x\\\\y\"} 8 12 # "
        "{t=\"u\"} 1 2\n"
        "a_sum{m=\"\\\"\"} 1.5e-3\n\nb NaN\n  c  {  } +Inf 1731664000123\n# EOF\n";
    static const char pieces[] = "{}\"\\\n\r\t #=,:+-.0eEnN_aZ\x00\x7f\xff\xc3";
    struct rng rng;
    size_t whole = 0;

    (void)state;
    rng_init(&rng, 7, 0, 0, RNG_TEST);
    for (int round = 0; round < 40000; round++) {
        const size_t len = rng_below(&rng, sizeof(seed_text));
        char *text = malloc(len + 1);
        struct prom_problem problem = {0};
        struct bounds bounds;

        assert_non_null(text);
        memcpy(text, seed_text, len);
        for (uint64_t change = rng_below(&rng, 4); change > 0 && len > 0; change--)
            text[rng_below(&rng, len)] = pieces[rng_below(&rng, sizeof(pieces) - 1)];
        text = realloc(text, len > 0 ? len : 1);
        assert_non_null(text);
        bounds = (struct bounds){.begin = text, .end = text + len};
        if (prom_text_read(text, len, is_within, &bounds, &problem) == 0)
            whole++;
        else
            assert_true(problem.line > 0 && problem.what);
        free(text);
    }
    assert_true(whole > 100);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_format_allows_is_read),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(a_line_and_its_labels_have_limits),
        cmocka_unit_test(reading_what_was_read_changes_nothing),
        cmocka_unit_test(no_text_makes_it_read_beyond),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
