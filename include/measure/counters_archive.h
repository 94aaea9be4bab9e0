/* Counters and the scenario's own metrics are added up exactly: those at hand, and those in an archive (base/archive.h). */
#pragma once

#include "base/histogram.h"

struct archive;
struct counters;
struct customs;

/* Adds all of from. Money does not wrap. */
void counters_add(struct counters *into, const struct counters *from);
/* Writes counters, or adds those that were written. */
void counters_archive(struct archive *archive, struct counters *counters);

/* Likewise; digits: of trends. */
void customs_archive(struct archive *archive, struct customs *customs,
                     enum histogram_digits digits);
