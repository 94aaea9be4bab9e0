#include "result/history_schema.h"

#include <string.h>

#include "base/cleanup.h"

#define VERSION 1

#define TEXT(name, member, help) {name, member, help, HISTORY_TEXT, 1}
#define COUNT(name, member, help) {name, member, help, HISTORY_COUNT, 1}
#define NUMBER(name, member, help) {name, member, help, HISTORY_NUMBER, 1}
#define MOMENT(name, member, help) {name, member, help, HISTORY_MOMENT, 1}
#define RUN_ID TEXT("run_id", NULL, "the run")
#define TABLE(name, key, columns, help) {name, key, columns, COUNT_OF(columns), 1, help}

static const struct history_column run_columns[] = {
    RUN_ID,
    TEXT("scenario", "run/scenario", "the scenario's name"),
    MOMENT("started_at", "run/started_at", "when it began"),
    MOMENT("ended_at", "run/ended_at", "when it was over"),
    NUMBER("duration_s", "run/duration_s", "how long it took"),
    NUMBER("window_start_s", "window/start_s", "the measured window, after the start"),
    NUMBER("window_end_s", "window/end_s", "its end"),
    COUNT("exit_code", "run/exit_code", "0: it passed"),
    TEXT("stop_reason", "run/stop_reason", "why it ended"),
    TEXT("trust", "client/trust", "how far the measurement can be trusted, A to F"),
    TEXT("version", "run/version", "of throng"),
    TEXT("fingerprint", "run/fingerprint",
         "of the workload: figures of runs compare where it is the same"),
    COUNT("seed", "run/seed", "of the scenario"),
    TEXT("scenario_path", "run/scenario_path", "the file"),
    COUNT("workers", NULL, "who made the load"),
    TEXT("target", NULL, "URL of the first target"),
    TEXT("environment", NULL, "of the scenario, as `--env` says"),
    TEXT("git_sha", NULL, "the commit, where a CI says it or a tag of the run"),
    TEXT("git_branch", NULL, "its branch, likewise"),
    TEXT("ci_url", NULL, "the CI's job, likewise"),
    MOMENT("added_at", NULL, "when it came into the history"),
};

static const struct history_column tag_columns[] = {
    RUN_ID,
    TEXT("key", NULL, "of `tags` or `--tag`"),
    TEXT("value", NULL, ""),
};

#define DIMENSION                                                                        \
    TEXT("dimension", NULL,                                                              \
         "`model`, `org_id`, `step`, `class`, `phase`, …; empty: of all"),               \
        TEXT("value", NULL, "of the dimension; empty: of all")

static const struct history_column total_columns[] = {
    RUN_ID,
    DIMENSION,
    COUNT("requests", "requests", "attempts"),
    COUNT("failed", "failed", "of them"),
    COUNT("degraded", "degraded", "of them"),
    COUNT("abandoned", "abandoned", "of them: impatient people left"),
    NUMBER("error_rate", "error_rate", "failed over those that ended by themselves"),
    COUNT("retries", "retries", "attempts that were no first one"),
    COUNT("operations", "operations", "steps with all their attempts"),
    COUNT("operations_failed", "operations_failed", "of them"),
    COUNT("iterations", "iterations", "rounds of users"),
    COUNT("arrivals", "arrivals", "of an open loop"),
    COUNT("dropped_iterations", "dropped_iterations", "arrivals that nobody took"),
    COUNT("checks_passed", "checks_passed", ""),
    COUNT("checks_failed", "checks_failed", ""),
    COUNT("prompt_tokens", "prompt_tokens", "of requests"),
    COUNT("cached_tokens", "cached_tokens", "of them, from a cache"),
    COUNT("completion_tokens", "completion_tokens", "of answers"),
    COUNT("reasoning_tokens", "reasoning_tokens", "of them"),
    NUMBER("requests_per_second", "requests_per_second", ""),
    NUMBER("output_tokens_per_second", "output_tokens_per_second", ""),
    NUMBER("goodput", "goodput", "operations per second that met their SLOs"),
    NUMBER("slo_share", "slo/share",
           "operations that met their SLOs, of all that had any"),
    NUMBER("cost_usd", "cost_usd", "what was spent"),
    COUNT("cost_pusd", "cost_pusd", "the same in pico-dollars, exact"),
    COUNT("users_peak", "users_peak", ""),
};

static const struct history_column metric_columns[] = {
    RUN_ID,
    DIMENSION,
    TEXT("metric", NULL, "`ttft`, `e2e`, …, and the scenario's own"),
    TEXT("unit", "unit", "`ms` for times"),
    NUMBER("count", "count", "observations; of a counter what was counted"),
    NUMBER("censored", "censored", "attempts that ended before: longer than they waited"),
    NUMBER("min", "min", ""),
    NUMBER("mean", "mean", ""),
    NUMBER("stddev", "stddev", ""),
    NUMBER("max", "max", ""),
    NUMBER("p50", "p50", "NULL: too few observations, or only a bound is known"),
    NUMBER("p90", "p90", ""),
    NUMBER("p95", "p95", ""),
    NUMBER("p99", "p99", ""),
    NUMBER("p99_9", "p99_9", ""),
    NUMBER("p50_above", "above/p50", "the bound: the truth is more than this"),
    NUMBER("p90_above", "above/p90", ""),
    NUMBER("p95_above", "above/p95", ""),
    NUMBER("p99_above", "above/p99", ""),
    NUMBER("p99_9_above", "above/p99_9", ""),
    NUMBER("rate", "rate", "of a rate its share, of a counter per second"),
    NUMBER("level", "value", "of a gauge: the last value"),
};

static const struct history_column threshold_columns[] = {
    RUN_ID,
    COUNT("n", NULL, "its place in the scenario, from 0"),
    TEXT("metric", "metric", ""),
    TEXT("selector", "selector", "empty: of all"),
    TEXT("expression", "expression", "`p(95)<500ms`"),
    COUNT("passed", "passed", "1: it held, or was ignored; 0: it was crossed"),
    COUNT("ignored", "ignored", "1: nothing streamed, or there was no baseline yet"),
    TEXT("unit", "unit", "of what was measured"),
    NUMBER("measured", "value", "NULL: no data, or only a bound is known"),
    NUMBER("baseline", "baseline", "what it was compared with"),
    TEXT("lack", "lack", "why there is no value"),
};

static const struct history_column verdict_columns[] = {
    RUN_ID,
    COUNT("n", NULL, "its place, from 0"),
    COUNT("code", "code", "the exit code that it asks for"),
    TEXT("meaning", "meaning", ""),
    TEXT("sentence", "sentence", ""),
};

static const struct history_column error_columns[] = {
    RUN_ID,
    TEXT("kind", "kind", "`http_5xx`, `reset`, …"),
    COUNT("count", "count", "in the measured window"),
    TEXT("example", "example", "what was told of the first, starred out"),
};

static const struct history_column histogram_columns[] = {
    RUN_ID,
    COUNT("n", NULL, "its place in histograms.hlog, from 0"),
    TEXT("kind", NULL, "`window`: the measured window; `interval`: a stretch of the run"),
    DIMENSION,
    TEXT("metric", NULL, "`ttft`, `e2e`, …"),
    NUMBER("start_s", NULL, "after the run's start"),
    NUMBER("length_s", NULL, ""),
    TEXT("hdr", NULL,
         "HdrHistogram V2, compressed, base64; in microseconds: can be merged, and has "
         "any "
         "percentile"),
};

static const struct history_column document_columns[] = {
    RUN_ID,
    TEXT("name", NULL, "`summary.json`"),
    TEXT("body", NULL, "its text"),
};

static const struct history_column baseline_columns[] = {
    TEXT("scenario", NULL, "the scenario that it belongs to"),
    TEXT("name", NULL, "`v1.2`; `default` is what runs compare with that name none"),
    RUN_ID,
    MOMENT("set_at", NULL, "when it was set"),
};

static const struct history_table tables[] = {
    TABLE("run", "run_id", run_columns, "A row for each run."),
    TABLE("tag", "run_id, key", tag_columns, "Tags of runs."),
    TABLE("total", "run_id, dimension, value", total_columns,
          "Counts of the measured window: of all, and by each dimension."),
    TABLE("metric", "run_id, dimension, value, metric", metric_columns,
          "Latencies and the scenario's own metrics, likewise."),
    TABLE("threshold", "run_id, n", threshold_columns, "What runs were judged by."),
    TABLE("verdict", "run_id, n", verdict_columns, "What spoke against runs."),
    TABLE("error", "run_id, kind", error_columns, "How requests failed."),
    TABLE("histogram", "run_id, n", histogram_columns, "The histograms of latencies."),
    TABLE("document", "run_id, name", document_columns,
          "The whole result, for what reads that."),
    TABLE("baseline", "scenario, name", baseline_columns,
          "Runs that others compare with."),
};

#define OF_RUN "r.scenario, r.started_at"

static const struct history_view views[] = {
    {"runs",
     "SELECT r.run_id, r.scenario, r.started_at, r.duration_s, r.exit_code, r.trust, "
     "t.requests, t.failed, t.error_rate, t.operations, t.iterations, t.prompt_tokens, "
     "t.completion_tokens, t.requests_per_second, t.output_tokens_per_second, t.goodput, "
     "t.slo_share, t.cost_usd, t.users_peak, r.stop_reason, r.version, r.fingerprint, "
     "r.seed, r.target, r.environment, r.git_sha, r.git_branch, r.ci_url, r.workers, "
     "r.ended_at, r.window_start_s, r.window_end_s, r.scenario_path, r.added_at "
     "FROM run r LEFT JOIN total t ON t.run_id = r.run_id AND t.dimension = ''",
     "Each run with its totals."},
    {"latest",
     "SELECT r.* FROM runs r WHERE NOT EXISTS (SELECT 1 FROM run n WHERE n.scenario = "
     "r.scenario AND (n.started_at > r.started_at OR (n.started_at = r.started_at AND "
     "n.run_id > r.run_id)))",
     "The newest run of each scenario, as in `runs`."},
    {"metrics", "SELECT " OF_RUN ", m.* FROM metric m JOIN run r ON r.run_id = m.run_id",
     "Latencies and the scenario's own metrics, with scenario and start of the run."},
    {"totals", "SELECT " OF_RUN ", t.* FROM total t JOIN run r ON r.run_id = t.run_id",
     "Counts likewise."},
    {"thresholds",
     "SELECT " OF_RUN ", t.* FROM threshold t JOIN run r ON r.run_id = t.run_id",
     "Thresholds likewise."},
    {"verdicts",
     "SELECT " OF_RUN ", v.* FROM verdict v JOIN run r ON r.run_id = v.run_id",
     "Verdicts likewise."},
    {"errors", "SELECT " OF_RUN ", e.* FROM error e JOIN run r ON r.run_id = e.run_id",
     "Kinds of failure likewise."},
    {"tags", "SELECT " OF_RUN ", t.* FROM tag t JOIN run r ON r.run_id = t.run_id",
     "Tags likewise."},
    {"baselines",
     "SELECT b.scenario, b.name, b.run_id, b.set_at, r.started_at, r.exit_code, r.trust, "
     "r.git_sha FROM baseline b JOIN run r ON r.run_id = b.run_id",
     "Baselines with their runs."},
};

static const struct history_schema schema = {VERSION, tables, COUNT_OF(tables), views,
                                             COUNT_OF(views)};

const struct history_schema *history_schema(void)
{
    return &schema;
}

const struct history_table *history_schema_table(const struct history_schema *of,
                                                 const char *name)
{
    for (size_t i = 0; i < of->table_count; i++)
        if (strcmp(of->tables[i].name, name) == 0)
            return &of->tables[i];
    return NULL;
}
