#include "cli/session_files.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/judgement.h"
#include "cli/session.h"
#include "cli/session_facts.h"
#include "measure/recorder.h"
#include "result/folder.h"
#include "result/sample_file.h"

#define SAMPLE_FILE_MAX_BYTES (UINT64_C(1) << 30)
#define FLUSH_NS NS_PER_S
#define MAX_PATH_BYTES 4096

static int open_samples(struct session_files *files, uint64_t started_ns)
{
    const struct session_evidence *evidence = files->evidence;
    const struct session_options *options = evidence->options;
    char path[MAX_PATH_BYTES];
    const int r =
        result_folder_path_of(options->folder, "samples.bin", path, sizeof(path));

    if (r < 0)
        return r;
    return sample_file_new(options->loop, path, SAMPLE_FILE_MAX_BYTES,
                           recorder_labels(evidence->recorder), evidence->started_wall_ns,
                           started_ns, &files->samples);
}

/* Once for each kind of error, not every few seconds. */
static void tell_checkpoint_error(struct session_files *files, int error)
{
    if (error < 0 && error != files->checkpoint_error)
        log_write(LOG_LEVEL_WARN, "run", NULL,
                  "checkpoint.json could not be written: %s; going on without",
                  strerror(-error));
    files->checkpoint_error = error;
}

void session_files_open(struct session_files *files, struct session_evidence *evidence,
                        uint64_t started_ns, struct run_facts (*gather)(void *ctx),
                        void *ctx)
{
    const struct session_options *options = evidence->options;
    const struct checkpoint_options wanted = {
        .loop = options->loop,
        .folder = options->folder,
        .plan = options->plan,
        .recorder = evidence->recorder,
        .gather = gather,
        .judge = judgement_so_far,
        .ctx = ctx,
    };

    *files = (struct session_files){.evidence = evidence};
    if (!options->folder)
        return;
    evidence->samples_error = open_samples(files, started_ns);
    tell_checkpoint_error(files, checkpoint_new(&wanted, &files->checkpoint));
}

void session_files_sample(struct session_files *files, const struct sample *sample)
{
    if (files->samples)
        sample_file_append(files->samples, sample);
}

void session_files_chunk(struct session_files *files, const struct chunk *chunk)
{
    if (files->samples)
        sample_file_append_chunk(files->samples, chunk);
}

void session_files_tick(struct session_files *files, uint64_t now_ns)
{
    if (files->samples && now_ns - files->flushed_ns >= FLUSH_NS) {
        sample_file_flush(files->samples);
        files->flushed_ns = now_ns;
    }
    if (files->checkpoint) {
        checkpoint_tick(files->checkpoint, now_ns);
        tell_checkpoint_error(files, checkpoint_error(files->checkpoint));
    }
}

uint64_t session_files_dropped(const struct session_files *files)
{
    return files->samples ? sample_file_dropped(files->samples) : 0;
}

uint64_t session_files_chunks_dropped(const struct session_files *files)
{
    return files->samples ? sample_file_chunks_dropped(files->samples) : 0;
}

static void tell_chunks_dropped(uint64_t count)
{
    if (count > 0)
        log_write(LOG_LEVEL_WARN, "run", NULL,
                  "%" PRIu64
                  " chunks are not in samples.bin, which was full, or the disk too "
                  "slow: what `throng report --dialect` needs each gap for is not told",
                  count);
}

static void on_samples_closed(void *ctx, int error)
{
    struct session_files *files = ctx;

    files->evidence->samples_error = error;
    files->samples_closing = false;
}

void session_files_close(struct session_files *files)
{
    checkpoint_close(files->checkpoint);
    if (!files->samples)
        return;
    tell_chunks_dropped(session_files_chunks_dropped(files));
    files->samples_closing = true;
    sample_file_close(files->samples, on_samples_closed, files);
    files->samples = NULL;
}

bool session_files_are_closed(const struct session_files *files)
{
    return !files->samples_closing && checkpoint_is_closed(files->checkpoint);
}

void session_files_free(struct session_files *files)
{
    files->checkpoint = checkpoint_free(files->checkpoint);
}
