#include "result/spectrum.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "result/hlog.h"
#include "result/json_tree.h"

#define DECIMALS 3
#define NINES_DECIMALS 6
#define FIRST_TAILS 19 /* 1, 0.95, … 0.1 */
#define DECADES 5      /* below 0.1: 0.09, 0.08, … each */
#define TAILS (FIRST_TAILS + DECADES * 9)

static const char *const metrics[] = {"ttft", "ttfo", "tpot", "icl", "e2e"};

/* What the reader of a file needs at hand. */
struct reading {
    struct json_tree tree;
    const json_t *summary;
    json_t *by_metric; /* of the document */
    size_t found;
};

/* One metric while its buckets are read in rising order. */
struct line {
    struct json_tree *tree;
    json_t *values;
    double total;  /* observed and censored */
    uint64_t seen; /* observed so far */
    size_t next;   /* of the percentiles: the first without its value */
};

/* The share above a percentile: 1 − p. */
static double tail_at(size_t index)
{
    const size_t below = index - FIRST_TAILS;
    const size_t decade = below / 9;

    if (index < FIRST_TAILS)
        return (double)(20 - index) / 20;
    return (double)(9 - below % 9) * pow(10, -2 - (double)decade);
}

/* Nearest rank, from 1: as many lie above it as the tail says. */
static double rank_of(double total, double tail)
{
    const double rank = total - floor(tail * total + 1e-9);

    return rank < 1 ? 1 : rank;
}

static void append_value(struct line *line, double value_ms)
{
    const double scale = pow(10, DECIMALS);

    json_tree_append(line->tree, line->values,
                     isfinite(value_ms) ? json_real(round(value_ms * scale) / scale)
                                        : json_null());
    line->next++;
}

/* Whether enough observations lie above the next percentile to tell it. */
static bool has_next(const struct line *line)
{
    return line->next < TAILS && tail_at(line->next) * line->total >= 1 - 1e-9;
}

static void add_span(void *ctx, uint64_t least_ns, uint64_t most_ns, uint64_t count)
{
    struct line *line = ctx;

    (void)least_ns;
    line->seen += count;
    while (has_next(line) &&
           rank_of(line->total, tail_at(line->next)) <= (double)line->seen)
        append_value(line, (double)most_ns / (double)NS_PER_MS);
}

static double count_of(const json_t *summary, const char *metric, const char *member)
{
    const json_t *latency = json_object_get(json_object_get(summary, "metrics"), metric);

    return json_number_value(json_object_get(latency, member));
}

static bool is_wanted(const struct hlog_line *line)
{
    if (line->kind != HLOG_WINDOW || line->key)
        return false;
    for (size_t i = 0; i < COUNT_OF(metrics); i++)
        if (strcmp(line->metric, metrics[i]) == 0)
            return true;
    return false;
}

static int read_line(void *ctx, const struct hlog_line *found)
{
    struct reading *reading = ctx;
    struct line line = {.tree = &reading->tree};
    int r = 0;

    if (!is_wanted(found))
        return 0;
    line.total = count_of(reading->summary, found->metric, "count") +
                 count_of(reading->summary, found->metric, "censored");
    line.values = json_tree_array(&reading->tree);
    r = histogram_decode_each(found->encoded, add_span, &line);
    while (r == 0 && line.next < TAILS)
        append_value(&line, (double)NAN);
    json_tree_put(&reading->tree, reading->by_metric, found->metric, line.values);
    reading->found++;
    return r;
}

static json_t *nines(struct json_tree *tree)
{
    const double scale = pow(10, NINES_DECIMALS);
    json_t *list = json_tree_array(tree);

    for (size_t i = 0; i < TAILS; i++)
        json_tree_append(tree, list,
                         json_real(round(-log10(tail_at(i)) * scale) / scale));
    return list;
}

int spectrum_read(const char *path, const json_t *summary, json_t **ret_spectrum)
{
    struct reading reading = {.summary = summary};
    json_t *document = json_tree_object(&reading.tree);
    int r = 0;

    json_tree_put(&reading.tree, document, "nines", nines(&reading.tree));
    reading.by_metric = json_tree_put_object(&reading.tree, document, "metrics");
    r = hlog_each(path, read_line, &reading);
    if (r == 0 && reading.found == 0)
        r = -ENODATA;
    if (r < 0) {
        json_decref(document);
        return r;
    }
    return json_tree_finish(&reading.tree, document, ret_spectrum);
}
