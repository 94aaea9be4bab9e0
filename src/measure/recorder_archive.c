#include "measure/recorder_archive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/archive.h"
#include "base/cleanup.h"
#include "base/histogram_archive.h"
#include "measure/people_archive.h"
#include "measure/recorder_state.h"
#include "measure/series_archive.h"
#include "measure/stretches_archive.h"
#include "plan/plan.h"

/* Bounds against damaged files: more than there can be. */
#define VALUES_MOST 1000000
#define CHECKS_MOST 1000000
#define NAMES_MOST ((size_t)1 << 22)

/* A recorder that is walked; what is written is not changed by it. */
struct walk {
    struct archive *archive;
    struct recorder *recorder;
    uint64_t now_ns;
};

int recorder_archive_new(const struct recorder_options *options,
                         struct recorder **ret_recorder)
{
    struct recorder *recorder = NULL;
    const int r = recorder_new(options, &recorder);

    if (r < 0)
        return r;
    recorder->labels = labels_free(recorder->labels);
    if (labels_new(NAMES_MOST, &recorder->names) < 0) {
        recorder_free(recorder);
        return -ENOMEM;
    }
    *ret_recorder = recorder;
    return 0;
}

bool recorder_is_merged(const struct recorder *recorder)
{
    return recorder->names != NULL;
}

bool recorder_is_partial(const struct recorder *recorder)
{
    return recorder->is_partial;
}

static bool is_read(const struct walk *walk)
{
    return archive_is_read(walk->archive);
}

static bool goes_on(const struct walk *walk)
{
    return archive_error(walk->archive) == 0;
}

/* A text that the recorder owns; NULL after a failure. */
static const char *read_name(struct walk *walk)
{
    char *text = archive_text(walk->archive, NULL);
    const struct label label = {"name", text};
    const char *found = NULL;
    uint32_t id = LABELS_OTHER;

    if (text && *text == '\0')
        found = "";
    else if (text && labels_intern(walk->recorder->names, &label, 1, &id) == 0)
        found = labels_value(walk->recorder->names, id, "name");
    if (text && !found)
        archive_fail(walk->archive, -ENOMEM);
    free(text);
    return found;
}

static void write_value(struct walk *walk, const struct dimension_value *value)
{
    archive_text(walk->archive, value->value);
    for (enum part part = 0; part < PART_COUNT; part++) {
        archive_number(walk->archive, value->parts[part] != NULL);
        if (value->parts[part])
            series_archive(walk->archive, value->parts[part]);
    }
}

static void read_value(struct walk *walk, size_t dimension)
{
    const char *value = read_name(walk);

    for (enum part part = 0; part < PART_COUNT && goes_on(walk); part++) {
        struct series *series;

        if (!archive_number(walk->archive, 0))
            continue;
        series = dimensions_series(&walk->recorder->dimensions, dimension, value, part);
        if (series)
            series_archive(walk->archive, series);
        else
            archive_fail(walk->archive, -ENOMEM);
    }
}

static void walk_dimensions(struct walk *walk)
{
    for (size_t i = 0; i < DIMENSION_COUNT; i++) {
        const struct dimension *dimension = &walk->recorder->dimensions.each[i];
        const uint64_t count =
            archive_number_below(walk->archive, dimension->count, VALUES_MOST);

        for (size_t j = 0; j < count && goes_on(walk); j++) {
            if (is_read(walk))
                read_value(walk, i);
            else
                write_value(walk, &dimension->values[j]);
        }
    }
}

/* The slice of a drift that one of another worker, at most as long, lies in; made where it is new. */
static struct series *own_slice(struct walk *walk, struct drift *drift, size_t at,
                                uint64_t slice_ns)
{
    struct series *slice = NULL;

    if (drift_widen(drift, slice_ns) < 0 ||
        drift_slice(drift, drift->start_ns + at * slice_ns, &slice) <= 0)
        archive_fail(walk->archive, slice ? -ENOMEM : -EBADMSG);
    return slice;
}

static void walk_drift(struct walk *walk, struct drift *drift)
{
    uint64_t slice_ns;

    if (!archive_number(walk->archive, drift != NULL))
        return;
    if (!drift) { /* of another plan */
        archive_fail(walk->archive, -EBADMSG);
        return;
    }
    slice_ns = archive_number(walk->archive, drift->slice_ns);
    for (size_t i = 0; i < DRIFT_SLICES && goes_on(walk); i++) {
        struct series *slice = drift->slices[i];

        if (!archive_number(walk->archive, slice != NULL))
            continue;
        if (is_read(walk))
            slice = own_slice(walk, drift, i, slice_ns);
        if (slice)
            series_archive(walk->archive, slice);
    }
}

static void walk_selections(struct walk *walk)
{
    struct selections *selections = &walk->recorder->selections;

    if (archive_number(walk->archive, selections->count) != selections->count)
        archive_fail(walk->archive, -EBADMSG);
    for (size_t i = 0; i < selections->count && goes_on(walk); i++) {
        series_archive(walk->archive, &selections->each[i].series);
        walk_drift(walk, selections->each[i].drift);
    }
}

static void walk_turns(struct walk *walk)
{
    for (size_t i = 0; i < RECORDER_TURNS; i++) {
        struct turn *turn = &walk->recorder->turns.each[i];

        archive_sum(walk->archive, &turn->requests);
        archive_sum(walk->archive, &turn->prompts);
        archive_sum(walk->archive, &turn->prompt_tokens);
        histogram_archive(walk->archive, HISTOGRAM_COARSE, &turn->ttft);
    }
}

static void walk_point(struct walk *walk, struct recovery *recovery, size_t index)
{
    struct recovery_point point =
        is_read(walk) ? (struct recovery_point){0} : recovery->points[index];
    uint64_t flags = (uint64_t)point.streamed | (uint64_t)point.censored << 1 |
                     (uint64_t)point.withdrawn << 2;

    point.due_ms = (uint32_t)archive_number(walk->archive, point.due_ms);
    point.latency_us = (uint32_t)archive_number(walk->archive, point.latency_us);
    flags = archive_number(walk->archive, flags);
    point.streamed = flags & 1;
    point.censored = flags >> 1 & 1;
    point.withdrawn = flags >> 2 & 1;
    if (is_read(walk) && goes_on(walk) && !recovery_add_point(recovery, point))
        archive_fail(walk->archive, -ENOMEM);
}

static void walk_recoveries(struct walk *walk)
{
    struct recoveries *recoveries = &walk->recorder->recoveries;

    if (archive_number(walk->archive, recoveries->count) != recoveries->count)
        archive_fail(walk->archive, -EBADMSG);
    for (size_t i = 0; i < recoveries->count && goes_on(walk); i++) {
        struct recovery *recovery = &recoveries->each[i];
        const uint64_t count =
            archive_number_below(walk->archive, recovery->count, RECOVERY_POINTS_MAX + 1);

        for (size_t j = 0; j < count && goes_on(walk); j++)
            walk_point(walk, recovery, j);
    }
}

static void walk_peer(struct walk *walk, struct peer_view *peer)
{
    archive_sum(walk->archive, &peer->requests);
    archive_sum(walk->archive, &peer->connections);
    archive_sum(walk->archive, &peer->failed);
    archive_sum(walk->archive, &peer->retransmits);
}

/* Where a peer stands; those past the table are counted together. */
static struct peer_view *find_peer(struct peer_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->each[i].peer, name) == 0)
            return &table->each[i];
    if (table->count == RECORDER_PEERS)
        return &table->others;
    table->each[table->count].peer = name;
    return &table->each[table->count++];
}

static void walk_peers(struct walk *walk)
{
    struct peer_table *table = &walk->recorder->peers.table;
    const uint64_t count =
        archive_number_below(walk->archive, table->count, RECORDER_PEERS + 1);

    for (size_t i = 0; i < count && goes_on(walk); i++) {
        if (is_read(walk)) {
            const char *name = read_name(walk);

            if (name)
                walk_peer(walk, find_peer(table, name));
        } else {
            archive_text(walk->archive, table->each[i].peer);
            walk_peer(walk, &table->each[i]);
        }
    }
    walk_peer(walk, &table->others);
}

static void walk_isolation_part(struct walk *walk, struct isolation_part *part)
{
    const uint64_t started_ns = walk->recorder->options.started_ns;
    uint64_t first_ns = part->first_ns > started_ns ? part->first_ns - started_ns : 0;

    archive_sum(walk->archive, &part->throttled);
    archive_sum_signed(walk->archive, &part->cost_pusd);
    archive_least(walk->archive, &first_ns);
    part->first_ns = first_ns > 0 ? first_ns + started_ns : 0;
    for (size_t i = 0; i < ISOLATION_TIMES; i++) {
        struct isolation_stretch *stretch = &part->times[i];

        archive_sum(walk->archive, &stretch->requests);
        archive_sum(walk->archive, &stretch->failed);
        archive_sum(walk->archive, &stretch->answers);
        archive_sum_double(walk->archive, &stretch->sum_ms);
        archive_sum_double(walk->archive, &stretch->squares);
    }
}

/* An organization's place; a scratch one where there is no room for it. */
static struct isolation_part *find_organization(struct isolation_book *book,
                                                const char *name,
                                                struct isolation_part *scratch)
{
    for (size_t i = 0; i < book->count; i++)
        if (strcmp(book->parts[i].organization, name) == 0)
            return &book->parts[i];
    if (book->count == ISOLATION_MOST)
        return scratch;
    book->parts[book->count].organization = name;
    return &book->parts[book->count++];
}

static void walk_isolation(struct walk *walk)
{
    struct isolation_book *book = &walk->recorder->isolation;
    const uint64_t count =
        archive_number_below(walk->archive, book->count, ISOLATION_MOST + 1);

    for (size_t i = 0; i < count && goes_on(walk); i++) {
        struct isolation_part scratch = {0};

        if (is_read(walk)) {
            const char *name = read_name(walk);

            if (name)
                walk_isolation_part(walk, find_organization(book, name, &scratch));
        } else {
            archive_text(walk->archive, book->parts[i].organization);
            walk_isolation_part(walk, &book->parts[i]);
        }
    }
    for (size_t i = 0; i < book->count; i++)
        if (book->parts[i].first_ns > 0 &&
            (book->first_ns == 0 || book->parts[i].first_ns < book->first_ns))
            book->first_ns = book->parts[i].first_ns;
}

/* A checkpoint has none of its arms. */
static void walk_arms(struct walk *walk)
{
    struct arm_book *book = &walk->recorder->arms;
    const uint64_t count =
        archive_number_below(walk->archive, book->count, PLAN_ARMS + 1);

    if (is_read(walk) && count > book->count)
        archive_fail(walk->archive, -EBADMSG);
    for (size_t i = 0; i < count && goes_on(walk); i++)
        stretches_archive(walk->archive, book->arms[i]);
}

static void walk_check(struct walk *walk, struct check_count *check)
{
    for (enum part part = 0; part < PART_COUNT; part++) {
        archive_sum(walk->archive, &check->passed[part]);
        archive_sum(walk->archive, &check->failed[part]);
    }
}

static void read_check(struct walk *walk)
{
    const char *step = read_name(walk);
    const char *name = read_name(walk);
    struct check_count *check = NULL;

    if (step && name)
        check = checks_find(&walk->recorder->checks, step, name);
    if (check)
        walk_check(walk, check);
    else
        archive_fail(walk->archive, -ENOMEM);
}

static void walk_checks(struct walk *walk)
{
    struct checks *checks = &walk->recorder->checks;
    const uint64_t count =
        archive_number_below(walk->archive, checks->count, CHECKS_MOST);

    for (size_t i = 0; i < count && goes_on(walk); i++) {
        if (is_read(walk)) {
            read_check(walk);
        } else {
            archive_text(walk->archive, checks->each[i].step);
            archive_text(walk->archive, checks->each[i].name);
            walk_check(walk, &checks->each[i]);
        }
    }
}

/* A level and what it added up to until now. */
static void walk_level(struct walk *walk, struct level *level)
{
    double integral_s = level_integral_s(level, walk->now_ns);

    archive_sum_signed(walk->archive, &level->value);
    archive_sum_double(walk->archive, &integral_s);
    if (is_read(walk)) {
        level->integral_s = integral_s;
        level->at_ns = walk->now_ns;
    }
}

static void walk_lengths(struct walk *walk, struct lengths *lengths)
{
    archive_sum(walk->archive, &lengths->requests);
    archive_sum(walk->archive, &lengths->asked_tokens);
    archive_sum(walk->archive, &lengths->told_tokens);
    archive_sum_double(walk->archive, &lengths->error_sum);
}

static void walk_users(struct walk *walk)
{
    struct recorder *recorder = walk->recorder;

    archive_sum(walk->archive, &recorder->users.wanted);
    archive_sum(walk->archive, &recorder->users.active);
    archive_sum(walk->archive, &recorder->users.leaving);
    /* Of one curve for all: each has its greatest number when the others have theirs. */
    archive_sum(walk->archive, &recorder->users_peak);
}

/* What a client knows of itself; a copy has numbers in place of labels. */
static void walk_client(struct walk *walk)
{
    struct recorder *recorder = walk->recorder;
    uint64_t label_sets = recorder->label_sets;
    uint64_t overflown = recorder->label_sets_overflown;

    if (recorder->labels) {
        label_sets = labels_count(recorder->labels);
        overflown = labels_overflown(recorder->labels);
    }
    archive_greatest(walk->archive, &label_sets);
    archive_sum(walk->archive, &overflown);
    archive_sum(walk->archive, &recorder->pauses);
    archive_sum(walk->archive, &recorder->drawn_pause_ns);
    archive_sum(walk->archive, &recorder->achieved_pause_ns);
    archive_sum(walk->archive, &recorder->questions);
    archive_sum(walk->archive, &recorder->unique_questions);
    for (size_t i = 0; i < LENGTH_COUNT; i++)
        walk_lengths(walk, &recorder->lengths[i]);
    archive_sum_double(walk->archive, &recorder->latency_sum_s);
    archive_sum(walk->archive, &recorder->custom_values);
    archive_sum(walk->archive, &recorder->lost);
    archive_greatest(walk->archive, &recorder->burst.most);
    archive_sum(walk->archive, &recorder->stalls.count);
    archive_sum(walk->archive, &recorder->stalls.total_ns);
    archive_greatest(walk->archive, &recorder->stalls.longest_ns);
    if (is_read(walk)) {
        recorder->label_sets = label_sets;
        recorder->label_sets_overflown = overflown;
    }
}

/* What both must have the same of. */
static void walk_shape(struct walk *walk)
{
    static const uint64_t shape[] = {METRIC_COUNT, DIMENSION_COUNT,
                                     sizeof(struct counters), RECORDER_TURNS,
                                     DRIFT_SLICES};

    for (size_t i = 0; i < COUNT_OF(shape); i++)
        if (archive_number(walk->archive, shape[i]) != shape[i])
            archive_fail(walk->archive, -EBADMSG);
}

static void walk_all(struct walk *walk)
{
    struct recorder *recorder = walk->recorder;

    walk_shape(walk);
    for (enum part part = 0; part < PART_COUNT && goes_on(walk); part++)
        series_archive(walk->archive, &recorder->total[part]);
    walk_dimensions(walk);
    walk_selections(walk);
    walk_drift(walk, recorder->drift);
    walk_turns(walk);
    walk_recoveries(walk);
    walk_peers(walk);
    walk_isolation(walk);
    walk_arms(walk);
    walk_checks(walk);
    walk_level(walk, &recorder->in_flight);
    walk_level(walk, &recorder->active_users);
    walk_users(walk);
    walk_client(walk);
}

void recorder_archive_write(struct archive *archive, const struct recorder *recorder,
                            uint64_t now_ns)
{
    struct walk walk = {.archive = archive, .now_ns = now_ns};

    /* One walk for both ways: what is written is not changed by it. */
    walk.recorder = (struct recorder *)(uintptr_t)recorder;
    walk_all(&walk);
    people_archive_write(archive, &recorder->people,
                         recorder->options.plan->worker_index);
}

void recorder_archive_read(struct archive *archive, struct recorder *recorder,
                           uint64_t now_ns, bool is_over)
{
    struct walk walk = {.archive = archive, .recorder = recorder, .now_ns = now_ns};

    recorder->is_partial |= !is_over;
    walk_all(&walk);
    if (goes_on(&walk))
        people_archive_read(archive, &recorder->people);
}
