/*
 * Recorded streams of all dialects, in whatever pieces the network brings them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/dialect.h"
#include "base/buf.h"
#include "net/sse.h"
#include "recorded.h"

#define CALL_ID 7

/* What was understood of a stream. */
struct hearing {
    const struct api_dialect *dialect;
    struct api_reader reader;
    struct buf text;
    uint32_t outputs;
    uint32_t output;
    uint32_t malformed;
    uint32_t errors;
};

static void on_event(void *ctx, const struct sse_event *event)
{
    struct hearing *hearing = ctx;
    uint32_t output = 0;

    switch (hearing->dialect->read_event(&hearing->reader, event->data, event->data_len,
                                         &output)) {
    case API_OUTPUT:
        hearing->outputs++;
        hearing->output |= output;
        break;
    case API_MALFORMED:
        hearing->malformed++;
        break;
    case API_ERROR:
    case API_TOOL_ERROR:
        hearing->errors++;
        break;
    case API_NOTHING:
    case API_DONE:
        break;
    }
}

/* Hears so many bytes of a stream, in two pieces that meet at `cut`. */
static void hear(const struct recorded_stream *stream, const char *bytes, size_t len,
                 size_t cut, struct hearing *hearing)
{
    struct sse_parser *parser = NULL;

    *hearing = (struct hearing){.dialect = api_dialect_of(stream->api, stream->kind),
                                .text = BUF_INIT(4096)};
    hearing->reader.text = &hearing->text;
    hearing->reader.call_id = CALL_ID;
    assert_int_equal(sse_parser_new(&parser, 65536, on_event, hearing), 0);
    assert_int_equal(sse_parser_feed(parser, bytes, cut), 0);
    assert_int_equal(sse_parser_feed(parser, bytes + cut, len - cut), 0);
    sse_parser_free(parser);
}

static void assert_told(const struct recorded_stream *stream,
                        const struct hearing *hearing)
{
    const struct api_usage *usage = &hearing->reader.usage;

    assert_int_equal(hearing->malformed, 0);
    assert_int_equal(hearing->errors, 0);
    assert_string_equal(buf_str(&hearing->text), stream->text);
    assert_int_equal(hearing->outputs, stream->outputs);
    assert_int_equal(hearing->output, stream->output);
    assert_true(hearing->reader.finished);
    assert_string_equal(api_finish_word((enum api_finish)hearing->reader.finish),
                        stream->finish);
    assert_true(hearing->reader.done);
    assert_int_equal(hearing->reader.after_done, 0);
    assert_int_equal(hearing->reader.other_ids, 0);
    assert_int_equal(hearing->reader.invalid_text, 0);
    assert_int_equal(hearing->reader.slow_events, 0);
    assert_int_equal(usage->present, stream->prompt_tokens > 0);
    assert_int_equal(usage->prompt_tokens, stream->prompt_tokens);
    assert_int_equal(usage->cached_tokens, stream->cached_tokens);
    assert_int_equal(usage->completion_tokens, stream->completion_tokens);
    assert_int_equal(usage->reasoning_tokens, stream->reasoning_tokens);
}

static void a_stream_tells_the_same_wherever_the_network_cuts_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < recorded_stream_count; i++) {
        const struct recorded_stream *stream = &recorded_streams[i];
        const size_t len = strlen(stream->bytes);

        for (size_t cut = 0; cut <= len; cut++) {
            struct hearing hearing;

            hear(stream, stream->bytes, len, cut, &hearing);
            assert_told(stream, &hearing);
            buf_deinit(&hearing.text);
        }
    }
}

/* What has come so far is a beginning of the whole, and no stream is over before its last event. */
static void a_stream_that_breaks_off_tells_a_beginning_and_never_an_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < recorded_stream_count; i++) {
        const struct recorded_stream *stream = &recorded_streams[i];
        const size_t len = strlen(stream->bytes);

        for (size_t end = 0; end < len - 1; end++) {
            struct hearing hearing;

            hear(stream, stream->bytes, end, 0, &hearing);
            assert_int_equal(hearing.malformed, 0);
            assert_false(hearing.reader.done);
            assert_true(hearing.outputs <= stream->outputs);
            assert_memory_equal(buf_str(&hearing.text), stream->text, hearing.text.len);
            buf_deinit(&hearing.text);
        }
    }
}

/* Any byte changed to one that JSON minds: it is read somehow, and in bounds. */
static void a_stream_with_a_broken_byte_is_read_in_bounds(void **state)
{
    static const char breaks[] = "\"\\{}[],:n0- \x01\xff";

    (void)state;
    for (size_t i = 0; i < recorded_stream_count; i++) {
        const struct recorded_stream *stream = &recorded_streams[i];
        const size_t len = strlen(stream->bytes);

        for (size_t at = 0; at < len; at++) {
            /* Memory of its own, so that a sanitizer sees what lies beyond it. */
            char *broken = malloc(len);
            struct hearing hearing;

            assert_non_null(broken);
            memcpy(broken, stream->bytes, len);
            broken[at] = breaks[(at + i) % (sizeof(breaks) - 1)];
            hear(stream, broken, len, len / 2, &hearing);
            assert_true(hearing.text.len <= len);
            buf_deinit(&hearing.text);
            free(broken);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_tells_the_same_wherever_the_network_cuts_it),
        cmocka_unit_test(a_stream_that_breaks_off_tells_a_beginning_and_never_an_end),
        cmocka_unit_test(a_stream_with_a_broken_byte_is_read_in_bounds),
    };

    return cmocka_run_group_tests_name("streams", tests, NULL, NULL);
}
