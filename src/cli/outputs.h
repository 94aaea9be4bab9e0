/*
 * The outputs of a run: which probes watch it, by what the person asked for. A new one is opened
 * here and closed here.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "output/probe.h"
#include "output/terminal.h"

#define OUTPUTS_MAX 8

struct outputs {
    struct terminal_progress *progress;
    struct probe probes[OUTPUTS_MAX];
    size_t probe_count;
};

/* progress: where progress is shown; NULL: nowhere. */
void outputs_open(struct outputs *outputs, FILE *progress, struct terminal_style style);

/* What they had on the loop is let go of in its next turns. */
void outputs_close(struct outputs *outputs);
