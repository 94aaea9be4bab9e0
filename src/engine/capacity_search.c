#include "engine/capacity_search.h"

#include <assert.h>
#include <math.h>

/* The first levels double, as a bisection upwards (galloping: Bentley and Yao, 1976). */
#define GROWTH 2.0
/* How much lower a recovery goes where a level does not hold. */
#define LOWER 0.7
/* Recoveries end here: nothing holds any more. */
#define LEAST 0.05
/* So often may an answer be taken back before the search gives up. */
#define DEMOTIONS 4
/* And so often must an answer break to be taken back. */
#define BREAKS 2

static double rounded(const struct capacity_search *search, double level)
{
    if (!search->options.whole)
        return level;
    return level < 1 ? 1 : round(level);
}

/* The difference that is not told any finer at a level. */
static double grain(const struct capacity_search *search, double level)
{
    const double share = level * search->options.resolution;

    return search->options.whole && share < 1 ? 1 : share;
}

static void try_at(struct capacity_search *search, enum capacity_stage stage,
                   double level)
{
    search->stage = stage;
    search->level = rounded(search, level);
}

static void end_with(struct capacity_search *search, enum capacity_end end)
{
    search->stage = CAPACITY_OVER;
    search->end = end;
}

void capacity_search_init(struct capacity_search *search,
                          const struct capacity_search_options *options)
{
    assert(options->from > 0 && options->resolution > 0);
    *search = (struct capacity_search){.options = *options, .broke = INFINITY};
    try_at(search, CAPACITY_CLIMBING, options->from);
}

static bool is_same(double a, double b)
{
    return isfinite(a) && isfinite(b) && fabs(a - b) <= 1e-9 * fabs(b);
}

static bool is_recovery(const struct capacity_trial *trial)
{
    return trial->stage == CAPACITY_RECOVERING;
}

struct capacity_score capacity_search_score(const struct capacity_search *search,
                                            double level)
{
    struct capacity_score score = {0};

    for (size_t i = 0; i < search->trial_count; i++) {
        if (is_recovery(&search->trials[i]) || !is_same(search->trials[i].level, level))
            continue;
        score.trials++;
        score.held += search->trials[i].held;
    }
    return score;
}

double capacity_search_highest_held(const struct capacity_search *search)
{
    double highest = 0;

    for (size_t i = 0; i < search->trial_count; i++)
        if (search->trials[i].held && !is_recovery(&search->trials[i]))
            highest = fmax(highest, search->trials[i].level);
    return highest;
}

struct capacity_bracket capacity_search_bracket(const struct capacity_search *search)
{
    struct capacity_bracket bracket = {.high = INFINITY};
    double lowest_broken = INFINITY;
    const double highest_held = capacity_search_highest_held(search);

    for (size_t i = 0; i < search->trial_count; i++)
        if (!search->trials[i].held && !is_recovery(&search->trials[i]))
            lowest_broken = fmin(lowest_broken, search->trials[i].level);
    for (size_t i = 0; i < search->trial_count; i++) {
        const struct capacity_trial *trial = &search->trials[i];

        if (is_recovery(trial))
            continue;
        if (trial->held && trial->level < lowest_broken)
            bracket.low = fmax(bracket.low, trial->level);
        if (!trial->held && trial->level > highest_held)
            bracket.high = fmin(bracket.high, trial->level);
    }
    return bracket;
}

/* The highest level below `below` that held more often than not; 0: none. */
static double held_below(const struct capacity_search *search, double below)
{
    double highest = 0;

    for (size_t i = 0; i < search->trial_count; i++) {
        const double level = search->trials[i].level;
        const struct capacity_score score = capacity_search_score(search, level);

        if (level < below && !is_same(level, below) && 2 * score.held > score.trials)
            highest = fmax(highest, level);
    }
    return highest;
}

/* The lowest level above `above` that broke at least as often as it held; INFINITY: none. */
static double broke_above(const struct capacity_search *search, double above)
{
    double lowest = INFINITY;

    for (size_t i = 0; i < search->trial_count; i++) {
        const double level = search->trials[i].level;
        const struct capacity_score score = capacity_search_score(search, level);

        if (level > above && !is_same(level, above) && score.trials > 0 &&
            2 * score.held <= score.trials)
            lowest = fmin(lowest, level);
    }
    return lowest;
}

bool capacity_search_is_monotone(const struct capacity_search *search)
{
    return isinf(broke_above(search, 0)) ||
           held_below(search, INFINITY) < broke_above(search, 0);
}

/* The trials at the answer say enough, or another one is made. */
static void confirm(struct capacity_search *search)
{
    const struct capacity_score score = capacity_search_score(search, search->held);

    if (score.held > search->options.confirm)
        end_with(search, isinf(search->broke) ? CAPACITY_TOP_HELD : CAPACITY_FOUND);
    else
        try_at(search, CAPACITY_CONFIRMING, search->held);
}

/* The next level between the two bounds, or what follows when they are close. */
static void narrow(struct capacity_search *search)
{
    double level;

    if (search->held <=
        0) { /* nothing below is known to hold: downwards as it went upwards */
        level = search->broke / GROWTH;
        if (is_same(search->broke, rounded(search, search->options.from)) ||
            rounded(search, level) < search->options.from)
            level = search->options.from;
        if (rounded(search, level) >= search->broke)
            end_with(search, CAPACITY_NONE_HELD);
        else
            try_at(search, CAPACITY_BISECTING, level);
        return;
    }
    if (isinf(search->broke)) {
        if (search->held >= search->options.to)
            confirm(search);
        else
            try_at(search, CAPACITY_CLIMBING,
                   fmin(search->held * GROWTH, search->options.to));
        return;
    }
    if (search->broke - search->held > grain(search, search->held) * (1 + 1e-9)) {
        level = rounded(search, (search->held + search->broke) / 2);
        try_at(search, CAPACITY_BISECTING, level);
        return;
    }
    if (capacity_search_score(search, search->broke).trials < 2 &&
        search->options.confirm > 0)
        try_at(search, CAPACITY_DOUBTING, search->broke);
    else
        confirm(search);
}

/* Behind an overload: to the highest level that held, or where it had to go to before. */
static void recover(struct capacity_search *search)
{
    const double relief = search->held * search->options.relief;

    search->recoveries = 0;
    if (search->held <= 0)
        narrow(search);
    else if (search->recovered_at > 0)
        try_at(search, CAPACITY_RECOVERING, fmin(relief, search->recovered_at));
    else
        try_at(search, CAPACITY_RECOVERING, relief);
}

/* A level that was tried is the highest that holds. */
static void raise_held(struct capacity_search *search, double level)
{
    search->held = level;
    search->broke = broke_above(search, level);
}

/* A level that had held does not any more. */
static void lower_held(struct capacity_search *search)
{
    search->broke = search->held;
    search->held = held_below(search, search->broke);
    if (++search->demotions > DEMOTIONS)
        end_with(search, CAPACITY_UNCONFIRMED);
}

/* The lowest level there is broke: once may be chance. */
static void tell_first_broke(struct capacity_search *search)
{
    if (capacity_search_score(search, search->level).trials < 2)
        try_at(search, CAPACITY_DOUBTING, search->level);
    else
        end_with(search, CAPACITY_NONE_HELD);
}

static void tell_broke(struct capacity_search *search)
{
    if (is_same(search->level, rounded(search, search->options.from)) &&
        search->held <= 0) {
        tell_first_broke(search);
        return;
    }
    if (is_same(search->level, search->held)) { /* the answer: once may be chance */
        const struct capacity_score score = capacity_search_score(search, search->held);

        /* What broke though the platform had calmed down before it held by what is used up by now. */
        if (score.trials - score.held >= BREAKS || search->stage == CAPACITY_RETURNING)
            lower_held(search);
    } else {
        search->broke = fmin(search->broke, search->level);
    }
    if (search->end == CAPACITY_SEARCHING)
        recover(search);
}

static void tell_recovery(struct capacity_search *search, bool held)
{
    const double level = search->level;

    if (held) {
        const double relief = rounded(search, search->held * search->options.relief);

        if (level < relief && !is_same(level, relief)) {
            search->recovered_at =
                search->recovered_at > 0 ? fmin(search->recovered_at, level) : level;
            try_at(search, CAPACITY_RETURNING, search->held);
            return;
        }
        narrow(search);
        return;
    }
    if (++search->recoveries < search->options.patience)
        return;
    search->is_hysteretic = true;
    search->recoveries = 0;
    if (rounded(search, level * LOWER) >= level ||
        level * LOWER < search->options.from * LEAST) {
        search->is_stuck = true;
        end_with(search, CAPACITY_UNCONFIRMED);
        return;
    }
    try_at(search, CAPACITY_RECOVERING, level * LOWER);
}

static void tell_doubt(struct capacity_search *search, bool held)
{
    if (!held) {
        tell_broke(search);
        return;
    }
    /* It held after all: what was believed of it was chance, and there may be more above it. */
    raise_held(search, search->level);
    narrow(search);
}

void capacity_search_tell(struct capacity_search *search, bool held)
{
    assert(search->stage != CAPACITY_OVER);
    if (search->trial_count == CAPACITY_TRIALS) {
        end_with(search, CAPACITY_UNCONFIRMED);
        return;
    }
    search->trials[search->trial_count++] = (struct capacity_trial){
        .stage = search->stage, .level = search->level, .held = held};
    switch (search->stage) {
    case CAPACITY_RECOVERING:
        tell_recovery(search, held);
        return;
    case CAPACITY_DOUBTING:
        tell_doubt(search, held);
        return;
    case CAPACITY_CLIMBING:
    case CAPACITY_BISECTING:
    case CAPACITY_CONFIRMING:
    case CAPACITY_RETURNING:
        break;
    case CAPACITY_OVER:
        return;
    }
    if (!held) {
        tell_broke(search);
        return;
    }
    if (search->level > search->held)
        raise_held(search, search->level);
    narrow(search);
}

void capacity_search_cut(struct capacity_search *search)
{
    if (search->stage != CAPACITY_OVER)
        end_with(search, CAPACITY_UNCONFIRMED);
}
