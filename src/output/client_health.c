#include "output/client_health.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "output/recent.h"

/* Beyond these the grade would be C or worse (doc/metrics.md, "Trust"). */
#define LATE_NS (10 * NS_PER_MS)
#define UNSURE_SHARE 0.05
/* A loop that has nothing left will be late soon. */
#define BUSY_SHARE 0.9

/* How late the client was: what left late, or ran late. Of few observations the p95 is told. */
static struct histogram_quantile lateness(const struct recent_figures *recent,
                                          enum recent_metric metric)
{
    const struct recent_quantiles *of = &recent->of[metric];

    return of->p99.known ? of->p99 : of->p95;
}

static bool is_late(const struct recent_figures *recent, enum recent_metric metric)
{
    const struct histogram_quantile late = lateness(recent, metric);

    return late.known && late.value_ns >= LATE_NS;
}

enum client_health client_health_of(const struct recent_figures *recent)
{
    if (is_late(recent, RECENT_SCHEDULE_LAG) || is_late(recent, RECENT_LOOP_LAG))
        return CLIENT_LATE;
    if (recent->cpu_share >= BUSY_SHARE)
        return CLIENT_BUSY;
    return recent->unknown_share >= UNSURE_SHARE ? CLIENT_UNSURE : CLIENT_FINE;
}

const char *client_health_name(enum client_health health)
{
    switch (health) {
    case CLIENT_FINE:
        return "fine";
    case CLIENT_LATE:
        return "late";
    case CLIENT_BUSY:
        return "busy";
    case CLIENT_UNSURE:
        return "unsure";
    }
    return "";
}

static bool put_lateness(const struct recent_figures *recent, struct buf *out)
{
    const bool timers =
        !is_late(recent, RECENT_SCHEDULE_LAG) && is_late(recent, RECENT_LOOP_LAG);
    const struct histogram_quantile late =
        lateness(recent, timers ? RECENT_LOOP_LAG : RECENT_SCHEDULE_LAG);

    if (!late.known)
        return false;
    buf_append_str(out, timers ? "timers run " : "requests leave ");
    quantity_format_latency(out, late.value_ns);
    buf_append_str(out, " late");
    return true;
}

static void put_cpu(const struct recent_figures *recent, struct buf *out)
{
    buf_printf(out, "CPU %.0f%% of a core", recent->cpu_share * 100);
}

static void put_unknown(const struct recent_figures *recent, struct buf *out)
{
    buf_printf(out, "%.2g%% of gaps unresolved", recent->unknown_share * 100);
}

void client_health_evidence(const struct recent_figures *recent,
                            enum client_health health, bool brief, struct buf *out)
{
    switch (health) {
    case CLIENT_LATE:
        (void)put_lateness(recent, out);
        if (!brief) {
            buf_append_str(out, ", ");
            put_cpu(recent, out);
        }
        return;
    case CLIENT_BUSY:
        put_cpu(recent, out);
        return;
    case CLIENT_UNSURE:
        put_unknown(recent, out);
        return;
    case CLIENT_FINE:
        break;
    }
    if (brief)
        return;
    if (put_lateness(recent, out))
        buf_append_str(out, ", ");
    put_cpu(recent, out);
    if (recent->unknown_share > 0) {
        buf_append_str(out, ", ");
        put_unknown(recent, out);
    }
}
