#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "expr/regex.h"

static struct regex *compiled(const char *pattern)
{
    struct regex_error error = {0};
    struct regex *regex = NULL;

    assert_int_equal(regex_new(pattern, &regex, &error), 0);
    return regex;
}

/* What a group of a pattern finds in a text; "-" where nothing matches, "?" where a group took no part. */
static void assert_found(const char *pattern, unsigned group, const char *subject,
                         size_t len, const char *expected)
{
    struct regex *regex = compiled(pattern);
    struct regex_span span = {0};
    char found[64] = "-";
    const int r = regex_match(regex, subject, len, group, &span);

    assert_in_range(r, 0, 1);
    if (r == 1 && !span.text)
        strncpy(found, "?", sizeof(found));
    else if (r == 1) {
        assert_true(span.len < sizeof(found));
        memcpy(found, span.text, span.len);
        found[span.len] = '\0';
    }
    assert_string_equal(found, expected);
    regex_free(regex);
}

static void assert_finds(const char *pattern, unsigned group, const char *subject,
                         const char *expected)
{
    assert_found(pattern, group, subject, strlen(subject), expected);
}

static void the_first_match_and_its_groups_are_found(void **state)
{
    (void)state;
    assert_finds("id=(\\d+)", 0, "a id=12 id=13", "id=12");
    assert_finds("id=(\\d+)", 1, "a id=12 id=13", "12");
    assert_finds("id=(\\d+)", 1, "no number", "-");
    assert_finds("a(b)?c", 1, "ac", "?");
    assert_finds("(a*)b", 1, "b", "");
    assert_finds("<(?<tag>\\w+)>(.*)</\\1>", 2, "<p>x\ny</p>", "x\ny");
    assert_finds("stra\\x{df}e", 0, "Hauptstraße", "straße");
    assert_finds("HELLO", 0, "hello", "-");
    assert_finds("(?i)HELLO", 0, "hello", "hello");
}

static void bytes_that_are_not_utf8_match_nothing(void **state)
{
    (void)state;
    assert_finds("a.c", 0,
                 "a\xff"
                 "c",
                 "-");
    assert_finds("a.c", 0, "\xff abc \xc3", "abc");
    assert_found("a.c", 0, "a\0c", 3, "a"); /* a NUL is a character like others */
}

static void groups_are_counted_and_others_refused(void **state)
{
    struct regex *regex = compiled("(a)(b)");
    struct regex_span span = {0};

    (void)state;
    assert_int_equal(regex_groups(regex), 3);
    assert_int_equal(regex_match(regex, "ab", 2, 3, &span), -EINVAL);
    regex_free(regex);

    regex = compiled("()()()()()()()()()()()()");
    assert_int_equal(regex_groups(regex), REGEX_GROUPS);
    regex_free(regex);
    assert_null(regex_free(NULL));
}

static void what_is_no_pattern_is_told_with_its_place(void **state)
{
    static const struct {
        const char *pattern;
        const char *problem;
        size_t offset;
    } bad[] = {
        {"a(b", "missing closing parenthesis", 3},
        {"[z-a]", "range out of order in character class", 3},
        {"a**b+*", "quantifier does not follow a repeatable item", 2},
        {"\xff", "UTF-8 error: illegal byte (0xfe or 0xff)", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct regex *regex = NULL;
        struct regex_error error = {0};

        assert_int_equal(regex_new(bad[i].pattern, &regex, &error), -EINVAL);
        assert_null(regex);
        assert_string_equal(error.problem, bad[i].problem);
        assert_int_equal(error.offset, bad[i].offset);
    }
}

/* Each of these would keep PCRE2 busy for minutes or for ever. */
static void no_text_keeps_a_pattern_busy(void **state)
{
    /* They end in a class, since PCRE2 looks for a pattern's last letter before it tries. */
    static const char *const hard[] = {
        "(a+)+[bc]",           /* exponential from one beginning */
        "(a|aa)+[bc]",         /* likewise */
        "a*[bc]",              /* each of many beginnings goes over all the rest */
        "(?:a?){30}a{30}[bc]", /* many ways to the same end */
        "((?:a|b)*)[cd]",      /* deep */
        "(a(?1)?a+)[bc]",      /* calls itself */
    };
    const size_t len = 1 << 20;
    char *text = malloc(len);

    (void)state;
    assert_non_null(text);
    memset(text, 'a', len);
    for (size_t i = 0; i < sizeof(hard) / sizeof(hard[0]); i++) {
        struct regex *regex = compiled(hard[i]);
        struct regex_span span = {0};

        assert_int_equal(regex_match(regex, text, len, 0, &span), -E2BIG);
        assert_int_equal(regex_match(regex, "aac", 3, 0, &span), i == 3 ? 0 : 1);
        regex_free(regex);
    }
    free(text);
}

static void every_prefix_of_a_pattern_compiles_or_fails_cleanly(void **state)
{
    static const char pattern[] =
        "^(?i)a{2,3}[\\w-]+(?<n>\\d*?)|(?=x)\\p{L}\\x{41}$(?#note)";

    (void)state;
    for (size_t len = 0; len < sizeof(pattern); len++) {
        char prefix[sizeof(pattern)] = "";
        struct regex *regex = NULL;
        struct regex_error error = {0};
        struct regex_span span = {0};

        memcpy(prefix, pattern, len);
        if (regex_new(prefix, &regex, &error) == 0)
            assert_true(regex_match(regex, "aa-12", 5, 0, &span) >= 0);
        else
            assert_true(error.problem[0] != '\0');
        regex_free(regex);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_match_and_its_groups_are_found),
        cmocka_unit_test(bytes_that_are_not_utf8_match_nothing),
        cmocka_unit_test(groups_are_counted_and_others_refused),
        cmocka_unit_test(what_is_no_pattern_is_told_with_its_place),
        cmocka_unit_test(no_text_keeps_a_pattern_busy),
        cmocka_unit_test(every_prefix_of_a_pattern_compiles_or_fails_cleanly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
