#include "measure/series_archive.h"

#include "base/archive.h"
#include "base/histogram_archive.h"
#include "measure/counters_archive.h"
#include "measure/series.h"

void series_archive(struct archive *archive, struct series *series)
{
    counters_archive(archive, &series->counters);
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++)
        histogram_archive(archive, series->digits, &series->histograms[metric]);
    customs_archive(archive, &series->customs, series->digits);
}
