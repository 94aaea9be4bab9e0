#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "output/page.h"

#define MAX_TEXT ((size_t)1 << 24)
#define DATA_START "<script type=\"application/json\" id=\"data\">"
#define ELEMENT_END "</script>"

/* The page with a text in its data, and the part of it between the tags. */
static void write_page(const char *text, struct buf *out, struct buf *data)
{
    json_t *node = json_pack("{s:s}", "said", text);
    const char *from = NULL;
    const char *end = NULL;

    assert_non_null(node);
    assert_int_equal(page_write(&page_report, node, out), 0);
    json_decref(node);
    from = strstr(buf_str(out), DATA_START);
    assert_non_null(from);
    from += strlen(DATA_START);
    end = strstr(from, ELEMENT_END);
    assert_non_null(end);
    buf_append(data, from, (size_t)(end - from));
}

static void whatever_a_server_says_stays_data(void **state)
{
    static const char *const hostile[] = {
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "]]><img src=x onerror=alert(1)>",
        "&lt;b&gt; & \"quoted\" \\ back",
        "line\xe2\x80\xa8paragraph\xe2\x80\xa9 end",
        "ends with a piece of one \xe2\x80\xa6",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        struct buf out = BUF_INIT(MAX_TEXT);
        struct buf data = BUF_INIT(MAX_TEXT);
        json_t *read = NULL;

        write_page(hostile[i], &out, &data);
        assert_null(strpbrk(buf_str(&data), "<>&"));
        assert_null(strstr(buf_str(&data), "\xe2\x80\xa8"));
        assert_null(strstr(buf_str(&data), "\xe2\x80\xa9"));
        read = json_loads(buf_str(&data), 0, NULL);
        assert_string_equal(json_string_value(json_object_get(read, "said")), hostile[i]);
        json_decref(read);
        buf_deinit(&out);
        buf_deinit(&data);
    }
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

static void a_page_needs_nothing_else(void **state)
{
    struct buf out = BUF_INIT(MAX_TEXT);
    struct buf data = BUF_INIT(MAX_TEXT);
    const char *page = NULL;

    (void)state;
    write_page("", &out, &data);
    page = buf_str(&out);
    assert_null(strstr(page, "src="));
    assert_null(strstr(page, "@import"));
    assert_null(strstr(page, "url("));
    assert_null(strstr(page, "fetch("));
    assert_null(strstr(page, "XMLHttpRequest"));
    assert_null(strstr(page, "innerHTML"));
    assert_null(strstr(page, "eval("));
    /* The one link is the icon, which is empty. */
    assert_int_equal(count_of(page, "<link"), 1);
    assert_non_null(strstr(page, "<link rel=\"icon\" href=\"data:,\">"));
    buf_deinit(&out);
    buf_deinit(&data);
}

static void its_policy_names_each_script_and_style_by_hash(void **state)
{
    struct buf out = BUF_INIT(MAX_TEXT);
    struct buf data = BUF_INIT(MAX_TEXT);
    const char *policy = page_policy(&page_report);

    (void)state;
    write_page("", &out, &data);
    assert_memory_equal(policy, "default-src 'none'; ", strlen("default-src 'none'; "));
    assert_int_equal(count_of(policy, "'sha256-"),
                     count_of(buf_str(&out), "<script>") +
                         count_of(buf_str(&out), "<style>"));
    assert_null(strstr(policy, "unsafe"));
    assert_null(strstr(policy, "http"));
    assert_non_null(strstr(buf_str(&out), policy));
    buf_deinit(&out);
    buf_deinit(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_a_server_says_stays_data),
        cmocka_unit_test(a_page_needs_nothing_else),
        cmocka_unit_test(its_policy_names_each_script_and_style_by_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
