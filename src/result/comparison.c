#include "result/comparison.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "result/comparison_contrast.h"
#include "result/comparison_evidence.h"
#include "result/comparison_notes.h"
#include "result/difference.h"
#include "result/json_tree.h"
#include "result/run_files.h"

#define MAX_SELECTOR_BYTES 512
#define MAX_SENTENCE_BYTES 600

/* All that is compared, the totals first. */
struct comparing {
    const struct run_files *base;
    const struct run_files *new;
    struct evidence base_evidence;
    struct evidence new_evidence;
    struct difference *differences; /* owned */
    size_t count;
    size_t total_count; /* those of all requests */
    char selectors[EVIDENCE_PARTS][MAX_SELECTOR_BYTES];
    size_t selector_count;
    bool is_same_workload;
    bool is_damaged; /* a file could not be read */
};

static int reserve(struct comparing *comparing)
{
    struct difference *differences =
        reallocarray(comparing->differences, comparing->count + COMPARISON_FIGURES,
                     sizeof(*differences));

    if (!differences)
        return -ENOMEM;
    comparing->differences = differences;
    return 0;
}

static int add(struct comparing *comparing, const struct comparison_sides *sides,
               bool of_parts, const char *selector)
{
    size_t count = 0;
    int r = reserve(comparing);

    if (r == 0)
        r = comparison_contrast(sides, of_parts, selector,
                                comparing->differences + comparing->count, &count);
    if (r == 0)
        comparing->count += count;
    return r;
}

static int add_totals(struct comparing *comparing)
{
    const struct comparison_sides sides = {
        .base = {comparing->base->summary, comparing->base_evidence.all},
        .new = {comparing->new->summary, comparing->new_evidence.all},
        .is_paired = comparing->is_same_workload,
        .has_censoring = comparing->base_evidence.source == EVIDENCE_SAMPLES,
    };
    const int r = add(comparing, &sides, false, "");

    comparing->total_count = comparing->count;
    return r;
}

static const json_t *value_of(const struct run_files *run, const char *key,
                              const char *value)
{
    return json_object_get(json_object_get(json_object_get(run->summary, "by"), key),
                           value);
}

/* Of a single value there is nothing to tell that the totals do not tell. */
static bool is_alone(const struct run_files *run, const char *key)
{
    return json_object_size(json_object_get(json_object_get(run->summary, "by"), key)) <
           2;
}

static int add_part(struct comparing *comparing, const struct evidence_part *part)
{
    const struct comparison_sides sides = {
        .base = {value_of(comparing->base, part->key, part->value), part->stretches},
        .new = {value_of(comparing->new, part->key, part->value),
                evidence_find(&comparing->new_evidence, part->key, part->value)},
        .is_paired = comparing->is_same_workload,
        .has_censoring = true,
    };
    char *selector = comparing->selectors[comparing->selector_count];

    if (!sides.base.object || !sides.new.object || !sides.new.stretches ||
        (is_alone(comparing->base, part->key) && is_alone(comparing->new, part->key)))
        return 0;
    assert(comparing->selector_count < EVIDENCE_PARTS);
    comparing->selector_count++;
    (void)snprintf(selector, MAX_SELECTOR_BYTES, "%s=%s", part->key, part->value);
    return add(comparing, &sides, true, selector);
}

/* What both have: the less of the two sources. Returns 0 or -ENOMEM. */
static int gather(struct comparing *comparing)
{
    const enum evidence_source one = evidence_source_of(comparing->base);
    const enum evidence_source two = evidence_source_of(comparing->new);
    const enum evidence_source source = one < two ? one : two;
    int r = evidence_gather(&comparing->base_evidence, comparing->base, source);

    if (r == 0)
        r = evidence_gather(&comparing->new_evidence, comparing->new, source);
    if (r == 0 || r == -ENOMEM)
        return r;
    comparing->is_damaged = true;
    evidence_deinit(&comparing->base_evidence);
    evidence_deinit(&comparing->new_evidence);
    return 0;
}

static int contrast_all(struct comparing *comparing)
{
    int r = gather(comparing);

    comparing->is_same_workload =
        comparison_is_same_workload(comparing->base->summary, comparing->new->summary);
    if (r == 0)
        r = add_totals(comparing);
    for (size_t i = 0; i < comparing->base_evidence.part_count && r == 0; i++)
        r = add_part(comparing, &comparing->base_evidence.parts[i]);
    /* What is looked at first, and what is looked at then: two families. */
    if (r == 0)
        r = differences_adjust(comparing->differences, comparing->total_count);
    if (r == 0)
        r = differences_adjust(comparing->differences + comparing->total_count,
                               comparing->count - comparing->total_count);
    return r;
}

static void comparing_deinit(struct comparing *comparing)
{
    evidence_deinit(&comparing->base_evidence);
    evidence_deinit(&comparing->new_evidence);
    free(comparing->differences);
}

/* A member of an object of the summary, where it has one. */
static void copy(struct json_tree *tree, json_t *into, const json_t *summary,
                 const char *object, const char *name)
{
    json_t *found = json_object_get(json_object_get(summary, object), name);

    if (found)
        json_tree_put(tree, into, name, json_deep_copy(found));
    else
        json_tree_put_null(tree, into, name);
}

static void put_side(struct json_tree *tree, json_t *comparison, const char *name,
                     const struct run_files *run)
{
    static const char *const run_members[] = {"id",          "scenario",   "started_at",
                                              "duration_s",  "seed",       "version",
                                              "fingerprint", "stop_reason"};
    const json_t *summary = run->summary;
    json_t *side = json_tree_put_object(tree, comparison, name);
    json_t *targets = json_object_get(summary, "targets");

    for (size_t i = 0; i < COUNT_OF(run_members); i++)
        copy(tree, side, summary, "run", run_members[i]);
    copy(tree, side, summary, "client", "trust");
    copy(tree, side, summary, "totals", "requests");
    copy(tree, side, summary, "totals", "users_peak");
    json_tree_put(tree, side, "window",
                  json_deep_copy(json_object_get(summary, "window")));
    json_tree_put(tree, side, "targets",
                  targets ? json_deep_copy(targets) : json_array());
}

static void put_notes(struct json_tree *tree, json_t *comparison,
                      const struct comparing *comparing)
{
    json_t *notes = json_tree_array(tree);

    comparison_put_notes(tree, notes, comparing->base->summary, comparing->new->summary);
    if (comparing->is_damaged)
        json_tree_append(tree, notes,
                         json_string("samples.bin or histograms.hlog of a run cannot be "
                                     "read: there are no intervals."));
    if (!comparing->is_damaged && comparing->base_evidence.source == EVIDENCE_NONE)
        json_tree_append(
            tree, notes,
            json_string("A run has neither samples.bin nor histograms.hlog: differences "
                        "are judged by their size alone, and may be chance."));
    if (comparing->base_evidence.source == EVIDENCE_INTERVALS)
        json_tree_append(
            tree, notes,
            json_string("A run has no whole samples.bin: intervals are drawn from "
                        "histograms.hlog, and values of dimensions are not compared."));
    json_tree_put(tree, comparison, "notes", notes);
}

/* How many differences have each verdict. */
struct tally {
    size_t count[DIFFERENCE_REGRESSION + 1];
    const struct difference *worst; /* of the verdict that counts most */
    bool failed;
};

static double size_of(const struct difference *difference)
{
    return isnan(difference->contrast.change) ? (double)INFINITY
                                              : fabs(difference->contrast.change);
}

static struct tally tally_of(const struct comparing *comparing, double limit,
                             double fail_above)
{
    struct tally tally = {0};
    enum difference_verdict gravest = DIFFERENCE_NONE;

    for (size_t i = 0; i < comparing->count; i++) {
        const struct difference *one = &comparing->differences[i];
        const enum difference_verdict verdict = difference_judge(one, limit);

        tally.count[verdict]++;
        if (!isnan(fail_above) && difference_exceeds(one, fail_above))
            tally.failed = true;
        if (verdict < DIFFERENCE_IMPROVEMENT)
            continue;
        if (!tally.worst || verdict > gravest ||
            (verdict == gravest && size_of(one) > size_of(tally.worst))) {
            tally.worst = one;
            gravest = verdict;
        }
    }
    return tally;
}

/* That of all: a regression wins, then an improvement, then what is known. */
static enum difference_verdict verdict_of(const struct tally *tally)
{
    if (tally->count[DIFFERENCE_REGRESSION] > 0)
        return DIFFERENCE_REGRESSION;
    if (tally->count[DIFFERENCE_IMPROVEMENT] > 0)
        return DIFFERENCE_IMPROVEMENT;
    return tally->count[DIFFERENCE_NONE] > 0 ? DIFFERENCE_NONE : DIFFERENCE_UNCLEAR;
}

static void say_figure(struct buf *out, const struct difference *difference)
{
    const struct contrast *contrast = &difference->contrast;

    buf_append_str(out, difference->figure->metric);
    if (strcmp(difference->figure->aggregate, "rate") != 0)
        buf_printf(out, " %s", difference->figure->aggregate);
    if (*difference->selector)
        buf_printf(out, " of %s", difference->selector);
    if (difference->figure->is_share || isnan(contrast->change))
        buf_printf(out, " by %+.2f percentage points", 100 * contrast->difference);
    else
        buf_printf(out, " by %+.1f%%", 100 * contrast->change);
}

static void say(struct buf *out, const struct tally *tally, double limit)
{
    const size_t worse = tally->count[DIFFERENCE_REGRESSION];
    const size_t better = tally->count[DIFFERENCE_IMPROVEMENT];
    const size_t unclear = tally->count[DIFFERENCE_UNCLEAR];

    if (worse > 0)
        buf_printf(out, "%zu %s worse", worse, worse == 1 ? "figure is" : "figures are");
    if (better > 0)
        buf_printf(out, "%s%zu %s better", worse > 0 ? ", " : "", better,
                   better == 1 ? "figure is" : "figures are");
    if (tally->worst) {
        buf_append_str(out, worse + better > 1 ? ", most of all " : ": ");
        say_figure(out, tally->worst);
    } else if (tally->count[DIFFERENCE_NONE] > 0) {
        buf_printf(out, "No difference above %.3g%% is shown", 100 * limit);
    } else {
        buf_append_str(out, "There is too little data to tell");
    }
    if (unclear > 0 && (tally->worst || tally->count[DIFFERENCE_NONE] > 0))
        buf_printf(out, "; of %zu %s there is too little data to tell", unclear,
                   unclear == 1 ? "figure" : "figures");
    buf_append_str(out, ".");
}

static void put_verdict(struct json_tree *tree, json_t *comparison,
                        const struct comparing *comparing,
                        const struct comparison_options *options)
{
    const double limit =
        !isnan(options->fail_above) && options->fail_above < DIFFERENCE_LIMIT
            ? options->fail_above
            : DIFFERENCE_LIMIT;
    const struct tally tally = tally_of(comparing, limit, options->fail_above);
    CLEANUP(buf_deinit) struct buf sentence = BUF_INIT(MAX_SENTENCE_BYTES);
    json_t *differences = NULL;

    say(&sentence, &tally, limit);
    json_tree_put_number(tree, comparison, "limit", limit, 6);
    json_tree_put_number(tree, comparison, "fail_above", options->fail_above, 6);
    json_tree_put_text(tree, comparison, "verdict",
                       difference_verdict_name(verdict_of(&tally)));
    json_tree_put_bool(tree, comparison, "failed", tally.failed);
    json_tree_put_text(tree, comparison, "sentence", buf_str(&sentence));
    differences = json_tree_array(tree);
    for (size_t i = 0; i < comparing->count; i++)
        difference_put(tree, differences, &comparing->differences[i], limit);
    json_tree_put(tree, comparison, "differences", differences);
}

int comparison_build(const struct run_files *base, const struct run_files *new,
                     const struct comparison_options *options, json_t **ret_comparison)
{
    CLEANUP(comparing_deinit)
    struct comparing comparing = {.base = base, .new = new};
    struct json_tree tree = {0};
    json_t *comparison = NULL;

    if (contrast_all(&comparing) < 0)
        return -ENOMEM;
    comparison = json_tree_object(&tree);
    json_tree_put_text(&tree, comparison, "schema", COMPARISON_SCHEMA);
    put_side(&tree, comparison, "base", base);
    put_side(&tree, comparison, "new", new);
    json_tree_put_bool(&tree, comparison, "is_same_workload", comparing.is_same_workload);
    put_notes(&tree, comparison, &comparing);
    put_verdict(&tree, comparison, &comparing, options);
    return json_tree_finish(&tree, comparison, ret_comparison);
}

bool comparison_failed(const json_t *comparison)
{
    return json_is_true(json_object_get(comparison, "failed"));
}

static int append_piece(const char *piece, size_t len, void *ctx)
{
    return buf_append(ctx, piece, len);
}

int comparison_write(const json_t *comparison, struct buf *out)
{
    if (json_dump_callback(comparison, append_piece, out,
                           JSON_INDENT(2) | JSON_REAL_PRECISION(15)) < 0)
        return buf_error(out) < 0 ? buf_error(out) : -ENOMEM;
    return buf_append_char(out, '\n');
}
