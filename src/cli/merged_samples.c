#include "cli/merged_samples.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "cli/merging.h"
#include "measure/labels.h"
#include "measure/sample.h"
#include "result/run_files.h"
#include "result/sample_file.h"

#define MAX_PATH_BYTES 4096
#define MAX_SETS ((size_t)1 << 20)
/* Readers give moments from the run's start, of which the very first is 1. */
#define STARTED_NS 1
/* Fewer than a block of the file holds: between two waits at most one block is begun. */
#define SAMPLES_PER_TURN 512

struct copying {
    const struct merging *merging;
    const struct worker_head *head;
    struct labels *labels;
    struct sample_file *file;
    uint64_t samples;
    bool is_closed;
    int error;
};

static int on_sample(void *ctx, const struct sample *from, const struct labels *labels)
{
    struct copying *copying = ctx;
    size_t count = 0;
    const struct label *set = labels_of(labels, from->labels, &count);
    struct sample sample = *from;
    const int r = labels_intern(copying->labels, set, count, &sample.labels);

    if (r < 0)
        return r;
    /* Unique within each worker: unique in all of them. */
    sample.operation_id = from->operation_id * copying->head->of + copying->head->index;
    sample_file_append(copying->file, &sample);
    /* Never more on its way to the disk than the file keeps. */
    if (++copying->samples % SAMPLES_PER_TURN == 0)
        uv_run(copying->merging->loop, UV_RUN_ONCE);
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
            r = sample_file_read(path, on_sample, copying, &complete);
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
