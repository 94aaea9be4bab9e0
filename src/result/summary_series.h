/*
 * The parts of the summary that are made of one series: its counters and its metrics. The same
 * shapes stand for the total, the whole run and each value of each dimension.
 */
#pragma once

#include "measure/recorder.h"
#include "result/facts.h"
#include "result/json_tree.h"

/* Which metrics a part of the summary lists. */
enum summary_detail {
    SUMMARY_MAIN, /* those that answer "how fast is it?" */
    SUMMARY_FULL, /* all that were observed */
};

/* requests, failed, degraded, cancelled, abandoned, sabotaged, error_rate, tokens, cost, …: into object. */
void summary_put_counters(struct json_tree *tree, json_t *object,
                          const struct counters *counters);

/* requests_per_second and output_tokens_per_second over so many seconds; null over none. */
void summary_put_rates(struct json_tree *tree, json_t *object,
                       const struct counters *counters, double seconds);

/* The object of metrics: `metrics.<name>`, of those that have any observation. */
void summary_put_metrics(struct json_tree *tree, json_t *object,
                         const struct series_view *series, enum summary_detail detail);

/* k6's metrics that are no latencies, of the window, into the object of metrics. */
void summary_put_k6(struct json_tree *tree, json_t *metrics,
                    const struct recorder *recorder, double seconds);

/*
 * Kinds of failure, most frequent first: [{kind, count, help, example}]. examples: by outcome; NULL:
 * there are none.
 */
void summary_put_errors(struct json_tree *tree, json_t *object,
                        const struct counters *counters,
                        const struct failure_example *examples);
