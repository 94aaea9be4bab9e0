#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "output/markup.h"

#define MAX_TEXT ((size_t)1 << 16)

static void assert_markdown(const char *text, const char *expected)
{
    struct buf out = BUF_INIT(MAX_TEXT);

    assert_int_equal(markup_append_markdown(&out, text), 0);
    assert_string_equal(buf_str(&out), expected);
    buf_deinit(&out);
}

static void assert_xml(const char *text, const char *expected)
{
    struct buf out = BUF_INIT(MAX_TEXT);

    assert_int_equal(markup_append_xml(&out, text), 0);
    assert_string_equal(buf_str(&out), expected);
    buf_deinit(&out);
}

static void markdown_shows_a_text_as_it_is(void **state)
{
    (void)state;
    assert_markdown("gpt-4o, 12.5 % (p95)", "gpt-4o, 12.5 % (p95)");
    assert_markdown("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;");
    assert_markdown("a|b\nc", "a\\|b c");
    assert_markdown("[x](y) ![i](j) *b* _u_ `c`",
                    "\\[x\\](y) \\!\\[i\\](j) \\*b\\* \\_u\\_ \\`c\\`");
    assert_markdown("&lt;", "&amp;lt;");
}

static void markdown_makes_no_links_or_mentions_of_plain_text(void **state)
{
    (void)state;
    assert_markdown("http://evil.example", "http&#58;//evil.example");
    assert_markdown("www.evil.example", "www&#46;evil.example");
    assert_markdown("@all see #1", "&#64;all see &#35;1");
    assert_markdown("status 429: slow down", "status 429: slow down");
}

static void control_characters_and_broken_utf8_become_replacement_characters(void **state)
{
    (void)state;
    assert_markdown("\033[31mred\xff", "\xef\xbf\xbd\\[31mred\xef\xbf\xbd");
    assert_xml("\033[31mred\xff", "\xef\xbf\xbd[31mred\xef\xbf\xbd");
    assert_xml("\xef\xbf\xbf", "\xef\xbf\xbd");
}

static void xml_has_no_markup_of_the_text(void **state)
{
    (void)state;
    assert_xml("a<b & \"c\" > ]]>", "a&lt;b &amp; &quot;c&quot; &gt; ]]&gt;");
    assert_xml("one\r\ntwo", "one  two");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markdown_shows_a_text_as_it_is),
        cmocka_unit_test(markdown_makes_no_links_or_mentions_of_plain_text),
        cmocka_unit_test(
            control_characters_and_broken_utf8_become_replacement_characters),
        cmocka_unit_test(xml_has_no_markup_of_the_text),
    };

    return cmocka_run_group_tests_name("markup", tests, NULL, NULL);
}
