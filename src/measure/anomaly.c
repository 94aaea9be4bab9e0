#include "measure/anomaly.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/histogram.h"
#include "measure/anomaly_judge.h"
#include "measure/course.h"
#include "measure/metric.h"
#include "measure/run_view.h"
#include "plan/plan.h"

#define STEP_NS NS_PER_S
#define LATE_NS (100 * NS_PER_MS) /* throng itself stood still */
#define SKIP_STEPS 3              /* while what was done before still shows */
#define CALM_STEPS 3
#define UNKNOWN_STEPS 15
#define LEVEL_CHANGE 0.05
#define AGAIN_NS (600 * NS_PER_S) /* what is back within them recurs */
#define RECURRENCES 2             /* so often it is told, then it is usual too */

struct signal_watch {
    struct course course;
    bool is_active;
    struct anomaly anomaly; /* while it is */
    unsigned calm;          /* steps since it was odd */
    unsigned unknown;
    unsigned recurrences; /* how often it was back soon after it had passed */
    bool has_been;        /* since the past begins: one was over, at anomaly.end_ns */
};

struct anomaly_watch {
    anomaly_fn *fn;
    void *ctx;
    struct signal_watch signals[ANOMALY_SIGNALS];
    struct course_step open[ANOMALY_SIGNALS]; /* the second that is being filled */
    bool is_open;
    bool was_late;           /* in it */
    const struct plan *plan; /* that the past is of: another may ask for something else */
    double level;            /* of its load */
    unsigned skips;          /* so many seconds are nobody's past */
    unsigned late_skips;     /* likewise, after throng was late: but errors count */
    struct anomaly ended[ANOMALIES_MAX];
    size_t ended_count;
    uint64_t begun[ANOMALY_KINDS];
};

static const enum metric latencies[] = {
    [ANOMALY_TTFT] = METRIC_TTFT, [ANOMALY_ICL] = METRIC_ICL, [ANOMALY_E2E] = METRIC_E2E};

#define LATENCIES (sizeof(latencies) / sizeof(latencies[0]))

int anomaly_watch_new(anomaly_fn *fn, void *ctx, struct anomaly_watch **ret_watch)
{
    struct anomaly_watch *watch = calloc(1, sizeof(*watch));

    if (!watch)
        return -ENOMEM;
    watch->fn = fn;
    watch->ctx = ctx;
    watch->skips = SKIP_STEPS;
    *ret_watch = watch;
    return 0;
}

struct anomaly_watch *anomaly_watch_free(struct anomaly_watch *watch)
{
    free(watch);
    return NULL;
}

static void tell(struct anomaly_watch *watch, const struct anomaly *anomaly)
{
    if (watch->fn)
        watch->fn(watch->ctx, anomaly);
}

static void begin(struct anomaly_watch *watch, enum anomaly_signal signal,
                  const struct anomaly_finding *finding)
{
    struct signal_watch *at = &watch->signals[signal];

    at->recurrences = at->has_been && finding->start_ns < at->anomaly.end_ns + AGAIN_NS
                          ? at->recurrences + 1
                          : 0;
    at->is_active = true;
    at->calm = 0;
    at->unknown = 0;
    at->anomaly = (struct anomaly){.signal = signal,
                                   .end = ANOMALY_GOES_ON,
                                   .start_ns = finding->start_ns,
                                   .end_ns = finding->end_ns,
                                   .value = finding->value,
                                   .expected = finding->expected,
                                   .share = finding->share};
    watch->begun[anomaly_signal_kind(signal)]++;
    tell(watch, &at->anomaly);
}

static void end(struct anomaly_watch *watch, struct signal_watch *at,
                enum anomaly_end how)
{
    if (!at->is_active)
        return;
    at->is_active = false;
    at->has_been = true;
    at->anomaly.end = how;
    if (watch->ended_count < ANOMALIES_MAX)
        watch->ended[watch->ended_count++] = at->anomaly;
    tell(watch, &at->anomaly);
}

/* Keeps the worst: of throughput the least, of all else the greatest. */
static void go_on(struct anomaly *anomaly, const struct anomaly_finding *finding)
{
    const bool is_less = finding->value < anomaly->value;

    anomaly->end_ns = finding->end_ns;
    if (is_less == (anomaly->signal == ANOMALY_THROUGHPUT))
        anomaly->value = finding->value;
    anomaly->share = fmax(anomaly->share, finding->share);
}

static void follow(struct anomaly_watch *watch, struct signal_watch *at,
                   const struct anomaly_finding *finding)
{
    switch (finding->state) {
    case ANOMALY_ODD:
    case ANOMALY_TENSE:
        at->calm = 0;
        at->unknown = 0;
        go_on(&at->anomaly, finding);
        break;
    case ANOMALY_CALM:
        at->calm++;
        break;
    case ANOMALY_UNKNOWN:
        at->unknown++;
        break;
    }
    if (at->calm >= CALM_STEPS) {
        end(watch, at, ANOMALY_PASSED);
    } else if (at->unknown >= UNKNOWN_STEPS) {
        end(watch, at, ANOMALY_CUT_SHORT);
    } else if (at->anomaly.end_ns - at->anomaly.start_ns >= ANOMALY_LONGEST_NS) {
        end(watch, at, ANOMALY_STAYED);
        course_reset(&at->course);
    }
}

static void look(struct anomaly_watch *watch, enum anomaly_signal signal)
{
    struct signal_watch *at = &watch->signals[signal];
    const struct anomaly_finding finding = anomaly_judge(signal, &at->course);

    if (at->is_active)
        follow(watch, at, &finding);
    else if (finding.state == ANOMALY_ODD)
        begin(watch, signal, &finding);
    if (at->is_active && at->recurrences < RECURRENCES)
        course_mark(&at->course);
}

/* The past is of another load. */
static void forget(struct anomaly_watch *watch)
{
    for (size_t i = 0; i < ANOMALY_SIGNALS; i++) {
        end(watch, &watch->signals[i], ANOMALY_CUT_SHORT);
        course_reset(&watch->signals[i].course);
        watch->signals[i].has_been = false;
    }
    watch->is_open = false;
    watch->skips = SKIP_STEPS;
}

static bool is_spike(const struct run_view *view)
{
    return view->phase_index < view->plan->phase_count &&
           view->plan->phases[view->phase_index].kind == PLAN_PHASE_SPIKE;
}

/* What the scenario asks for at the moment: people, or arrivals a second. 0: nothing to compare. */
static double level_of(const struct run_view *view, const struct interval_view *interval)
{
    if (view->state != RUN_LOADING || view->plan->is_search || is_spike(view))
        return 0;
    if (view->plan->arrivals.kind == PLAN_ARRIVALS_TRACE)
        return 1; /* the trace's own */
    return view->is_open ? view->arrivals.rate_per_s : (double)interval->users.wanted;
}

static void open_step(struct anomaly_watch *watch, uint64_t start_ns)
{
    for (size_t i = 0; i < ANOMALY_SIGNALS; i++)
        watch->open[i] = (struct course_step){.start_ns = start_ns};
    watch->is_open = true;
    watch->was_late = false;
}

static void fill_step(struct anomaly_watch *watch, const struct interval_view *interval,
                      uint64_t started_ns)
{
    const struct counters *counters = interval->total.counters;
    const struct histogram *lag = interval->total.histograms[METRIC_LOOP_LAG];
    const double seconds =
        (double)(interval->end_ns - interval->start_ns) / (double)NS_PER_S;

    for (size_t i = 0; i < ANOMALY_SIGNALS; i++) {
        struct course_step *step = &watch->open[i];

        step->end_ns = interval->end_ns - started_ns;
        step->over += counters->ok + counters->degraded + counters->failed;
        step->failed += counters->failed;
        step->streamed += counters->streamed;
        step->tokens += counters->completion_tokens;
        step->in_flight_s += interval->mean_in_flight * seconds;
        if (i < LATENCIES)
            course_step_add(step, interval->total.histograms[latencies[i]]);
    }
    watch->was_late |= lag && histogram_max_ns(lag) >= LATE_NS;
}

static void close_step(struct anomaly_watch *watch, bool only_errors)
{
    watch->is_open = false;
    if (watch->was_late)
        watch->late_skips = SKIP_STEPS;
    if (watch->skips > 0) {
        watch->skips--;
        return;
    }
    for (enum anomaly_signal signal = 0; signal < ANOMALY_SIGNALS; signal++) {
        if (signal != ANOMALY_ERROR_RATE && (watch->late_skips > 0 || only_errors))
            continue;
        course_push(&watch->signals[signal].course, &watch->open[signal]);
        look(watch, signal);
    }
    if (watch->late_skips > 0)
        watch->late_skips--;
}

void anomaly_watch_add(struct anomaly_watch *watch, const struct run_view *view,
                       const struct interval_view *interval)
{
    const double level = level_of(view, interval);
    const uint64_t length_ns = interval->end_ns - interval->start_ns;

    if (!(level > 0) || view->plan != watch->plan ||
        fabs(level - watch->level) > LEVEL_CHANGE * watch->level) {
        forget(watch);
        watch->plan = view->plan;
        watch->level = level;
        return;
    }
    if (!watch->is_open)
        open_step(watch, interval->start_ns - view->started_ns);
    fill_step(watch, interval, view->started_ns);
    /* Ticks come a little late: half an interval short of a step is a step. */
    if (watch->open[0].end_ns - watch->open[0].start_ns + length_ns / 2 >= STEP_NS)
        close_step(watch, view->plan->arrivals.kind == PLAN_ARRIVALS_TRACE);
}

void anomaly_watch_end(struct anomaly_watch *watch)
{
    forget(watch);
}

struct anomaly_view anomaly_watch_view(const struct anomaly_watch *watch)
{
    struct anomaly_view view = {.ended = watch->ended, .ended_count = watch->ended_count};

    for (size_t i = 0; i < ANOMALY_SIGNALS; i++)
        if (watch->signals[i].is_active)
            view.active[view.active_count++] = watch->signals[i].anomaly;
    for (size_t i = 0; i < ANOMALY_KINDS; i++)
        view.begun[i] = watch->begun[i];
    return view;
}
