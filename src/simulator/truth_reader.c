#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulator/truth.h"

/* No simulator writes a longer id: the file is broken. */
#define ID_BYTES_MAX 4096

struct truth_reader {
    FILE *file;
    struct truth_header header;
    char **ids; /* by request number − 1; owned */
    uint64_t id_count;
    uint64_t id_cap;
};

struct truth_reader *truth_reader_free(struct truth_reader *reader)
{
    if (!reader)
        return NULL;
    for (uint64_t i = 0; i < reader->id_count; i++)
        free(reader->ids[i]);
    free((void *)reader->ids);
    if (reader->file)
        (void)fclose(reader->file);
    free(reader);
    return NULL;
}

int truth_reader_new(const char *path, struct truth_reader **ret_reader)
{
    struct truth_reader *reader = calloc(1, sizeof(*reader));
    int r = 0;

    if (!reader)
        return -ENOMEM;
    reader->file = fopen(path, "re");
    if (!reader->file)
        r = -errno;
    else if (fread(&reader->header, sizeof(reader->header), 1, reader->file) != 1 ||
             memcmp(reader->header.magic, TRUTH_MAGIC, sizeof(reader->header.magic)) !=
                 0 ||
             reader->header.version != TRUTH_VERSION ||
             reader->header.record_bytes != sizeof(struct truth_record_bytes))
        r = -EINVAL;
    if (r < 0) {
        truth_reader_free(reader);
        return r;
    }
    *ret_reader = reader;
    return 0;
}

int64_t truth_reader_wall_offset_ns(const struct truth_reader *reader)
{
    return (int64_t)(reader->header.wall_ns - reader->header.mono_ns);
}

/* Keeps an id under its number; numbers come in order. */
static int keep_id(struct truth_reader *reader, uint64_t number, char *id)
{
    if (number != reader->id_count + 1)
        return -EINVAL;
    if (reader->id_count == reader->id_cap) {
        const uint64_t cap = reader->id_cap > 0 ? reader->id_cap * 2 : 1024;
        char **ids = (char **)reallocarray((void *)reader->ids, cap, sizeof(*ids));

        if (!ids)
            return -ENOMEM;
        reader->ids = ids;
        reader->id_cap = cap;
    }
    reader->ids[reader->id_count++] = id;
    return 0;
}

/* Reads the id behind its record. Returns 1; 0 when the file ends within it; -errno. */
static int read_id(struct truth_reader *reader, const struct truth_record_bytes *record)
{
    const size_t step = sizeof(*record);
    const size_t padded = (record->index + step - 1) / step * step;
    char *id;
    int r;

    if (record->index > ID_BYTES_MAX)
        return -EINVAL;
    id = malloc(padded + 1);
    if (!id)
        return -ENOMEM;
    if (padded > 0 && fread(id, padded, 1, reader->file) != 1) {
        free(id);
        return ferror(reader->file) ? -EIO : 0;
    }
    id[record->index] = '\0';
    r = keep_id(reader, record->request, id);
    if (r < 0)
        free(id);
    return r < 0 ? r : 1;
}

int truth_reader_next(struct truth_reader *reader, struct truth_record *ret_record)
{
    struct truth_record_bytes bytes;

    if (fread(&bytes, sizeof(bytes), 1, reader->file) != 1)
        return ferror(reader->file) ? -EIO : 0;
    if (bytes.kind < TRUTH_RECEIVED || bytes.kind > TRUTH_DONE)
        return -EINVAL;
    if (bytes.kind == TRUTH_RECEIVED) {
        const int r = read_id(reader, &bytes);

        if (r <= 0)
            return r;
    }
    ret_record->bytes = bytes;
    ret_record->id = bytes.request >= 1 && bytes.request <= reader->id_count
                         ? reader->ids[bytes.request - 1]
                         : NULL;
    return 1;
}
