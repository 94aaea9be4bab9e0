#include "cli/outputs.h"

#include <assert.h>

static void add(struct outputs *outputs, struct probe probe)
{
    assert(outputs->probe_count < OUTPUTS_MAX);
    outputs->probes[outputs->probe_count++] = probe;
}

void outputs_open(struct outputs *outputs, FILE *progress, struct terminal_style style)
{
    *outputs = (struct outputs){0};
    if (progress && terminal_progress_new(progress, style, &outputs->progress) == 0)
        add(outputs, terminal_progress_probe(outputs->progress));
}

void outputs_close(struct outputs *outputs)
{
    outputs->progress = terminal_progress_free(outputs->progress);
}
