/*
 * The options of `throng capacity`: those of `run` that make sense there, and its own.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/option.h"
#include "cli/run_options.h"

struct capacity_wishes {
    struct run_options run; /* first, since the rows of its table are taken as they are */
    struct option_list slos;
    const char *by;
    const char *from;
    const char *to;
    const char *settle;
    const char *hold;
    const char *resolution;
    const char *confirm;
    const char *max_duration;
};

/* What they say, once read. */
struct capacity_terms {
    bool by_users; /* asked for; neither: as the scenario is */
    bool by_rate;
    double from;
    double to; /* INFINITY: no limit */
    double resolution;
    unsigned confirm;
    uint64_t settle_ns;
    uint64_t hold_ns;
    uint64_t max_duration_ns;
};

/* As more_options of struct command: its own, then those of `run` that hold for a search too. */
size_t capacity_options_all(struct option *rows, size_t room);

/* Reads them. Returns -1, else the exit code, with what is wrong printed. */
int capacity_terms_read(const struct capacity_wishes *wishes,
                        struct capacity_terms *ret_terms);

/*
 * Writes the SLOs as a scenario's thresholds, so that they are checked as those are:
 * `{"ttft": ["p(95)<500ms"]}`. The text is the caller's; NULL where none was given.
 * Returns -1, else the exit code, with what is wrong printed.
 */
int capacity_slos_write(const struct capacity_wishes *wishes, char **ret_yaml);
