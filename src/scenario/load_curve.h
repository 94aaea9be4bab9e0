/*
 * A load over time as other tools describe it, made of straight pieces, and written as phases. Levels
 * may jump between pieces; several curves add up.
 */
#pragma once

#include "scenario/draft.h"

#define LOAD_CURVE_PIECES 512

struct load_piece {
    double seconds;
    double from; /* users, or arrivals a second */
    double to;
    const char *shape; /* of a ramp, NULL: linear */
};

struct load_curve {
    struct load_piece pieces[LOAD_CURVE_PIECES];
    size_t count;
    bool full;    /* there were more */
    bool is_rate; /* of an open loop: pieces are of arrivals a second */
};

/* A piece behind the others; one of no length makes the next begin elsewhere, and is left out. */
void load_curve_add(struct load_curve *curve, double seconds, double from, double to);

double load_curve_seconds(const struct load_curve *curve);
double load_curve_peak(const struct load_curve *curve);

/*
 * Of people who stand for arrivals, each of whom begins again after `cycle` seconds: where their number
 * jumps up and stays, they come one after the other over that time, and so do the arrivals.
 */
void load_curve_spread(struct load_curve *curve, double cycle_s);

/* The sum of several, each as long as it lasts. */
void load_curve_sum(const struct load_curve *const *curves, size_t count,
                    struct load_curve *ret_sum);

/* Writes the phases. Fractions of a user are rounded up, those of a rate are kept. */
void load_curve_write(const struct load_curve *curve, struct draft *draft);
