/*
 * The parts of the summary that scripts tell: metrics of the scenario's own, and checks.
 */
#pragma once

#include "result/json_tree.h"

struct plan;
struct run_facts;
struct series_view;

/* Puts `custom` and `checks` into the summary: what there is, in the scenario's order. */
void summary_put_script(struct json_tree *tree, json_t *summary,
                        const struct run_facts *facts);

/*
 * Puts each of the scenario's own metrics that has a value in the series into `metrics`; of the total
 * also counters without any. seconds: that the series covers.
 */
void summary_put_customs(struct json_tree *tree, json_t *metrics, const struct plan *plan,
                         const struct series_view *series, double seconds);
