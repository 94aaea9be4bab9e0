#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stage.h"

static void one_user_asks_hears_thinks_and_asks_again(void **state)
{
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(10));
    stage_open(&stage);
    stage_finish(&stage);
    /* Each round takes 1.03 s; the tenth begins at 9.27 s. */
    assert_int_equal(stage.samples, 10);
    assert_int_equal(stage.outcomes[OUTCOME_OK], 10);
    assert_int_equal(stage.done_ns, S(10));
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_user_asks_hears_thinks_and_asks_again),
    };

    return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
