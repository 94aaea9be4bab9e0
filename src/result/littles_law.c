#include "result/littles_law.h"

#include <math.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "measure/backend_book.h"
#include "measure/metric.h"
#include "plan/plan.h"
#include "result/facts.h"

#define LEAST_READINGS 5
#define TOLERANCE 0.1

/* The points of the timeline that lie within the window. */
struct stretch {
    uint64_t from_ns; /* monotonic */
    uint64_t to_ns;
    double in_flight;
};

/* What the client's in-flight is measured over, servers are too. */
static bool find_stretch(const struct run_facts *facts, struct stretch *stretch)
{
    const struct run_span window = run_facts_window(facts);
    const uint64_t started_ns = facts->view->started_ns;
    double in_flight_ns = 0;
    uint64_t length_ns = 0;

    for (size_t i = 0; i < facts->timeline.count; i++) {
        const struct timeline_point *point = &facts->timeline.points[i];
        const uint64_t from_ns = started_ns + point->start_ns;
        const uint64_t to_ns = started_ns + point->end_ns;

        if (from_ns < window.start_ns || to_ns > window.end_ns)
            continue;
        if (length_ns == 0)
            stretch->from_ns = from_ns;
        stretch->to_ns = to_ns;
        length_ns += point->end_ns - point->start_ns;
        in_flight_ns += point->in_flight * (double)(point->end_ns - point->start_ns);
    }
    stretch->in_flight = length_ns > 0 ? in_flight_ns / (double)length_ns : 0;
    return length_ns > 0;
}

/* What is refused is in flight here, and was never at the servers. */
static bool fails_often(const struct run_facts *facts)
{
    const struct counters *counters =
        recorder_total(facts->view->recorder, RECORDER_WINDOW).counters;
    const uint64_t ended = counters->ok + counters->degraded + counters->failed;

    return (double)counters->failed > TOLERANCE * (double)ended;
}

/* All simulator targets are one simulator. */
static bool serves(const struct plan *plan, size_t backend, size_t target)
{
    const size_t of = plan->backends[backend].target;

    return of == target ||
           (plan->targets[of].simulator && plan->targets[target].simulator);
}

struct served {
    const struct backend_book *book;
    const struct stretch *stretch;
    double spread; /* sum of what each server's requests lie apart */
};

/* Adds a server that tells of requests; false for others. */
static bool add(struct served *served, size_t index, struct littles_law *law)
{
    const struct stretch *stretch = served->stretch;
    struct backend_stats running;
    struct backend_stats waiting;

    backend_book_stats(served->book, index, BACKEND_RUNNING, stretch->from_ns,
                       stretch->to_ns, &running);
    backend_book_stats(served->book, index, BACKEND_WAITING, stretch->from_ns,
                       stretch->to_ns, &waiting);
    if (running.readings == 0)
        return false;
    if (law->readings == 0 || running.readings < law->readings)
        law->readings = running.readings;
    law->running += running.mean;
    law->waiting += waiting.readings > 0 ? waiting.mean : 0;
    served->spread += running.max - running.min;
    served->spread += waiting.readings > 0 ? waiting.max - waiting.min : 0;
    return true;
}

/* Each target must be served by who tells of it. */
static bool add_servers(struct served *served, const struct plan *plan,
                        struct littles_law *law)
{
    bool told[64] = {false};

    if (plan->backend_count > sizeof(told) / sizeof(told[0]))
        return false;
    for (size_t i = 0; i < plan->backend_count; i++)
        told[i] = add(served, i, law);
    for (size_t target = 0; target < plan->target_count; target++) {
        bool is_served = false;

        for (size_t i = 0; i < plan->backend_count; i++)
            is_served = is_served || (told[i] && serves(plan, i, target));
        if (!is_served)
            return false;
    }
    return law->readings >= LEAST_READINGS;
}

static void add_answers(const struct run_facts *facts, struct littles_law *law)
{
    const struct series_view series =
        recorder_total(facts->view->recorder, RECORDER_WINDOW);
    const struct histogram *e2e = series.histograms[METRIC_E2E];
    const double seconds = run_span_s(run_facts_window(facts));

    if (!e2e || !(seconds > 0))
        return;
    law->answers_per_s = (double)histogram_count(e2e) / seconds;
    law->mean_s = histogram_mean_ns(e2e) / (double)NS_PER_S;
}

bool littles_law_of(const struct run_facts *facts, struct littles_law *ret_law)
{
    const struct plan *plan = facts->view->plan;
    struct littles_law law = {.in_flight = 0};
    struct stretch stretch = {.in_flight = 0};
    struct served served = {.book = recorder_options(facts->view->recorder)->backends,
                            .stretch = &stretch};
    double chance;

    if (!served.book || !plan_asks_models_alone(plan) || !find_stretch(facts, &stretch) ||
        fails_often(facts) || stretch.in_flight < 1 || !add_servers(&served, plan, &law))
        return false;
    law.in_flight = stretch.in_flight;
    law.difference = (law.running + law.waiting) / law.in_flight - 1;
    /* Values between a and b deviate by (b − a) / 2 at most, so two standard errors are no more. */
    chance = served.spread / sqrt((double)law.readings) / law.in_flight;
    law.tolerance = fmax(TOLERANCE, chance);
    if (fabs(law.difference) > law.tolerance)
        law.finding =
            law.difference > 0 ? LITTLES_LAW_SERVER_MORE : LITTLES_LAW_CLIENT_MORE;
    add_answers(facts, &law);
    *ret_law = law;
    return true;
}

const char *littles_law_finding_name(enum littles_law_finding finding)
{
    static const char *const names[] = {
        [LITTLES_LAW_AGREES] = "agrees",
        [LITTLES_LAW_SERVER_MORE] = "server_more",
        [LITTLES_LAW_CLIENT_MORE] = "client_more",
    };

    return names[finding];
}

void littles_law_say(const struct littles_law *law, struct buf *out)
{
    buf_printf(out,
               "%.3g requests in flight here, %.3g in the servers (%.3g running, %.3g "
               "waiting): ",
               law->in_flight, law->running + law->waiting, law->running, law->waiting);
    switch (law->finding) {
    case LITTLES_LAW_AGREES:
        buf_append_str(out, "they agree");
        break;
    case LITTLES_LAW_SERVER_MORE:
        buf_printf(out,
                   "the servers have %.0f%% more than this client sent, so somebody else "
                   "is using them",
                   law->difference * 100);
        break;
    case LITTLES_LAW_CLIENT_MORE:
        buf_printf(
            out,
            "%.0f%% of what this client waits for is not in the servers: a proxy or "
            "gateway queues it, or their metrics are stale",
            -law->difference * 100);
        break;
    }
}
