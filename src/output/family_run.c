/* Families of the run as a whole: what is run, who is at work, and what became of the figures. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "output/family_writers.h"
#include "plan/plan.h"

#define SEED_BYTES 24

static void write_whole(struct metric_text *text, uint64_t value)
{
    metric_text_whole(text, "", NULL, 0, value);
}

void family_write_run_info(const struct family *family,
                           const struct exposition *exposition, struct metric_text *text)
{
    const struct exposition_options *options = &exposition->options;
    char seed[SEED_BYTES];
    const struct metric_label labels[] = {
        {"scenario", options->plan->name},
        {"version", options->version},
        {"fingerprint", options->fingerprint},
        {"seed", seed},
    };

    (void)family;
    (void)snprintf(seed, sizeof(seed), "%" PRIu64, options->plan->seed);
    metric_text_whole(text, "", labels, sizeof(labels) / sizeof(labels[0]), 1);
}

void family_write_start_time(const struct family *family,
                             const struct exposition *exposition,
                             struct metric_text *text)
{
    (void)family;
    metric_text_sample(text, "", NULL, 0,
                       (double)exposition->started_wall_ns / (double)NS_PER_S);
}

void family_write_end_time(const struct family *family,
                           const struct exposition *exposition, struct metric_text *text)
{
    (void)family;
    if (exposition->ended_wall_ns)
        metric_text_sample(text, "", NULL, 0,
                           (double)exposition->ended_wall_ns / (double)NS_PER_S);
}

void family_write_phase(const struct family *family, const struct exposition *exposition,
                        struct metric_text *text)
{
    const struct run_view *view = &exposition->view;
    const struct plan *plan = view->plan;
    const bool is_in_phase = view->state == RUN_LOADING || view->state == RUN_PAUSED;

    (void)family;
    for (size_t i = 0; i < plan->phase_count; i++) {
        const struct metric_label label = {"phase", plan->phases[i].name};

        metric_text_whole(text, "", &label, 1, is_in_phase && view->phase_index == i);
    }
}

void family_write_active_users(const struct family *family,
                               const struct exposition *exposition,
                               struct metric_text *text)
{
    (void)family;
    write_whole(text, exposition->snapshot.people.active);
}

void family_write_users_wanted(const struct family *family,
                               const struct exposition *exposition,
                               struct metric_text *text)
{
    (void)family;
    write_whole(text, exposition->snapshot.people.wanted);
}

void family_write_users_leaving(const struct family *family,
                                const struct exposition *exposition,
                                struct metric_text *text)
{
    (void)family;
    write_whole(text, exposition->snapshot.people.leaving);
}

void family_write_in_flight(const struct family *family,
                            const struct exposition *exposition, struct metric_text *text)
{
    (void)family;
    write_whole(text, exposition->snapshot.in_flight);
}

void family_write_checks(const struct family *family, const struct exposition *exposition,
                         struct metric_text *text)
{
    const struct snapshot *snapshot = &exposition->snapshot;

    (void)family;
    for (size_t i = 0; i < snapshot->check_count; i++) {
        const struct check_view *check = &snapshot->checks[i];
        struct metric_label labels[] = {
            {"step", check->step}, {"check", check->name}, {"result", "passed"}};

        metric_text_whole(text, "", labels, COUNT_OF(labels), check->passed);
        labels[2].value = "failed";
        metric_text_whole(text, "", labels, COUNT_OF(labels), check->failed);
    }
}

void family_write_iterations(const struct family *family,
                             const struct exposition *exposition,
                             struct metric_text *text)
{
    (void)family;
    write_whole(text, exposition->snapshot.totals.iterations);
}

void family_write_uniqueness(const struct family *family,
                             const struct exposition *exposition,
                             struct metric_text *text)
{
    (void)family;
    metric_text_sample(text, "", NULL, 0, exposition->snapshot.health.unique_questions);
}

void family_write_dropped(const struct family *family,
                          const struct exposition *exposition, struct metric_text *text)
{
    (void)family;
    write_whole(text, exposition->snapshot.overflown);
}

void family_write_pushes(const struct family *family, const struct exposition *exposition,
                         struct metric_text *text)
{
    const struct push_counts *pushes = &exposition->pushes;
    const struct metric_label ok = {"result", "ok"};
    const struct metric_label failed = {"result", "failed"};
    const struct metric_label skipped = {"result", "skipped"};

    (void)family;
    metric_text_whole(text, "", &ok, 1, pushes->ok);
    metric_text_whole(text, "", &failed, 1, pushes->failed);
    metric_text_whole(text, "", &skipped, 1, pushes->skipped);
}
