#include "engine/user_state.h"

#include <assert.h>
#include <stdint.h>

/* Of those who wait with nothing on its way: they can go at once. */
#define FREE_TO_GO [USER_EVENT_UNWANTED] = USER_ABSENT, [USER_EVENT_CUT] = USER_ABSENT

/* They are at their last things, and wanted again: that is seen to when they are done. */
#define WAITING(state)                                                                   \
    FREE_TO_GO, [USER_EVENT_WANTED] = (state), [USER_EVENT_CLOSE] = USER_STEPPING

/* The end of a request that nothing may follow, or only the last things. */
#define LAST_REQUEST                                                                     \
    [USER_EVENT_END] = USER_ABSENT, [USER_EVENT_AGAIN] = USER_ABSENT,                    \
    [USER_EVENT_CLOSE] = USER_STEPPING

/* Pairs that are not listed are 0, that is USER_REFUSED. */
static const uint8_t next_state[USER_STATE_COUNT][USER_EVENT_COUNT] = {
    [USER_ABSENT] = {FREE_TO_GO, [USER_EVENT_WANTED] = USER_STEPPING},
    [USER_STEPPING] = {[USER_EVENT_PAUSE] = USER_THINKING,
                       [USER_EVENT_ASK] = USER_QUEUED,
                       [USER_EVENT_FINISH] = USER_ABSENT},
    [USER_THINKING] = {WAITING(USER_THINKING), [USER_EVENT_TIMER] = USER_STEPPING},
    [USER_QUEUED] =
        {WAITING(USER_QUEUED), [USER_EVENT_GO] = USER_ASKING,
         [USER_EVENT_DELAY] = USER_BACKING_OFF, [USER_EVENT_UNSENT] = USER_BACKING_OFF,
         [USER_EVENT_FINISH] = USER_ABSENT},
    [USER_ASKING] = {[USER_EVENT_UNWANTED] = USER_LEAVING,
                     [USER_EVENT_CUT] = USER_CANCELLING,
                     [USER_EVENT_UNSENT] = USER_BACKING_OFF,
                     [USER_EVENT_AGAIN] = USER_BACKING_OFF,
                     [USER_EVENT_END] = USER_STEPPING},
    [USER_BACKING_OFF] = {WAITING(USER_BACKING_OFF), [USER_EVENT_TIMER] = USER_STEPPING},
    [USER_LEAVING] =
        {LAST_REQUEST, [USER_EVENT_WANTED] = USER_ASKING,
         [USER_EVENT_UNWANTED] = USER_LEAVING, [USER_EVENT_CUT] = USER_CANCELLING,
         [USER_EVENT_TIMER] = USER_CANCELLING},
    [USER_CANCELLING] =
        {LAST_REQUEST, [USER_EVENT_WANTED] = USER_CANCELLING,
         [USER_EVENT_UNWANTED] = USER_CANCELLING, [USER_EVENT_CUT] = USER_CANCELLING},
};

enum user_state user_next_state(enum user_state state, enum user_event event)
{
    assert(state < USER_STATE_COUNT && event < USER_EVENT_COUNT);
    return (enum user_state)next_state[state][event];
}

const char *user_state_name(enum user_state state)
{
    static const char *const names[USER_STATE_COUNT] = {
        [USER_REFUSED] = "refused",         [USER_ABSENT] = "absent",
        [USER_STEPPING] = "stepping",       [USER_THINKING] = "thinking",
        [USER_QUEUED] = "queued",           [USER_ASKING] = "asking",
        [USER_BACKING_OFF] = "backing off", [USER_LEAVING] = "leaving",
        [USER_CANCELLING] = "cancelling",
    };

    assert(state < USER_STATE_COUNT);
    return names[state];
}
