#include "cli/session_control.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "cli/descriptors.h"
#include "measure/recorder.h"
#include "plan/load.h"

#define TEXT_BYTES 80

/* A resume and a stop must always be possible: their places are kept. */
#define KEPT_ROOM 2

/* As many as are told apart in results, of one worker. */
#define USERS_MAX RECORDER_USERS

void session_control_init(struct session_control *control,
                          const struct session_control_options *options)
{
    *control = (struct session_control){.options = *options};
}

static bool has_room(const struct session_control *control)
{
    return run_marks_room(control->options.marks) > KEPT_ROOM;
}

/* Notes what the engine has done, or forwards why it has not. */
static int conclude(struct session_control *control, int r, const char *text)
{
    return r < 0 ? r
                 : control->options.note(control->options.ctx, RUN_MARK_CONTROL, text);
}

/* Returns 0 where the load may be changed and that can be noted. */
static int check(const struct session_control *control)
{
    if (control->options.is_driven)
        return -EPERM;
    return has_room(control) ? 0 : -ENOSPC;
}

/* Whether this machine can have this worker's share of so many. */
static bool are_possible(const struct session_control *control, uint64_t users)
{
    const uint64_t share = users / control->options.workers;
    const int64_t allowed = descriptors_raise();

    return share <= USERS_MAX &&
           (allowed < 0 || descriptors_needed(share) <= (uint64_t)allowed);
}

static int set_users(void *ctx, uint64_t users)
{
    struct session_control *control = ctx;
    char text[TEXT_BYTES];
    int r = check(control);

    if (r == 0 && !are_possible(control, users))
        r = -ERANGE;
    if (r == 0)
        r = control->options.engine.set_users(control->options.engine.ctx, users);
    (void)snprintf(text, sizeof(text), "users set to %" PRIu64 " from the live page",
                   users);
    return conclude(control, r, text);
}

static int set_rate(void *ctx, double rate_per_s)
{
    struct session_control *control = ctx;
    char text[TEXT_BYTES];
    int r = check(control);

    if (r == 0 && rate_per_s > PLAN_RATE_MOST_PER_S)
        r = -ERANGE;
    if (r == 0)
        r = control->options.engine.set_rate(control->options.engine.ctx, rate_per_s);
    (void)snprintf(text, sizeof(text), "rate set to %.6g/s from the live page",
                   rate_per_s);
    return conclude(control, r, text);
}

static int pause_run(void *ctx)
{
    struct session_control *control = ctx;
    int r = check(control);

    if (r == 0)
        r = control->options.engine.pause(control->options.engine.ctx);
    control->is_paused = control->is_paused || r == 0;
    return conclude(control, r, "paused from the live page");
}

static int resume_run(void *ctx)
{
    struct session_control *control = ctx;
    int r = control->options.is_driven ? -EPERM : 0;

    if (r == 0 && !control->is_paused && !has_room(control))
        r = -ENOSPC;
    if (r == 0)
        r = control->options.engine.resume(control->options.engine.ctx);
    control->is_paused = control->is_paused && r < 0;
    return conclude(control, r, "resumed from the live page");
}

static int stop(void *ctx, enum stop_reason reason)
{
    struct session_control *control = ctx;

    return conclude(control,
                    control->options.engine.stop(control->options.engine.ctx, reason),
                    "stopped from the live page");
}

static int mark(void *ctx, const char *text)
{
    struct session_control *control = ctx;

    return has_room(control)
               ? control->options.note(control->options.ctx, RUN_MARK_NOTE, text)
               : -ENOSPC;
}

struct run_control session_control_of(struct session_control *control)
{
    return (struct run_control){.ctx = control,
                                .set_users = set_users,
                                .set_rate = set_rate,
                                .pause = pause_run,
                                .resume = resume_run,
                                .stop = stop,
                                .mark = mark};
}
