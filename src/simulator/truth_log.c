#include "simulator/truth_log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/list.h"

/* 8,192 records: a block fills in 55 ms at 150,000 chunks/s. */
#define BLOCK_BYTES (256 * 1024)
/* A block that is not full is written after this, so that a killed simulator loses little. */
#define FLUSH_MS 200

struct block {
    struct list link;
    size_t len;
    char bytes[BLOCK_BYTES];
};

struct truth_log {
    uv_loop_t *loop;
    int fd;
    int error;
    int64_t offset; /* of the next block in the file */
    struct block *filling;
    struct list full; /* in their order; the first is being written */
    struct list unused;
    uv_fs_t write;
    bool is_writing;
    uv_timer_t flush;
    truth_log_closed_fn *closed; /* not NULL once closing */
    void *closed_ctx;
};

static void write_next(struct truth_log *log);

static void free_blocks(const struct list *blocks)
{
    LIST_FOR_EACH(link, next, blocks)
    {
        free(LIST_ENTRY(link, struct block, link));
    }
}

static void free_log(struct truth_log *log)
{
    free_blocks(&log->full);
    free_blocks(&log->unused);
    free(log->filling);
    if (log->fd >= 0)
        close(log->fd);
    free(log);
}

static void on_flush_closed(uv_handle_t *handle)
{
    struct truth_log *log = handle->data;
    truth_log_closed_fn *closed = log->closed;
    void *ctx = log->closed_ctx;
    const int error = log->error;

    free_log(log);
    closed(ctx, error);
}

static void finish_closing(struct truth_log *log)
{
    if (log->closed && !log->is_writing && list_is_empty(&log->full))
        uv_close((uv_handle_t *)&log->flush, on_flush_closed);
}

static void on_written(uv_fs_t *request)
{
    struct truth_log *log = request->data;
    struct block *block = LIST_ENTRY(log->full.next, struct block, link);
    const ssize_t written = request->result;

    uv_fs_req_cleanup(request);
    log->is_writing = false;
    if (written < 0 && log->error == 0)
        log->error = (int)written;
    if (written >= 0 && (size_t)written < block->len) {
        memmove(block->bytes, block->bytes + written, block->len - (size_t)written);
        block->len -= (size_t)written;
    } else {
        block->len = 0;
        list_remove(&block->link);
        list_append(&log->unused, &block->link);
    }
    if (written > 0)
        log->offset += written;
    write_next(log);
    finish_closing(log);
}

static void write_next(struct truth_log *log)
{
    struct block *block;
    uv_buf_t piece;
    int r;

    if (log->is_writing || list_is_empty(&log->full))
        return;
    block = LIST_ENTRY(log->full.next, struct block, link);
    piece = uv_buf_init(block->bytes, (unsigned)block->len);
    log->write.data = log;
    log->is_writing = true;
    r = uv_fs_write(log->loop, &log->write, log->fd, &piece, 1, log->offset, on_written);
    if (r < 0) {
        log->is_writing = false;
        log->error = r;
        free_blocks(&log->full);
        list_init(&log->full);
    }
}

/* Hands the block in hand over to be written, and takes another. */
static void turn_block(struct truth_log *log)
{
    struct block *next = NULL;

    if (!list_is_empty(&log->unused)) {
        next = LIST_ENTRY(log->unused.next, struct block, link);
        list_remove(&next->link);
    } else {
        next = malloc(sizeof(*next));
        if (!next) {
            log->error = -ENOMEM;
            return;
        }
        list_init(&next->link);
    }
    next->len = 0;
    list_append(&log->full, &log->filling->link);
    log->filling = next;
    write_next(log);
}

static void on_flush(uv_timer_t *timer)
{
    struct truth_log *log = timer->data;

    if (log->filling->len > 0 && log->error == 0)
        turn_block(log);
}

/* Appends bytes of whole records; a block is only turned where there is memory for another. */
static void append(struct truth_log *log, const void *bytes, size_t len)
{
    assert(len <= BLOCK_BYTES);
    if (log->error == 0 && log->filling->len + len > BLOCK_BYTES)
        turn_block(log);
    if (log->error != 0)
        return;
    memcpy(log->filling->bytes + log->filling->len, bytes, len);
    log->filling->len += len;
}

int truth_log_new(uv_loop_t *loop, const char *path, struct truth_log **ret_log)
{
    struct truth_log *log = calloc(1, sizeof(*log));
    struct truth_header header = {.version = TRUTH_VERSION,
                                  .record_bytes = sizeof(struct truth_record_bytes)};
    int r;

    if (!log)
        return -ENOMEM;
    log->loop = loop;
    list_init(&log->full);
    list_init(&log->unused);
    log->filling = malloc(sizeof(*log->filling));
    log->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (log->fd < 0 || !log->filling) {
        r = log->fd < 0 ? -errno : -ENOMEM;
        free_log(log);
        return r;
    }
    list_init(&log->filling->link);
    log->filling->len = 0;
    memcpy(header.magic, TRUTH_MAGIC, sizeof(header.magic));
    header.wall_ns = clock_wall_ns();
    header.mono_ns = clock_mono_ns();
    append(log, &header, sizeof(header));
    uv_timer_init(loop, &log->flush);
    log->flush.data = log;
    uv_timer_start(&log->flush, on_flush, FLUSH_MS, FLUSH_MS);
    uv_unref((uv_handle_t *)&log->flush);
    *ret_log = log;
    return 0;
}

void truth_log_close(struct truth_log *log, truth_log_closed_fn *closed, void *ctx)
{
    if (!log) {
        closed(ctx, 0);
        return;
    }
    log->closed = closed;
    log->closed_ctx = ctx;
    uv_timer_stop(&log->flush);
    on_flush(&log->flush);
    finish_closing(log);
}

int truth_log_error(const struct truth_log *log)
{
    return log ? log->error : 0;
}

struct truth_stamp truth_log_stamp(const struct truth_log *log)
{
    struct truth_stamp stamp = {0};

    if (log) {
        stamp.wall_ns = clock_wall_ns();
        stamp.mono_ns = clock_mono_ns();
    }
    return stamp;
}

void truth_log_received(struct truth_log *log, struct truth_stamp stamp, uint64_t request,
                        const char *id)
{
    const size_t step = sizeof(struct truth_record_bytes);
    const size_t len = strlen(id);
    size_t left = (len + step - 1) / step * step;

    truth_log_note(log, stamp, request, TRUTH_RECEIVED, (uint32_t)len, 0);
    for (size_t at = 0; log && left > 0; at += step, left -= step) {
        char part[sizeof(struct truth_record_bytes)] = "";

        memcpy(part, id + at, len - at < step ? len - at : step);
        append(log, part, step);
    }
}

void truth_log_note(struct truth_log *log, struct truth_stamp stamp, uint64_t request,
                    enum truth_kind kind, uint32_t index, uint16_t tokens)
{
    const struct truth_record_bytes record = {.mono_ns = stamp.mono_ns,
                                              .wall_ns = stamp.wall_ns,
                                              .request = request,
                                              .index = index,
                                              .kind = (uint16_t)kind,
                                              .tokens = tokens};

    if (log)
        append(log, &record, sizeof(record));
}
