/*
 * The tables of the terminal's summary: latencies, phases, and each dimension that has more than
 * one value.
 */
#pragma once

#include "output/terminal.h"

struct buf;
struct run_facts;

/* Metric × percentile, over the measured window. */
void summary_latencies(const struct run_facts *facts, struct terminal_style style,
                       struct buf *out);

/* Phase by phase in the order of the run, over the whole of it: a spike stands between the phases
 * before and after it. */
void summary_phases(const struct run_facts *facts, struct terminal_style style,
                    struct buf *out);

/* Models, classes, steps, organizations, …: those with more than one value. */
void summary_dimensions(const struct run_facts *facts, struct terminal_style style,
                        struct buf *out);
