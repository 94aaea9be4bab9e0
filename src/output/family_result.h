/*
 * The families of a run that is over: what came out, under the scenario's name and without the run's id, so
 * that one series goes on from run to run. Latencies and rates are those of the measured window.
 */
#pragma once

struct buf;
struct run_facts;

/* Appends them as text. Returns buf_error. */
int family_result_write(const struct run_facts *facts, struct buf *out);

/* Appends their rows of the table of families. */
void family_result_reference(struct buf *out);
