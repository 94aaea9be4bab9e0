#include "engine/schedule.h"

#include <errno.h>
#include <stdlib.h>

#include "plan/plan.h"

static size_t phase_count(const struct schedule *schedule)
{
    return schedule->planned_count + schedule->added_count;
}

static const struct plan_phase *phase_at(const struct schedule *schedule, size_t index)
{
    return index < schedule->planned_count
               ? &schedule->planned[index]
               : &schedule->added[index - schedule->planned_count];
}

void schedule_init(struct schedule *schedule, const struct plan *plan)
{
    *schedule =
        (struct schedule){.planned = plan->phases, .planned_count = plan->phase_count};
}

void schedule_deinit(struct schedule *schedule)
{
    free(schedule->added);
    *schedule = (struct schedule){0};
}

void schedule_close(struct schedule *schedule)
{
    schedule->planned_count = 0;
    schedule->over = true;
}

void schedule_start(struct schedule *schedule, uint64_t now_ns)
{
    schedule->zero_ns = now_ns;
}

int schedule_append(struct schedule *schedule, const struct plan_phase *phase)
{
    const size_t count = phase_count(schedule);

    if (schedule->over)
        return -EINVAL;
    if (schedule->added_count == schedule->added_cap) {
        const size_t cap = schedule->added_cap ? schedule->added_cap * 2 : 8;
        struct plan_phase *added =
            reallocarray(schedule->added, cap, sizeof(*schedule->added));

        if (!added)
            return -ENOMEM;
        schedule->added = added;
        schedule->added_cap = cap;
    }
    schedule->added[schedule->added_count] = *phase;
    schedule->added[schedule->added_count].from_users =
        count > 0 ? plan_phase_end_users(phase_at(schedule, count - 1)) : 0;
    schedule->added[schedule->added_count].from_rate_per_s =
        count > 0 ? plan_phase_end_rate(phase_at(schedule, count - 1)) : 0;
    schedule->added_count++;
    return 0;
}

int schedule_leave(struct schedule *schedule, uint64_t now_ns)
{
    const uint64_t at_ns = schedule_elapsed_ns(schedule, now_ns);
    const uint64_t cursor_ns = schedule->phase_start_ns + schedule->offset_ns;

    if (!schedule->entered || schedule->over)
        return -EINVAL;
    /* Never before what was told already. */
    schedule->left = true;
    schedule->left_at_ns = at_ns > cursor_ns ? at_ns : cursor_ns;
    return 0;
}

/* With set_users only the phases' ends are changes: the curve is not followed. */
static void look_ahead(struct schedule *schedule)
{
    const struct plan_phase *phase = phase_at(schedule, schedule->index);

    schedule->next_offset_ns =
        schedule->asked ? phase->duration_ns
                        : plan_phase_next_change_ns(phase, schedule->offset_ns);
}

static void enter_phase(struct schedule *schedule, size_t index)
{
    schedule->index = index;
    schedule->entered = true;
    schedule->offset_ns = 0;
    schedule->over = index == phase_count(schedule);
    if (schedule->over)
        return;
    schedule->users = plan_phase_users_at(phase_at(schedule, index), 0);
    look_ahead(schedule);
}

uint64_t schedule_next_ns(const struct schedule *schedule)
{
    if (schedule->paused || schedule->over)
        return UINT64_MAX;
    if (schedule->asked_pending)
        return schedule->asked_at_ns;
    if (schedule->moved)
        return schedule->moved_at_ns;
    if (schedule->left)
        return schedule->zero_ns + schedule->left_at_ns;
    return schedule->zero_ns + schedule->phase_start_ns + schedule->next_offset_ns;
}

bool schedule_step(struct schedule *schedule, uint64_t now_ns,
                   struct schedule_change *ret_change)
{
    struct schedule_change change = {.at_ns = schedule_next_ns(schedule)};

    if (change.at_ns > now_ns || schedule->paused || schedule->over)
        return false;
    if (schedule->asked_pending) {
        schedule->asked_pending = false;
    } else if (schedule->moved) {
        schedule->moved = false;
        change.entered = true;
    } else if (!schedule->entered) {
        enter_phase(schedule, 0);
        change.entered = !schedule->over;
    } else if (schedule->left) {
        schedule->left = false;
        schedule->phase_start_ns = schedule->left_at_ns;
        enter_phase(schedule, schedule->index + 1);
        change.entered = !schedule->over;
    } else if (schedule->next_offset_ns <
               phase_at(schedule, schedule->index)->duration_ns) {
        schedule->offset_ns = schedule->next_offset_ns;
        schedule->users =
            plan_phase_users_at(phase_at(schedule, schedule->index), schedule->offset_ns);
        look_ahead(schedule);
    } else {
        schedule->phase_start_ns += schedule->next_offset_ns;
        enter_phase(schedule, schedule->index + 1);
        change.entered = !schedule->over;
    }
    change.over = schedule->over;
    change.users = schedule->asked ? schedule->users_asked : schedule->users;
    *ret_change = change;
    return true;
}

void schedule_pause(struct schedule *schedule, uint64_t now_ns)
{
    if (schedule->paused)
        return;
    schedule->paused = true;
    schedule->paused_at_ns = now_ns;
}

void schedule_resume(struct schedule *schedule, uint64_t now_ns)
{
    if (!schedule->paused)
        return;
    schedule->paused = false;
    schedule->zero_ns += now_ns - schedule->paused_at_ns;
    /* What was asked for meanwhile comes now: nobody is late for having waited. */
    if (schedule->asked_pending && schedule->asked_at_ns < now_ns)
        schedule->asked_at_ns = now_ns;
    if (schedule->moved && schedule->moved_at_ns < now_ns)
        schedule->moved_at_ns = now_ns;
}

void schedule_set_users(struct schedule *schedule, uint64_t users, uint64_t now_ns)
{
    schedule->users_asked = users;
    schedule->asked = true;
    schedule->asked_pending = true;
    schedule->asked_at_ns = now_ns;
    if (schedule->entered && !schedule->over)
        look_ahead(schedule);
}

int schedule_follow(struct schedule *schedule, const struct plan *plan, uint64_t now_ns)
{
    const uint64_t at_ns = schedule_elapsed_ns(schedule, now_ns);
    const struct plan_phase *phase;

    if (schedule->over || schedule->added_count > 0 || plan->phase_count == 0)
        return -EINVAL;
    schedule->planned = plan->phases;
    schedule->planned_count = plan->phase_count;
    if (!schedule->entered)
        return 0;
    schedule->index = 0;
    schedule->phase_start_ns = 0;
    phase = phase_at(schedule, 0);
    while (schedule->index + 1 < schedule->planned_count &&
           at_ns >= schedule->phase_start_ns + phase->duration_ns) {
        schedule->phase_start_ns += phase->duration_ns;
        phase = phase_at(schedule, ++schedule->index);
    }
    schedule->offset_ns = at_ns - schedule->phase_start_ns;
    schedule->moved = true;
    schedule->moved_at_ns = schedule->zero_ns + at_ns;
    if (schedule->offset_ns < phase->duration_ns) {
        schedule->users = plan_phase_users_at(phase, schedule->offset_ns);
        look_ahead(schedule);
    } else { /* past its end: that is the next change */
        schedule->users = plan_phase_end_users(phase);
        schedule->next_offset_ns = phase->duration_ns;
    }
    return 0;
}

const struct plan_phase *schedule_phase(const struct schedule *schedule)
{
    if (!schedule->entered || schedule->over)
        return NULL;
    return phase_at(schedule, schedule->index);
}

const struct plan_phase *schedule_last_phase(const struct schedule *schedule)
{
    const size_t count = phase_count(schedule);

    return count > 0 ? phase_at(schedule, count - 1) : NULL;
}

double schedule_rate(const struct schedule *schedule, uint64_t now_ns)
{
    const struct plan_phase *phase = schedule_phase(schedule);

    if (!phase || schedule->paused)
        return 0;
    return plan_phase_rate_at(phase, phase->duration_ns -
                                         schedule_phase_left_ns(schedule, now_ns));
}

uint64_t schedule_moment_ns(const struct schedule *schedule, uint64_t load_ns)
{
    return schedule->zero_ns + load_ns;
}

uint64_t schedule_elapsed_ns(const struct schedule *schedule, uint64_t now_ns)
{
    const uint64_t at_ns = schedule->paused ? schedule->paused_at_ns : now_ns;

    return at_ns > schedule->zero_ns ? at_ns - schedule->zero_ns : 0;
}

uint64_t schedule_phase_left_ns(const struct schedule *schedule, uint64_t now_ns)
{
    const struct plan_phase *phase = schedule_phase(schedule);
    const uint64_t elapsed_ns = schedule_elapsed_ns(schedule, now_ns);

    if (!phase || elapsed_ns >= schedule->phase_start_ns + phase->duration_ns)
        return 0;
    return schedule->phase_start_ns + phase->duration_ns - elapsed_ns;
}

uint64_t schedule_left_ns(const struct schedule *schedule, uint64_t now_ns)
{
    uint64_t left_ns = schedule_phase_left_ns(schedule, now_ns);

    for (size_t i = schedule->index + (schedule->entered ? 1 : 0);
         i < phase_count(schedule); i++)
        left_ns += phase_at(schedule, i)->duration_ns;
    return left_ns;
}
