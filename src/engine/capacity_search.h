/*
 * The search for capacity: which level of load is tried next, given what became of those before. Pure: it
 * knows no clock, no users and no SLO, only levels and whether they held.
 *
 *   CLIMBING ──breaks──▶ BISECTING ──narrow──▶ DOUBTING ──breaks again──▶ CONFIRMING ──held often──▶ OVER
 *      │ ▲                  │ ▲                   │                          │  │
 *      │ └──── the bound that broke holds now ────┘                          │  └─ it broke too often: ─▶ BISECTING
 *      └──top held─▶ CONFIRMING                                              └─ below it
 *
 * Each break is overload, and what follows it begins with RECOVERING: back to a level that held, tried until
 * it holds again, and lower where it does not (hysteresis); then upwards again to the level that held, to see
 * whether it does (RETURNING). A server need not be monotone and a trial may be wrong by chance: the lowest
 * level that broke is tried once more before it is believed, and the answer several times.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "measure/capacity.h"

struct capacity_search_options {
    double from;       /* the first level, above 0 */
    double to;         /* the highest that is tried; INFINITY: no limit */
    double resolution; /* as fine as a share of the level: 0.05 */
    bool whole;        /* levels are whole numbers (users) */
    /*
     * Behind an overload the load goes back to this share of what held: 1 where people wait for their answers;
     * less in an open loop, where a queue only drains while less arrives than is served.
     */
    double relief;
    unsigned patience; /* trials of a recovery at one level before it goes lower */
    unsigned confirm;  /* times that the answer must hold again; 0: once is enough */
};

/* Trials that are remembered; a search has far fewer. */
#define CAPACITY_TRIALS 256

struct capacity_trial {
    enum capacity_stage stage;
    double level;
    bool held;
};

struct capacity_search {
    struct capacity_search_options options;
    enum capacity_stage stage; /* of the trial at hand */
    double level;              /* of the trial at hand */
    double held;               /* the highest that counts as holding; 0: none */
    double broke;              /* the lowest that counts as breaking; INFINITY: none */
    unsigned recoveries;       /* trials of the recovery at hand, at its level */
    unsigned demotions;        /* answers that were taken back */
    enum capacity_end end;
    bool is_hysteretic;  /* some level that had held did not right after overload … */
    double recovered_at; /* … and the lowest level that did in the end; 0: none had to */
    bool is_stuck;       /* no level held any more after overload */
    struct capacity_trial trials[CAPACITY_TRIALS];
    size_t trial_count;
};

void capacity_search_init(struct capacity_search *search,
                          const struct capacity_search_options *options);

/* What became of the trial at hand. The next one is then at hand, or the search is over. */
void capacity_search_tell(struct capacity_search *search, bool held);

/* No more time: the search is over with what it has. */
void capacity_search_cut(struct capacity_search *search);

/* How often a level was tried as load of its own (recoveries are none), and how often it held. */
struct capacity_score {
    unsigned trials;
    unsigned held;
};
struct capacity_score capacity_search_score(const struct capacity_search *search,
                                            double level);

/* The highest level that held, of all trials that are no recovery; 0: none. */
double capacity_search_highest_held(const struct capacity_search *search);

/*
 * What the answer lies in: all trials up to low held, and no trial from high on did. Together they are
 * wider than the resolution where trials contradict each other. low 0, high INFINITY: not known.
 */
struct capacity_bracket {
    double low;
    double high;
};
struct capacity_bracket capacity_search_bracket(const struct capacity_search *search);

/* Whether no level held that lies above one that broke, each taken by the majority of its trials. */
bool capacity_search_is_monotone(const struct capacity_search *search);
