#include "measure/check.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "measure/recorder.h"
#include "measure/recorder_archive.h"
#include "measure/snapshot.h"

/* Room for the longest sentence below with its numbers. */
#define SENTENCE_BYTES 256

/* How far the integral of requests in flight may be from the sum of latencies (FAULTS). */
#define INTEGRAL_TOLERANCE 0.001

struct checker {
    check_fn *fn;
    void *ctx;
    const char *scope;
    size_t broken;
};

__attribute__((format(printf, 3, 4))) static void
expect(struct checker *checker, bool holds, const char *format, ...)
{
    char sentence[SENTENCE_BYTES];
    va_list args;

    if (holds)
        return;
    checker->broken++;
    if (!checker->fn)
        return;
    va_start(args, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    checker->fn(checker->ctx, sentence);
}

static uint64_t ended_attempts(const struct counters *counters)
{
    return counters->ok + counters->degraded + counters->failed + counters->cancelled +
           counters->abandoned + counters->sabotaged;
}

static void check_ends(struct checker *checker, const struct counters *counters)
{
    const uint64_t ended = ended_attempts(counters);

    expect(checker, counters->started == ended,
           "%s: %" PRIu64 " attempts were started and %" PRIu64 " ended (%" PRIu64
           " ok, %" PRIu64 " degraded, %" PRIu64 " failed, %" PRIu64
           " cancelled, %" PRIu64 " abandoned, %" PRIu64 " sabotaged)",
           checker->scope, counters->started, ended, counters->ok, counters->degraded,
           counters->failed, counters->cancelled, counters->abandoned,
           counters->sabotaged);
}

static uint64_t observed(const struct series_view *view, enum metric metric)
{
    const struct histogram *histogram = view->histograms[metric];

    return histogram ? histogram_count(histogram) + histogram_censored(histogram) : 0;
}

static void check_histogram(struct checker *checker, const struct series_view *view,
                            enum metric metric, uint64_t expected)
{
    const uint64_t count = observed(view, metric);

    expect(checker, count == expected,
           "%s: %s holds %" PRIu64 " observations where the counters make it %" PRIu64,
           checker->scope, metric_info(metric)->name, count, expected);
}

static void check_scope(struct checker *checker, const struct recorder *recorder,
                        enum recorder_scope scope)
{
    const struct series_view view = recorder_total(recorder, scope);
    const struct counters *counters = view.counters;
    const uint64_t ended = ended_attempts(counters);

    checker->scope = scope == RECORDER_WINDOW ? "in the window" : "in the whole run";
    check_ends(checker, counters);
    check_histogram(checker, &view, METRIC_E2E, ended - counters->cut_short);
    check_histogram(checker, &view, METRIC_TTFT, counters->streamed);
    /* Each output chunk but an answer's first ends a gap, and each gap is recorded or unresolved. */
    check_histogram(checker, &view, METRIC_ICL,
                    counters->chunks - counters->with_output -
                        counters->unresolved_chunks);
    check_histogram(checker, &view, METRIC_OPERATION_DURATION, counters->operations);
    check_histogram(checker, &view, METRIC_ITERATION_DURATION, counters->iterations);
}

static void expect_same(struct checker *checker, const char *what, uint64_t parts,
                        uint64_t whole)
{
    expect(checker, parts == whole,
           "%s: added up they are %" PRIu64 " where the counters make it %" PRIu64, what,
           parts, whole);
}

static void add_user(void *ctx, const struct user_view *user)
{
    struct user_view *sum = ctx;

    sum->requests += user->requests;
    sum->failed += user->failed;
    sum->completion_tokens += user->completion_tokens;
}

static void check_users(struct checker *checker, const struct recorder *recorder)
{
    const struct counters counters = recorder_counters(recorder, RECORDER_ALL);
    struct user_view sum = {.requests = 0};

    recorder_each_user(recorder, add_user, &sum);
    expect_same(checker, "requests of users", sum.requests, ended_attempts(&counters));
    expect_same(checker, "failures of users", sum.failed, counters.failed);
    expect_same(checker, "tokens of users", sum.completion_tokens,
                counters.completion_tokens);
}

static void add_check(void *ctx, const struct check_view *check)
{
    struct check_view *sum = ctx;

    sum->passed += check->passed;
    sum->failed += check->failed;
}

static void check_checks(struct checker *checker, const struct recorder *recorder)
{
    const struct counters counters = recorder_counters(recorder, RECORDER_ALL);
    struct check_view sum = {.passed = 0};

    recorder_each_check(recorder, RECORDER_ALL, add_check, &sum);
    expect_same(checker, "checks that passed", sum.passed, counters.checks_passed);
    expect_same(checker, "checks that failed", sum.failed, counters.checks_failed);
}

/* What Prometheus is shown by labels: its buckets hold what was not censored. */
static void check_cells(struct checker *checker, const struct recorder *recorder)
{
    static const enum metric metrics[BUCKETS_LABELLED_KINDS] = {
        [BUCKETS_REQUEST_DURATION] = METRIC_E2E,
        [BUCKETS_TTFT] = METRIC_TTFT,
        [BUCKETS_ICL] = METRIC_ICL,
        [BUCKETS_TPOT] = METRIC_TPOT,
        [BUCKETS_TPS] = METRIC_TPOT,
    };
    const struct series_view all = recorder_total(recorder, RECORDER_ALL);
    struct snapshot_sums sums;

    snapshot_sum(recorder, &sums);
    expect_same(checker, "ok by labels", sums.outcomes[SNAPSHOT_OK], all.counters->ok);
    expect_same(checker, "degraded by labels", sums.outcomes[SNAPSHOT_DEGRADED],
                all.counters->degraded);
    expect_same(checker, "cancelled by labels", sums.outcomes[SNAPSHOT_CANCELLED],
                all.counters->cancelled);
    expect_same(checker, "abandoned by labels", sums.outcomes[SNAPSHOT_ABANDONED],
                all.counters->abandoned);
    expect_same(checker, "sabotaged by labels", sums.outcomes[SNAPSHOT_SABOTAGED],
                all.counters->sabotaged);
    expect_same(checker, "failed by labels", sums.outcomes[SNAPSHOT_FAILED],
                all.counters->failed);
    expect_same(checker, "operations with SLOs by labels", sums.slo_operations,
                all.counters->slo_operations);
    expect_same(checker, "operations that met their SLOs by labels", sums.slo_met,
                all.counters->slo_met);
    expect_same(checker, "errors by labels", sums.errors, all.counters->failed);
    for (size_t kind = 0; kind < BUCKETS_LABELLED_KINDS; kind++) {
        const struct histogram *histogram = all.histograms[metrics[kind]];

        expect_same(checker, metric_info(metrics[kind])->name, sums.observations[kind],
                    histogram ? histogram_count(histogram) : 0);
    }
}

static void check_in_flight(struct checker *checker, const struct client_view *client)
{
    const double difference_s = client->in_flight_integral_s - client->latency_sum_s;

    expect(checker, client->unfinished == 0,
           "%" PRIu64 " requests are still in flight at the end", client->unfinished);
    expect(checker,
           client->unfinished > 0 ||
               fabs(difference_s) <= INTEGRAL_TOLERANCE * client->latency_sum_s,
           "the integral of requests in flight is %.3f s, the sum of their latencies "
           "%.3f s",
           client->in_flight_integral_s, client->latency_sum_s);
}

size_t check_recorder(const struct recorder *recorder, uint64_t now_ns, check_fn *fn,
                      void *ctx)
{
    struct checker checker = {.fn = fn, .ctx = ctx};
    struct client_view client;

    recorder_client(recorder, now_ns, &client);
    if (!recorder_is_partial(recorder)) {
        check_scope(&checker, recorder, RECORDER_WINDOW);
        check_scope(&checker, recorder, RECORDER_ALL);
        check_users(&checker, recorder);
        check_checks(&checker, recorder);
        check_in_flight(&checker, &client);
    }
    if (!recorder_is_merged(recorder))
        check_cells(&checker, recorder);
    recorder_client(recorder, now_ns, &client); /* adding up may have lost some too */
    expect(&checker, client.lost == 0,
           "%" PRIu64 " observations were lost for want of memory", client.lost);
    return checker.broken;
}
