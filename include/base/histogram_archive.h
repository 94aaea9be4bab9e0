/*
 * Histograms in an archive (base/archive.h): buckets, sums and what was censored, exactly. NULL is nothing.
 */
#pragma once

#include "base/histogram.h"

struct archive;

/*
 * Writes a histogram, or adds one that was written. Where something is added to NULL, a histogram of so many digits is
 * made. One of other digits fails with -EBADMSG; after a
 * failure what it holds is not to be used.
 */
void histogram_archive(struct archive *archive, enum histogram_digits digits,
                       struct histogram **histogram);
