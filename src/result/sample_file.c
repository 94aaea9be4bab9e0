#include "result/sample_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "measure/labels.h"
#include "result/sample_codec.h"

#define BLOCK_BYTES ((size_t)256 * 1024)
#define BLOCKS_WAITING_MAX                                                               \
    16 /* 4 MiB: a slower disk costs samples, never memory or time */

/* A block on its way to the disk. */
struct block {
    struct block *next;
    struct buf bytes;
    uint64_t samples;
    uint64_t chunks;
};

/* What the threadpool works on: the loop looks at it only before and after. */
struct job {
    const struct block *block;
    int error; /* 0, or why not all of it was written */
};

struct sample_file {
    uv_loop_t *loop;
    uv_work_t work; /* one block is written at a time, so that they stay in order */
    struct job job;
    bool writing;
    const struct labels *labels;
    size_t labels_told; /* label sets below this id stand in the file */
    struct block *filling;
    struct block *spare; /* one that was written, to be filled again; NULL: none */
    struct block *first_waiting;
    struct block **last_waiting;
    size_t waiting;
    uint64_t max_bytes;
    uint64_t bytes; /* handed to blocks so far */
    uint64_t written;
    uint64_t dropped;
    uint64_t chunks_dropped;
    int fd;
    int error;
    bool closing;
    void (*done)(void *ctx, int error);
    void *done_ctx;
};

static struct block *block_free(struct block *block)
{
    if (block) {
        buf_deinit(&block->bytes);
        free(block);
    }
    return NULL;
}

static struct block *block_new(void)
{
    struct block *block = calloc(1, sizeof(*block));

    if (!block)
        return NULL;
    /* Room for the record that goes past the mark at which a block counts as full. */
    block->bytes = BUF_INIT(BLOCK_BYTES * 2);
    return buf_reserve(&block->bytes, BLOCK_BYTES) < 0 ? block_free(block) : block;
}

int sample_file_new(uv_loop_t *loop, const char *path, uint64_t max_bytes,
                    const struct labels *labels, uint64_t started_wall_ns,
                    uint64_t started_mono_ns, struct sample_file **ret_file)
{
    struct sample_file *file = calloc(1, sizeof(*file));
    int r = file ? 0 : -ENOMEM;

    if (r < 0)
        return r;
    file->loop = loop;
    file->labels = labels;
    file->max_bytes = max_bytes;
    file->last_waiting = &file->first_waiting;
    file->filling = block_new();
    file->fd =
        file->filling ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (file->fd < 0) {
        r = file->filling ? -errno : -ENOMEM;
        block_free(file->filling);
        free(file);
        return r;
    }
    sample_encode_header(started_wall_ns, started_mono_ns, &file->filling->bytes);
    file->bytes = file->filling->bytes.len;
    *ret_file = file;
    return 0;
}

static void file_free(struct sample_file *file)
{
    close(file->fd);
    block_free(file->filling);
    block_free(file->spare);
    free(file);
}

/* A block that is filled once a second is not allocated once a second. */
static void keep_or_free(struct sample_file *file, struct block *block)
{
    if (file->spare) {
        block_free(block);
        return;
    }
    buf_clear(&block->bytes);
    block->samples = 0;
    block->chunks = 0;
    block->next = NULL;
    file->spare = block;
}

static struct block *next_block(struct sample_file *file)
{
    return file->spare ? TAKE(file->spare) : block_new();
}

/* On the threadpool: nothing but `job` and the descriptor is touched. */
static void write_block(uv_work_t *work)
{
    struct sample_file *file = work->data;
    struct job *job = &file->job;
    const char *at = job->block->bytes.bytes;
    size_t left = job->block->bytes.len;

    while (left > 0 && job->error == 0) {
        const ssize_t wrote = write(file->fd, at, left);

        if (wrote < 0 && errno != EINTR)
            job->error = -errno;
        if (wrote > 0) {
            at += wrote;
            left -= (size_t)wrote;
        }
    }
}

static void start_writing(struct sample_file *file);

static void on_block_written(uv_work_t *work, int status)
{
    struct sample_file *file = work->data;
    struct block *block = file->first_waiting;

    (void)status; /* nobody cancels it */
    file->writing = false;
    file->first_waiting = block->next;
    if (!file->first_waiting)
        file->last_waiting = &file->first_waiting;
    file->waiting--;
    if (file->error == 0)
        file->error = file->job.error;
    if (file->job.error < 0) {
        file->dropped += block->samples;
        file->chunks_dropped += block->chunks;
    } else {
        file->written += block->samples;
    }
    keep_or_free(file, block);
    start_writing(file);
}

static void start_writing(struct sample_file *file)
{
    if (file->writing)
        return;
    if (file->first_waiting) {
        file->writing = true;
        file->work.data = file;
        file->job = (struct job){.block = file->first_waiting, .error = file->error};
        uv_queue_work(file->loop, &file->work, write_block, on_block_written);
    } else if (file->closing) {
        file->done(file->done_ctx, file->error);
        file_free(file);
    }
}

/* Sends the filling block off. Returns whether another could be had in its place. */
static bool send_block(struct sample_file *file)
{
    struct block *fresh = file->waiting < BLOCKS_WAITING_MAX ? next_block(file) : NULL;

    if (!fresh)
        return false;
    *file->last_waiting = file->filling;
    file->last_waiting = &file->filling->next;
    file->waiting++;
    file->filling = fresh;
    start_writing(file);
    return true;
}

/* Tells the label sets that were made since the last sample. */
static void tell_labels(struct sample_file *file)
{
    for (; file->labels_told < labels_count(file->labels); file->labels_told++) {
        size_t count = 0;
        const struct label *set =
            labels_of(file->labels, (uint32_t)file->labels_told, &count);

        sample_encode_labels((uint32_t)file->labels_told, set, count,
                             &file->filling->bytes);
    }
}

/* Whether there is room below a limit for a record of so many bytes; makes it where it can. */
static bool has_room(struct sample_file *file, size_t bytes, uint64_t max_bytes)
{
    const bool full = file->filling->bytes.len >= BLOCK_BYTES - bytes;

    assert(!file->closing);
    return file->error == 0 && bytes <= max_bytes && file->bytes <= max_bytes - bytes &&
           (!full || send_block(file));
}

void sample_file_append_chunk(struct sample_file *file, const struct chunk *chunk)
{
    if (!has_room(file, SAMPLE_CHUNK_BYTES, file->max_bytes - file->max_bytes / 4)) {
        file->chunks_dropped++;
        return;
    }
    if (sample_encode_chunk(chunk, &file->filling->bytes) < 0) {
        file->error = buf_error(&file->filling->bytes);
        file->chunks_dropped++;
        return;
    }
    file->filling->chunks++;
    file->bytes += SAMPLE_CHUNK_BYTES;
}

void sample_file_append(struct sample_file *file, const struct sample *sample)
{
    if (!has_room(file, sample_record_bytes(), file->max_bytes)) {
        file->dropped++;
        return;
    }
    const size_t before = file->filling->bytes.len;

    tell_labels(file);
    if (sample_encode(sample, &file->filling->bytes) < 0) {
        file->error = buf_error(&file->filling->bytes);
        file->dropped++;
        return;
    }
    file->filling->samples++;
    file->bytes += file->filling->bytes.len - before;
}

void sample_file_flush(struct sample_file *file)
{
    if (file->filling->bytes.len > 0 && file->waiting == 0 && file->error == 0)
        (void)send_block(file); /* without memory for another, it goes once it is full */
}

uint64_t sample_file_dropped(const struct sample_file *file)
{
    return file->dropped;
}

uint64_t sample_file_chunks_dropped(const struct sample_file *file)
{
    return file->chunks_dropped;
}

int sample_file_error(const struct sample_file *file)
{
    return file->error;
}

void sample_file_close(struct sample_file *file, void (*done)(void *ctx, int error),
                       void *ctx)
{
    uint64_t underway = file->filling->samples;

    for (const struct block *block = file->first_waiting; block; block = block->next)
        underway += block->samples;
    sample_encode_end(file->written + underway, file->dropped, &file->filling->bytes);
    file->done = done;
    file->done_ctx = ctx;
    file->closing = true;
    /* The last block goes even where the queue is full: nobody fills another. */
    *file->last_waiting = TAKE(file->filling);
    file->last_waiting = &(*file->last_waiting)->next;
    file->waiting++;
    start_writing(file);
}
