#include "measure/run_view.h"

#include <assert.h>

#include "base/cleanup.h"

static const char *const state_names[] = {
    [RUN_STARTING] = "starting", [RUN_LOADING] = "loading", [RUN_PAUSED] = "paused",
    [RUN_STOPPING] = "stopping", [RUN_DONE] = "done",
};

static const char *const reason_names[] = {
    [STOP_NONE] = "running",        [STOP_COMPLETED] = "completed",
    [STOP_DURATION] = "duration",   [STOP_REQUESTS] = "requests",
    [STOP_COST] = "cost",           [STOP_ERROR_RATE] = "error_rate",
    [STOP_THRESHOLD] = "threshold", [STOP_SIGNAL] = "signal",
    [STOP_ASKED] = "asked",         [STOP_ERROR] = "error",
    [STOP_SCENARIO] = "scenario",   [STOP_BY_HAND] = "by_hand",
};

const char *run_state_name(enum run_state state)
{
    assert(state < COUNT_OF(state_names));
    return state_names[state];
}

const char *stop_reason_name(enum stop_reason reason)
{
    assert(reason < COUNT_OF(reason_names));
    return reason_names[reason];
}
