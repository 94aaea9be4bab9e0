#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/user_state.h"

struct expected {
    enum user_state state;
    enum user_event event;
    enum user_state next;
};

/* Written out pair by pair, so that a slip in the table's macros shows. */
static const struct expected expected[] = {
    {USER_ABSENT, USER_EVENT_WANTED, USER_STEPPING},
    {USER_ABSENT, USER_EVENT_UNWANTED, USER_ABSENT},
    {USER_ABSENT, USER_EVENT_CUT, USER_ABSENT},
    {USER_STEPPING, USER_EVENT_PAUSE, USER_THINKING},
    {USER_STEPPING, USER_EVENT_ASK, USER_QUEUED},
    {USER_STEPPING, USER_EVENT_FINISH, USER_ABSENT},
    {USER_THINKING, USER_EVENT_WANTED, USER_THINKING},
    {USER_THINKING, USER_EVENT_CLOSE, USER_STEPPING},
    {USER_THINKING, USER_EVENT_UNWANTED, USER_ABSENT},
    {USER_THINKING, USER_EVENT_CUT, USER_ABSENT},
    {USER_THINKING, USER_EVENT_TIMER, USER_STEPPING},
    {USER_QUEUED, USER_EVENT_WANTED, USER_QUEUED},
    {USER_QUEUED, USER_EVENT_CLOSE, USER_STEPPING},
    {USER_QUEUED, USER_EVENT_UNWANTED, USER_ABSENT},
    {USER_QUEUED, USER_EVENT_CUT, USER_ABSENT},
    {USER_QUEUED, USER_EVENT_GO, USER_ASKING},
    {USER_QUEUED, USER_EVENT_DELAY, USER_BACKING_OFF},
    {USER_QUEUED, USER_EVENT_FINISH, USER_ABSENT},
    {USER_QUEUED, USER_EVENT_UNSENT, USER_BACKING_OFF},
    {USER_ASKING, USER_EVENT_UNWANTED, USER_LEAVING},
    {USER_ASKING, USER_EVENT_CUT, USER_CANCELLING},
    {USER_ASKING, USER_EVENT_UNSENT, USER_BACKING_OFF},
    {USER_ASKING, USER_EVENT_END, USER_STEPPING},
    {USER_ASKING, USER_EVENT_AGAIN, USER_BACKING_OFF},
    {USER_BACKING_OFF, USER_EVENT_WANTED, USER_BACKING_OFF},
    {USER_BACKING_OFF, USER_EVENT_CLOSE, USER_STEPPING},
    {USER_BACKING_OFF, USER_EVENT_UNWANTED, USER_ABSENT},
    {USER_BACKING_OFF, USER_EVENT_CUT, USER_ABSENT},
    {USER_BACKING_OFF, USER_EVENT_TIMER, USER_STEPPING},
    {USER_LEAVING, USER_EVENT_WANTED, USER_ASKING},
    {USER_LEAVING, USER_EVENT_CLOSE, USER_STEPPING},
    {USER_LEAVING, USER_EVENT_UNWANTED, USER_LEAVING},
    {USER_LEAVING, USER_EVENT_CUT, USER_CANCELLING},
    {USER_LEAVING, USER_EVENT_TIMER, USER_CANCELLING},
    {USER_LEAVING, USER_EVENT_END, USER_ABSENT},
    {USER_LEAVING, USER_EVENT_AGAIN, USER_ABSENT},
    {USER_CANCELLING, USER_EVENT_WANTED, USER_CANCELLING},
    {USER_CANCELLING, USER_EVENT_CLOSE, USER_STEPPING},
    {USER_CANCELLING, USER_EVENT_UNWANTED, USER_CANCELLING},
    {USER_CANCELLING, USER_EVENT_CUT, USER_CANCELLING},
    {USER_CANCELLING, USER_EVENT_END, USER_ABSENT},
    {USER_CANCELLING, USER_EVENT_AGAIN, USER_ABSENT},
};

static enum user_state expected_next(enum user_state state, enum user_event event)
{
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        if (expected[i].state == state && expected[i].event == event)
            return expected[i].next;
    }
    return USER_REFUSED;
}

static void every_pair_leads_where_the_list_says(void **state)
{
    (void)state;
    for (enum user_state from = 0; from < USER_STATE_COUNT; from++) {
        for (enum user_event event = 0; event < USER_EVENT_COUNT; event++)
            assert_int_equal(user_next_state(from, event), expected_next(from, event));
    }
}

/* From whichever state, these events lead to ABSENT in so many steps at most. */
static void everybody_who_is_cut_off_is_gone_after_one_more_event(void **state)
{
    (void)state;
    for (enum user_state from = USER_ABSENT; from < USER_STATE_COUNT; from++) {
        enum user_state to = user_next_state(from, USER_EVENT_CUT);

        if (from == USER_STEPPING)
            continue; /* never seen from outside */
        if (to == USER_CANCELLING)
            to = user_next_state(to, USER_EVENT_END);
        assert_int_equal(to, USER_ABSENT);
    }
}

static void an_unwanted_user_starts_nothing_new(void **state)
{
    (void)state;
    for (enum user_state from = USER_ABSENT; from < USER_STATE_COUNT; from++) {
        const enum user_state to = user_next_state(from, USER_EVENT_UNWANTED);

        if (from == USER_STEPPING)
            continue;
        for (enum user_event event = 0; event < USER_EVENT_COUNT; event++) {
            const enum user_state next = user_next_state(to, event);

            if (event == USER_EVENT_WANTED || event == USER_EVENT_CLOSE)
                continue;
            assert_true(next == USER_REFUSED || next == USER_ABSENT ||
                        next == USER_LEAVING || next == USER_CANCELLING);
        }
    }
}

static void every_state_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (enum user_state one = 0; one < USER_STATE_COUNT; one++) {
        for (enum user_state two = 0; two < one; two++)
            assert_string_not_equal(user_state_name(one), user_state_name(two));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_leads_where_the_list_says),
        cmocka_unit_test(everybody_who_is_cut_off_is_gone_after_one_more_event),
        cmocka_unit_test(an_unwanted_user_starts_nothing_new),
        cmocka_unit_test(every_state_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests_name("user_state", tests, NULL, NULL);
}
