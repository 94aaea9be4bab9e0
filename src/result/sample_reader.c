#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "measure/labels.h"
#include "measure/sample.h"
#include "result/sample_codec.h"
#include "result/sample_file.h"

#define MAX_RECORD_BYTES 1024
#define MAX_LABELS 64
#define MAX_SETS ((size_t)1 << 20)

struct reader {
    FILE *file;
    struct labels *labels;
    uint32_t *ids; /* label set of the file → label set interned here */
    size_t id_count;
    uint64_t started_ns; /* monotonic, of the run */
    int stopped;         /* what the one who is told said last; not 0: it has enough */
    size_t sample_bytes; /* of a record in this file, its kind left out */
    sample_file_fn *fn;
    sample_chunk_fn *chunk_fn; /* NULL: nobody wants to know */
    void *ctx;
};

static void reader_deinit(struct reader *reader)
{
    if (reader->file)
        (void)fclose(reader->file);
    labels_free(reader->labels);
    free(reader->ids);
}

/* Reads exactly len bytes: 1; 0 at the end or where the file was cut. */
static int take(struct reader *reader, void *bytes, size_t len)
{
    return fread(bytes, 1, len, reader->file) == len;
}

static bool take_number(struct reader *reader, size_t width, uint64_t *ret_number)
{
    unsigned char bytes[8];

    if (!take(reader, bytes, width))
        return false;
    *ret_number = sample_decode_number(bytes, width);
    return true;
}

/* A text of the file, allocated. NULL where it was cut. */
static char *take_text(struct reader *reader)
{
    uint64_t len = 0;
    char *text = take_number(reader, 2, &len) ? calloc(1, len + 1) : NULL;

    if (text && !take(reader, text, len)) {
        free(text);
        return NULL;
    }
    return text;
}

/* Remembers under which id a set of the file is interned here. */
static int note_id(struct reader *reader, uint64_t id, uint32_t own)
{
    if (id >= MAX_SETS)
        return -EBADMSG;
    if (id >= reader->id_count) {
        const size_t count = (size_t)id + 64;
        uint32_t *grown = reallocarray(reader->ids, count, sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        memset(grown + reader->id_count, 0, (count - reader->id_count) * sizeof(*grown));
        reader->ids = grown;
        reader->id_count = count;
    }
    reader->ids[id] = own;
    return 0;
}

/* Returns 1; 0 where the file was cut; a negative errno. */
static int read_labels(struct reader *reader)
{
    struct label set[MAX_LABELS] = {{0}};
    char *texts[MAX_LABELS * 2] = {0};
    uint64_t id = 0;
    uint64_t count = 0;
    uint32_t own = LABELS_OTHER;
    size_t read = 0;
    int r = 1;

    if (!take_number(reader, 4, &id) || !take_number(reader, 2, &count))
        return 0;
    if (count > MAX_LABELS)
        return -EBADMSG;
    for (; read < count * 2; read++) {
        texts[read] = take_text(reader);
        if (!texts[read])
            break;
    }
    if (read < count * 2)
        r = 0;
    for (size_t i = 0; i < read / 2; i++)
        set[i] = (struct label){.key = texts[2 * i], .value = texts[2 * i + 1]};
    if (r > 0 && count > 0)
        r = labels_intern(reader->labels, set, count, &own) < 0 ? -ENOMEM : 1;
    for (size_t i = 0; i < read; i++)
        free(texts[i]);
    if (r > 0 && note_id(reader, id, own) < 0)
        r = -EBADMSG;
    return r;
}

/* Makes moments count from the run's start; 0 stays "did not happen". */
static void rebase(struct sample *sample, uint64_t started_ns)
{
    const struct sample_field *field = NULL;

    for (size_t i = 0; (field = sample_field_at(i)) != NULL; i++) {
        const uint64_t at_ns = sample_field_load(field, sample);

        if (field->kind == SAMPLE_FIELD_MOMENT && at_ns != 0)
            sample_field_store(field, at_ns > started_ns ? at_ns - started_ns : 1,
                               sample);
    }
}

static int read_chunk(struct reader *reader)
{
    unsigned char bytes[SAMPLE_CHUNK_BYTES - 1];
    struct chunk chunk;

    if (!take(reader, bytes, sizeof(bytes)))
        return 0;
    chunk = sample_decode_chunk(bytes);
    chunk.at_ns = chunk.at_ns > reader->started_ns ? chunk.at_ns - reader->started_ns : 1;
    if (reader->chunk_fn)
        reader->stopped = reader->chunk_fn(reader->ctx, &chunk);
    return 1;
}

static int read_sample(struct reader *reader)
{
    unsigned char bytes[MAX_RECORD_BYTES];
    struct sample sample;

    if (!take(reader, bytes, reader->sample_bytes))
        return 0;
    sample_decode(bytes, reader->sample_bytes, &sample);
    if (sample.outcome >= OUTCOME_COUNT || sample.labels >= reader->id_count)
        return -EBADMSG;
    sample.labels = reader->ids[sample.labels];
    rebase(&sample, reader->started_ns);
    reader->stopped = reader->fn(reader->ctx, &sample, reader->labels);
    return 1;
}

/* Returns 1; 0 where nothing was written yet; -EBADMSG. */
static int read_header(struct reader *reader)
{
    unsigned char head[SAMPLE_HEADER_BYTES];
    const int first = fgetc(reader->file);
    size_t bytes = 0;

    if (first == EOF)
        return 0;
    (void)ungetc(first, reader->file);
    if (!take(reader, head, sizeof(head)) || memcmp(head, SAMPLE_FILE_MAGIC, 8) != 0)
        return -EBADMSG;
    bytes = sample_record_bytes_of(sample_decode_number(head + 8, 4));
    if (bytes == 0 || sample_decode_number(head + 12, 4) != bytes)
        return -EBADMSG;
    reader->started_ns = sample_decode_number(head + 24, 8);
    reader->sample_bytes = bytes - 1;
    return 1;
}

int sample_file_read(const char *path, sample_file_fn *fn, void *ctx, bool *ret_complete)
{
    return sample_file_read_chunks(path, fn, NULL, ctx, ret_complete);
}

int sample_file_read_chunks(const char *path, sample_file_fn *fn,
                            sample_chunk_fn *chunk_fn, void *ctx, bool *ret_complete)
{
    CLEANUP(reader_deinit)
    struct reader reader = {
        .file = fopen(path, "re"), .fn = fn, .chunk_fn = chunk_fn, .ctx = ctx};
    int r = 0;

    *ret_complete = false;
    if (!reader.file)
        return -errno;
    r = labels_new(MAX_SETS, &reader.labels);
    if (r >= 0)
        r = read_header(&reader);
    while (r == 1 && reader.stopped == 0) {
        const int kind = fgetc(reader.file);

        switch (kind) {
        case EOF:
            return 0;
        case SAMPLE_RECORD_LABELS:
            r = read_labels(&reader);
            break;
        case SAMPLE_RECORD_SAMPLE:
            r = read_sample(&reader);
            break;
        case SAMPLE_RECORD_CHUNK:
            r = read_chunk(&reader);
            break;
        case SAMPLE_RECORD_END:
            *ret_complete = true;
            return 0;
        default:
            return -EBADMSG;
        }
    }
    return reader.stopped != 0 ? reader.stopped : r;
}
