/* Rules about the measurement itself and the way to the server. */
#include <math.h>
#include <string.h>

#include "result/advice_rule.h"
#include "result/summary_reading.h"

#define DROPPED_SHARE 0.01
#define LEAST_RETRANSMITS 20
#define RETRANSMITS_PER_1000 10.0
#define FAR_MS 20.0
#define FAR_SHARE 0.3
#define REUSED_SHARE 0.5
#define OPENING_MS 10.0
#define OPENING_SHARE 0.2

static bool is_grave(const char *grade)
{
    return strcmp(grade, "C") == 0 || strcmp(grade, "D") == 0 || strcmp(grade, "F") == 0;
}

/* What says that nothing was measured, or was not written, is no lateness. */
static bool is_lateness(const char *rule)
{
    static const char *const others[] = {"dropped", "checks", "nothing"};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (strcmp(rule, others[i]) == 0)
            return false;
    return true;
}

enum advice_confidence advice_client_late(const struct advice_case *facts,
                                          struct advice_draft *draft)
{
    const json_t *reasons = summary_at(facts->summary, "client/reasons");
    enum advice_confidence confidence = ADVICE_SILENT;

    for (size_t i = 0; i < json_array_size(reasons); i++) {
        const json_t *reason = json_array_get(reasons, i);
        const char *grade = summary_text(reason, "grade");

        if (!is_grave(grade) || !is_lateness(summary_text(reason, "rule")))
            continue;
        advice_show(draft, "Trust %s: %s", grade, summary_text(reason, "sentence"));
        if (strcmp(grade, "C") != 0)
            confidence = ADVICE_SURE;
        else if (confidence == ADVICE_SILENT)
            confidence = ADVICE_LIKELY;
    }
    return confidence;
}

enum advice_confidence advice_people_short(const struct advice_case *facts,
                                           struct advice_draft *draft)
{
    const double due = summary_number(facts->summary, "totals/arrivals");
    const double dropped = summary_number(facts->summary, "totals/dropped_iterations");

    if (!(dropped > DROPPED_SHARE * due))
        return ADVICE_SILENT;
    advice_show(draft, "%.0f of %.0f arrivals were dropped (%.1f%%): nobody was free",
                dropped, due, 100 * dropped / due);
    return ADVICE_SURE;
}

enum advice_confidence advice_held_back(const struct advice_case *facts,
                                        struct advice_draft *draft)
{
    const json_t *stream = summary_at(facts->summary, "stream");

    if (strcmp(summary_text(stream, "verdict"), "held_back") != 0)
        return ADVICE_SILENT;
    advice_show(draft,
                "The chunks of %.0f of %.0f answers came in bunches, %.3g to a read",
                summary_number(stream, "bunched_answers"),
                summary_number(stream, "judged_answers"),
                summary_number(stream, "chunks_per_read"));
    return ADVICE_SURE;
}

enum advice_confidence advice_network_loss(const struct advice_case *facts,
                                           struct advice_draft *draft)
{
    const json_t *network = summary_at(facts->summary, "network");
    const double count = summary_number(network, "retransmits");
    const double per_1000 = summary_number(network, "retransmits_per_1000");
    const double rtt_p99 = summary_number(network, "rtt/p99");
    char figure[ADVICE_FIGURE_BYTES];

    if (!(count >= LEAST_RETRANSMITS && per_1000 >= RETRANSMITS_PER_1000))
        return ADVICE_SILENT;
    advice_show(draft, "%.0f TCP segments were sent again, %.3g for each 1,000 requests",
                count, per_1000);
    if (isfinite(rtt_p99))
        advice_show(draft, "The p99 of the round trip is %s", advice_ms(rtt_p99, figure));
    return ADVICE_SURE;
}

/* What users wait for first: ttft, else the first byte. */
static double first_ms(const json_t *summary, const char **ret_name)
{
    const double ttft = advice_median(summary, "ttft");

    *ret_name = isfinite(ttft) ? "ttft" : "ttfb";
    return isfinite(ttft) ? ttft : advice_median(summary, "ttfb");
}

enum advice_confidence advice_network_far(const struct advice_case *facts,
                                          struct advice_draft *draft)
{
    const double rtt = summary_number(facts->summary, "network/rtt/p50");
    const char *name;
    const double first = first_ms(facts->summary, &name);
    char one[ADVICE_FIGURE_BYTES];
    char other[ADVICE_FIGURE_BYTES];

    if (!(rtt >= FAR_MS && rtt >= FAR_SHARE * first))
        return ADVICE_SILENT;
    advice_show(draft, "The p50 of the round trip is %s, that of %s %s",
                advice_ms(rtt, one), name, advice_ms(first, other));
    return ADVICE_SURE;
}

enum advice_confidence advice_connections(const struct advice_case *facts,
                                          struct advice_draft *draft)
{
    const double reused = summary_number(facts->summary, "network/reused_share");
    const double opening = advice_median(facts->summary, "conn_wait");
    const char *name;
    const double first = first_ms(facts->summary, &name);
    char one[ADVICE_FIGURE_BYTES];
    char other[ADVICE_FIGURE_BYTES];

    if (!(reused < REUSED_SHARE && opening >= OPENING_MS &&
          opening >= OPENING_SHARE * first))
        return ADVICE_SILENT;
    advice_show(draft, "%.0f%% of the requests were sent on a connection that stood",
                100 * reused);
    advice_show(draft, "Setting one up takes %s (p50); %s is %s", advice_ms(opening, one),
                name, advice_ms(first, other));
    return ADVICE_SURE;
}
