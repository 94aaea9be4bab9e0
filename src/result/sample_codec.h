/*
 * The records of samples.bin (doc/results.md): one table of a sample's fields gives the binary
 * layout, the reader and the names in requests.jsonl. Little-endian. Pure.
 *
 * A file is: the header; then records, each beginning with its kind in one byte:
 *   SAMPLE_RECORD_LABELS  u32 id, u16 count, then count pairs of (u16 length, bytes) key and value;
 *                         before the first sample that refers to the id
 *   SAMPLE_RECORD_SAMPLE  the fields of the table, in order, without gaps
 *   SAMPLE_RECORD_CHUNK   u64 operation id, u32 attempt, u64 monotonic ns, u8 what (enum chunk_bit);
 *                         before the sample of its attempt
 *   SAMPLE_RECORD_END     u64 samples written, u64 samples dropped; missing when the run was killed
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buf;
struct chunk;
struct label;
struct sample;

#define SAMPLE_FILE_MAGIC "throng.s"
#define SAMPLE_FILE_VERSION 5
/* The oldest that is read: its records are the beginning of today's. */
#define SAMPLE_FILE_OLDEST 1

enum sample_record {
    SAMPLE_RECORD_LABELS = 1,
    SAMPLE_RECORD_SAMPLE = 2,
    SAMPLE_RECORD_END = 3,
    SAMPLE_RECORD_CHUNK = 4,
};

/* Magic, u32 version, u32 bytes of a sample record, u64 wall ns, u64 monotonic ns of the start. */
#define SAMPLE_HEADER_BYTES 32

/* Bytes of a chunk record, its kind included. */
#define SAMPLE_CHUNK_BYTES 22

enum sample_field_kind {
    SAMPLE_FIELD_NUMBER,
    SAMPLE_FIELD_SIGNED,  /* a number that may be below zero */
    SAMPLE_FIELD_FLAGS,   /* told by their names */
    SAMPLE_FIELD_OUTCOME, /* told by name */
    SAMPLE_FIELD_SOURCE,  /* token source, told by name */
    SAMPLE_FIELD_MOMENT,  /* monotonic ns; told from the run's start */
    SAMPLE_FIELD_LABELS,  /* id of a label set; told as its labels */
};

struct sample_field {
    const char *name; /* in requests.jsonl */
    enum sample_field_kind kind;
    uint8_t bytes; /* 2, 4 or 8 */
    size_t offset; /* into struct sample */
};

/* The fields in the order of the file; NULL from the end on. */
const struct sample_field *sample_field_at(size_t index);

/* What a sample holds in a field, as an unsigned number of the field's width; and to set it. */
uint64_t sample_field_load(const struct sample_field *field, const struct sample *sample);

void sample_field_store(const struct sample_field *field, uint64_t value,
                        struct sample *sample);

/* Bytes of a sample record, its kind included. */
size_t sample_record_bytes(void);

/* Appends a record. Return buf_error. */
int sample_encode_header(uint64_t wall_ns, uint64_t mono_ns, struct buf *out);
int sample_encode(const struct sample *sample, struct buf *out);
int sample_encode_labels(uint32_t id, const struct label *labels, size_t count,
                         struct buf *out);
int sample_encode_chunk(const struct chunk *chunk, struct buf *out);
int sample_encode_end(uint64_t written, uint64_t dropped, struct buf *out);

/* Bytes of a record of that version, its kind included; 0 for a version that is not known. */
size_t sample_record_bytes_of(uint64_t version);

/* A sample record's fields, behind its kind, in len bytes; fields that they lack are 0. */
void sample_decode(const unsigned char *bytes, size_t len, struct sample *ret_sample);

/* A chunk record's SAMPLE_CHUNK_BYTES - 1 bytes behind its kind. */
struct chunk sample_decode_chunk(const unsigned char *bytes);

/* A number of 1 to 8 bytes at `bytes`. */
uint64_t sample_decode_number(const unsigned char *bytes, size_t width);
