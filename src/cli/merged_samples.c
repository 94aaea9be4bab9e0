#include "cli/merged_samples.h"

#include <stdbool.h>
#include <stdint.h>

#include "cli/merging.h"
#include "measure/labels.h"
#include "measure/sample.h"
#include "result/run_files.h"
#include "result/sample_file.h"

#define MAX_PATH_BYTES 4096
#define MAX_SETS ((size_t)1 << 20)
/* Readers give moments from the run's start, and that is what they are written from. */
#define STARTED_NS 0
/* Of both kinds, fewer than a block of the file holds: between two waits at most one block is begun. */
#define RECORDS_PER_TURN 512

struct copying {
    const struct merging *merging;
    const struct worker_head *head;
    struct labels *labels;
    struct sample_file *file;
    uint64_t records;
    bool is_closed;
    int error;
};

/* Unique within each worker: unique in all of them. */
static uint64_t operation_of(const struct copying *copying, uint64_t operation_id)
{
    return operation_id * copying->head->of + copying->head->index;
}

/* Never more on its way to the disk than the file keeps. */
static void count_record(struct copying *copying)
{
    if (++copying->records % RECORDS_PER_TURN == 0)
        uv_run(copying->merging->loop, UV_RUN_ONCE);
}

static int on_chunk(void *ctx, const struct chunk *from)
{
    struct copying *copying = ctx;
    struct chunk chunk = *from;

    chunk.operation_id = operation_of(copying, from->operation_id);
    sample_file_append_chunk(copying->file, &chunk);
    count_record(copying);
    return 0;
}

static int on_sample(void *ctx, const struct sample *from, const struct labels *labels)
{
    struct copying *copying = ctx;
    size_t count = 0;
    const struct label *set = labels_of(labels, from->labels, &count);
    struct sample sample = *from;
    const int r = labels_intern(copying->labels, set, count, &sample.labels);

    if (r < 0)
        return r;
    sample.operation_id = operation_of(copying, from->operation_id);
    sample_file_append(copying->file, &sample);
    count_record(copying);
    return 0;
}

static void on_closed(void *ctx, int error)
{
    struct copying *copying = ctx;

    copying->is_closed = true;
    copying->error = error;
}

static int copy_all(struct copying *copying)
{
    const struct merging *merging = copying->merging;
    int r = 0;

    for (size_t i = 0; i < merging->count && r == 0; i++) {
        char path[MAX_PATH_BYTES];
        bool complete = false;

        copying->head = &merging->workers[i].head;
        if (run_files_path(&merging->workers[i].files, "samples.bin", path,
                           sizeof(path)) == 0)
            r = sample_file_read_chunks(path, on_sample, on_chunk, copying, &complete);
    }
    return r;
}

int merged_samples_write(const struct merging *merging, const char *path)
{
    struct copying copying = {.merging = merging};
    int r = labels_new(MAX_SETS, &copying.labels);

    if (r == 0)
        r = sample_file_new(merging->loop, path, UINT64_MAX, copying.labels,
                            merging->workers[0].head.started_wall_ns, STARTED_NS,
                            &copying.file);
    if (r == 0) {
        r = copy_all(&copying);
        sample_file_close(copying.file, on_closed, &copying);
        while (!copying.is_closed)
            uv_run(merging->loop, UV_RUN_ONCE);
        r = r < 0 ? r : copying.error;
    }
    labels_free(copying.labels);
    return r;
}
