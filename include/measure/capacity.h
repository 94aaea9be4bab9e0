/*
 * What a search for capacity found: each level of load with what was measured at it alone, and what follows
 * from all of them. Plain data, filled by the engine (engine/capacity.h) and read by outputs and results.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/certainty.h"
#include "measure/trust.h"

struct plan_threshold;

/* Why a level was tried. */
enum capacity_stage {
    CAPACITY_CLIMBING,   /* geometric steps up from the first level, until one breaks */
    CAPACITY_BISECTING,  /* between the highest that held and the lowest that broke */
    CAPACITY_DOUBTING,   /* the lowest that broke, once more */
    CAPACITY_CONFIRMING, /* the answer, again and again */
    CAPACITY_RECOVERING, /* down from overload, until the level holds */
    CAPACITY_RETURNING,  /* up again to the level that had held before the overload */
    CAPACITY_OVER,
};

/* "climbing" … "returning". */
const char *capacity_stage_name(enum capacity_stage stage);

/* What a search came to. */
enum capacity_end {
    CAPACITY_SEARCHING,
    CAPACITY_FOUND,       /* an answer, confirmed */
    CAPACITY_TOP_HELD,    /* the highest level that may be tried held, confirmed */
    CAPACITY_NONE_HELD,   /* the lowest level broke, twice */
    CAPACITY_UNCONFIRMED, /* cut short, or no level held often enough */
    CAPACITY_CLIENT,      /* throng itself could not be trusted any more */
};

/* "searching", "found", "top_held", "none_held", "unconfirmed", "client". */
const char *capacity_end_name(enum capacity_end end);

/* SLOs that a search judges at most, its own among them. */
#define CAPACITY_SLOS 12
/* Levels that are kept, recoveries among them. */
#define CAPACITY_LEVELS 256

/* Why a level broke, where it was none of the SLOs. */
enum capacity_breach {
    CAPACITY_NO_BREACH,
    CAPACITY_BEHIND,    /* an open loop: less was done than arrived */
    CAPACITY_COLLAPSED, /* a closed loop: less was done than at a lower level */
};

/* One level. Figures are of its hold alone; what is not known is NAN. */
struct capacity_level {
    enum capacity_stage stage;
    char phase[24]; /* of its hold, as it is in the run's figures: "level-7" */
    double load;    /* users, or arrivals a second */
    double start_s; /* of the hold, since the run's start */
    double hold_s;  /* its length */
    bool held;      /* what the search goes by */
    bool
        is_untrusted; /* by reason of the client: it is tried again and counts for nothing */
    enum certainty certainty;
    enum capacity_breach breach;
    struct threshold_certainty slos[CAPACITY_SLOS]; /* as many as the report has */
    enum trust_grade trust;
    uint64_t requests;     /* due in the hold that ended, whichever way but withdrawn */
    uint64_t failed;       /* of them */
    uint64_t rate_limited; /* of the failed: 429 */
    uint64_t pending;      /* not over when it was judged */
    double done_per_s; /* requests that succeeded within the hold, whenever they began */
    double tokens_per_s;   /* completion tokens of those */
    uint64_t dropped;      /* of an open loop: arrivals that nobody took in time */
    double arrived_per_s;  /* of an open loop: iterations that were to begin … */
    double achieved_per_s; /* … and that were done */
    double in_flight;      /* requests, on average */
    double ttft_p50_ms;
    double ttft_p95_ms;
    double tpot_p50_ms;
    double e2e_mean_ms; /* what is not over counts with the time it waited */
    double e2e_p95_ms;
    /* As servers tell of themselves, means over the hold; of all of them together, but for the last. */
    double server_running;
    double server_waiting;
    double server_preemptions_per_s;
    double server_kv_cache_usage; /* of the one whose cache is fullest */
};

/* What gave way first. */
enum capacity_saturation {
    CAPACITY_SATURATED_UNKNOWN,
    CAPACITY_SATURATED_QUEUE,    /* requests wait to begin: ttft grows, tpot does not */
    CAPACITY_SATURATED_DECODE,   /* answers come slower: tpot grows */
    CAPACITY_SATURATED_BOTH,     /* both grow */
    CAPACITY_SATURATED_KV_CACHE, /* servers have places left, and no room in the KV cache */
    CAPACITY_SATURATED_BEFORE_SERVERS, /* requests wait to begin, and not at the servers */
    CAPACITY_SATURATED_SERVICE, /* answers in one piece take longer: no telling why */
    CAPACITY_SATURATED_ERRORS,  /* the server fails */
    CAPACITY_SATURATED_RATE_LIMITED, /* it refuses: 429 */
    CAPACITY_SATURATED_PEOPLE, /* of an open loop: all who take arrivals were busy */
    CAPACITY_SATURATED_CLIENT,
};

/* "queue", "decode", … */
const char *capacity_saturation_name(enum capacity_saturation saturation);

struct capacity_report {
    uint64_t people;                   /* of an open loop: who may take arrivals */
    const struct plan_threshold *slos; /* borrowed */
    size_t slo_count;
    size_t
        own_slo; /* the error rate that is always asked for; slo_count: a given one is in its place */
    /* As it was asked for. */
    double from;
    double to; /* INFINITY: no limit */
    double resolution;
    uint64_t settle_ns;
    uint64_t hold_ns;
    unsigned confirm;
    bool by_rate; /* levels are arrivals a second; else users */

    struct capacity_level *levels;
    size_t level_count;

    double answer; /* the highest level that holds; 0: none */
    double broke;  /* the lowest that counts as breaking; INFINITY: none */
    /* All trials up to low held, and from high on none did; 0 and INFINITY where not known. */
    double low;
    double high;
    unsigned trials; /* of the answer, recoveries left out */
    unsigned held;   /* of them */
    enum capacity_end end;

    unsigned recoveries;       /* overloads that were recovered from */
    uint64_t recovery_most_ns; /* the longest took so long, to within a trial's length */
    double recovered_at;       /* then the lowest that did; 0: none had to */

    size_t knee; /* index of the level of the greatest power; level_count: not known */
    size_t breaking; /* the highest level that broke; likewise */
    size_t
        calm; /* the lowest that held: what the server is like when it has time; likewise */
    double server_capacity; /* requests at once, of all servers; 0: not known for sure */
    enum capacity_saturation saturation;
    bool is_monotone;       /* no level held above one that broke */
    bool is_hysteretic;     /* right after overload, a level that had held did not */
    bool is_stuck;          /* nothing held any more after overload */
    bool asks_models_alone; /* all requests are of those that servers tell of */
};

/*
 * Fills in knee, calm, breaking and saturation by the levels there are.
 *
 * Knee: where power, throughput over response time, is greatest (Giessler, Hänle, König and Pade, 1978;
 * Kleinrock, "Power and deterministic rules of thumb for probabilistic problems in computer communications",
 * ICC 1979): up to there more load brings more throughput than it costs time.
 *
 * A level at which too many requests fail is none of it: refusals are quick.
 *
 * Saturation: the highest level that broke is compared with the lowest that held. A median that grew by a quarter
 * has grown; one that grew by less than a tenth has not. What servers tell of themselves goes before what latency
 * lets one guess: who waits, waits there or does not, for a place or for room in the KV cache.
 */
void capacity_conclude(struct capacity_report *report);

/* Whether a level is one of the curve: no recovery, and not the client's. */
bool capacity_is_trial(const struct capacity_level *level);
