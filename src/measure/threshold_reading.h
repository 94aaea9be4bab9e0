/*
 * How the values of thresholds are read: of histograms, of counters, of the scenario's own metrics.
 * Shared by threshold.c, which says which of them, and the files named after each.
 */
#pragma once

#include "base/histogram.h"
#include "expr/threshold.h"
#include "measure/backend_metric.h"
#include "measure/recorder.h"
#include "measure/threshold.h"

struct plan_metric;
struct plan_threshold;

/* What a value is read from. */
struct reading {
    const struct counters *counters;
    const struct recorder *recorder;
    double seconds; /* of the window so far */
    uint64_t load_end_ns;
    const struct trust *trust;          /* NULL: not known */
    enum threshold_aggregate aggregate; /* asked for */
    const char *selector;               /* as written; "": none */
};

/* The series that a threshold is about; false where it selects what nobody counts. */
bool threshold_series(const struct plan_threshold *threshold,
                      const struct recorder *recorder, struct series_view *ret_series);

/* The value of an aggregate in one series. */
struct threshold_judgement threshold_read(const struct threshold *threshold,
                                          const char *name,
                                          const struct series_view *series,
                                          const struct reading *reading);

/* How far it drifted within the phase that the recorder kept in slices. */
struct threshold_judgement threshold_of_drift(const struct threshold *threshold,
                                              const struct plan_threshold *from,
                                              const struct reading *reading);

/* An aggregate of times in ms; THRESHOLD_RATE is not known of them. */
struct threshold_judgement threshold_of_histogram(const struct threshold *threshold,
                                                  const struct histogram *histogram);

/* An aggregate of the rates 1/t per second, of tpot. */
struct threshold_judgement threshold_of_tps(const struct threshold *threshold,
                                            const struct histogram *tpot);

/* The mean rate of streams over what their model could reach, as a fraction. */
struct threshold_judgement threshold_of_efficiency(const struct histogram *tpot,
                                                   const struct reading *reading);

/* A rate or count by its name; not known where there is none such. */
struct threshold_judgement threshold_of_gauge(const struct threshold *threshold,
                                              const char *name,
                                              const struct reading *reading);

/* A metric of the scenario's own; custom: its values, NULL: none. */
struct threshold_judgement threshold_of_custom(const struct threshold *threshold,
                                               const struct plan_metric *metric,
                                               const struct custom *custom,
                                               const struct reading *reading);

/* A figure that servers tell, of those that the selector means. */
struct threshold_judgement threshold_of_backends(const struct threshold *threshold,
                                                 enum backend_metric metric,
                                                 const struct reading *reading);

/* The figures that servers tell, as threshold_metric_at() gives them. */
bool threshold_backend_metric_at(size_t index, struct threshold_metric *ret_metric);

/* Requests that ended, whichever way but cancelled. */
uint64_t threshold_requests(const struct counters *counters);
