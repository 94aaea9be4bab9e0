/*
 * The name of a run: readable, sortable by time, and unlike any other.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define RUN_ID_BYTES 128

/*
 * "quickstart-20261121-100900-3f9a": the scenario's name with what is not a letter, digit, dot or
 * dash made a dash, UTC date and time, and four random digits.
 */
void run_id_make(const char *scenario, uint64_t wall_ns,
                 char run_id[static RUN_ID_BYTES]);

/* Whether a name given by a person can name a run (and its folder): as above, 1 to 100 characters. */
int run_id_is_valid(const char *run_id);
