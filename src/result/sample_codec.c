#include "result/sample_codec.h"

#include <endian.h>
#include <string.h>

#include "base/buf.h"
#include "measure/labels.h"
#include "measure/sample.h"

#define FIELD(member, field_kind)                                                        \
    {#member, field_kind, sizeof(((struct sample *)0)->member),                          \
     offsetof(struct sample, member)}
#define NUMBER(member) FIELD(member, SAMPLE_FIELD_NUMBER)
#define MOMENT(member) FIELD(member, SAMPLE_FIELD_MOMENT)

static const struct sample_field fields[] = {
    NUMBER(operation_id),
    NUMBER(attempt),
    FIELD(labels, SAMPLE_FIELD_LABELS),
    NUMBER(user),
    FIELD(outcome, SAMPLE_FIELD_OUTCOME),
    FIELD(flags, SAMPLE_FIELD_FLAGS),
    NUMBER(status),
    FIELD(token_source, SAMPLE_FIELD_SOURCE),
    MOMENT(due_ns),
    MOMENT(sent_ns),
    MOMENT(wire_ns),
    MOMENT(headers_ns),
    MOMENT(first_byte_ns),
    MOMENT(first_event_ns),
    MOMENT(first_output_ns),
    MOMENT(first_answer_ns),
    MOMENT(last_output_ns),
    MOMENT(end_ns),
    NUMBER(dns_ns),
    NUMBER(connect_ns),
    NUMBER(tls_ns),
    NUMBER(rtt_min_ns),
    NUMBER(server_prompt_ns),
    NUMBER(ttft_width_ns),
    NUMBER(chunks),
    NUMBER(reads),
    NUMBER(unresolved_chunks),
    NUMBER(unstamped_chunks),
    NUMBER(prompt_tokens),
    NUMBER(cached_tokens),
    NUMBER(completion_tokens),
    NUMBER(reasoning_tokens),
    NUMBER(bytes_sent),
    NUMBER(bytes_received),
    FIELD(cost_pusd, SAMPLE_FIELD_SIGNED),
    NUMBER(turn),
    /* Since version 2. What is new goes to the end, so that older files are read. */
    NUMBER(rtt_ns),
    NUMBER(rttvar_ns),
    NUMBER(delivery_rate_bytes_per_s),
    NUMBER(retransmits),
    NUMBER(local_port),
    NUMBER(together_chunks),
    /* Since version 3. */
    NUMBER(late_ns),
    /* Since version 4. */
    NUMBER(wait_ns),
    /* Since version 5. */
    NUMBER(choices),
    MOMENT(first_choice_ns),
    MOMENT(last_choice_ns),
};

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

const struct sample_field *sample_field_at(size_t index)
{
    return index < FIELD_COUNT ? &fields[index] : NULL;
}

/* How many fields a record has, by version. */
static const size_t fields_of[SAMPLE_FILE_VERSION + 1] = {0, 36, 42, 43, 44, FIELD_COUNT};

size_t sample_record_bytes_of(uint64_t version)
{
    size_t bytes = 1;

    if (version < SAMPLE_FILE_OLDEST || version > SAMPLE_FILE_VERSION)
        return 0;
    for (size_t i = 0; i < fields_of[version]; i++)
        bytes += fields[i].bytes;
    return bytes;
}

size_t sample_record_bytes(void)
{
    return sample_record_bytes_of(SAMPLE_FILE_VERSION);
}

/*
 * Least significant byte first, whatever the machine's order. Returns where the next one goes; what
 * is behind it, up to eight bytes from at, is overwritten.
 */
static unsigned char *put_number(unsigned char *at, uint64_t value, size_t width)
{
    const uint64_t bytes = htole64(value);

    memcpy(at, &bytes, sizeof(bytes));
    return at + width;
}

static int append_number(struct buf *out, uint64_t value, size_t width)
{
    unsigned char bytes[8];

    (void)put_number(bytes, value, width);
    return buf_append(out, bytes, width);
}

uint64_t sample_decode_number(const unsigned char *bytes, size_t width)
{
    uint64_t value = 0;

    for (size_t i = 0; i < width; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

int sample_encode_header(uint64_t wall_ns, uint64_t mono_ns, struct buf *out)
{
    buf_append(out, SAMPLE_FILE_MAGIC, 8);
    append_number(out, SAMPLE_FILE_VERSION, 4);
    append_number(out, sample_record_bytes(), 4);
    append_number(out, wall_ns, 8);
    return append_number(out, mono_ns, 8);
}

/* A member of the machine's own width, as a number. */
static uint64_t load(const void *member, size_t width)
{
    uint16_t two = 0;
    uint32_t four = 0;
    uint64_t eight = 0;

    switch (width) {
    case 2:
        memcpy(&two, member, 2);
        return two;
    case 4:
        memcpy(&four, member, 4);
        return four;
    default:
        memcpy(&eight, member, 8);
        return eight;
    }
}

static void store(void *member, uint64_t value, size_t width)
{
    const uint16_t two = (uint16_t)value;
    const uint32_t four = (uint32_t)value;

    switch (width) {
    case 2:
        memcpy(member, &two, 2);
        break;
    case 4:
        memcpy(member, &four, 4);
        break;
    default:
        memcpy(member, &value, 8);
        break;
    }
}

uint64_t sample_field_load(const struct sample_field *field, const struct sample *sample)
{
    return load((const char *)sample + field->offset, field->bytes);
}

void sample_field_store(const struct sample_field *field, uint64_t value,
                        struct sample *sample)
{
    store((char *)sample + field->offset, value, field->bytes);
}

int sample_encode(const struct sample *sample, struct buf *out)
{
    /* No field is wider than its member; the last one may be overrun. */
    unsigned char record[1 + sizeof(*sample) + sizeof(uint64_t)];
    unsigned char *at = record;

    *at++ = SAMPLE_RECORD_SAMPLE;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        at = put_number(at, sample_field_load(&fields[i], sample), fields[i].bytes);
    return buf_append(out, record, (size_t)(at - record));
}

void sample_decode(const unsigned char *bytes, size_t len, struct sample *ret_sample)
{
    size_t at = 0;

    memset(ret_sample, 0, sizeof(*ret_sample));
    for (size_t i = 0; i < FIELD_COUNT && at + fields[i].bytes <= len; i++) {
        sample_field_store(&fields[i], sample_decode_number(bytes + at, fields[i].bytes),
                           ret_sample);
        at += fields[i].bytes;
    }
}

static void append_text(struct buf *out, const char *text)
{
    size_t len = strlen(text);

    if (len > UINT16_MAX)
        len = UINT16_MAX;
    append_number(out, len, 2);
    buf_append(out, text, len);
}

int sample_encode_labels(uint32_t id, const struct label *labels, size_t count,
                         struct buf *out)
{
    buf_append_char(out, SAMPLE_RECORD_LABELS);
    append_number(out, id, 4);
    append_number(out, count, 2);
    for (size_t i = 0; i < count; i++) {
        append_text(out, labels[i].key);
        append_text(out, labels[i].value);
    }
    return buf_error(out);
}

int sample_encode_chunk(const struct chunk *chunk, struct buf *out)
{
    unsigned char record[SAMPLE_CHUNK_BYTES + sizeof(uint64_t)];
    unsigned char *at = record;

    *at++ = SAMPLE_RECORD_CHUNK;
    at = put_number(at, chunk->operation_id, 8);
    at = put_number(at, chunk->attempt, 4);
    at = put_number(at, chunk->at_ns, 8);
    at = put_number(at, chunk->what, 1);
    return buf_append(out, record, (size_t)(at - record));
}

struct chunk sample_decode_chunk(const unsigned char *bytes)
{
    return (struct chunk){
        .operation_id = sample_decode_number(bytes, 8),
        .attempt = (uint32_t)sample_decode_number(bytes + 8, 4),
        .at_ns = sample_decode_number(bytes + 12, 8),
        .what = (uint8_t)sample_decode_number(bytes + 20, 1),
    };
}

int sample_encode_end(uint64_t written, uint64_t dropped, struct buf *out)
{
    buf_append_char(out, SAMPLE_RECORD_END);
    append_number(out, written, 8);
    return append_number(out, dropped, 8);
}
