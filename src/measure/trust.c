#include "measure/trust.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "measure/recorder.h"

/* The greatest value of each grade from A to D (PRODUCT MSR-6). */
#define BORDERS 4
static const double bound_borders[BORDERS] = {0.01, 0.05, 0.10, 0.25};
static const double chunk_borders[BORDERS] = {0.01, 0.05, 0.15, 0.40};
static const double lag_borders_ns[BORDERS] = {1e6, 10e6, 50e6, 200e6};
static const double lost_time_borders[BORDERS] = {0.001, 0.01, 0.05, 0.20};

/* A smaller error bound says nothing against a run, however fast the server is. */
#define HARMLESS_NS NS_PER_MS

/* So many due at once, or such a share of the time without a CPU, is told as the cause. */
#define NOTABLE_BURST 32
#define NOTABLE_WAIT 0.01

#define FIGURE_BYTES ((size_t)256)

/* The judgement in the making. */
struct judge {
    const struct trust_inputs *inputs;
    struct series_view window;
    struct client_view client;
    double window_ns; /* so far */
    struct trust *trust;
};

char trust_letter(enum trust_grade grade)
{
    static const char letters[] = {'A', 'B', 'C', 'D', 'F'};

    assert(grade < sizeof(letters));
    return letters[grade];
}

int trust_grade_of(const char *letter, enum trust_grade *ret_grade)
{
    for (enum trust_grade grade = TRUST_A; grade <= TRUST_F; grade++) {
        if (letter[0] == trust_letter(grade) && letter[1] == '\0') {
            *ret_grade = grade;
            return 0;
        }
    }
    return -EINVAL;
}

const char *trust_rule_name(enum trust_rule rule)
{
    static const char *const names[TRUST_RULE_COUNT] = {
        [TRUST_RULE_SCHEDULE_LAG] = "schedule_lag",
        [TRUST_RULE_SEND_DELAY] = "send_delay",
        [TRUST_RULE_TTFT_WIDTH] = "ttft_width",
        [TRUST_RULE_E2E_WIDTH] = "e2e_width",
        [TRUST_RULE_ICL_WIDTH] = "icl_width",
        [TRUST_RULE_CHUNKS] = "unsure_chunks",
        [TRUST_RULE_STALLS] = "stalls",
        [TRUST_RULE_THROTTLED] = "throttled",
        [TRUST_RULE_DROPPED] = "samples_dropped",
        [TRUST_RULE_CHECKS] = "checks",
        [TRUST_RULE_NOTHING] = "nothing_measured",
    };

    assert(rule < TRUST_RULE_COUNT);
    return names[rule];
}

static enum trust_grade grade_of(double value, const double borders[static BORDERS])
{
    enum trust_grade grade = TRUST_A;

    while (grade < TRUST_F && !(value <= borders[grade]))
        grade++;
    return grade;
}

/* Notes what keeps the grade down; an A is no reason. */
__attribute__((format(printf, 4, 5))) static void blame(struct judge *judge,
                                                        enum trust_rule rule,
                                                        enum trust_grade grade,
                                                        const char *format, ...)
{
    struct trust *trust = judge->trust;
    struct trust_reason *reason;
    va_list args;

    if (grade == TRUST_A)
        return;
    if (grade > trust->grade)
        trust->grade = grade;
    reason = &trust->reasons[trust->reason_count++];
    reason->rule = rule;
    reason->grade = grade;
    va_start(args, format);
    (void)vsnprintf(reason->sentence, sizeof(reason->sentence), format, args);
    va_end(args);
}

/* A figure as people read it, in a place of its own. */
struct figure {
    char text[24];
};

static struct figure latency(uint64_t ns)
{
    struct buf text = BUF_INIT(FIGURE_BYTES);
    struct figure figure;

    quantity_format_latency(&text, ns);
    (void)snprintf(figure.text, sizeof(figure.text), "%s", buf_str(&text));
    buf_deinit(&text);
    return figure;
}

static struct figure percent(double share)
{
    struct figure figure;

    (void)snprintf(figure.text, sizeof(figure.text), share < 0.1 ? "%.2g%%" : "%.0f%%",
                   share * 100);
    return figure;
}

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : part > 0 ? 1 : 0;
}

/* The p99 of all, of whom those without an observation had none of it. */
static uint64_t p99_among(const struct histogram *histogram, uint64_t all)
{
    const uint64_t seen = histogram ? histogram_count(histogram) : 0;
    const uint64_t without = all > seen ? all - seen : 0;
    const uint64_t rank = (99 * (seen + without) + 99) / 100;

    if (rank <= without)
        return 0;
    return histogram_quantile(histogram, ((double)(rank - without) - 0.5) / (double)seen)
        .value_ns;
}

static uint64_t p99(const struct histogram *histogram)
{
    return histogram ? histogram_quantile(histogram, 0.99).value_ns : 0;
}

/* The least that the median can be; 0 where nothing was observed. */
static uint64_t median(const struct judge *judge, enum metric metric)
{
    const struct histogram *histogram = judge->window.histograms[metric];

    return histogram ? histogram_quantile(histogram, 0.5).value_ns : 0;
}

static uint64_t observed(const struct judge *judge, enum metric metric)
{
    const struct histogram *histogram = judge->window.histograms[metric];

    return histogram ? histogram_count(histogram) : 0;
}

/* Whether the time without a CPU is worth telling, as a part of a sentence. */
static struct figure cpu_wait(const struct judge *judge)
{
    const uint64_t wait_ns = judge->inputs->cpu_wait_ns;
    const double share = ratio((double)wait_ns, (double)judge->inputs->elapsed_ns);
    struct figure figure = {""};

    if (share >= NOTABLE_WAIT)
        (void)snprintf(figure.text, sizeof(figure.text), "%s", latency(wait_ns).text);
    return figure;
}

#define WAITED(figure)                                                                   \
    (figure).text[0] ? "; it waited " : "", (figure).text,                               \
        (figure).text[0] ? " for a CPU that others had" : ""

/* From such a share of the chunks on it is no accident that they have no stamp. */
#define UNSTAMPED 0.9
#define STAMPS "run without --no-kernel-stamps, on a kernel that stamps"

/* What to do about a loop that cannot keep up. */
#define RELIEF "give throng a CPU of its own, or share the load among workers"

static void judge_schedule_lag(struct judge *judge)
{
    const uint64_t lag_ns = p99(judge->window.histograms[METRIC_SCHEDULE_LAG]);
    const struct counters *counters = judge->window.counters;
    const struct figure wait = cpu_wait(judge);
    const enum trust_grade grade = grade_of((double)lag_ns, lag_borders_ns);

    if (judge->client.most_at_once >= NOTABLE_BURST)
        blame(judge, TRUST_RULE_SCHEDULE_LAG, grade,
              "Requests left up to %s late (p99): up to %" PRIu64
              " were due within 10 ms, and %" PRIu64 " of %" PRIu64
              " needed a new connection%s%s%s. Let users come over a longer time, "
              "or " RELIEF ".",
              latency(lag_ns).text, judge->client.most_at_once,
              counters->started - counters->reused, counters->started, WAITED(wait));
    else
        blame(judge, TRUST_RULE_SCHEDULE_LAG, grade,
              "Requests left up to %s late (p99)%s%s%s: " RELIEF ".",
              latency(lag_ns).text, WAITED(wait));
}

/* An error bound over the median of what it enters. */
static enum trust_grade grade_of_bound(uint64_t bound_ns, uint64_t median_ns,
                                       double *ret_share)
{
    *ret_share = ratio((double)bound_ns, (double)median_ns);
    return bound_ns < HARMLESS_NS ? TRUST_A : grade_of(*ret_share, bound_borders);
}

static void judge_send_delay(struct judge *judge)
{
    const uint64_t bound_ns = p99(judge->window.histograms[METRIC_SEND_DELAY]);
    const uint64_t ttft_ns = median(judge, METRIC_TTFT);
    const uint64_t e2e_ns = median(judge, METRIC_E2E);
    const bool streams = ttft_ns > 0 && ttft_ns <= e2e_ns;
    const uint64_t median_ns = streams ? ttft_ns : e2e_ns;
    const struct figure wait = cpu_wait(judge);
    double share;
    const enum trust_grade grade = grade_of_bound(bound_ns, median_ns, &share);

    if (median_ns > 0)
        blame(judge, TRUST_RULE_SEND_DELAY, grade,
              "Requests waited up to %s (p99) within throng before they went out, %s of "
              "the median %s%s%s%s: " RELIEF ".",
              latency(bound_ns).text, percent(share).text, streams ? "ttft" : "e2e",
              WAITED(wait));
}

/* Whether the kernel gives no stamps here, or was told not to. */
static bool has_no_stamps(const struct judge *judge)
{
    const struct counters *counters = judge->window.counters;

    return (double)counters->unstamped_chunks >= UNSTAMPED * (double)counters->chunks;
}

static void judge_ttft_width(struct judge *judge)
{
    const uint64_t bound_ns = p99_among(judge->window.histograms[METRIC_TTFT_WIDTH],
                                        observed(judge, METRIC_TTFT));
    const struct figure wait = cpu_wait(judge);
    double share;
    const enum trust_grade grade =
        grade_of_bound(bound_ns, median(judge, METRIC_TTFT), &share);

    blame(judge, TRUST_RULE_TTFT_WIDTH, grade,
          "First outputs may have come up to %s (p99) earlier than throng can tell, %s "
          "of the median ttft%s%s%s: %s.",
          latency(bound_ns).text, percent(share).text, WAITED(wait),
          has_no_stamps(judge) ? STAMPS : RELIEF);
}

/* Of answers in one piece; those that stream say more in ttft_width and unsure_chunks. */
static void judge_e2e_width(struct judge *judge)
{
    const uint64_t answers = observed(judge, METRIC_E2E);
    const uint64_t bound_ns =
        p99_among(judge->window.histograms[METRIC_E2E_WIDTH], answers);
    const bool has_stamps =
        (double)observed(judge, METRIC_E2E_WIDTH) < UNSTAMPED * (double)answers;
    const struct figure wait = cpu_wait(judge);
    double share;
    const enum trust_grade grade =
        grade_of_bound(bound_ns, median(judge, METRIC_E2E), &share);

    blame(judge, TRUST_RULE_E2E_WIDTH, grade,
          "Answers may have ended up to %s (p99) earlier than throng can tell, %s of the "
          "median e2e%s%s%s: %s.",
          latency(bound_ns).text, percent(share).text, WAITED(wait),
          has_stamps ? RELIEF : STAMPS);
}

static void judge_icl_width(struct judge *judge)
{
    const uint64_t bound_ns = p99_among(judge->window.histograms[METRIC_ICL_WIDTH],
                                        observed(judge, METRIC_ICL));
    double share;
    const enum trust_grade grade =
        grade_of_bound(bound_ns, median(judge, METRIC_ICL), &share);

    blame(judge, TRUST_RULE_ICL_WIDTH, grade,
          "Gaps between chunks may be off by up to %s (p99), %s of the median icl: %s.",
          latency(bound_ns).text, percent(share).text,
          has_no_stamps(judge) ? STAMPS : RELIEF);
}

static void judge_chunks(struct judge *judge)
{
    const struct counters *counters = judge->window.counters;
    const double share =
        ratio((double)counters->unsure_chunks, (double)counters->judged_chunks);
    const enum trust_grade grade = grade_of(share, chunk_borders);
    const struct figure wait = cpu_wait(judge);

    if (has_no_stamps(judge))
        blame(judge, TRUST_RULE_CHUNKS, grade,
              "Of %s of the chunks the kernel did not tell when they came: " STAMPS ".",
              percent(share).text);
    else
        blame(
            judge, TRUST_RULE_CHUNKS, grade,
            "%s of the chunks have no certain arrival: they lay in the socket for more "
            "than 1 ms, and with others, before throng looked%s%s%s. To mend it, " RELIEF
            ".",
            percent(share).text, WAITED(wait));
}

static void judge_stalls(struct judge *judge)
{
    const struct stall_counts *stalls = &judge->client.stalls;
    const double share = ratio((double)stalls->total_ns, judge->window_ns);
    const enum trust_grade grade = grade_of(share, lost_time_borders);

    blame(judge, TRUST_RULE_STALLS, grade,
          "throng stood still %" PRIu64 " time%s, %s at most, %s of the measured window: "
          "the process was stopped, the machine paused or its CPUs taken. Run it again "
          "undisturbed.",
          stalls->count, stalls->count == 1 ? "" : "s", latency(stalls->longest_ns).text,
          percent(share).text);
}

static void judge_throttling(struct judge *judge)
{
    const double share =
        ratio((double)judge->inputs->throttled_ns, (double)judge->inputs->elapsed_ns);
    const enum trust_grade grade = grade_of(share, lost_time_borders);

    blame(judge, TRUST_RULE_THROTTLED, grade,
          "The kernel held throng back for %s, %s of the run, by the CPU quota of its "
          "cgroup: raise the limit (in Kubernetes: limits.cpu), or share the load among "
          "workers.",
          latency(judge->inputs->throttled_ns).text, percent(share).text);
}

static void judge_books(struct judge *judge)
{
    const struct trust_inputs *inputs = judge->inputs;

    blame(judge, TRUST_RULE_DROPPED, inputs->samples_dropped > 0 ? TRUST_F : TRUST_A,
          "%" PRIu64 " attempts are missing from samples.bin: give the results a faster "
          "disk with more room, or make the run shorter.",
          inputs->samples_dropped);
    blame(judge, TRUST_RULE_CHECKS, inputs->broken_checks > 0 ? TRUST_F : TRUST_A,
          "%zu of the checks at the end of the run failed: its figures may be wrong.",
          inputs->broken_checks);
}

static void judge_emptiness(struct judge *judge)
{
    const struct counters *counters = judge->window.counters;
    const uint64_t over = counters->ok + counters->degraded + counters->failed;

    blame(judge, TRUST_RULE_NOTHING,
          judge->inputs->is_over && over == 0 ? TRUST_F : TRUST_A,
          "No request ended within the measured window: there is nothing to trust.");
}

static int worst_first(const void *a, const void *b)
{
    const struct trust_reason *one = a;
    const struct trust_reason *other = b;

    if (one->grade != other->grade)
        return one->grade > other->grade ? -1 : 1;
    return one->rule < other->rule ? -1 : one->rule > other->rule;
}

/* How much of the measured window has passed. */
static double window_so_far_ns(const struct recorder_options *options,
                               uint64_t load_end_ns)
{
    const uint64_t end_ns =
        load_end_ns < options->window_end_ns ? load_end_ns : options->window_end_ns;

    return end_ns > options->window_start_ns ? (double)(end_ns - options->window_start_ns)
                                             : 0;
}

void trust_of(const struct recorder *recorder, const struct trust_inputs *inputs,
              struct trust *ret_trust)
{
    struct judge judge = {
        .inputs = inputs,
        .window = recorder_total(recorder, RECORDER_WINDOW),
        .window_ns = window_so_far_ns(recorder_options(recorder), inputs->load_end_ns),
        .trust = ret_trust,
    };

    *ret_trust = (struct trust){.grade = TRUST_A};
    recorder_client(recorder, inputs->load_end_ns, &judge.client);
    judge_schedule_lag(&judge);
    judge_send_delay(&judge);
    judge_ttft_width(&judge);
    judge_e2e_width(&judge);
    judge_icl_width(&judge);
    judge_chunks(&judge);
    judge_stalls(&judge);
    judge_throttling(&judge);
    judge_books(&judge);
    judge_emptiness(&judge);
    qsort(ret_trust->reasons, ret_trust->reason_count, sizeof(ret_trust->reasons[0]),
          worst_first);
}
