#include <setjmp.h>
#include <stdarg.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_is_a_line),
        cmocka_unit_test(a_body_that_is_no_text_is_base64),
        cmocka_unit_test(a_body_that_is_encoded_is_left_out),
    };

    return cmocka_run_group_tests_name("trace_entry", tests, NULL, NULL);
}
