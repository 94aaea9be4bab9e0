#include "output/live_event.h"

#include <math.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "measure/recorder.h"
#include "measure/run_mark.h"
#include "measure/run_view.h"
#include "measure/trust.h"
#include "output/live_json.h"
#include "output/recent.h"
#include "plan/load.h"
#include "plan/plan.h"
#include "result/facts.h"
#include "result/verdict.h"

#define SECONDS_DECIMALS 3
#define RATE_DECIMALS 3
#define MS_DECIMALS 3
#define MONEY_DECIMALS 12

static double seconds_of(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

static double since_start_s(const struct live_run *run, uint64_t moment_ns)
{
    return moment_ns > run->started_ns ? seconds_of(moment_ns - run->started_ns) : 0;
}

static void begin(struct buf *out)
{
    buf_clear(out);
    live_json_open(out, "", '{');
}

/* An event stands alone: no comma follows it. */
static void end(struct buf *out)
{
    live_json_close(out, '}');
    if (out->len > 0)
        buf_erase(out, out->len - 1, 1);
}

static void put_seconds(struct buf *out, const char *name, double seconds)
{
    live_json_number(out, name, seconds, SECONDS_DECIMALS);
}

void live_event_run(const struct live_run *run, const struct run_view *view,
                    struct buf *out)
{
    const struct plan *plan = view->plan;
    char moment[32];

    clock_format_wall(run->started_wall_ns, moment);
    begin(out);
    live_json_text(out, "id", run->id);
    live_json_text(out, "scenario", plan->name);
    live_json_text(out, "description", plan->description ? plan->description : "");
    live_json_text(out, "version", run->version);
    live_json_text(out, "started_at", moment);
    live_json_text(out, "results", run->results);
    live_json_number(out, "step_s", seconds_of(run->step_ns), 0);
    live_json_bool(out, "is_open", view->is_open);
    live_json_bool(out, "has_trace", plan->arrivals.kind == PLAN_ARRIVALS_TRACE);
    live_json_bool(out, "is_search", run->is_search);
    live_json_count(out, "worker", plan->worker_index);
    live_json_count(out, "workers", plan->worker_count);
    end(out);
}

static void put_phase(const struct plan_phase *phase, uint64_t start_ns, struct buf *out)
{
    live_json_open(out, "", '{');
    live_json_text(out, "name", phase->name ? phase->name : "");
    live_json_text(out, "kind", plan_phase_kind_name(phase->kind));
    put_seconds(out, "start_s", seconds_of(start_ns));
    put_seconds(out, "end_s", seconds_of(start_ns + phase->duration_ns));
    live_json_count(out, "users_from", plan_phase_users_at(phase, 0));
    live_json_count(out, "users_to", phase->users);
    live_json_number(out, "rate_from", phase->from_rate_per_s, RATE_DECIMALS);
    live_json_number(out, "rate_to", phase->rate_per_s, RATE_DECIMALS);
    live_json_close(out, '}');
}

void live_event_plan(const struct plan *plan, struct buf *out)
{
    uint64_t start_ns = 0;

    begin(out);
    live_json_open(out, "phases", '[');
    for (size_t i = 0; i < plan->phase_count; i++) {
        put_phase(&plan->phases[i], start_ns, out);
        start_ns += plan->phases[i].duration_ns;
    }
    live_json_close(out, ']');
    end(out);
}

void live_event_phase(const struct live_run *run, const struct run_view *view,
                      struct buf *out)
{
    begin(out);
    put_seconds(out, "at_s", since_start_s(run, view->now_ns));
    live_json_count(out, "index", view->phase_index);
    live_json_text(out, "name", view->phase);
    end(out);
}

void live_event_mark(const struct live_run *run, const struct run_mark *mark,
                     struct buf *out)
{
    begin(out);
    put_seconds(out, "at_s", since_start_s(run, mark->at_ns));
    live_json_text(out, "kind", run_mark_kind_name(mark->kind));
    live_json_text(out, "text", mark->text);
    end(out);
}

/* A bound is told as it is: "above" it. */
static void put_quantiles(struct buf *out, const char *name,
                          const struct recent_quantiles *quantiles)
{
    const struct {
        const char *name;
        struct histogram_quantile quantile;
    } parts[] = {{"p50", quantiles->p50}, {"p95", quantiles->p95}};

    live_json_open(out, name, '{');
    for (size_t i = 0; i < 2; i++) {
        const struct histogram_quantile quantile = parts[i].quantile;

        live_json_number(out, parts[i].name,
                         quantile.known ? (double)quantile.value_ns / (double)NS_PER_MS
                                        : (double)NAN,
                         MS_DECIMALS);
    }
    live_json_bool(out, "is_above", quantiles->p95.known && quantiles->p95.above);
    live_json_close(out, '}');
}

static void put_errors(const struct counters *counters, struct buf *out)
{
    struct failure_kind kinds[OUTCOME_COUNT];
    const size_t count = failure_kinds(counters, kinds);

    live_json_open(out, "errors", '[');
    for (size_t i = 0; i < count; i++) {
        live_json_open(out, "", '{');
        live_json_text(out, "kind", outcome_name(kinds[i].outcome));
        live_json_count(out, "count", kinds[i].count);
        live_json_close(out, '}');
    }
    live_json_close(out, ']');
}

static void put_trust(const struct trust *trust, struct buf *out)
{
    char letter[2] = {trust ? trust_letter(trust->grade) : '\0', '\0'};

    for (size_t i = 0; trust && i < trust->reason_count; i++)
        if (trust->reasons[i].rule == TRUST_RULE_NOTHING)
            letter[0] = '\0'; /* as long as nothing was measured, a grade says nothing */
    live_json_open(out, "trust", '{');
    live_json_text(out, "grade", letter);
    live_json_open(out, "reasons", '[');
    for (size_t i = 0; trust && i < trust->reason_count; i++)
        live_json_text(out, "", trust->reasons[i].sentence);
    live_json_close(out, ']');
    live_json_close(out, '}');
}

static void put_totals(const struct run_view *view, struct buf *out)
{
    const struct counters counters = recorder_counters(view->recorder, RECORDER_ALL);

    live_json_count(out, "requests", counters.ok + counters.degraded + counters.failed);
    live_json_count(out, "failed", counters.failed);
    live_json_number(out, "error_rate", failure_rate(&counters), 6);
    live_json_count(out, "completion_tokens", counters.completion_tokens);
    live_json_number(out, "cost_usd", (double)counters.cost_pusd / 1e12, MONEY_DECIMALS);
    put_errors(&counters, out);
}

static void put_arrivals(const struct run_view *view, const struct recent_figures *recent,
                         struct buf *out)
{
    const struct arrival_view *arrivals = &view->arrivals;

    if (!view->is_open)
        return;
    live_json_open(out, "arrivals", '{');
    live_json_number(out, "rate", arrivals->rate_per_s, RATE_DECIMALS);
    live_json_number(out, "taken_per_second", recent->taken_per_s, RATE_DECIMALS);
    live_json_count(out, "waiting", arrivals->waiting);
    live_json_count(out, "dropped", arrivals->dropped);
    live_json_count(out, "people", arrivals->people);
    live_json_close(out, '}');
}

void live_event_now(const struct live_run *run, const struct run_view *view,
                    const struct user_counts *users, const struct recent_figures *recent,
                    struct buf *out)
{
    begin(out);
    put_seconds(out, "at_s", since_start_s(run, view->now_ns));
    live_json_text(out, "state", run_state_name(view->state));
    live_json_text(out, "phase", view->phase);
    put_seconds(out, "phase_left_s", seconds_of(view->phase_left_ns));
    put_seconds(out, "elapsed_s", seconds_of(view->elapsed_ns));
    put_seconds(out, "left_s", seconds_of(view->left_ns));
    live_json_count(out, "users_wanted", users->wanted);
    live_json_count(out, "users_active", users->active);
    live_json_count(out, "users_leaving", users->leaving);
    live_json_count(out, "in_flight", recorder_in_flight(view->recorder));
    live_json_number(out, "requests_per_second", recent->requests_per_s, RATE_DECIMALS);
    live_json_number(out, "output_tokens_per_second", recent->tokens_per_s,
                     RATE_DECIMALS);
    live_json_number(out, "cpu_share", recent->cpu_share, 3);
    put_quantiles(out, "ttft", &recent->of[RECENT_TTFT]);
    put_quantiles(out, "e2e", &recent->of[RECENT_E2E]);
    put_quantiles(out, "icl", &recent->of[RECENT_ICL]);
    put_totals(view, out);
    put_arrivals(view, recent, out);
    put_trust(view->trust, out);
    end(out);
}

void live_event_end(const struct live_run *run, const char *stop_reason,
                    const struct verdicts *verdicts, struct buf *out)
{
    const size_t count = verdicts ? verdicts->count : 0;

    begin(out);
    live_json_bool(out, "had_load", verdicts != NULL);
    live_json_text(out, "stop_reason", stop_reason);
    live_json_text(out, "results", run->results ? run->results : "");
    if (verdicts) {
        const int code = (int)verdicts_exit_code(verdicts);

        live_json_count(out, "exit_code", (uint64_t)code);
        live_json_text(out, "meaning", exit_code_text(code));
    }
    live_json_open(out, "verdicts", '[');
    for (size_t i = 0; i < count; i++) {
        live_json_open(out, "", '{');
        live_json_count(out, "code", (uint64_t)verdicts->items[i].code);
        live_json_text(out, "sentence", verdicts->items[i].sentence);
        live_json_close(out, '}');
    }
    live_json_close(out, ']');
    end(out);
}
