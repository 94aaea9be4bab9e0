/*
 * What a recorder holds. It is written by recorder.c, recorder_script.c, recorder_reload.c,
 * recorder_archive.c and excerpt.c alone;
 * recorder_read.c, recorder_copy.c and snapshot.c read it. Whatever is added here is added to recorder_copy.c and
 * recorder_archive.c as well.
 */
#pragma once

#include <stdint.h>

#include "measure/arm_book.h"
#include "measure/burst.h"
#include "measure/checks.h"
#include "measure/dimension.h"
#include "measure/drift.h"
#include "measure/excerpt_state.h"
#include "measure/isolation_book.h"
#include "measure/level.h"
#include "measure/peers.h"
#include "measure/people.h"
#include "measure/recorder.h"
#include "measure/recovery.h"
#include "measure/selection.h"
#include "measure/series.h"
#include "measure/tally.h"
#include "measure/turns.h"

struct recorder {
    struct recorder_options options;
    struct labels *labels; /* NULL in a copy, which has the numbers alone: */
    uint64_t label_sets;
    uint64_t label_sets_overflown;
    struct labels *names; /* owns texts that came from an archive; NULL: none did */
    bool is_partial;      /* an archive was of a run that was not over */

    struct series total[PART_COUNT];
    struct dimensions dimensions;
    struct selections selections; /* of the window */
    struct drift *drift;          /* of the total; NULL: no threshold asks for it */
    struct series_sum *total_sum; /* of the parts, while they are read */
    struct series_sum *value_sum; /* of a dimension's value */
    struct recoveries recoveries;
    struct turns turns; /* of the window */
    struct people people;
    struct peers peers;
    struct isolation_book isolation; /* where organizations have budgets */
    struct arm_book arms;            /* of the window; empty in a copy */
    struct checks checks;
    uint64_t custom_values; /* of all metrics of the scenario's own, so far */
    struct tally tally;     /* empty in a copy */

    struct series intervals[2]; /* one is written, the other was closed last */
    struct series *interval;    /* the one that is written */
    uint64_t interval_start_ns;
    double interval_active_s; /* integrals at its start */
    double interval_in_flight_s;

    struct level in_flight;
    struct level active_users;
    struct user_counts users;
    uint64_t users_peak;

    uint64_t pauses;
    uint64_t drawn_pause_ns;
    uint64_t achieved_pause_ns;
    uint64_t questions;
    uint64_t unique_questions;
    struct lengths lengths[LENGTH_COUNT];
    double latency_sum_s;
    uint64_t lost;

    struct excerpt *excerpt; /* that somebody has of it; NULL: nobody */

    struct burst burst;         /* of the window */
    struct stall_counts stalls; /* likewise */
};

/* Counts a stall, as far as it lies in the window. */
void recorder_add_stall(struct recorder *recorder, uint64_t from_ns, uint64_t to_ns);

/*
 * Has all drifts go on with a plan, which may ask for more of them, or begins them. Returns 0 or -ENOMEM.
 */
int recorder_follow_drifts(struct recorder *recorder, const struct plan *plan,
                           uint64_t now_ns);

/* The drift of a selector; NULL: no threshold asks for it. */
const struct drift *recorder_drift(const struct recorder *recorder, const char *selector);

/*
 * The slice of a drift (NULL: none is asked for) that a moment of the window lies in; NULL: there is
 * none, or no memory for it, which is counted.
 */
struct series *recorder_slice(struct recorder *recorder, struct drift *drift,
                              enum part part, uint64_t moment_ns);

/* The selections that a label set in a part counts in, as bits for selections_next(). */
uint64_t recorder_selections(struct recorder *recorder, enum part part, uint32_t labels);
