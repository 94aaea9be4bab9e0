#include "record/replay_scenario.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "record/record.h"

/* The one who answers may be slower this time: then more are asking at once. */
#define LEAST_USERS 10
#define USERS_PER_PEAK 2

/* A double-quoted string of YAML holds what one of JSON does. */
static void append_quoted(struct buf *out, const char *text)
{
    (void)buf_append_char(out, '"');
    (void)buf_append_json(out, text, strlen(text));
    (void)buf_append_char(out, '"');
}

int replay_scenario_write(const char *upstream, const char *trace,
                          const struct record_totals *totals, struct buf *out)
{
    const uint64_t users = USERS_PER_PEAK * totals->peak;

    (void)buf_append_str(out, "# A replay of what throng record saw: ");
    (void)quantity_format_count(out, totals->entries);
    buf_printf(out, " request%s over ", totals->entries == 1 ? "" : "s");
    (void)quantity_format_duration(out, totals->span_ns);
    buf_printf(out,
               ", at most %" PRIu64 " at once.\n"
               "scenario: replay\n"
               "target:\n"
               "  url: ",
               totals->peak);
    append_quoted(out, upstream);
    (void)buf_append_str(out, " # what was recorded; name the system to be tested\n"
                              "  api_key: ${OPENAI_API_KEY:-}\n"
                              "users:\n"
                              "  people:\n"
                              "    flow:\n"
                              "      - replay: {}\n");
    buf_printf(out,
               "arrivals:\n"
               "  users: %" PRIu64 " # at most so many requests at once\n"
               "  max_wait: 10s # for one of them to be free\n"
               "load:\n"
               "  - phase: replay\n"
               "    trace: ",
               users > LEAST_USERS ? users : LEAST_USERS);
    append_quoted(out, trace);
    return buf_append_str(out, "\n    time_scale: 1 # 0.5 is twice as fast\n");
}
