#include "scenario/load_curve.h"

#include <math.h>
#include <stdlib.h>

/* The shortest ramp that a phase may be: a jump. */
#define JUMP "1ms"

void load_curve_add(struct load_curve *curve, double seconds, double from, double to)
{
    if (seconds <= 0)
        return;
    if (curve->count == LOAD_CURVE_PIECES) {
        curve->full = true;
        return;
    }
    curve->pieces[curve->count++] =
        (struct load_piece){.seconds = seconds, .from = from, .to = to};
}

double load_curve_seconds(const struct load_curve *curve)
{
    double seconds = 0;

    for (size_t i = 0; i < curve->count; i++)
        seconds += curve->pieces[i].seconds;
    return seconds;
}

double load_curve_peak(const struct load_curve *curve)
{
    double peak = 0;

    for (size_t i = 0; i < curve->count; i++)
        peak = fmax(peak, fmax(curve->pieces[i].from, curve->pieces[i].to));
    return peak;
}

/* The level just behind a moment, or just before it. */
static double level_at(const struct load_curve *curve, double moment, bool before)
{
    double start = 0;

    for (size_t i = 0; i < curve->count; i++) {
        const struct load_piece *piece = &curve->pieces[i];
        const double end = start + piece->seconds;

        if (before ? moment > start && moment <= end : moment >= start && moment < end)
            return piece->from +
                   (piece->to - piece->from) * (moment - start) / piece->seconds;
        start = end;
    }
    return 0;
}

void load_curve_spread(struct load_curve *curve, double cycle_s)
{
    const struct load_curve before = *curve;
    double level = 0;

    *curve = (struct load_curve){.full = before.full, .is_rate = before.is_rate};
    for (size_t i = 0; i < before.count; i++) {
        const struct load_piece *piece = &before.pieces[i];
        const bool jumps = piece->from > level && piece->from == piece->to;
        const double over_s = jumps ? fmin(cycle_s, piece->seconds) : 0;

        load_curve_add(curve, over_s, level, piece->to);
        load_curve_add(curve, piece->seconds - over_s, piece->from, piece->to);
        if (!jumps && curve->count > 0)
            curve->pieces[curve->count - 1].shape = piece->shape;
        level = piece->to;
    }
}

static int compare(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;

    return (left > right) - (left < right);
}

void load_curve_sum(const struct load_curve *const *curves, size_t count,
                    struct load_curve *ret_sum)
{
    double moments[LOAD_CURVE_PIECES] = {0};
    size_t moment_count = 1; /* the beginning */

    *ret_sum = (struct load_curve){.is_rate = count > 0 && curves[0]->is_rate};
    for (size_t i = 0; i < count; i++) {
        double moment = 0;

        for (size_t j = 0; j < curves[i]->count && moment_count < LOAD_CURVE_PIECES; j++)
            moments[moment_count++] = moment += curves[i]->pieces[j].seconds;
    }
    qsort(moments, moment_count, sizeof(moments[0]), compare);
    for (size_t i = 1; i < moment_count; i++) {
        double from = 0;
        double to = 0;

        for (size_t j = 0; j < count; j++) {
            from += level_at(curves[j], moments[i - 1], false);
            to += level_at(curves[j], moments[i], true);
        }
        load_curve_add(ret_sum, moments[i] - moments[i - 1], from, to);
    }
}

/* As it is written: nobody comes in part, but arrivals a second may be of any size. */
static double written(const struct load_curve *curve, double level)
{
    return curve->is_rate ? level : ceil(level);
}

/* "users: 20", "rate: 2.5/s". */
static const char *level_text(const struct load_curve *curve, struct draft *draft,
                              double level)
{
    return curve->is_rate ? draft_printf(draft, "rate: %.6g/s", level)
                          : draft_printf(draft, "users: %.0f", ceil(level));
}

static void write_ramp(const struct load_curve *curve, struct draft *draft,
                       const struct load_piece *piece, double level)
{
    const char *kind = piece->to >= level ? "ramp-up" : "cool-down";

    draft_line(draft, DRAFT_LOAD, 1, "- {phase: %s, %s, over: %s%s%s}", kind,
               level_text(curve, draft, piece->to), draft_duration(draft, piece->seconds),
               piece->shape ? ", shape: " : "", piece->shape ? piece->shape : "");
}

/* Brings the level to where a ramp begins. */
static void write_jump(const struct load_curve *curve, struct draft *draft, double from,
                       double level)
{
    draft_line(draft, DRAFT_LOAD, 1, "- {phase: %s, %s, over: " JUMP "}",
               from > level ? "ramp-up" : "cool-down", level_text(curve, draft, from));
}

void load_curve_write(const struct load_curve *curve, struct draft *draft)
{
    double level = 0;

    draft_line(draft, DRAFT_LOAD, 0, "load:");
    for (size_t i = 0; i < curve->count; i++) {
        const struct load_piece *piece = &curve->pieces[i];
        const char *duration = draft_duration(draft, piece->seconds);

        if (piece->from == 0 && piece->to == 0) {
            draft_line(draft, DRAFT_LOAD, 1, "- {phase: pause, for: %s}", duration);
            continue;
        }
        if (written(curve, piece->from) == written(curve, piece->to)) {
            draft_line(draft, DRAFT_LOAD, 1, "- {phase: sustained, %s, for: %s}",
                       level_text(curve, draft, piece->to), duration);
        } else {
            if (written(curve, piece->from) != written(curve, level))
                write_jump(curve, draft, piece->from, level);
            write_ramp(curve, draft, piece, piece->from);
        }
        level = piece->to;
    }
    if (curve->full)
        draft_note(draft,
                   "the load has more than %d pieces: those behind them are left out",
                   LOAD_CURVE_PIECES);
}
