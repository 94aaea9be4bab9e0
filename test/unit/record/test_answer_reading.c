#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "record/answer_reading.h"
#include "record/answer_words.h"

#define BEGIN_NS (5 * NS_PER_S)

static struct arrival at_ms(uint64_t ms, uint32_t serial)
{
    return (struct arrival){.arrived_ns = BEGIN_NS + ms * NS_PER_MS,
                            .read_serial = serial};
}

static void begin(struct answer_reading *reading, struct trace_answer *answer,
                  const char *type, const char *encoding)
{
    const struct arrival arrival = at_ms(10, 1);

    *answer = (struct trace_answer){0};
    answer_reading_init(reading, answer, BEGIN_NS);
    answer_reading_head(reading, 200, type, encoding, &arrival);
}

static void feed(struct answer_reading *reading, const char *text, uint64_t ms)
{
    const struct arrival arrival = at_ms(ms, (uint32_t)ms);

    answer_reading_body(reading, text, strlen(text), &arrival);
}

static void the_events_of_a_stream_are_counted_and_timed(void **state)
{
    struct answer_reading reading;
    struct trace_answer answer;

    (void)state;
    begin(&reading, &answer, "text/event-stream; charset=utf-8", NULL);
    feed(&reading, "data: {\"delta\": {\"role\": \"assistant\", \"content\": \"\"}}\n\n",
         20);
    feed(&reading, "data: {\"delta\": {\"content\"", 25);
    feed(&reading, ": \"Hel\"}}\n\ndata: {\"delta\": {\"content\": \"lo\"}}\n\n", 30);
    feed(&reading,
         "data: {\"usage\": {\"prompt_tokens\": 5, \"completion_tokens\": 2}}\n\n"
         "data: [DONE]\n\n",
         45);
    answer_reading_end(&reading, "complete", BEGIN_NS + 50 * NS_PER_MS);
    assert_true(answer.is_streamed);
    assert_int_equal(answer.headers_ns, 10 * NS_PER_MS);
    assert_int_equal(answer.first_byte_ns, 20 * NS_PER_MS);
    assert_int_equal(answer.first_output_ns, 30 * NS_PER_MS);
    assert_int_equal(answer.duration_ns, 50 * NS_PER_MS);
    assert_int_equal(answer.chunks, 5);
    assert_int_equal(answer.gap_count, 4);
    assert_int_equal(answer.gaps_us[0], 10000);
    assert_int_equal(answer.gaps_us[1], 0);
    assert_int_equal(answer.gaps_us[2], 15000);
    assert_int_equal(answer.prompt_tokens, 5);
    assert_int_equal(answer.completion_tokens, 2);
    free(answer.gaps_us);
}

static void a_plain_answers_usage_is_read_off_its_end(void **state)
{
    struct answer_reading reading;
    struct trace_answer answer;
    char filler[40 * 1024];

    (void)state;
    memset(filler, 'x', sizeof(filler));
    filler[sizeof(filler) - 1] = '\0';
    begin(&reading, &answer, "application/json", "identity");
    feed(&reading, "{\"choices\": [{\"content\": \"", 20);
    for (unsigned i = 0; i < 12; i++)
        feed(&reading, filler, 21 + i);
    feed(&reading, "\"}], \"usage\": {\"input_tokens\": 7, \"output_tok", 40);
    feed(&reading, "ens\": 9}, \"id\": 1}", 41);
    answer_reading_end(&reading, "complete", BEGIN_NS + NS_PER_S);
    assert_int_equal(answer.prompt_tokens, 7);
    assert_int_equal(answer.completion_tokens, 9);
    assert_int_equal(answer.chunks, 15);
    assert_false(answer.is_streamed);
    assert_int_equal(answer.gap_count, 0);
}

static void an_encoded_stream_that_cannot_be_read_is_timed_by_its_reads(void **state)
{
    static const char *const encodings[] = {"br", "gzip"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(encodings); i++) {
        struct answer_reading reading;
        struct trace_answer answer;

        begin(&reading, &answer, "text/event-stream", encodings[i]);
        feed(&reading, "no gzip", 20);
        feed(&reading, "xx", 30);
        feed(&reading, "yy", 30);
        feed(&reading, "zz", 40);
        answer_reading_end(&reading, "reset", BEGIN_NS + NS_PER_S);
        assert_int_equal(answer.chunks, i == 0 ? 3 : 2);
        assert_int_equal(answer.gap_count, i == 0 ? 2 : 1);
        assert_int_equal(answer.prompt_tokens, 0);
        assert_string_equal(answer.end, "reset");
        free(answer.gaps_us);
    }
}

/* Encodes a text: as gzip with 15 + 16 bits, with 15 as what HTTP calls
 * deflate. Returns the bytes. */
static size_t deflate_text(const char *text, int window_bits, unsigned char *out,
                           size_t cap)
{
    z_stream stream = {0};

    assert_int_equal(
        deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)text;
    stream.avail_in = (uInt)strlen(text);
    stream.next_out = out;
    stream.avail_out = (uInt)cap;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(deflateEnd(&stream), Z_OK);
    return cap - stream.avail_out;
}

static void gzip_and_deflate_are_read_byte_by_byte(void **state)
{
    static const char text[] =
        "data: {\"delta\": {\"content\": \"a\"}}\n\ndata: {\"usage\": "
        "{\"prompt_tokens\": 3, \"completion_tokens\": 4}}\n\n";
    static const struct {
        const char *encoding;
        int window_bits;
    } cases[] = {{"gzip", 15 + 16}, {"Deflate", 15}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct answer_reading reading;
        struct trace_answer answer;
        unsigned char encoded[512];
        const size_t len =
            deflate_text(text, cases[i].window_bits, encoded, sizeof(encoded));

        begin(&reading, &answer, "text/event-stream", cases[i].encoding);
        for (size_t at = 0; at < len; at++) {
            const struct arrival arrival = at_ms(20 + at, (uint32_t)at);

            answer_reading_body(&reading, (const char *)encoded + at, 1, &arrival);
        }
        answer_reading_end(&reading, "complete", BEGIN_NS + NS_PER_S);
        assert_int_equal(answer.chunks, 2);
        assert_true(answer.first_output_ns > 0);
        assert_int_equal(answer.bytes, len);
        assert_int_equal(answer.prompt_tokens, 3);
        assert_int_equal(answer.completion_tokens, 4);
        free(answer.gaps_us);
    }
}

static void what_blows_up_is_given_up(void **state)
{
    const size_t size = (size_t)80 * 1024 * 1024;
    char *zeros = calloc(1, size + 1);
    unsigned char *encoded = malloc(size / 100);
    struct answer_reading reading;
    struct trace_answer answer;
    const struct arrival arrival = at_ms(20, 2);
    size_t len;

    (void)state;
    assert_non_null(zeros);
    assert_non_null(encoded);
    memset(zeros, ' ', size);
    len = deflate_text(zeros, 15 + 16, encoded, size / 100);
    begin(&reading, &answer, "application/json", "gzip");
    answer_reading_body(&reading, (const char *)encoded, len, &arrival);
    assert_null(reading.inflater);
    answer_reading_end(&reading, "complete", BEGIN_NS + NS_PER_S);
    free(zeros);
    free(encoded);
}

static void gaps_beyond_the_limit_are_left_out(void **state)
{
    struct answer_reading reading;
    struct trace_answer answer;

    (void)state;
    begin(&reading, &answer, "text/event-stream", NULL);
    for (unsigned i = 0; i < TRACE_GAPS_MAX + 100; i++)
        feed(&reading, "data: x\n\n", 20 + i);
    answer_reading_end(&reading, "complete", BEGIN_NS + 60 * NS_PER_S);
    assert_int_equal(answer.gap_count, TRACE_GAPS_MAX);
    assert_int_equal(answer.chunks, TRACE_GAPS_MAX + 100);
    for (size_t i = 0; i < answer.gap_count; i++)
        assert_int_equal(answer.gaps_us[i], 1000);
    free(answer.gaps_us);
}

static void usage_is_known_in_each_platforms_words(void **state)
{
    static const struct {
        const char *text;
        uint64_t prompt;
        uint64_t completion;
    } cases[] = {
        {"{\"usage\": null}", 1, 1},
        {"{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":4}}", 10, 4},
        {"{\"usage\" : {\"total_tokens\": 3, \"prompt_tokens\": 3}}", 3, 1},
        {"{\"message\": {\"usage\": {\"input_tokens\": 2, "
         "\"cache_read_input_tokens\": "
         "30, "
         "\"cache_creation_input_tokens\": 400, \"output_tokens\": 1}}}",
         432, 1},
        {"{\"delta\": {}, \"usage\": {\"output_tokens\": 15}}", 1, 15},
        {"{\"text\": \"\\\"usage\\\": {\\\"prompt_tokens\\\": 9}\"}", 1, 1},
        {"{\"usage\": {\"prompt_tokens\": 9", 1, 1},
        {"{\"usage\": {\"prompt_tokens\": \"9\", \"completion_tokens\": -4}}", 1, 1},
        {"\"usage\"", 1, 1},
        {"\"usage\":", 1, 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint64_t prompt = 1;
        uint64_t completion = 1;

        answer_words_usage(cases[i].text, strlen(cases[i].text), &prompt, &completion);
        assert_int_equal(prompt, cases[i].prompt);
        assert_int_equal(completion, cases[i].completion);
    }
}

static void output_is_text_of_any_kind(void **state)
{
    static const char *const with[] = {
        "{\"delta\":{\"content\":\"a\"}}", "{\"delta\": {\"reasoning_content\" : \"a\"}}",
        "{\"type\":\"x.delta\",\"delta\":\"a\"}", "{\"delta\":{\"partial_json\":\"{\"}}"};
    static const char *const without[] = {"[DONE]",
                                          "{\"delta\":{\"content\":\"\"}}",
                                          "{\"delta\":{\"content\":null}}",
                                          "{\"message\":{\"content\":[]}}",
                                          "{\"text\":",
                                          "\"text\":\""};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(with); i++)
        assert_true(answer_words_output(with[i], strlen(with[i])));
    for (size_t i = 0; i < COUNT_OF(without); i++)
        assert_false(answer_words_output(without[i], strlen(without[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_events_of_a_stream_are_counted_and_timed),
        cmocka_unit_test(a_plain_answers_usage_is_read_off_its_end),
        cmocka_unit_test(an_encoded_stream_that_cannot_be_read_is_timed_by_its_reads),
        cmocka_unit_test(gzip_and_deflate_are_read_byte_by_byte),
        cmocka_unit_test(what_blows_up_is_given_up),
        cmocka_unit_test(gaps_beyond_the_limit_are_left_out),
        cmocka_unit_test(usage_is_known_in_each_platforms_words),
        cmocka_unit_test(output_is_text_of_any_kind),
    };

    return cmocka_run_group_tests_name("answer_reading", tests, NULL, NULL);
}
