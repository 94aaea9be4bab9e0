#include "result/worker_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/archive.h"
#include "base/buf.h"
#include "base/cpu_supply.h"
#include "measure/recorder_archive.h"
#include "plan/plan.h"
#include "result/facts.h"
#include "result/worker_names.h"

#define MAGIC "throng.worker/1"
/* More than any exit code, and than any number of workers. */
#define CODES 256
#define WORKERS_MOST 100001

/* A text of a fixed place: written, or read where nothing stands yet. */
static void walk_place(struct archive *archive, char *place, size_t size)
{
    char *text = archive_text(archive, place);

    if (text && *place == '\0')
        (void)snprintf(place, size, "%s", text);
    free(text);
}

/* A text of its own, likewise. */
static void walk_text(struct archive *archive, char **place)
{
    char *text = archive_text(archive, *place);

    if (archive_is_read(archive) && (!*place || **place == '\0')) {
        free(*place);
        *place = text;
    } else {
        free(text);
    }
}

static void walk_trust(struct archive *archive, struct trust *trust)
{
    trust->grade =
        (enum trust_grade)archive_number_below(archive, trust->grade, TRUST_F + 1);
    trust->reason_count =
        archive_number_below(archive, trust->reason_count, TRUST_RULE_COUNT + 1);
    for (size_t i = 0; i < trust->reason_count; i++) {
        struct trust_reason *reason = &trust->reasons[i];

        reason->rule = (enum trust_rule)archive_number_below(archive, reason->rule,
                                                             TRUST_RULE_COUNT);
        reason->grade =
            (enum trust_grade)archive_number_below(archive, reason->grade, TRUST_F + 1);
        walk_place(archive, reason->sentence, sizeof(reason->sentence));
    }
}

static void walk_verdicts(struct archive *archive, struct verdicts *verdicts)
{
    verdicts->count = archive_number_below(archive, verdicts->count, VERDICTS_MAX + 1);
    for (size_t i = 0; i < verdicts->count; i++) {
        struct verdict *verdict = &verdicts->items[i];

        verdict->code =
            (enum exit_code)archive_number_below(archive, verdict->code, CODES);
        walk_place(archive, verdict->sentence, sizeof(verdict->sentence));
    }
}

static void walk_head(struct archive *archive, struct worker_head *head)
{
    char *magic = archive_text(archive, MAGIC);

    if (archive_is_read(archive) && (!magic || strcmp(magic, MAGIC) != 0))
        archive_fail(archive, -EBADMSG);
    free(magic);
    walk_text(archive, &head->version);
    walk_text(archive, &head->run_id);
    walk_text(archive, &head->scenario_path);
    walk_text(archive, &head->fingerprint);
    head->index = (uint32_t)archive_number_below(archive, head->index, WORKERS_MOST);
    head->of = (uint32_t)archive_number_below(archive, head->of, WORKERS_MOST);
    head->started_wall_ns = archive_number(archive, head->started_wall_ns);
    head->ended_wall_ns = archive_number(archive, head->ended_wall_ns);
    head->lasted_ns = archive_number(archive, head->lasted_ns);
    head->load_end_ns = archive_number(archive, head->load_end_ns);
    head->is_over = archive_number_below(archive, head->is_over, 2);
    head->stop_reason =
        (enum stop_reason)archive_number_below(archive, head->stop_reason, STOP_REASONS);
    walk_trust(archive, &head->trust);
    walk_verdicts(archive, &head->verdicts);
    worker_notes_walk(archive, &head->notes);
}

static void walk_replay(struct archive *archive, struct replay_facts *replay)
{
    /* Of one trace for all: each knows the whole of it, and has its own share. */
    archive_greatest(archive, &replay->entries);
    archive_sum(archive, &replay->entries_of_worker);
    archive_greatest(archive, &replay->requests);
    archive_greatest(archive, &replay->bad);
    archive_greatest(archive, &replay->failed);
    archive_greatest(archive, &replay->elsewhere);
    archive_greatest(archive, &replay->outside);
}

static void walk_circuit(struct archive *archive, struct circuit_view *circuit)
{
    uint64_t is_open = !circuit->is_closed;

    archive_sum(archive, &circuit->opened);
    archive_sum(archive, &circuit->open_ns);
    archive_sum(archive, &circuit->not_sent);
    archive_greatest(archive, &circuit->cause_attempts);
    archive_greatest(archive, &circuit->cause_failed);
    archive_greatest(archive, &is_open);
    circuit->is_closed = is_open == 0;
    circuit->state = is_open ? "open" : "closed";
}

/* The place of a target's breaker, made where it is new; the name is taken. */
static struct circuit_view *find_circuit(struct worker_totals *totals, char *name)
{
    for (size_t i = 0; i < totals->circuit_count; i++)
        if (strcmp(totals->circuit_names[i], name) == 0) {
            free(name);
            return &totals->circuits[i];
        }
    if (totals->circuit_count == WORKER_CIRCUITS) {
        free(name);
        return NULL;
    }
    totals->circuit_names[totals->circuit_count] = name;
    totals->circuits[totals->circuit_count] =
        (struct circuit_view){.target = name, .state = "closed", .is_closed = true};
    return &totals->circuits[totals->circuit_count++];
}

static void walk_circuits(struct archive *archive, struct worker_totals *totals)
{
    const uint64_t count =
        archive_number_below(archive, totals->circuit_count, WORKER_CIRCUITS + 1);

    for (size_t i = 0; i < count && archive_error(archive) == 0; i++) {
        struct circuit_view scratch = {0};
        struct circuit_view *circuit = &totals->circuits[i];

        if (archive_is_read(archive)) {
            char *name = archive_text(archive, NULL);

            circuit = name ? find_circuit(totals, name) : NULL;
            walk_circuit(archive, circuit ? circuit : &scratch);
        } else {
            archive_text(archive, circuit->target);
            walk_circuit(archive, circuit);
        }
    }
}

static void walk_totals(struct archive *archive, struct worker_totals *totals)
{
    archive_sum(archive, &totals->arrivals);
    archive_sum(archive, &totals->taken);
    archive_sum(archive, &totals->dropped);
    archive_sum(archive, &totals->people);
    archive_sum_signed(archive, &totals->spent_pusd);
    archive_sum_signed(archive, &totals->reserved_pusd);
    archive_sum(archive, &totals->limit_attempts);
    archive_sum(archive, &totals->limit_failed);
    archive_sum(archive, &totals->unset_uses);
    walk_text(archive, &totals->unset_name);
    archive_sum(archive, &totals->setups_failed);
    archive_sum(archive, &totals->users_retired);
    archive_sum(archive, &totals->insecure);
    archive_sum(archive, &totals->rows_skipped);
    walk_text(archive, &totals->replay_format);
    walk_replay(archive, &totals->replay);
    archive_sum_double(archive, &totals->cpu_user_s);
    archive_sum_double(archive, &totals->cpu_system_s);
    archive_sum(archive, &totals->max_rss_bytes);
    archive_sum(archive, &totals->connections_opened);
    archive_sum(archive, &totals->connections_peak);
    archive_sum(archive, &totals->reads);
    archive_sum(archive, &totals->unstamped_reads);
    archive_sum(archive, &totals->clock_steps);
    archive_sum(archive, &totals->samples_dropped);
    archive_sum(archive, &totals->throttled_ns);
    archive_sum(archive, &totals->throttled_known);
    archive_sum(archive, &totals->wait_ns);
    archive_sum(archive, &totals->wait_known);
    walk_circuits(archive, totals);
    for (size_t i = 0; i < OUTCOME_COUNT; i++)
        walk_place(archive, totals->examples[i].text, sizeof(totals->examples[i].text));
}

/* What the worker knows of itself; texts are borrowed. */
static void fill_totals(const struct run_facts *facts, struct worker_totals *totals)
{
    const struct run_view *view = facts->view;

    *totals = (struct worker_totals){
        .arrivals = view->arrivals.count,
        .taken = view->arrivals.taken,
        .dropped = view->arrivals.dropped,
        .people = view->arrivals.people,
        .spent_pusd = view->spent_pusd,
        .reserved_pusd = view->reserved_pusd,
        .limit_attempts = view->limit_attempts,
        .limit_failed = view->limit_failed,
        .unset_uses = view->unset_uses,
        .setups_failed = view->setups_failed,
        .users_retired = view->users_retired,
        .insecure = facts->insecure,
        .rows_skipped = facts->rows_skipped,
        .replay = facts->replay,
        .cpu_user_s = facts->cpu_user_s,
        .cpu_system_s = facts->cpu_system_s,
        .max_rss_bytes = facts->max_rss_bytes,
        .connections_opened = facts->connections_opened,
        .connections_peak = facts->connections_peak,
        .reads = facts->reads,
        .unstamped_reads = facts->unstamped_reads,
        .clock_steps = facts->clock_steps,
        .samples_dropped = facts->samples_dropped,
    };
    /* Borrowed, and only read. */
    totals->unset_name = (char *)(uintptr_t)view->unset_name;
    totals->replay_format = (char *)(uintptr_t)facts->replay.format;
    if (facts->cpu_loss) {
        totals->throttled_ns = facts->cpu_loss->throttled_ns;
        totals->throttled_known = facts->cpu_loss->throttled_known;
        totals->wait_ns = facts->cpu_loss->wait_ns;
        totals->wait_known = facts->cpu_loss->wait_known;
    }
    for (size_t i = 0; i < view->circuit_count && i < WORKER_CIRCUITS; i++)
        totals->circuits[totals->circuit_count++] = view->circuits[i];
    for (size_t i = 0; facts->failure_examples && i < OUTCOME_COUNT; i++)
        totals->examples[i] = facts->failure_examples[i];
}

/* Likewise who it was, but for its notes, which are its own. */
static int fill_head(const struct run_facts *facts, struct worker_head *head)
{
    const struct run_view *view = facts->view;

    *head = (struct worker_head){
        .index = view->plan->worker_index,
        .of = view->plan->worker_count,
        .started_wall_ns = facts->started_wall_ns,
        .ended_wall_ns = facts->ended_wall_ns,
        .lasted_ns = view->now_ns - view->started_ns,
        .load_end_ns = view->load_end_ns - view->started_ns,
        .is_over = view->state == RUN_DONE,
        .stop_reason = view->stop_reason,
        .trust = *facts->trust,
    };
    if (facts->verdicts)
        head->verdicts = *facts->verdicts;
    /* Borrowed, and only read. */
    head->version = (char *)(uintptr_t)facts->version;
    head->run_id = (char *)(uintptr_t)facts->run_id;
    head->scenario_path = (char *)(uintptr_t)facts->scenario_path;
    head->fingerprint = (char *)(uintptr_t)facts->fingerprint;
    return worker_notes_take(facts, &head->notes);
}

int worker_file_write(const struct run_facts *facts, struct buf *out)
{
    struct worker_head *head = calloc(1, sizeof(*head));
    struct worker_totals *totals = calloc(1, sizeof(*totals));
    struct archive archive = archive_writer(out);
    int r = head && totals ? fill_head(facts, head) : -ENOMEM;

    if (r == 0) {
        fill_totals(facts, totals);
        walk_head(&archive, head);
        walk_totals(&archive, totals);
        recorder_archive_write(&archive, facts->view->recorder, facts->view->now_ns);
        worker_points_write(&archive, facts->points);
        worker_names_write(&archive, facts);
        r = archive_error(&archive);
    }
    if (head)
        worker_notes_deinit(&head->notes);
    free(head);
    free(totals);
    return r;
}

int worker_file_head(const void *bytes, size_t len, struct worker_head *ret_head)
{
    struct archive archive = archive_reader(bytes, len);

    *ret_head = (struct worker_head){0};
    walk_head(&archive, ret_head);
    return archive_error(&archive);
}

void worker_head_deinit(struct worker_head *head)
{
    free(head->version);
    free(head->run_id);
    free(head->scenario_path);
    free(head->fingerprint);
    worker_notes_deinit(&head->notes);
    *head = (struct worker_head){0};
}

int worker_file_add(const void *bytes, size_t len, struct recorder *recorder,
                    uint64_t now_ns, struct merged_points *points,
                    struct worker_totals *totals)
{
    struct archive archive = archive_reader(bytes, len);
    struct worker_head *head = calloc(1, sizeof(*head));

    if (!head)
        return -ENOMEM;
    walk_head(&archive, head);
    walk_totals(&archive, totals);
    if (archive_error(&archive) == 0)
        recorder_archive_read(&archive, recorder, now_ns, head->is_over);
    worker_head_deinit(head);
    free(head);
    if (archive_error(&archive) == 0)
        merged_points_read(&archive, points);
    if (archive_error(&archive) == 0)
        worker_names_read(&archive, &totals->names);
    return archive_error(&archive);
}

void worker_totals_deinit(struct worker_totals *totals)
{
    worker_names_deinit(&totals->names);
    free(totals->unset_name);
    free(totals->replay_format);
    for (size_t i = 0; i < totals->circuit_count; i++)
        free(totals->circuit_names[i]);
    *totals = (struct worker_totals){0};
}
