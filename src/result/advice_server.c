/* Rules about the servers: what they tell of themselves, and how they take more load. */
#include <math.h>
#include <string.h>

#include "result/advice_rule.h"
#include "result/summary_reading.h"

#define LEAST_WAITING 1.0
#define WAITING_SHARE 0.1
#define WAITING_TIME 0.25 /* of the run */
#define CACHE_FULL 0.9    /* schedulers keep some blocks free */
#define PLACES_FULL 0.95
#define THROTTLED 0.05
#define TTFT_GREW 2.0
#define TTFT_GREW_MS 50.0
#define TPOT_GREW 1.5

/* Those that were asked; none of a search for capacity, which overloads them on purpose, and says why. */
static const json_t *servers_of(const struct advice_case *facts)
{
    return summary_at(facts->summary, "capacity")
               ? NULL
               : summary_at(facts->summary, "backend/servers");
}

static double told(const json_t *server, const char *metric, const char *figure)
{
    return summary_number(summary_at(summary_at(server, "metrics"), metric), figure);
}

/* The share of the run's points in which somebody waited; 0 where it is not told. */
static double time_waiting(const json_t *server)
{
    const json_t *points = summary_at(server, "timeline/backend_waiting");
    double told_in = 0;
    double waited_in = 0;

    for (size_t i = 0; i < json_array_size(points); i++) {
        const json_t *waiting = json_array_get(points, i);

        told_in += json_is_number(waiting);
        waited_in +=
            json_is_number(waiting) && json_number_value(waiting) >= LEAST_WAITING;
    }
    return advice_share(waited_in, told_in);
}

/* Whether many wait there, and not in a spike alone; the servers' own word. */
static bool many_wait(const json_t *server)
{
    const double waiting = told(server, "backend_waiting", "mean");
    const double running = told(server, "backend_running", "mean");

    return waiting >= LEAST_WAITING && !(waiting < WAITING_SHARE * running) &&
           time_waiting(server) >= WAITING_TIME;
}

static bool preempts(const json_t *server)
{
    return told(server, "backend_preemptions_per_second", "mean") > 0;
}

/* Those who wait do so for room in the cache: it takes places away, or is full while others are free. */
static bool waits_for_cache(const json_t *server)
{
    const double usage = told(server, "backend_kv_cache_usage", "mean");
    const double capacity = summary_number(server, "capacity/requests");
    const double most = told(server, "backend_running", "max");
    const bool has_places = most < PLACES_FULL * capacity;
    const char *source = summary_text(server, "capacity/source");
    const bool is_stated = strcmp(source, "stated") == 0 || strcmp(source, "told") == 0;

    return preempts(server) || (usage >= CACHE_FULL && is_stated && has_places);
}

static void show_queue(const json_t *server, struct advice_draft *draft)
{
    const double capacity = summary_number(server, "capacity/requests");
    const double queued = told(server, "backend_queue_time", "mean");
    const double usage = told(server, "backend_kv_cache_usage", "mean");
    const double preempted = told(server, "backend_preemptions_per_second", "mean");
    char figure[ADVICE_FIGURE_BYTES];

    advice_show(draft, "%s: on average %.3g requests wait and %.3g run%s",
                summary_text(server, "name"), told(server, "backend_waiting", "mean"),
                told(server, "backend_running", "mean"),
                isfinite(capacity) &&
                        told(server, "backend_running", "mean") >= PLACES_FULL * capacity
                    ? ", as many as it takes at once"
                    : "");
    if (isfinite(queued))
        advice_show(draft, "%s: a request is %s in its queue on average",
                    summary_text(server, "name"), advice_ms(queued, figure));
    if (isfinite(usage))
        advice_show(draft, "%s: its KV cache is %.0f%% full on average",
                    summary_text(server, "name"), 100 * usage);
    if (preempted > 0)
        advice_show(draft, "%s: %.2g requests a second lose their place to others",
                    summary_text(server, "name"), preempted);
}

enum advice_confidence advice_kv_cache(const struct advice_case *facts,
                                       struct advice_draft *draft)
{
    const json_t *servers = servers_of(facts);
    enum advice_confidence confidence = ADVICE_SILENT;

    for (size_t i = 0; i < json_array_size(servers); i++) {
        const json_t *server = json_array_get(servers, i);

        if (!many_wait(server) || !waits_for_cache(server))
            continue;
        show_queue(server, draft);
        if (preempts(server))
            confidence = ADVICE_SURE;
        else if (confidence == ADVICE_SILENT)
            confidence = ADVICE_LIKELY;
    }
    return confidence;
}

/* What grew from the calm quarter of the run to the busy one. */
static void show_growth(const struct load_growth *growth, struct advice_draft *draft)
{
    const char *unit = growth->is_open ? "arrivals/s" : "users";
    char calm[ADVICE_FIGURE_BYTES];
    char busy[ADVICE_FIGURE_BYTES];

    advice_show(
        draft, "From %.3g to %.3g %s, throughput went from %.3g to %.3g requests/s",
        growth->calm.load, growth->busy.load, unit, growth->calm.rate, growth->busy.rate);
    if (isfinite(growth->calm.ttft) && isfinite(growth->busy.ttft))
        advice_show(draft, "ttft p50 went from %s to %s",
                    advice_ms(growth->calm.ttft, calm),
                    advice_ms(growth->busy.ttft, busy));
    if (isfinite(growth->calm.tpot) && isfinite(growth->busy.tpot))
        advice_show(draft, "tpot p50 went from %s to %s",
                    advice_ms(growth->calm.tpot, calm),
                    advice_ms(growth->busy.tpot, busy));
}

/* Whether servers tell how many wait, and none of them has many. */
static bool nobody_waits_there(const json_t *servers)
{
    bool is_told = false;

    for (size_t i = 0; i < json_array_size(servers); i++) {
        const json_t *server = json_array_get(servers, i);

        is_told |= isfinite(told(server, "backend_waiting", "mean"));
        if (told(server, "backend_waiting", "max") >= LEAST_WAITING)
            return false;
    }
    return is_told;
}

static bool ttft_grew(const struct load_growth *growth)
{
    return growth->busy.ttft >= TTFT_GREW * growth->calm.ttft &&
           growth->busy.ttft >= growth->calm.ttft + TTFT_GREW_MS;
}

static bool tpot_grew(const struct load_growth *growth)
{
    return growth->busy.tpot >= TPOT_GREW * growth->calm.tpot;
}

enum advice_confidence advice_queue(const struct advice_case *facts,
                                    struct advice_draft *draft)
{
    const json_t *servers = servers_of(facts);
    const struct load_growth *growth = &facts->growth;
    enum advice_confidence confidence = ADVICE_SILENT;

    for (size_t i = 0; i < json_array_size(servers); i++) {
        const json_t *server = json_array_get(servers, i);

        if (!many_wait(server) || waits_for_cache(server))
            continue;
        show_queue(server, draft);
        confidence = ADVICE_SURE;
    }
    if (confidence == ADVICE_SILENT &&
        (!facts->is_trusted || nobody_waits_there(servers) ||
         !load_growth_is_saturated(growth) || !ttft_grew(growth) || tpot_grew(growth)))
        return ADVICE_SILENT;
    if (growth->is_known)
        show_growth(growth, draft);
    return confidence == ADVICE_SILENT ? ADVICE_LIKELY : confidence;
}

enum advice_confidence advice_decode(const struct advice_case *facts,
                                     struct advice_draft *draft)
{
    const json_t *servers = servers_of(facts);

    if (!load_growth_is_saturated(&facts->growth) || !tpot_grew(&facts->growth))
        return ADVICE_SILENT;
    show_growth(&facts->growth, draft);
    for (size_t i = 0; i < json_array_size(servers); i++) {
        const json_t *server = json_array_get(servers, i);
        const double busy = told(server, "gpu_utilization", "mean");

        if (isfinite(busy))
            advice_show(draft, "%s: its GPUs work %.0f%% of the time",
                        summary_text(server, "name"), 100 * busy);
    }
    return ADVICE_LIKELY;
}

enum advice_confidence advice_gpu_throttled(const struct advice_case *facts,
                                            struct advice_draft *draft)
{
    const json_t *servers = servers_of(facts);
    enum advice_confidence confidence = ADVICE_SILENT;

    for (size_t i = 0; i < json_array_size(servers); i++) {
        const json_t *server = json_array_get(servers, i);
        const double share = told(server, "gpu_throttled", "mean");
        const double hottest = told(server, "gpu_temperature", "max");
        const double watts = told(server, "gpu_power", "mean");

        if (!(share >= THROTTLED))
            continue;
        advice_show(draft, "%s: its GPUs were held back %.0f%% of the time",
                    summary_text(server, "name"), 100 * share);
        if (isfinite(hottest))
            advice_show(draft, "%s: the hottest had %.0f °C",
                        summary_text(server, "name"), hottest);
        if (isfinite(watts))
            advice_show(draft, "%s: they drew %.0f W on average",
                        summary_text(server, "name"), watts);
        confidence = ADVICE_SURE;
    }
    return confidence;
}

enum advice_confidence advice_gateway(const struct advice_case *facts,
                                      struct advice_draft *draft)
{
    const json_t *law = summary_at(facts->summary, "backend/littles_law");

    if (summary_at(facts->summary, "capacity") ||
        strcmp(summary_text(law, "finding"), "client_more") != 0)
        return ADVICE_SILENT;
    advice_show(draft, "%s", summary_text(law, "sentence"));
    return ADVICE_LIKELY;
}

enum advice_confidence advice_capacity(const struct advice_case *facts,
                                       struct advice_draft *draft)
{
    const json_t *capacity = summary_at(facts->summary, "capacity");
    const char *what = summary_text(capacity, "saturation/what");

    if (!*what || strcmp(what, "unknown") == 0 || strcmp(what, "client") == 0 ||
        strcmp(what, "people") == 0)
        return ADVICE_SILENT;
    buf_printf(&draft->said, "the search for capacity found what gave way first: %s",
               what);
    advice_show(draft, "%s", summary_text(capacity, "saturation/sentence"));
    if (*summary_text(capacity, "sentence"))
        advice_show(draft, "%s", summary_text(capacity, "sentence"));
    return ADVICE_LIKELY;
}
