/* The end of a recording: what it has, told to people, and the scenario that replays it. */
#pragma once

struct record;

/*
 * Prints what a recording that has stopped went through, and writes the scenario where a path is given.
 * Returns the exit code: 0, or that something could not be saved.
 */
int recording_end(const struct record *record, const char *trace, const char *scenario);
