#include "result/comparison_evidence.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "measure/labels.h"
#include "measure/metric.h"
#include "measure/observe.h"
#include "measure/sample.h"
#include "result/comparison_operations.h"
#include "result/hlog.h"
#include "result/run_files.h"
#include "result/sample_file.h"

#define MAX_PATH_BYTES 4096
#define STRETCH_NS NS_PER_S

DEFINE_CLEANUP(struct histogram, histogram_free)

/* The dimensions that are compared by value: labels of a sample. */
static const char *const keys[] = {"model", "step", "class", "org_id"};

/* Where a metric is kept; EVIDENCE_LATENCIES: nowhere. */
static enum evidence_latency place_of(enum metric metric)
{
    static const enum metric kept[EVIDENCE_LATENCIES] = {
        [EVIDENCE_TTFT] = METRIC_TTFT,
        [EVIDENCE_ICL] = METRIC_ICL,
        [EVIDENCE_TPOT] = METRIC_TPOT,
        [EVIDENCE_E2E] = METRIC_E2E,
        [EVIDENCE_OPERATION] = METRIC_OPERATION_DURATION,
    };
    enum evidence_latency place = 0;

    while (place < EVIDENCE_LATENCIES && kept[place] != metric)
        place++;
    return place;
}

/* The measured window, since the run's start. */
struct window {
    uint64_t start_ns;
    uint64_t end_ns;
};

static uint64_t moment_of(const json_t *object, const char *name)
{
    const double seconds = json_number_value(json_object_get(object, name));

    return seconds > 0 ? (uint64_t)(seconds * (double)NS_PER_S) : 0;
}

static struct window window_of(const struct run_files *run)
{
    const json_t *window = json_object_get(run->summary, "window");

    return (struct window){moment_of(window, "start_s"), moment_of(window, "end_s")};
}

enum evidence_source evidence_source_of(const struct run_files *run)
{
    const json_t *client = json_object_get(run->summary, "client");
    char path[MAX_PATH_BYTES];

    if (run_files_path(run, "samples.bin", path, sizeof(path)) == 0 &&
        json_integer_value(json_object_get(client, "samples_dropped")) == 0)
        return EVIDENCE_SAMPLES;
    if (run->histograms ||
        run_files_path(run, "histograms.hlog", path, sizeof(path)) == 0)
        return EVIDENCE_INTERVALS;
    return EVIDENCE_NONE;
}

static int new_stretches(struct window window, struct stretches **ret_stretches)
{
    return stretches_new(window.start_ns, STRETCH_NS, EVIDENCE_LATENCIES, EVIDENCE_SUMS,
                         ret_stretches);
}

/* A file that is read into the evidence. */
struct gathering {
    struct evidence *evidence;
    struct window window;
};

/* The part of a value, made where it is new; NULL: there is no room for it. */
static int find_part(struct gathering *gathering, const char *key, const char *value,
                     struct stretches **ret_stretches)
{
    struct evidence *evidence = gathering->evidence;
    struct evidence_part *part;
    int r;

    *ret_stretches = NULL;
    for (size_t i = 0; i < evidence->part_count; i++) {
        part = &evidence->parts[i];
        if (strcmp(part->key, key) == 0 && strcmp(part->value, value) == 0) {
            *ret_stretches = part->stretches;
            return 0;
        }
    }
    if (evidence->part_count == EVIDENCE_PARTS)
        return 0;
    part = &evidence->parts[evidence->part_count++];
    part->key = strdup(key);
    part->value = strdup(value);
    r = part->key && part->value ? new_stretches(gathering->window, &part->stretches)
                                 : -ENOMEM;
    *ret_stretches = part->stretches;
    return r;
}

static int add_sample(struct stretches *stretches, const struct sample *sample,
                      const struct observation *observations, size_t count)
{
    int r = 0;

    for (size_t i = 0; i < count && r == 0; i++) {
        const enum evidence_latency place = place_of(observations[i].metric);

        if (place == EVIDENCE_LATENCIES)
            continue;
        r = observations[i].censored
                ? stretches_record_censored(stretches, sample->due_ns, place,
                                            observations[i].value_ns)
                : stretches_record(stretches, sample->due_ns, place,
                                   observations[i].value_ns);
    }
    stretches_add(stretches, sample->due_ns, EVIDENCE_REQUESTS, 1);
    stretches_add(stretches, sample->due_ns, EVIDENCE_ENDED,
                  !outcome_is_withdrawn(sample->outcome));
    stretches_add(stretches, sample->due_ns, EVIDENCE_FAILED,
                  outcome_is_failure(sample->outcome));
    stretches_add(stretches, sample->due_ns, EVIDENCE_TOKENS,
                  (double)sample->completion_tokens);
    stretches_add(stretches, sample->due_ns, EVIDENCE_PUSD, (double)sample->cost_pusd);
    return r;
}

static int on_sample(void *ctx, const struct sample *sample, const struct labels *labels)
{
    struct gathering *gathering = ctx;
    struct observation observations[METRIC_COUNT];
    size_t count = 0;
    int r;

    if (!(sample->flags & SAMPLE_IN_WINDOW))
        return 0;
    count = observe_sample(sample, observations);
    r = add_sample(gathering->evidence->all, sample, observations, count);
    for (size_t i = 0; i < COUNT_OF(keys) && r == 0; i++) {
        const char *value = labels_value(labels, sample->labels, keys[i]);
        struct stretches *stretches = NULL;

        if (value)
            r = find_part(gathering, keys[i], value, &stretches);
        if (r == 0 && stretches)
            r = add_sample(stretches, sample, observations, count);
    }
    return r;
}

static int on_operation(void *ctx, const struct operation *operation)
{
    const struct gathering *gathering = ctx;
    const struct observation seen = observe_operation(operation);
    struct stretches *all = gathering->evidence->all;

    return seen.censored ? stretches_record_censored(all, operation->due_ns,
                                                     EVIDENCE_OPERATION, seen.value_ns)
                         : stretches_record(all, operation->due_ns, EVIDENCE_OPERATION,
                                            seen.value_ns);
}

static int read_samples(struct gathering *gathering, const struct run_files *run)
{
    char path[MAX_PATH_BYTES];
    bool complete = false;
    int r = run_files_path(run, "samples.bin", path, sizeof(path));

    if (r == 0)
        r = sample_file_read(path, on_sample, gathering, &complete);
    return r == 0 ? operations_read(path, on_operation, gathering) : r;
}

/* The middle of a line in the window; false: it lies outside. */
static bool middle_of(const struct gathering *gathering, double start_s, double length_s,
                      uint64_t *ret_at_ns)
{
    const double middle_s = start_s + length_s / 2;

    *ret_at_ns = (uint64_t)(fmax(middle_s, 0) * (double)NS_PER_S);
    return *ret_at_ns >= gathering->window.start_ns &&
           *ret_at_ns < gathering->window.end_ns;
}

static int add_line(struct gathering *gathering, const struct hlog_line *line,
                    enum evidence_latency place)
{
    CLEANUP(histogram_freep) struct histogram *histogram = NULL;
    uint64_t at_ns = 0;
    int r;

    if (!middle_of(gathering, line->start_s, line->length_s, &at_ns))
        return 0;
    r = histogram_decode(line->encoded, &histogram);
    return r < 0 ? r : stretches_merge(gathering->evidence->all, at_ns, place, histogram);
}

/* icl is in no sample; the other latencies are read only where there are none. */
static int on_line(void *ctx, const struct hlog_line *line)
{
    struct gathering *gathering = ctx;
    enum metric metric;
    enum evidence_latency place;

    if (line->kind != HLOG_INTERVAL || line->key ||
        metric_find(line->metric, &metric) < 0)
        return 0;
    place = place_of(metric);
    if (place == EVIDENCE_LATENCIES || place == EVIDENCE_OPERATION ||
        (place != EVIDENCE_ICL && gathering->evidence->source == EVIDENCE_SAMPLES))
        return 0;
    return add_line(gathering, line, place);
}

static double figure(const json_t *point, const char *name)
{
    return json_number_value(json_object_get(point, name));
}

static void add_point(struct gathering *gathering, const json_t *point)
{
    struct stretches *all = gathering->evidence->all;
    const double start_s = figure(point, "start_s");
    const double length_s = figure(point, "end_s") - start_s;
    uint64_t at_ns = 0;

    if (!middle_of(gathering, start_s, length_s, &at_ns))
        return;
    stretches_add(all, at_ns, EVIDENCE_GOOD, figure(point, "goodput") * length_s);
    if (gathering->evidence->source == EVIDENCE_SAMPLES)
        return;
    stretches_add(all, at_ns, EVIDENCE_REQUESTS, figure(point, "requests"));
    stretches_add(all, at_ns, EVIDENCE_ENDED, figure(point, "requests"));
    stretches_add(all, at_ns, EVIDENCE_FAILED, figure(point, "failed"));
    stretches_add(all, at_ns, EVIDENCE_TOKENS, figure(point, "completion_tokens"));
    stretches_add(all, at_ns, EVIDENCE_PUSD, figure(point, "cost_pusd"));
}

static void read_timeline(struct gathering *gathering, const struct run_files *run)
{
    const json_t *points =
        json_object_get(json_object_get(run->summary, "timeline"), "points");

    for (size_t i = 0; i < json_array_size(points); i++)
        add_point(gathering, json_array_get(points, i));
}

int evidence_gather(struct evidence *evidence, const struct run_files *run,
                    enum evidence_source source)
{
    struct gathering gathering = {.evidence = evidence, .window = window_of(run)};
    int r = 0;

    *evidence = (struct evidence){.source = source};
    if (source == EVIDENCE_NONE)
        return 0;
    r = new_stretches(gathering.window, &evidence->all);
    if (r == 0 && source == EVIDENCE_SAMPLES)
        r = read_samples(&gathering, run);
    if (r == 0)
        r = run_files_each_histogram(run, on_line, &gathering);
    if (r < 0 && r != -ENOENT)
        return r;
    read_timeline(&gathering, run);
    stretches_end(evidence->all, gathering.window.end_ns);
    for (size_t i = 0; i < evidence->part_count; i++)
        stretches_end(evidence->parts[i].stretches, gathering.window.end_ns);
    return 0;
}

void evidence_deinit(struct evidence *evidence)
{
    stretches_free(evidence->all);
    for (size_t i = 0; i < evidence->part_count; i++) {
        free(evidence->parts[i].key);
        free(evidence->parts[i].value);
        stretches_free(evidence->parts[i].stretches);
    }
    *evidence = (struct evidence){0};
}

const struct stretches *evidence_find(const struct evidence *evidence, const char *key,
                                      const char *value)
{
    if (!key)
        return evidence->all;
    for (size_t i = 0; i < evidence->part_count; i++)
        if (strcmp(evidence->parts[i].key, key) == 0 &&
            strcmp(evidence->parts[i].value, value) == 0)
            return evidence->parts[i].stretches;
    return NULL;
}
