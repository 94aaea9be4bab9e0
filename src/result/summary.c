#include "result/summary.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "measure/run_mark.h"
#include "measure/threshold.h"
#include "plan/plan.h"
#include "result/advice.h"
#include "result/facts.h"
#include "result/json_tree.h"
#include "result/summary_ab.h"
#include "result/summary_anomalies.h"
#include "result/summary_backend.h"
#include "result/summary_by.h"
#include "result/summary_capacity.h"
#include "result/summary_client.h"
#include "result/summary_conversations.h"
#include "result/summary_cost.h"
#include "result/summary_integrity.h"
#include "result/summary_isolation.h"
#include "result/summary_network.h"
#include "result/summary_people.h"
#include "result/summary_platform.h"
#include "result/summary_replay.h"
#include "result/summary_script.h"
#include "result/summary_series.h"
#include "result/summary_spikes.h"
#include "result/summary_stream.h"
#include "result/summary_timeline.h"
#include "result/summary_users.h"
#include "result/summary_workload.h"

#define SECONDS_DECIMALS 3
#define THRESHOLD_DECIMALS 12 /* money, to the pico-dollar */

static double since_start_s(const struct run_facts *facts, uint64_t moment_ns)
{
    return run_span_s((struct run_span){facts->view->started_ns, moment_ns});
}

static void put_moment(struct json_tree *tree, json_t *object, const char *key,
                       uint64_t wall_ns)
{
    char text[32];

    clock_format_wall(wall_ns, text);
    json_tree_put_text(tree, object, key, text);
}

/* A seed is any 64 bits; readers of JSON keep integers up to INT64_MAX only. */
static void put_seed(struct json_tree *tree, json_t *object, uint64_t seed)
{
    char text[24];

    if (seed <= INT64_MAX) {
        json_tree_put_count(tree, object, "seed", seed);
        return;
    }
    (void)snprintf(text, sizeof(text), "%" PRIu64, seed);
    json_tree_put_text(tree, object, "seed", text);
}

static void put_run(struct json_tree *tree, json_t *summary,
                    const struct run_facts *facts)
{
    const struct plan *plan = facts->view->plan;
    json_t *run = json_tree_put_object(tree, summary, "run");
    json_t *tags = NULL;

    json_tree_put_text(tree, run, "id", facts->run_id);
    json_tree_put_text(tree, run, "scenario", plan->name);
    json_tree_put_text(tree, run, "description",
                       plan->description ? plan->description : "");
    json_tree_put_text(tree, run, "scenario_path", facts->scenario_path);
    put_moment(tree, run, "started_at", facts->started_wall_ns);
    put_moment(tree, run, "ended_at", facts->ended_wall_ns);
    json_tree_put_number(tree, run, "duration_s",
                         since_start_s(facts, facts->view->now_ns), SECONDS_DECIMALS);
    put_seed(tree, run, plan->seed);
    json_tree_put_text(tree, run, "stop_reason",
                       stop_reason_name(facts->view->stop_reason));
    json_tree_put_count(tree, run, "exit_code",
                        (uint64_t)verdicts_exit_code(facts->verdicts));
    json_tree_put_text(tree, run, "version", facts->version);
    json_tree_put_text(tree, run, "fingerprint", facts->fingerprint);
    tags = json_tree_put_object(tree, run, "tags");
    for (size_t i = 0; i < plan->tag_count; i++)
        json_tree_put_text(tree, tags, plan->tags[i].key, plan->tags[i].value);
}

static const char *reuse_name(enum plan_reuse reuse)
{
    switch (reuse) {
    case PLAN_REUSE_POOL:
        return "pool";
    case PLAN_REUSE_USER:
        return "user";
    case PLAN_REUSE_NONE:
        break;
    }
    return "none";
}

/* What was under test, and how it was connected to: figures of other policies do not compare. */
static void put_targets(struct json_tree *tree, json_t *summary,
                        const struct run_facts *facts)
{
    const struct plan *plan = facts->view->plan;
    json_t *targets = json_tree_array(tree);

    for (size_t i = 0; i < plan->target_count; i++) {
        const struct plan_target *from = &plan->targets[i];
        json_t *target = json_tree_object(tree);
        json_t *connections = NULL;

        json_tree_put_text(tree, target, "name", from->name);
        json_tree_put_text(tree, target, "url", from->origin ? from->origin : "");
        json_tree_put_bool(tree, target, "simulator", from->simulator);
        json_tree_put_text(tree, target, "http", from->http == PLAN_HTTP_2 ? "2" : "1.1");
        json_tree_put_bool(tree, target, "tls_verified",
                           !from->tls.insecure && !facts->insecure);
        connections = json_tree_put_object(tree, target, "connections");
        json_tree_put_text(tree, connections, "reuse",
                           reuse_name(from->connections.reuse));
        json_tree_put_count(tree, connections, "max", from->connections.max);
        json_tree_append(tree, targets, target);
    }
    json_tree_put(tree, summary, "targets", targets);
}

static void put_window(struct json_tree *tree, json_t *summary,
                       const struct run_facts *facts)
{
    const struct run_span span = run_facts_window(facts);
    json_t *window = json_tree_put_object(tree, summary, "window");

    json_tree_put_number(tree, window, "start_s", since_start_s(facts, span.start_ns),
                         SECONDS_DECIMALS);
    json_tree_put_number(tree, window, "end_s", since_start_s(facts, span.end_ns),
                         SECONDS_DECIMALS);
}

/* The measured window: what all headline figures are about. */
static void put_measured(struct json_tree *tree, json_t *summary,
                         const struct run_facts *facts)
{
    const struct recorder *recorder = facts->view->recorder;
    const struct series_view series = recorder_total(recorder, RECORDER_WINDOW);
    const double seconds = run_span_s(run_facts_window(facts));
    json_t *totals = json_tree_put_object(tree, summary, "totals");

    summary_put_counters(tree, totals, series.counters);
    summary_put_rates(tree, totals, series.counters, seconds);
    json_tree_put_count(tree, totals, "users_peak", recorder_users_peak(recorder));
    summary_put_metrics(tree, summary, &series, SUMMARY_FULL);
    summary_put_k6(tree, json_object_get(summary, "metrics"), recorder, seconds);
    summary_put_customs(tree, json_object_get(summary, "metrics"), facts->view->plan,
                        &series, seconds);
    summary_put_errors(tree, summary, series.counters, facts->failure_examples);
}

/* The whole run, warm-up and cool-down included. */
static void put_all(struct json_tree *tree, json_t *summary,
                    const struct run_facts *facts)
{
    const struct series_view series = recorder_total(facts->view->recorder, RECORDER_ALL);
    json_t *all = json_tree_put_object(tree, summary, "all");

    summary_put_counters(tree, all, series.counters);
    summary_put_rates(tree, all, series.counters, run_span_s(run_facts_load(facts)));
    summary_put_metrics(tree, all, &series, SUMMARY_MAIN);
    summary_put_customs(tree, json_object_get(all, "metrics"), facts->view->plan, &series,
                        run_span_s(run_facts_load(facts)));
    summary_put_errors(tree, all, series.counters, facts->failure_examples);
}

static json_t *verdicts_of(struct json_tree *tree, const struct verdicts *verdicts)
{
    json_t *list = json_tree_array(tree);

    for (size_t i = 0; i < verdicts->count; i++) {
        const struct verdict *from = &verdicts->items[i];
        const char *text = exit_code_text((int)from->code);
        json_t *verdict = json_tree_object(tree);

        json_tree_put_count(tree, verdict, "code", (uint64_t)from->code);
        json_tree_put_text(tree, verdict, "meaning", text ? text : "");
        json_tree_put_text(tree, verdict, "sentence", from->sentence);
        json_tree_append(tree, list, verdict);
    }
    return list;
}

int summary_set_verdicts(json_t *summary, const struct verdicts *verdicts)
{
    struct json_tree tree = {0};
    json_t *list = verdicts_of(&tree, verdicts);
    json_t *code = json_integer(verdicts_exit_code(verdicts));

    if (!code)
        tree.error = -ENOMEM;
    if (tree.error == 0 &&
        (json_object_set(summary, "verdicts", list) < 0 ||
         json_object_set(json_object_get(summary, "run"), "exit_code", code) < 0))
        tree.error = -ENOMEM;
    json_decref(list);
    json_decref(code);
    return tree.error;
}

/* How a drift came about; null where the threshold is on none, or nothing is known. */
static void put_change(struct json_tree *tree, json_t *threshold,
                       const struct threshold_change *from)
{
    json_t *change = NULL;

    if (!from->phase) {
        json_tree_put_null(tree, threshold, "change");
        return;
    }
    change = json_tree_put_object(tree, threshold, "change");
    json_tree_put_text(tree, change, "phase", from->phase);
    json_tree_put_text(tree, change, "unit", threshold_unit_name(from->unit));
    json_tree_put_number(tree, change, "first", from->first, THRESHOLD_DECIMALS);
    json_tree_put_number(tree, change, "last", from->last, THRESHOLD_DECIMALS);
    json_tree_put_number(tree, change, "low", from->low, THRESHOLD_DECIMALS);
    json_tree_put_number(tree, change, "high", from->high, THRESHOLD_DECIMALS);
}

/* A value that is only a bound stands in `above`, as in metrics. */
static json_t *threshold_of(struct json_tree *tree, const struct run_facts *facts,
                            const struct plan_threshold *from,
                            const struct threshold_judgement *judged)
{
    json_t *threshold = json_tree_object(tree);
    const double value = judged->known ? judged->value : (double)NAN;

    json_tree_put_text(tree, threshold, "metric", from->metric);
    json_tree_put_text(tree, threshold, "selector", from->selector);
    json_tree_put_text(tree, threshold, "expression", from->expression);
    json_tree_put_text(tree, threshold, "unit", threshold_unit_name(judged->unit));
    json_tree_put_number(tree, threshold, "value", judged->above ? (double)NAN : value,
                         THRESHOLD_DECIMALS);
    if (judged->above)
        json_tree_put_number(tree, threshold, "above", value, THRESHOLD_DECIMALS);
    json_tree_put_count(tree, threshold, "samples", judged->samples);
    json_tree_put_bool(tree, threshold, "passed", judged->passed);
    json_tree_put_bool(tree, threshold, "ignored", judged->ignored);
    json_tree_put_number(tree, threshold, "since_s",
                         judged->since_ns ? since_start_s(facts, judged->since_ns) : 0,
                         SECONDS_DECIMALS);
    json_tree_put_text(tree, threshold, "lack", judged->lack ? judged->lack : "");
    put_change(tree, threshold, &judged->change);
    json_tree_put_number(tree, threshold, "baseline",
                         judged->compared ? judged->baseline : (double)NAN,
                         THRESHOLD_DECIMALS);
    return threshold;
}

static void put_thresholds(struct json_tree *tree, json_t *summary,
                           const struct run_facts *facts)
{
    const struct plan *plan = facts->view->plan;
    json_t *thresholds = json_tree_array(tree);

    for (size_t i = 0; facts->thresholds && i < plan->threshold_count; i++)
        json_tree_append(
            tree, thresholds,
            threshold_of(tree, facts, &plan->thresholds[i], &facts->thresholds[i]));
    json_tree_put(tree, summary, "thresholds", thresholds);
}

/* What changed in the scenario while the run went on. */
static void put_reloads(struct json_tree *tree, json_t *summary,
                        const struct run_facts *facts)
{
    json_t *reloads = json_tree_array(tree);

    for (size_t i = 0; i < facts->reload_count; i++) {
        json_t *reload = json_tree_object(tree);

        json_tree_put_number(tree, reload, "at_s",
                             since_start_s(facts, facts->reloads[i].at_ns),
                             SECONDS_DECIMALS);
        json_tree_put_text(tree, reload, "changes", facts->reloads[i].said);
        json_tree_append(tree, reloads, reload);
    }
    json_tree_put(tree, summary, "reloads", reloads);
}

/* What somebody noted or did while the run went on. */
static void put_marks(struct json_tree *tree, json_t *summary,
                      const struct run_facts *facts)
{
    json_t *marks = json_tree_array(tree);

    for (size_t i = 0; i < facts->mark_count; i++) {
        const struct run_mark *from = &facts->marks[i];
        json_t *mark = json_tree_object(tree);

        json_tree_put_number(tree, mark, "at_s", since_start_s(facts, from->at_ns),
                             SECONDS_DECIMALS);
        json_tree_put_text(tree, mark, "kind", run_mark_kind_name(from->kind));
        json_tree_put_text(tree, mark, "text", from->text);
        json_tree_append(tree, marks, mark);
    }
    json_tree_put(tree, summary, "marks", marks);
}

/* How fine the percentiles are: results of another configuration do not merge exactly. */
static void put_histograms(struct json_tree *tree, json_t *summary)
{
    json_t *histograms = json_tree_put_object(tree, summary, "histograms");
    json_t *digits = json_tree_put_object(tree, histograms, "digits");
    json_t *range = json_tree_array(tree);

    json_tree_put_count(tree, digits, "total", HISTOGRAM_FINE);
    json_tree_put_count(tree, digits, "dimension", HISTOGRAM_COARSE);
    json_tree_append(tree, range, json_integer(1));
    json_tree_append(tree, range, json_integer(INT64_C(3600000000)));
    json_tree_put(tree, histograms, "range", range);
    json_tree_put_text(tree, histograms, "unit", "us");
}

/* What this worker might send and spend; null: there was no such limit. */
static void put_share(struct json_tree *tree, json_t *worker, const struct plan *plan)
{
    const struct plan_limits *limits = &plan->limits;

    if (limits->requests)
        json_tree_put_count(tree, worker, "limit_requests",
                            plan_share(plan, limits->requests));
    else
        json_tree_put_null(tree, worker, "limit_requests");
    if (limits->cost_pusd > 0)
        json_tree_put_count(tree, worker, "limit_cost_pusd",
                            plan_share(plan, (uint64_t)limits->cost_pusd));
    else
        json_tree_put_null(tree, worker, "limit_cost_pusd");
}

static json_t *worker_of(struct json_tree *tree, const struct plan *plan,
                         const struct worker_note *note)
{
    json_t *worker = json_tree_object(tree);

    json_tree_put_count(tree, worker, "index", note->index);
    json_tree_put_count(tree, worker, "of", plan->worker_count);
    put_share(tree, worker, plan);
    put_moment(tree, worker, "started_at", note->started_wall_ns);
    json_tree_put_text(tree, worker, "version", note->version);
    return worker;
}

static void put_workers(struct json_tree *tree, json_t *summary,
                        const struct run_facts *facts)
{
    const struct plan *plan = facts->view->plan;
    const struct worker_note alone = {plan->worker_index, facts->started_wall_ns,
                                      facts->version};
    json_t *workers = json_tree_array(tree);

    if (!facts->workers)
        json_tree_append(tree, workers, worker_of(tree, plan, &alone));
    for (size_t i = 0; facts->workers && i < facts->worker_count; i++) {
        struct plan share = *plan; /* as this worker had it */

        share.worker_index = facts->workers[i].index;
        share.worker_count = facts->worker_total;
        json_tree_append(tree, workers, worker_of(tree, &share, &facts->workers[i]));
    }
    json_tree_put(tree, summary, "workers", workers);
}

int summary_build(const struct run_facts *facts, json_t **ret_summary)
{
    struct json_tree tree = {0};
    json_t *summary = json_tree_object(&tree);

    json_tree_put_text(&tree, summary, "schema", SUMMARY_SCHEMA);
    put_run(&tree, summary, facts);
    put_targets(&tree, summary, facts);
    put_window(&tree, summary, facts);
    json_tree_put(&tree, summary, "verdicts", verdicts_of(&tree, facts->verdicts));
    put_thresholds(&tree, summary, facts);
    put_reloads(&tree, summary, facts);
    put_marks(&tree, summary, facts);
    put_measured(&tree, summary, facts);
    put_all(&tree, summary, facts);
    summary_put_people(&tree, summary, facts);
    summary_put_script(&tree, summary, facts);
    summary_put_by(&tree, summary, facts);
    summary_put_users(&tree, summary, facts);
    summary_put_spikes(&tree, summary, facts);
    summary_put_capacity(&tree, summary, facts);
    summary_put_workload(&tree, summary, facts);
    summary_put_replay(&tree, summary, facts);
    summary_put_conversations(&tree, summary, facts);
    summary_put_cost(&tree, summary, facts);
    summary_put_stream(&tree, summary, facts);
    summary_put_integrity(&tree, summary, facts);
    summary_put_network(&tree, summary, facts);
    summary_put_platform(&tree, summary, facts);
    summary_put_isolation(&tree, summary, facts);
    summary_put_client(&tree, summary, facts);
    summary_put_backend(&tree, summary, facts);
    summary_put_anomalies(&tree, summary, facts);
    summary_put_ab(&tree, summary, facts);
    summary_put_timeline(&tree, summary, &facts->timeline);
    put_histograms(&tree, summary);
    put_workers(&tree, summary, facts);
    if (tree.error == 0)
        tree.error = advice_put(summary);
    return json_tree_finish(&tree, summary, ret_summary);
}

static int append_piece(const char *piece, size_t len, void *ctx)
{
    return buf_append(ctx, piece, len);
}

/* 15 significant digits: as many as any double holds for certain, so that 0.1 stays 0.1. */
int summary_write(const json_t *summary, struct buf *out)
{
    if (json_dump_callback(summary, append_piece, out,
                           JSON_INDENT(2) | JSON_REAL_PRECISION(15)) < 0)
        return buf_error(out) < 0 ? buf_error(out) : -ENOMEM;
    return buf_append_char(out, '\n');
}
