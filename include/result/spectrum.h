/*
 * The percentile spectrum: histograms.hlog of a run and its summary → many percentiles of its main latencies, ever
 * finer towards the rare, as JSON for a chart.
 */
#pragma once

#include <jansson.h>

/*
 * Reads the measured window of ttft, ttfo, tpot, icl and e2e. The document has `nines`, −log10(1 − p) of each percentile
 * p in rising order, and `metrics`: by name as many values in ms, by nearest rank over observed and censored
 * together (the censored counts are the summary's). A value is null where the rank falls among the censored, or
 * where less than one observation lies above it. Returns 0 with the caller's document; -ENODATA: the file has none of
 * them; -EBADMSG; -ENOMEM; -errno.
 */
int spectrum_read(const char *path, const json_t *summary, json_t **ret_spectrum);
