/*
 * Throughput against latency, drawn in characters: a mark for each level of a search for capacity.
 */
#pragma once

#include "output/terminal.h"

struct buf;
struct capacity_report;

/* Appends it behind `indent` blanks; nothing where fewer than three levels have both. */
void capacity_chart(const struct capacity_report *report, struct terminal_style style,
                    size_t indent, struct buf *out);
