#include "measure/capacity.h"

#include <math.h>

/* What grew by so much has grown, and by less than that has not. */
#define GREW 1.25
#define SAME 1.1
/* With so many of the people at work, on average, some arrivals found nobody. */
#define ALL_BUSY 0.95
/* Of a KV cache that has no room: schedulers keep some blocks free. */
#define CACHE_FULL 0.9
/* A batch that is full loses some requests a moment before others take their place. */
#define PLACES_FULL 0.9
/* Who waits is many where it is so much of those who are served, and one at least. */
#define MANY_WAIT 0.1
/* Where servers have less than that of the client's requests, the others are somewhere before them. */
#define AT_SERVERS 0.8

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
        [CAPACITY_SATURATED_KV_CACHE] = "kv_cache",
        [CAPACITY_SATURATED_BEFORE_SERVERS] = "before_servers",
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

static bool fails_too_often(const struct capacity_report *report,
                            const struct capacity_level *level)
{
    return report->own_slo < report->slo_count
               ? !level->slos[report->own_slo].judgement.passed
               : level->failed * 100 > level->requests;
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

        if (capacity_is_trial(level) && !fails_too_often(report, level) &&
            power_of(level) > most) {
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

static size_t find_calm(const struct capacity_report *report)
{
    size_t best = report->level_count;

    for (size_t i = 0; i < report->level_count; i++) {
        const struct capacity_level *level = &report->levels[i];

        if (capacity_is_trial(level) && level->held &&
            (best == report->level_count || level->load < report->levels[best].load))
            best = i;
    }
    return best;
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

/* At the servers; NAN, which is none, where they do not tell. */
static bool many_wait(const struct capacity_level *level)
{
    return level->server_waiting >= fmax(1, MANY_WAIT * level->server_running);
}

/* Who waits does so for the KV cache: it is full or takes places away, and there are places left. */
static bool waits_for_cache(const struct capacity_report *report,
                            const struct capacity_level *level)
{
    const bool is_full = report->server_capacity > 0 &&
                         level->server_running >= PLACES_FULL * report->server_capacity;

    return level->server_preemptions_per_s > 0 ||
           (level->server_kv_cache_usage >= CACHE_FULL && !is_full);
}

static bool waits_before_servers(const struct capacity_report *report,
                                 const struct capacity_level *level)
{
    return report->asks_models_alone && level->server_waiting < 1 &&
           level->server_running + level->server_waiting < AT_SERVERS * level->in_flight;
}

/* What latency says, by what servers say of themselves, where they do. */
static enum capacity_saturation by_servers(const struct capacity_report *report,
                                           const struct capacity_level *breaking,
                                           enum capacity_saturation by_latency)
{
    if (many_wait(breaking) && waits_for_cache(report, breaking))
        return CAPACITY_SATURATED_KV_CACHE;
    if (many_wait(breaking))
        return by_latency == CAPACITY_SATURATED_DECODE ||
                       by_latency == CAPACITY_SATURATED_BOTH
                   ? CAPACITY_SATURATED_BOTH
                   : CAPACITY_SATURATED_QUEUE;
    if (by_latency == CAPACITY_SATURATED_QUEUE && waits_before_servers(report, breaking))
        return CAPACITY_SATURATED_BEFORE_SERVERS;
    return by_latency;
}

static enum capacity_saturation find_saturation(const struct capacity_report *report)
{
    const struct capacity_level *breaking;
    enum capacity_saturation guess = CAPACITY_SATURATED_UNKNOWN;

    if (report->end == CAPACITY_CLIENT)
        return CAPACITY_SATURATED_CLIENT;
    if (report->breaking == report->level_count)
        return CAPACITY_SATURATED_UNKNOWN;
    breaking = &report->levels[report->breaking];
    if (fails_too_often(report, breaking) && breaking->failed > 0)
        return 2 * breaking->rate_limited >= breaking->failed
                   ? CAPACITY_SATURATED_RATE_LIMITED
                   : CAPACITY_SATURATED_ERRORS;
    /* Behind a queue at the servers, that all people are busy only follows from it. */
    if (report->people > 0 && !many_wait(breaking) &&
        breaking->in_flight >= ALL_BUSY * (double)report->people)
        return CAPACITY_SATURATED_PEOPLE;
    if (report->calm < report->level_count)
        guess = by_latency(&report->levels[report->calm], breaking);
    return by_servers(report, breaking, guess);
}

void capacity_conclude(struct capacity_report *report)
{
    report->knee = find_knee(report);
    report->breaking = find_breaking(report);
    report->calm = find_calm(report);
    report->saturation = find_saturation(report);
}
