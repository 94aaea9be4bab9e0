/*
 * The parts of summary.md that judge: what was unlike the run's own past, and what may be done. Nothing
 * where there is nothing to say.
 */
#pragma once

#include <jansson.h>

struct buf;

/* Append them. */
void markdown_advice(const json_t *summary, struct buf *out);
void markdown_anomalies(const json_t *summary, struct buf *out);
