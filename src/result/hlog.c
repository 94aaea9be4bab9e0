#include "result/hlog.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/recorder.h"
#include "plan/plan.h"
#include "result/facts.h"
#include "result/hlog_tag.h"

/* What the load is cut into at most; it may take longer, and then the last one goes on. */
#define LOAD_INTERVALS 3600
#define MAX_INTERVALS (2 * LOAD_INTERVALS)
#define MAX_INTERVAL_BYTES ((size_t)128 << 20)

/* The latencies that are kept over time. */
static const enum metric over_time[] = {METRIC_TTFT, METRIC_ICL, METRIC_TPOT, METRIC_E2E};

/* A stretch of the run with its histograms, since the run's start. */
struct interval {
    uint64_t start_ns;
    uint64_t end_ns;
    struct histogram *histograms[COUNT_OF(over_time)];
};

struct hlog {
    uv_loop_t *loop;
    uint64_t started_ns;
    uint64_t step_ns;
    size_t count; /* of those that are closed */
    struct interval *open;
    /* The pool's while it works: */
    struct interval *closed;
    struct buf text; /* lines of the intervals so far */
    bool is_working;
    uv_work_t work;
    struct interval intervals[2];
};

DEFINE_CLEANUP(struct hlog, hlog_free)

struct hlog *hlog_free(struct hlog *hlog)
{
    if (!hlog)
        return NULL;
    assert(!hlog->is_working);
    for (size_t i = 0; i < COUNT_OF(hlog->intervals); i++)
        for (size_t j = 0; j < COUNT_OF(over_time); j++)
            histogram_free(hlog->intervals[i].histograms[j]);
    buf_deinit(&hlog->text);
    free(hlog);
    return NULL;
}

/* Whole seconds, so many that the load fits. */
static uint64_t step_of(const struct plan *plan)
{
    const uint64_t room_ns = LOAD_INTERVALS * NS_PER_S;
    const uint64_t duration_ns = plan_duration_ns(plan);

    return (duration_ns > 0 ? (duration_ns - 1) / room_ns + 1 : 1) * NS_PER_S;
}

int hlog_new(uv_loop_t *loop, const struct plan *plan, uint64_t started_ns,
             struct hlog **ret_hlog)
{
    CLEANUP(hlog_freep) struct hlog *hlog = calloc(1, sizeof(*hlog));

    if (!hlog)
        return -ENOMEM;
    *hlog = (struct hlog){
        .loop = loop,
        .started_ns = started_ns,
        .step_ns = step_of(plan),
        .open = &hlog->intervals[0],
        .closed = &hlog->intervals[1],
        .text = BUF_INIT(MAX_INTERVAL_BYTES),
    };
    for (size_t i = 0; i < COUNT_OF(hlog->intervals); i++)
        for (size_t j = 0; j < COUNT_OF(over_time); j++)
            if (histogram_new(HISTOGRAM_COARSE, &hlog->intervals[i].histograms[j]) < 0)
                return -ENOMEM;
    *ret_hlog = TAKE(hlog);
    return 0;
}

/* What a line is about. */
struct line {
    const char *name;  /* of the metric */
    const char *kind;  /* ":interval", ":run" or "" */
    const char *key;   /* of a dimension, or NULL */
    const char *value; /* of it */
    uint64_t start_ns; /* since the run's start */
    uint64_t end_ns;
};

static double seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

/* Nothing observed is no line. */
static int append_line(struct buf *out, const struct line *line,
                       const struct histogram *histogram)
{
    char *encoded = NULL;

    if (!histogram || histogram_count(histogram) == 0)
        return 0;
    if (histogram_encode(histogram, &encoded) < 0)
        return -ENOMEM;
    hlog_tag_write(out, line->name, line->kind, line->key, line->value);
    buf_printf(out, ",%.3f,%.3f,%.3f,%s\n", seconds(line->start_ns),
               seconds(line->end_ns - line->start_ns),
               (double)histogram_max_ns(histogram) / (double)NS_PER_MS, encoded);
    free(encoded);
    return buf_error(out);
}

static int append_interval(struct buf *out, const struct interval *interval)
{
    int r = 0;

    for (size_t i = 0; i < COUNT_OF(over_time) && r >= 0; i++) {
        const struct line line = {.name = metric_info(over_time[i])->name,
                                  .kind = ":interval",
                                  .start_ns = interval->start_ns,
                                  .end_ns = interval->end_ns};

        r = append_line(out, &line, interval->histograms[i]);
    }
    return r;
}

static void on_pool(uv_work_t *work)
{
    struct hlog *hlog = work->data;
    const int r = append_interval(&hlog->text, hlog->closed);

    if (r < 0 && hlog->text.error == 0)
        hlog->text.error = r;
}

static void on_encoded(uv_work_t *work, int status)
{
    struct hlog *hlog = work->data;

    (void)status; /* nobody cancels it */
    hlog->is_working = false;
}

static void close_open(struct hlog *hlog)
{
    struct interval *next = hlog->closed;

    for (size_t i = 0; i < COUNT_OF(over_time); i++)
        histogram_reset(next->histograms[i]);
    next->start_ns = next->end_ns = hlog->open->end_ns;
    hlog->closed = hlog->open;
    hlog->open = next;
    hlog->count++;
    hlog->work.data = hlog;
    hlog->is_working = uv_queue_work(hlog->loop, &hlog->work, on_pool, on_encoded) == 0;
    assert(hlog->is_working); /* it fails only without a function */
}

void hlog_add(struct hlog *hlog, const struct interval_view *interval)
{
    struct interval *open = hlog->open;
    const uint64_t tick_ns = interval->end_ns - interval->start_ns;

    open->end_ns = interval->end_ns - hlog->started_ns;
    for (size_t i = 0; i < COUNT_OF(over_time); i++) {
        const struct histogram *seen = interval->total.histograms[over_time[i]];

        if (seen) /* both are coarse: they always merge */
            (void)histogram_merge(open->histograms[i], seen);
    }
    /* Ticks come a little late: half of one short of a step is a step. */
    if (open->end_ns - open->start_ns + tick_ns / 2 >= hlog->step_ns &&
        !hlog->is_working && hlog->count < MAX_INTERVALS)
        close_open(hlog);
}

bool hlog_is_busy(const struct hlog *hlog)
{
    return hlog->is_working;
}

/* Cut to the millisecond, as clock_format_wall() cuts. */
static void append_epoch(struct buf *out, const char *name, uint64_t wall_ns)
{
    buf_printf(out, "#[%s: %" PRIu64 ".%03" PRIu64 " (seconds since epoch)", name,
               wall_ns / NS_PER_S, wall_ns % NS_PER_S / NS_PER_MS);
}

static void append_head(const struct run_facts *facts, struct buf *out)
{
    char moment[32];

    clock_format_wall(facts->started_wall_ns, moment);
    buf_append_str(out, "#[Values in microseconds; Interval_Max in milliseconds]\n"
                        "#[Censored observations are not in here: see summary.json]\n"
                        "#[Histogram log format version 1.3]\n");
    append_epoch(out, "StartTime", facts->started_wall_ns);
    buf_printf(out, ", %s]\n", moment);
    append_epoch(out, "BaseTime", facts->started_wall_ns);
    buf_append_str(out, "]\n\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
                        "\"Interval_Compressed_Histogram\"\n");
}

struct writer {
    const struct run_facts *facts;
    struct buf *out;
    int error; /* the first */
};

static void append_series(struct writer *writer, const struct series_view *series,
                          const char *kind, struct run_span span)
{
    const uint64_t started_ns = writer->facts->view->started_ns;
    const struct plan *plan = writer->facts->view->plan;
    struct line line = {.kind = kind,
                        .key = series->key,
                        .value = series->value,
                        .start_ns = span.start_ns - started_ns,
                        .end_ns = span.end_ns - started_ns};

    for (enum metric metric = 0; metric < METRIC_COUNT && writer->error == 0; metric++) {
        line.name = metric_info(metric)->name;
        writer->error = append_line(writer->out, &line, series->histograms[metric]);
    }
    for (size_t i = 0; series->customs && i < plan->metric_count && writer->error == 0;
         i++) {
        line.name = plan->metrics[i].name;
        writer->error = append_line(writer->out, &line, series->customs[i].histogram);
    }
}

static bool is_phase(const struct series_view *series)
{
    return strcmp(series->key, "phase") == 0;
}

static void on_windowed(void *ctx, const struct series_view *series)
{
    struct writer *writer = ctx;

    if (!is_phase(series))
        append_series(writer, series, "", run_facts_window(writer->facts));
}

/* A phase is a window of its own, as in the summary. */
static void on_whole(void *ctx, const struct series_view *series)
{
    struct writer *writer = ctx;
    const struct plan *plan = writer->facts->view->plan;
    struct run_span span = run_facts_load(writer->facts);

    if (!is_phase(series))
        return;
    for (size_t i = 0; i < plan->phase_count; i++)
        if (strcmp(plan->phases[i].name, series->value) == 0)
            span = run_facts_phase(writer->facts, i);
    append_series(writer, series, "", span);
}

int hlog_write(const struct run_facts *facts, struct buf *out)
{
    const struct run_view *view = facts->view;
    const struct hlog *hlog = facts->hlog;
    const struct series_view all = recorder_total(view->recorder, RECORDER_ALL);
    struct writer writer = {.facts = facts, .out = out};

    append_head(facts, out);
    append_series(&writer, &all, ":run",
                  (struct run_span){view->started_ns, view->now_ns});
    const struct series_view window = recorder_total(view->recorder, RECORDER_WINDOW);

    append_series(&writer, &window, "", run_facts_window(facts));
    recorder_each(view->recorder, RECORDER_WINDOW, on_windowed, &writer);
    recorder_each(view->recorder, RECORDER_ALL, on_whole, &writer);
    if (hlog && writer.error == 0) {
        assert(!hlog->is_working);
        writer.error = buf_error(&hlog->text);
        buf_append(out, buf_str(&hlog->text), hlog->text.len);
        if (writer.error == 0)
            writer.error = append_interval(out, hlog->open);
    }
    return writer.error < 0 ? writer.error : buf_error(out);
}
