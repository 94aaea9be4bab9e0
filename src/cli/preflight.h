/*
 * Pre-flight: what must hold before any load, found out while it is still cheap. In two parts, since
 * the built-in simulator is started only where the first one found nothing.
 */
#pragma once

#include <stdbool.h>

struct data;
struct plan;
struct preflight_report;
struct run_options;

/* This machine, the targets, the platform and the outputs. */
void preflight_begin(const struct plan *plan, const struct run_options *options,
                     const char *run_id, struct preflight_report *report);

/*
 * A request to each model. Left out where people act with keys that the platform has yet to make; and
 * where the built-in simulator is asked, unless `all`: it is known to answer.
 */
void preflight_end(const struct plan *plan, const struct data *data, const char *run_id,
                   bool all, struct preflight_report *report);
