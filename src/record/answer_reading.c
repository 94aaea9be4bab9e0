#include "record/answer_reading.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "record/answer_words.h"
#include "record/inflater.h"

/* A larger event is passed on, but not read. */
#define EVENT_BYTES_MAX ((size_t)1024 * 1024)

/* Of a JSON body so much of its end is kept: usage stands behind the choices.
 */
#define TAIL_BYTES ((size_t)64 * 1024)

void answer_reading_init(struct answer_reading *reading, struct trace_answer *answer,
                         uint64_t began_ns)
{
    *reading = (struct answer_reading){
        .answer = answer, .began_ns = began_ns, .tail = BUF_INIT(3 * TAIL_BYTES)};
}

void answer_reading_deinit(struct answer_reading *reading)
{
    reading->inflater = inflater_free(reading->inflater);
    reading->sse = sse_parser_free(reading->sse);
    buf_deinit(&reading->tail);
}

/* 0 stands for what did not happen. */
static uint64_t since(const struct answer_reading *reading, uint64_t moment_ns)
{
    return moment_ns > reading->began_ns ? moment_ns - reading->began_ns : 1;
}

static bool reserve_gap(struct trace_answer *answer)
{
    const size_t count = answer->gap_count;
    uint32_t *gaps_us;

    if (count == TRACE_GAPS_MAX)
        return false;
    /* The room doubles each time that the count reaches a power of two. */
    if (count > 0 && (count < 16 || (count & (count - 1)) != 0))
        return true;
    gaps_us = realloc(answer->gaps_us, (count < 16 ? 16 : 2 * count) * sizeof(*gaps_us));
    if (!gaps_us)
        return false;
    answer->gaps_us = gaps_us;
    return true;
}

/* One more event of a stream, or of one that cannot be read one more piece. */
static void note_chunk(struct answer_reading *reading, uint64_t moment_ns)
{
    struct trace_answer *answer = reading->answer;

    answer->chunks++;
    if (!answer->is_streamed)
        return;
    if (reading->event_ns > 0 && reserve_gap(answer)) {
        const uint64_t gap_us = moment_ns > reading->event_ns
                                    ? (moment_ns - reading->event_ns) / NS_PER_US
                                    : 0;

        answer->gaps_us[answer->gap_count++] =
            gap_us < UINT32_MAX ? (uint32_t)gap_us : UINT32_MAX;
    }
    reading->event_ns = moment_ns;
}

static void on_event(void *ctx, const struct sse_event *event)
{
    struct answer_reading *reading = ctx;
    struct trace_answer *answer = reading->answer;

    note_chunk(reading, reading->piece_ns);
    if (answer->first_output_ns == 0 && answer_words_output(event->data, event->data_len))
        answer->first_output_ns = since(reading, reading->piece_ns);
    answer_words_usage(event->data, event->data_len, &answer->prompt_tokens,
                       &answer->completion_tokens);
}

/* Whether a media type, without its parameters, is the one named. */
static bool is_media_type(const char *value, const char *wanted)
{
    const size_t len = strlen(wanted);

    return value && strncasecmp(value, wanted, len) == 0 &&
           (value[len] == '\0' || strchr("; \t", value[len]));
}

/* Whether the body can be looked into; it may have to be decoded for that. */
static bool make_readable(struct answer_reading *reading, const char *encoding)
{
    if (!encoding || strcasecmp(encoding, "identity") == 0)
        return true;
    if (inflater_knows(encoding))
        reading->inflater = inflater_new();
    return reading->inflater != NULL;
}

/* From here on the body is only counted. */
static void give_up(struct answer_reading *reading)
{
    reading->inflater = inflater_free(reading->inflater);
    reading->sse = sse_parser_free(reading->sse);
    reading->keeps_tail = false;
}

void answer_reading_head(struct answer_reading *reading, uint16_t status,
                         const char *content_type, const char *encoding,
                         const struct arrival *arrival)
{
    struct trace_answer *answer = reading->answer;
    const bool is_stream = is_media_type(content_type, "text/event-stream");
    const bool is_json = is_media_type(content_type, "application/json");

    answer->status = status;
    answer->headers_ns = since(reading, arrival->arrived_ns);
    answer->is_streamed = is_stream;
    if ((!is_stream && !is_json) || !make_readable(reading, encoding))
        return;
    reading->keeps_tail = is_json;
    if (is_stream &&
        sse_parser_new(&reading->sse, EVENT_BYTES_MAX, on_event, reading) < 0)
        give_up(reading);
}

static void keep_tail(struct answer_reading *reading, const char *bytes, size_t len)
{
    struct buf *tail = &reading->tail;

    if (len > TAIL_BYTES) {
        bytes += len - TAIL_BYTES;
        len = TAIL_BYTES;
    }
    if (tail->len > 2 * TAIL_BYTES - len)
        buf_erase(tail, 0, tail->len - TAIL_BYTES);
    if (buf_append(tail, bytes, len) < 0)
        reading->keeps_tail = false;
}

/* A piece of the body as it is to be read. */
static void read_plain(void *ctx, const char *bytes, size_t len)
{
    struct answer_reading *reading = ctx;

    if (reading->keeps_tail)
        keep_tail(reading, bytes, len);
    /* A stream that cannot be framed any more is counted by its reads from there
   * on. */
    if (reading->sse && sse_parser_feed(reading->sse, bytes, len) < 0)
        reading->sse = sse_parser_free(reading->sse);
}

void answer_reading_body(struct answer_reading *reading, const char *bytes, size_t len,
                         const struct arrival *arrival)
{
    struct trace_answer *answer = reading->answer;

    answer->bytes += len;
    if (answer->first_byte_ns == 0)
        answer->first_byte_ns = since(reading, arrival->arrived_ns);
    reading->piece_ns = arrival->arrived_ns;
    if (!reading->sse &&
        (arrival->read_serial != reading->read_serial || answer->chunks == 0))
        note_chunk(reading, arrival->arrived_ns);
    reading->read_serial = arrival->read_serial;
    if (!reading->inflater)
        read_plain(reading, bytes, len);
    else if (inflater_feed(reading->inflater, bytes, len, read_plain, reading) < 0)
        give_up(reading);
}

void answer_reading_end(struct answer_reading *reading, const char *how, uint64_t now_ns)
{
    struct trace_answer *answer = reading->answer;

    answer->end = how;
    answer->duration_ns = since(reading, now_ns);
    if (reading->keeps_tail)
        answer_words_usage(buf_str(&reading->tail), reading->tail.len,
                           &answer->prompt_tokens, &answer->completion_tokens);
    answer_reading_deinit(reading);
}
