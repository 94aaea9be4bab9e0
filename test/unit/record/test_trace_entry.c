#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "made_entry.h"

static const struct redaction rules;

static void check(struct trace_entry *entry, const char *wanted)
{
    struct trace_taken_out taken = {0};
    struct buf line = BUF_INIT(1024 * 1024);

    trace_entry_write(entry, &rules, &line, &taken);
    assert_int_equal(buf_error(&line), 0);
    assert_string_equal(buf_str(&line), wanted);
    buf_deinit(&line);
    trace_entry_free(entry);
}

static void an_entry_is_a_line(void **state)
{
    static const char *const headers[] = {"Host",
                                          "x",
                                          "Content-Type",
                                          "application/json",
                                          "Authorization",
                                          "Bearer abc",
                                          "Connection",
                                          "X-Mine",
                                          "X-Mine",
                                          "1",
                                          "X-Tag",
                                          "\"q\"",
                                          NULL};
    struct trace_entry *entry = made_entry("POST", "/v1/chat/completions?a=1", headers,
                                           "{\"a\": \"\xc3\xa9\"}", 11);

    (void)state;
    entry->arrived_ns = 1234567 * NS_PER_US + 600;
    entry->session = 3;
    entry->answer = (struct trace_answer){.status = 200,
                                          .headers_ns = 5 * NS_PER_MS,
                                          .first_byte_ns = 6 * NS_PER_MS,
                                          .first_output_ns = 7500 * NS_PER_US,
                                          .duration_ns = NS_PER_S,
                                          .bytes = 99,
                                          .chunks = 3,
                                          .is_streamed = true,
                                          .end = "complete",
                                          .gaps_us = calloc(2, sizeof(uint32_t)),
                                          .gap_count = 2,
                                          .prompt_tokens = 12,
                                          .completion_tokens = 34};
    entry->answer.gaps_us[0] = 1500;
    check(entry,
          "{\"timestamp\": 1234.568, \"session_id\": \"s3\", \"input_length\": 12, "
          "\"output_length\": 34, \"request\": {\"method\": \"POST\", \"path\": "
          "\"/v1/chat/completions?a=1\", \"headers\": [[\"Content-Type\", "
          "\"application/json\"], [\"X-Tag\", \"\\\"q\\\"\"]], \"body\": \"{\\\"a\\\": "
          "\\\"\xc3\xa9\\\"}\"}, \"response\": {\"status\": 200, \"end\": \"complete\", "
          "\"headers_ms\": 5.000, \"first_byte_ms\": 6.000, \"first_output_ms\": 7.500, "
          "\"duration_ms\": 1000.000, \"bytes\": 99, \"chunks\": 3, \"streamed\": true, "
          "\"gaps_ms\": [1.500, 0.000]}}\n");
}

static void a_body_that_is_no_text_is_base64(void **state)
{
    (void)state;
    check(made_entry("PUT", "/", NULL, "\xff\x00\x01", 3),
          "{\"timestamp\": 0.000, \"session_id\": \"s0\", \"input_length\": 0, "
          "\"output_length\": 0, \"request\": {\"method\": \"PUT\", \"path\": \"/\", "
          "\"headers\": [], \"body_base64\": \"/wAB\"}, \"response\": {\"status\": 0, "
          "\"end\": \"\", \"bytes\": 0, \"chunks\": 0, \"streamed\": false}}\n");
}

static void a_body_that_is_encoded_is_left_out(void **state)
{
    static const char *const headers[] = {"Content-Encoding", "gzip", NULL};

    (void)state;
    check(made_entry("PUT", "/", headers, "\x1f\x8b", 2),
          "{\"timestamp\": 0.000, \"session_id\": \"s0\", \"input_length\": 0, "
          "\"output_length\": 0, \"request\": {\"method\": \"PUT\", \"path\": \"/\", "
          "\"headers\": [[\"Content-Encoding\", \"gzip\"]], \"body_left_out\": "
          "\"encoded\"}, \"response\": {\"status\": 0, \"end\": \"\", \"bytes\": 0, "
          "\"chunks\": 0, \"streamed\": false}}\n");
}

/* Whether it is left out. */
static bool is_left_out(const char *const *headers, const char *body, size_t len)
{
    struct trace_entry *entry = made_entry("PUT", "/", headers, body, len);
    struct trace_taken_out taken = {0};
    struct buf out = BUF_INIT(4096);
    bool is_out;

    trace_entry_write(entry, &rules, &out, &taken);
    is_out = strstr(buf_str(&out), "\"body_left_out\": \"encoded\"") != NULL;
    assert_int_equal(taken.bodies, is_out);
    buf_deinit(&out);
    trace_entry_free(entry);
    return is_out;
}

static void an_encoding_is_known_by_any_header_and_by_the_body(void **state)
{
    static const char *const twice[] = {"content-encoding", "identity",
                                        "Content-Encoding", "br", NULL};
    static const char *const identity[] = {"content-encoding", "Identity", NULL};

    (void)state;
    assert_true(is_left_out(twice, "abc", 3));
    assert_true(is_left_out(NULL, "\x1f\x8b\x08", 3));
    assert_false(is_left_out(identity, "abc", 3));
    assert_false(is_left_out(identity, "\x1f", 1));
}

static void values_of_headers_are_looked_into(void **state)
{
    static const char *const headers[] = {"Referer",
                                          "https://h/?api_key=aa1&b=2",
                                          "X-Original-URL",
                                          "/p?token=aa2",
                                          "X-Foo",
                                          "Bearer aa3",
                                          "User-Agent",
                                          "a?b=c",
                                          NULL};
    struct trace_entry *entry = made_entry("GET", "/", headers, "", 0);
    struct trace_taken_out taken = {0};
    struct buf out = BUF_INIT(4096);

    (void)state;
    trace_entry_write(entry, &rules, &out, &taken);
    assert_non_null(strstr(buf_str(&out),
                           "\"headers\": [[\"Referer\", \"https://h/?api_key=***&b=2\"], "
                           "[\"X-Original-URL\", \"/p?token=***\"], [\"User-Agent\", "
                           "\"a?b=c\"]]"));
    assert_int_equal(taken.headers, 1);
    assert_int_equal(taken.values, 2);
    buf_deinit(&out);
    trace_entry_free(entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_is_a_line),
        cmocka_unit_test(a_body_that_is_no_text_is_base64),
        cmocka_unit_test(a_body_that_is_encoded_is_left_out),
        cmocka_unit_test(an_encoding_is_known_by_any_header_and_by_the_body),
        cmocka_unit_test(values_of_headers_are_looked_into),
    };

    return cmocka_run_group_tests_name("trace_entry", tests, NULL, NULL);
}
