#include "cli/recording_end.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "record/record.h"
#include "record/replay_scenario.h"
#include "result/verdict.h"

#define MAX_TEXT_BYTES ((size_t)64 * 1024)

static void append_count(struct buf *out, uint64_t count, const char *one,
                         const char *many)
{
    (void)quantity_format_count(out, count);
    buf_printf(out, " %s", count == 1 ? one : many);
}

/* "  left out: 3 bodies that …", where there are any. */
static void append_line(struct buf *out, const char *title, uint64_t count,
                        const char *one, const char *many)
{
    if (count == 0)
        return;
    buf_printf(out, "  %s: ", title);
    append_count(out, count, one, many);
    (void)buf_append_char(out, '\n');
}

static void append_head(struct buf *out, const struct record_totals *totals,
                        const char *trace)
{
    (void)buf_append_str(out, "throng record: ");
    append_count(out, totals->entries, "request", "requests");
    (void)buf_append_str(out, " in ");
    append_count(out, totals->sessions, "session", "sessions");
    (void)buf_append_str(out, " over ");
    (void)quantity_format_duration(out, totals->span_ns);
    buf_printf(out, " written to %s (", trace);
    (void)quantity_format_size(out, totals->bytes);
    (void)buf_append_str(out, ")\n");
}

static void append_summary(struct buf *out, const struct record_totals *totals,
                           const char *trace)
{
    append_head(out, totals, trace);
    append_line(out, "taken out", totals->headers_left_out,
                "header that is or sounds like a credential",
                "headers that are or sound like credentials");
    append_line(out, "taken out", totals->values_starred,
                "secret in a path, header or body",
                "secrets in paths, headers and bodies");
    append_line(out, "left out", totals->bodies_left_out,
                "body that was encoded, where secrets cannot be looked for",
                "bodies that were encoded, where secrets cannot be looked for");
    append_line(out, "left out", totals->beyond,
                "request beyond --max-entries, which was passed on",
                "requests beyond --max-entries, which were passed on");
    append_line(out, "left out", totals->refused,
                "request that cannot be passed on, answered with an error",
                "requests that cannot be passed on, answered with an error");
    append_line(out, "missing", totals->lost, "request, since the disk refused it",
                "requests, since the disk refused them");
    append_line(out, "among them", totals->failed,
                "that the upstream did not answer, or not to the end",
                "that the upstream did not answer, or not to the end");
    append_line(out, "among them", totals->left,
                "whose client left before the end of its answer",
                "whose clients left before the end of their answers");
    append_line(out, "among them", totals->cut, "cut off at the end of the recording",
                "cut off at the end of the recording");
}

/* The trace as a scenario in another folder names it. */
static const char *path_from(const char *scenario, const char *trace,
                             char absolute[static PATH_MAX])
{
    const char *scenario_end = strrchr(scenario, '/');
    const char *trace_end = strrchr(trace, '/');
    const size_t scenario_len = scenario_end ? (size_t)(scenario_end - scenario) : 0;
    const size_t trace_len = trace_end ? (size_t)(trace_end - trace) : 0;

    if (!scenario_end == !trace_end && scenario_len == trace_len &&
        strncmp(scenario, trace, trace_len) == 0)
        return trace_end ? trace_end + 1 : trace;
    return realpath(trace, absolute) ? absolute : trace;
}

static int write_scenario(const struct record *record, const char *trace,
                          const char *scenario, const struct record_totals *totals)
{
    char absolute[PATH_MAX];
    struct buf text = BUF_INIT(MAX_TEXT_BYTES);
    int r = replay_scenario_write(record_upstream(record),
                                  path_from(scenario, trace, absolute), totals, &text);
    FILE *file = NULL;

    if (r == 0) {
        file = fopen(scenario, "wxe");
        r = file ? 0 : -errno;
    }
    if (r == 0 && fwrite(text.bytes, 1, text.len, file) != text.len)
        r = -EIO;
    if (file && fclose(file) != 0 && r == 0)
        r = -errno;
    buf_deinit(&text);
    return r;
}

int recording_end(const struct record *record, const char *trace, const char *scenario)
{
    struct buf text = BUF_INIT(MAX_TEXT_BYTES);
    struct record_totals totals;
    int r = 0;

    record_totals(record, &totals);
    append_summary(&text, &totals, trace);
    if (scenario)
        r = write_scenario(record, trace, scenario, &totals);
    if (scenario && r == 0)
        buf_printf(&text, "  replay it: throng run %s\n", scenario);
    else if (totals.entries > 0)
        buf_printf(&text,
                   "  replay it: a scenario whose load is [{phase: replay, trace: %s}] "
                   "and whose "
                   "flow is [{replay: {}}]\n",
                   trace);
    (void)fputs(buf_str(&text), stdout);
    (void)fflush(stdout);
    buf_deinit(&text);
    if (r < 0)
        (void)fprintf(stderr, "throng record: cannot write '%s': %s\n", scenario,
                      strerror(-r));
    if (totals.file_error < 0)
        (void)fprintf(stderr, "throng record: trouble with the trace: %s\n",
                      strerror(-totals.file_error));
    return r < 0 || totals.file_error < 0 ? EXIT_NOT_SAVED : EXIT_PASSED;
}
