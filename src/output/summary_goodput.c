#include "output/summary_goodput.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "measure/recorder.h"
#include "measure/run_view.h"
#include "measure/slo.h"
#include "output/summary_reader.h"
#include "output/terminal_page.h"
#include "result/facts.h"

#define PATH_BYTES 96

static const char *name_of(enum plan_slo_metric metric)
{
    return metric_info(slo_metric(metric))->name;
}

struct summary_goodput summary_goodput_of_facts(const struct run_facts *facts)
{
    const struct run_view *view = facts->view;
    const struct counters counters = recorder_counters(view->recorder, RECORDER_WINDOW);
    const double seconds = run_span_s(run_facts_window(facts));
    struct summary_goodput goodput = {
        .per_s = seconds > 0 ? (double)counters.slo_met / seconds : (double)NAN,
        .operations = counters.slo_operations,
        .met = counters.slo_met,
        .failed = counters.slo_failed,
        .ignored = slo_ignored(view->plan, &counters),
    };

    memcpy(goodput.missed, counters.slo_missed, sizeof(goodput.missed));
    return goodput;
}

static uint64_t count_at(const json_t *summary, const char *path)
{
    const json_int_t count = summary_count(summary, path);

    return count > 0 ? (uint64_t)count : 0;
}

static bool lists(const json_t *names, const char *name)
{
    for (size_t i = 0; i < json_array_size(names); i++)
        if (strcmp(json_string_value(json_array_get(names, i)), name) == 0)
            return true;
    return false;
}

struct summary_goodput summary_goodput_of(const json_t *summary)
{
    const json_t *ignored = summary_at(summary, "workload/slo_ignored");
    struct summary_goodput goodput = {
        .per_s = summary_number(summary, "totals/goodput"),
        .operations = count_at(summary, "totals/slo/operations"),
        .met = count_at(summary, "totals/slo/met"),
        .failed = count_at(summary, "totals/slo/failed"),
    };

    for (enum plan_slo_metric metric = 0; metric < PLAN_SLO_COUNT; metric++) {
        char path[PATH_BYTES];

        (void)snprintf(path, sizeof(path), "totals/slo/metrics/%s/missed",
                       name_of(metric));
        goodput.missed[metric] = count_at(summary, path);
        if (lists(ignored, name_of(metric)))
            goodput.ignored |= UINT32_C(1) << metric;
    }
    return goodput;
}

static void say_missed(const struct summary_goodput *goodput, struct buf *out)
{
    const char *before = "; missed: ";

    for (enum plan_slo_metric metric = 0; metric < PLAN_SLO_COUNT; metric++) {
        if (goodput->missed[metric] == 0)
            continue;
        buf_printf(out, "%s%s ", before, name_of(metric));
        quantity_format_count(out, goodput->missed[metric]);
        before = ", ";
    }
    if (goodput->failed > 0) {
        buf_append_str(out, "; ");
        quantity_format_count(out, goodput->failed);
        buf_append_str(out, " failed");
    }
}

static void say_met(const struct summary_goodput *goodput, struct buf *out)
{
    if (isfinite(goodput->per_s))
        buf_printf(out, "%.1f/s: ", goodput->per_s);
    page_say_share(out, (double)goodput->met / (double)goodput->operations);
    buf_append_str(out, " of ");
    page_say_count(out, goodput->operations, "operation", "operations");
    buf_append_str(out, " met all SLOs");
    say_missed(goodput, out);
}

static void say_ignored(uint32_t ignored, struct buf *out)
{
    const char *before = "ignored: ";

    for (enum plan_slo_metric metric = 0; metric < PLAN_SLO_COUNT; metric++) {
        if (!(ignored >> metric & 1))
            continue;
        buf_printf(out, "%s%s", before, name_of(metric));
        before = ", ";
    }
    buf_append_str(out, ", which no answer had");
}

bool summary_say_goodput(const struct summary_goodput *goodput, struct buf *out)
{
    if (goodput->operations == 0 && goodput->ignored == 0)
        return false;
    if (goodput->operations > 0)
        say_met(goodput, out);
    if (goodput->operations > 0 && goodput->ignored != 0)
        buf_append_str(out, "; ");
    if (goodput->ignored != 0)
        say_ignored(goodput->ignored, out);
    return true;
}
