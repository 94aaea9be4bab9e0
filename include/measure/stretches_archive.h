/* Stretches in an archive (base/archive.h): those of several workers add up by the time since their start. */
#pragma once

struct archive;
struct stretches;

/*
 * Writes stretches, or adds those that were written, of as many latencies and sums, and of the same length at first. What is
 * added to grows as long as they were; stretches_end() comes behind the last.
 */
void stretches_archive(struct archive *archive, struct stretches *stretches);
