#include "record/trace_writer.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "record/trace_file.h"

/* The longest line: a body's bytes can take six each in JSON. */
#define LINE_BYTES_MAX ((size_t)1024 * 1024 * 1024)

/* A buffer that grew past this for one large line gives its memory back. */
#define KEPT_BYTES_MAX ((size_t)1024 * 1024)

/* Entries in the order in which they ended. */
struct batch {
    struct trace_entry **entries;
    size_t count;
    size_t cap;
};

struct trace_writer {
    uv_loop_t *loop;
    struct trace_writer_options options;
    struct batch waiting;              /* the loop's */
    size_t waiting_bytes;              /* of those and of the job's */
    struct trace_writer_counts counts; /* as of the last job */
    bool is_working;
    bool is_closing;
    bool is_finished;
    bool is_in_trouble; /* the last line was refused */
    void (*closed)(void *ctx);
    void *closed_ctx;
    uv_work_t work;
    /* The job's, while it runs. */
    struct trace_file file;
    struct batch batch;
    size_t batch_bytes;
    bool finishes;
    struct trace_writer_counts done; /* of this job */
    struct buf line;
};

static void next_job(struct trace_writer *writer);

static size_t size_of(const struct trace_entry *entry)
{
    return sizeof(*entry) + entry->head.len + entry->body.len +
           entry->answer.gap_count * sizeof(*entry->answer.gaps_us);
}

static void note_error(struct trace_writer_counts *counts, int error)
{
    if (counts->error == 0)
        counts->error = error;
}

static void write_entry(struct trace_writer *writer, const struct trace_entry *entry)
{
    struct buf *line = &writer->line;
    int r;

    trace_entry_write(entry, writer->options.rules, line, &writer->done.taken);
    r = buf_error(line);
    if (r == 0)
        r = trace_file_append(&writer->file, entry->arrived_ns, line->bytes, line->len);
    if (r == 0) {
        writer->done.entries++;
    } else {
        writer->done.lost++;
        note_error(&writer->done, r);
    }
    if (line->cap > KEPT_BYTES_MAX)
        buf_deinit(line);
    else
        buf_clear(line);
}

static void on_work(uv_work_t *work)
{
    struct trace_writer *writer = work->data;
    int r;

    for (size_t i = 0; i < writer->batch.count; i++) {
        write_entry(writer, writer->batch.entries[i]);
        writer->batch.entries[i] = trace_entry_free(writer->batch.entries[i]);
    }
    if (!writer->finishes)
        return;
    r = trace_file_finish(&writer->file);
    if (r < 0)
        note_error(&writer->done, r);
}

/* Tells of trouble once, until a line could be written again. */
static void note_trouble(struct trace_writer *writer, int error)
{
    if (!writer->is_in_trouble && writer->options.trouble)
        writer->options.trouble(writer->options.ctx, error);
    writer->is_in_trouble = true;
}

static void take_counts(struct trace_writer *writer)
{
    const struct trace_writer_counts *done = &writer->done;
    struct trace_writer_counts *counts = &writer->counts;

    counts->entries += done->entries;
    counts->lost += done->lost;
    counts->bytes = writer->file.len_bytes;
    counts->taken.headers += done->taken.headers;
    counts->taken.values += done->taken.values;
    counts->taken.bodies += done->taken.bodies;
    if (done->error < 0) {
        note_error(counts, done->error);
        note_trouble(writer, done->error);
    } else if (done->entries > 0) {
        writer->is_in_trouble = false;
    }
}

static void on_worked(uv_work_t *work, int status)
{
    struct trace_writer *writer = work->data;

    (void)status; /* never cancelled */
    writer->is_working = false;
    writer->waiting_bytes -= writer->batch_bytes;
    writer->batch.count = 0;
    writer->is_finished = writer->finishes;
    take_counts(writer);
    next_job(writer);
}

/* Gives all that waits to the threadpool, where there is anything to do. */
static void next_job(struct trace_writer *writer)
{
    const struct batch empty = writer->batch;

    if (writer->is_working)
        return;
    if (writer->is_finished) {
        writer->closed(writer->closed_ctx);
        return;
    }
    if (writer->waiting.count == 0 && !writer->is_closing)
        return;
    writer->batch = writer->waiting;
    writer->waiting = empty;
    writer->batch_bytes = writer->waiting_bytes;
    writer->finishes = writer->is_closing;
    writer->done = (struct trace_writer_counts){0};
    writer->work.data = writer;
    writer->is_working = true;
    if (uv_queue_work(writer->loop, &writer->work, on_work, on_worked) == 0)
        return;
    /* It only fails for a missing function. */
    abort();
}

int trace_writer_new(uv_loop_t *loop, const struct trace_writer_options *options,
                     struct trace_writer **ret_writer)
{
    struct trace_writer *writer = calloc(1, sizeof(*writer));
    int r;

    if (!writer)
        return -ENOMEM;
    writer->loop = loop;
    writer->options = *options;
    writer->line = BUF_INIT(LINE_BYTES_MAX);
    trace_write_header(clock_wall_ns(), options->origin, options->is_insecure,
                       &writer->line);
    r = buf_error(&writer->line);
    if (r == 0)
        r = trace_file_open(&writer->file, options->path, writer->line.bytes,
                            writer->line.len);
    if (r < 0) {
        buf_deinit(&writer->line);
        free(writer);
        return r;
    }
    writer->counts.bytes = writer->file.len_bytes;
    buf_clear(&writer->line);
    *ret_writer = writer;
    return 0;
}

static bool has_room(struct batch *batch)
{
    const size_t cap = batch->cap > 0 ? 2 * batch->cap : 64;
    struct trace_entry **entries;

    if (batch->count < batch->cap)
        return true;
    entries =
        (struct trace_entry **)realloc((void *)batch->entries, cap * sizeof(*entries));
    if (!entries)
        return false;
    batch->entries = entries;
    batch->cap = cap;
    return true;
}

void trace_writer_add(struct trace_writer *writer, struct trace_entry *entry)
{
    const size_t size = size_of(entry);

    assert(!writer->is_closing);
    if (writer->waiting_bytes + size > writer->options.max_waiting_bytes ||
        !has_room(&writer->waiting)) {
        trace_entry_free(entry);
        writer->counts.lost++;
        note_error(&writer->counts, -ENOBUFS);
        note_trouble(writer, -ENOBUFS);
        return;
    }
    writer->waiting.entries[writer->waiting.count++] = entry;
    writer->waiting_bytes += size;
    next_job(writer);
}

void trace_writer_close(struct trace_writer *writer, void (*closed)(void *ctx), void *ctx)
{
    assert(!writer->is_closing);
    writer->is_closing = true;
    writer->closed = closed;
    writer->closed_ctx = ctx;
    next_job(writer);
}

void trace_writer_counts(const struct trace_writer *writer,
                         struct trace_writer_counts *ret_counts)
{
    *ret_counts = writer->counts;
}

static void free_batch(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        trace_entry_free(batch->entries[i]);
    free((void *)batch->entries);
}

struct trace_writer *trace_writer_free(struct trace_writer *writer)
{
    if (!writer)
        return NULL;
    assert(!writer->is_working);
    free_batch(&writer->waiting);
    free_batch(&writer->batch);
    trace_file_close(&writer->file);
    buf_deinit(&writer->line);
    free(writer);
    return NULL;
}
