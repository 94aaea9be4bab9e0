/*
 * Families of the scenario's own metrics: their names follow from the plan, so they stand in no table.
 *
 * Of a counter throng_custom_NAME_total; of a rate the same with `value`, "true" or "false"; of a gauge
 * throng_custom_NAME; of a trend that as a summary. Times are in seconds and say so, other units that are
 * a word stand in the name too. Where two would have the same name only the first is shown.
 */
#pragma once

#include <stddef.h>

struct customs;
struct metric_text;
struct plan;
struct plan_metric;

/* Room for the longest name. */
#define FAMILY_CUSTOM_NAME_BYTES 256

/* The name of a metric's family. */
void family_custom_name(const struct plan_metric *metric,
                        char ret_name[FAMILY_CUSTOM_NAME_BYTES]);

/* Writes all of them. */
void family_write_customs(const struct plan *plan, const struct customs *customs,
                          struct metric_text *text);
