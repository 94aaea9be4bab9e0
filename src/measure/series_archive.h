/* Series in an archive (base/archive.h), exactly. */
#pragma once

struct archive;
struct series;

/* Out of a series, or into one that was made. */
void series_archive(struct archive *archive, struct series *series);
