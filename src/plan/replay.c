#include "plan/replay.h"

#include <string.h>

#include "plan/plan.h"

static bool are_alike(const char *one, const char *other)
{
    return one && other ? strcmp(one, other) == 0 : one == other;
}

bool plan_replays_alike(const struct plan *one, const struct plan *other)
{
    const struct plan_replay *left = &one->replay;
    const struct plan_replay *right = &other->replay;

    return are_alike(left->path, right->path) && are_alike(left->origin, right->origin) &&
           left->format == right->format && left->time_scale == right->time_scale &&
           left->from_ns == right->from_ns && left->for_ns == right->for_ns &&
           left->limit_entries == right->limit_entries &&
           left->skip_bad_rows == right->skip_bad_rows;
}
