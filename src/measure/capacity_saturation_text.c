/*
 * What gave way in a search for capacity, in words, with what shows it.
 */
#include <math.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "measure/capacity_text.h"

/* "ttft 102 ms → 640 ms" */
static void say_growth(const char *metric, double calm_ms, double breaking_ms,
                       struct buf *out)
{
    if (!isfinite(calm_ms) || !isfinite(breaking_ms))
        return;
    buf_printf(out, "; %s ", metric);
    quantity_format_latency(out, (uint64_t)(calm_ms * (double)NS_PER_MS));
    buf_append_str(out, " → ");
    quantity_format_latency(out, (uint64_t)(breaking_ms * (double)NS_PER_MS));
}

static const char *saturation_sentence(enum capacity_saturation saturation)
{
    switch (saturation) {
    case CAPACITY_SATURATED_QUEUE:
        return "the server's queue: requests wait to begin, and answers come as fast as "
               "before";
    case CAPACITY_SATURATED_DECODE:
        return "the making of answers: they begin as soon as before, and come slower";
    case CAPACITY_SATURATED_BOTH:
        return "the server as a whole: requests wait to begin, and answers come slower";
    case CAPACITY_SATURATED_KV_CACHE:
        return "the KV cache of the servers: it is full, and requests wait for room in "
               "it";
    case CAPACITY_SATURATED_BEFORE_SERVERS:
        return "something before the servers, such as a gateway: requests wait to begin, "
               "and not at the servers, which have fewer of them than this client";
    case CAPACITY_SATURATED_SERVICE:
        return "the server: answers take longer (in one piece, so that waiting and work "
               "cannot be told apart)";
    case CAPACITY_SATURATED_ERRORS:
        return "the server fails requests";
    case CAPACITY_SATURATED_RATE_LIMITED:
        return "a rate limit: the server refuses requests (429)";
    case CAPACITY_SATURATED_PEOPLE:
        return "those who take arrivals: all of them were busy, so that arrivals waited "
               "for them too; raise arrivals.users to ask for more";
    case CAPACITY_SATURATED_CLIENT:
        return "throng itself, not the server";
    case CAPACITY_SATURATED_UNKNOWN:
        break;
    }
    return "";
}

/* "12.5 (0 before)" */
static void say_count(double value, double before, struct buf *out)
{
    buf_printf(out, "%.3g", value);
    if (isfinite(before))
        buf_printf(out, " (%.3g before)", before);
}

/* What servers told of themselves, without what they did not. */
static void say_servers(const struct capacity_report *report,
                        const struct capacity_level *breaking, struct buf *out)
{
    const struct capacity_level *calm =
        report->calm < report->level_count ? &report->levels[report->calm] : NULL;

    if (!isfinite(breaking->server_running))
        return;
    buf_append_str(out, "; at the servers ");
    if (isfinite(breaking->server_waiting)) {
        say_count(breaking->server_waiting, calm ? calm->server_waiting : (double)NAN,
                  out);
        buf_append_str(out, " wait, ");
    }
    buf_printf(out, "%.3g", breaking->server_running);
    if (report->server_capacity > 0)
        buf_printf(out, " of %.6g", report->server_capacity);
    buf_append_str(out, " run");
    if (isfinite(breaking->server_kv_cache_usage))
        buf_printf(out, ", the KV cache is %.0f%% full",
                   100 * breaking->server_kv_cache_usage);
    if (breaking->server_preemptions_per_s > 0)
        buf_printf(out, ", %.2g/s lose their place to it",
                   breaking->server_preemptions_per_s);
}

static void say_latency(const struct capacity_level *calm,
                        const struct capacity_level *breaking, struct buf *out)
{
    say_growth("ttft", calm->ttft_p50_ms, breaking->ttft_p50_ms, out);
    say_growth("tpot", calm->tpot_p50_ms, breaking->tpot_p50_ms, out);
    if (!isfinite(calm->ttft_p50_ms))
        say_growth("e2e", calm->e2e_mean_ms, breaking->e2e_mean_ms, out);
}

bool capacity_say_saturation(const struct capacity_report *report, struct buf *out)
{
    const bool fails = report->saturation == CAPACITY_SATURATED_ERRORS ||
                       report->saturation == CAPACITY_SATURATED_RATE_LIMITED;
    const struct capacity_level *breaking;

    if (report->saturation == CAPACITY_SATURATED_UNKNOWN)
        return false;
    buf_append_str(out, saturation_sentence(report->saturation));
    if (report->breaking == report->level_count ||
        report->saturation == CAPACITY_SATURATED_CLIENT)
        return true;
    breaking = &report->levels[report->breaking];
    if (breaking->failed > 0)
        buf_printf(out, "; %.3g%% failed",
                   100 * (double)breaking->failed / (double)breaking->requests);
    /* Of what fails, latency says nothing: refusals are quick. */
    if (!fails && report->calm < report->level_count)
        say_latency(&report->levels[report->calm], breaking, out);
    say_servers(report, breaking, out);
    return true;
}
