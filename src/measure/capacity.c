#include "measure/capacity.h"

#include <math.h>

/* What grew by so much has grown, and by less than that has not. */
#define GREW 1.25
#define SAME 1.1
/* With so many of the people at work, on average, some arrivals found nobody. */
#define ALL_BUSY 0.95

const char *capacity_stage_name(enum capacity_stage stage)
{
    static const char *const names[] = {
        [CAPACITY_CLIMBING] = "climbing",
        [CAPACITY_BISECTING] = "bisecting",
        [CAPACITY_DOUBTING] = "doubting",
        [CAPACITY_CONFIRMING] = "confirming",
        [CAPACITY_RECOVERING] = "recovering",
        [CAPACITY_RETURNING] = "returning",
        [CAPACITY_OVER] = "over",
    };

    return names[stage];
}

const char *capacity_end_name(enum capacity_end end)
{
    static const char *const names[] = {
        [CAPACITY_SEARCHING] = "searching",     [CAPACITY_FOUND] = "found",
        [CAPACITY_TOP_HELD] = "top_held",       [CAPACITY_NONE_HELD] = "none_held",
        [CAPACITY_UNCONFIRMED] = "unconfirmed", [CAPACITY_CLIENT] = "client",
    };

    return names[end];
}

const char *capacity_saturation_name(enum capacity_saturation saturation)
{
    static const char *const names[] = {
        [CAPACITY_SATURATED_UNKNOWN] = "unknown",
        [CAPACITY_SATURATED_QUEUE] = "queue",
        [CAPACITY_SATURATED_DECODE] = "decode",
        [CAPACITY_SATURATED_BOTH] = "queue_and_decode",
        [CAPACITY_SATURATED_SERVICE] = "service",
        [CAPACITY_SATURATED_ERRORS] = "errors",
        [CAPACITY_SATURATED_RATE_LIMITED] = "rate_limited",
        [CAPACITY_SATURATED_PEOPLE] = "people",
        [CAPACITY_SATURATED_CLIENT] = "client",
    };

    return names[saturation];
}

bool capacity_is_trial(const struct capacity_level *level)
{
    return level->stage != CAPACITY_RECOVERING && !level->is_untrusted;
}

/* Throughput over response time; 0 where one of them is not known. */
static double power_of(const struct capacity_level *level)
{
    const double power = level->done_per_s / level->e2e_mean_ms;

    return isfinite(power) ? power : 0;
}

static size_t find_knee(const struct capacity_report *report)
{
    size_t best = report->level_count;
    double most = 0;

    for (size_t i = 0; i < report->level_count; i++) {
        const struct capacity_level *level = &report->levels[i];

        if (capacity_is_trial(level) && power_of(level) > most) {
            most = power_of(level);
            best = i;
        }
    }
    return best;
}

/* The highest level that broke: there it shows most clearly what gave way. */
static size_t find_breaking(const struct capacity_report *report)
{
    size_t best = report->level_count;

    for (size_t i = 0; i < report->level_count; i++) {
        const struct capacity_level *level = &report->levels[i];

        if (capacity_is_trial(level) && !level->held &&
            (best == report->level_count || level->load > report->levels[best].load))
            best = i;
    }
    return best;
}

/* The lowest level that held: what the server is like when it has time. */
static const struct capacity_level *find_calm(const struct capacity_report *report)
{
    const struct capacity_level *calm = NULL;

    for (size_t i = 0; i < report->level_count; i++) {
        const struct capacity_level *level = &report->levels[i];

        if (capacity_is_trial(level) && level->held &&
            (!calm || level->load < calm->load))
            calm = level;
    }
    return calm;
}

/* NAN compares as neither. */
static enum capacity_saturation by_latency(const struct capacity_level *calm,
                                           const struct capacity_level *breaking)
{
    const double ttft = breaking->ttft_p50_ms / calm->ttft_p50_ms;
    const double tpot = breaking->tpot_p50_ms / calm->tpot_p50_ms;

    if (ttft >= GREW && tpot >= GREW)
        return CAPACITY_SATURATED_BOTH;
    if (tpot >= GREW || (tpot >= SAME && ttft < GREW))
        return CAPACITY_SATURATED_DECODE;
    if (ttft >= GREW)
        return CAPACITY_SATURATED_QUEUE;
    if (isnan(ttft) && breaking->e2e_mean_ms / calm->e2e_mean_ms >= GREW)
        return CAPACITY_SATURATED_SERVICE;
    return CAPACITY_SATURATED_UNKNOWN;
}

static bool fails_too_often(const struct capacity_report *report,
                            const struct capacity_level *level)
{
    return report->own_slo < report->slo_count
               ? !level->slos[report->own_slo].judgement.passed
               : level->failed * 100 > level->requests;
}

static enum capacity_saturation find_saturation(const struct capacity_report *report)
{
    const struct capacity_level *calm = find_calm(report);
    const struct capacity_level *breaking;

    if (report->end == CAPACITY_CLIENT)
        return CAPACITY_SATURATED_CLIENT;
    if (report->breaking == report->level_count)
        return CAPACITY_SATURATED_UNKNOWN;
    breaking = &report->levels[report->breaking];
    if (report->people > 0 && breaking->in_flight >= ALL_BUSY * (double)report->people)
        return CAPACITY_SATURATED_PEOPLE;
    if (fails_too_often(report, breaking) && breaking->failed > 0)
        return 2 * breaking->rate_limited >= breaking->failed
                   ? CAPACITY_SATURATED_RATE_LIMITED
                   : CAPACITY_SATURATED_ERRORS;
    return calm ? by_latency(calm, breaking) : CAPACITY_SATURATED_UNKNOWN;
}

void capacity_conclude(struct capacity_report *report)
{
    report->knee = find_knee(report);
    report->breaking = find_breaking(report);
    report->saturation = find_saturation(report);
}
