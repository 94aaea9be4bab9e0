#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/rng.h"
#include "net/deadline.h"

#define COUNT 200

struct alarm {
    struct deadline deadline;
    uint64_t fired_ns;
    unsigned times;
};

struct scene {
    struct deadline_wheel wheel;
    uint64_t now_ns;
    struct alarm alarms[COUNT];
    struct alarm *again;  /* set anew when it fires, NULL: none */
    struct alarm *victim; /* cleared when any other fires, NULL: none */
};

static void on_fire(void *ctx, struct deadline *deadline)
{
    struct scene *scene = ctx;
    struct alarm *alarm = LIST_ENTRY(deadline, struct alarm, deadline);

    assert_true(deadline->due_ns <= scene->now_ns);
    alarm->fired_ns = scene->now_ns;
    alarm->times++;
    if (alarm == scene->again)
        deadline_set(&scene->wheel, deadline, scene->now_ns + NS_PER_S);
    if (scene->victim)
        deadline_clear(&scene->wheel, &scene->victim->deadline);
}

static void scene_init(struct scene *scene)
{
    *scene = (struct scene){.now_ns = 12345 * NS_PER_MS};
    deadline_wheel_init(&scene->wheel, scene->now_ns);
    for (size_t i = 0; i < COUNT; i++)
        deadline_init(&scene->alarms[i].deadline);
}

static void advance(struct scene *scene, uint64_t step_ns)
{
    scene->now_ns += step_ns;
    deadline_expire(&scene->wheel, scene->now_ns, on_fire, scene);
}

static void each_fires_once_never_early_and_a_grain_late_at_most(void **state)
{
    static struct scene scene;
    struct rng rng;

    (void)state;
    scene_init(&scene);
    rng_init(&rng, 1, 0, 0, RNG_TEST);
    for (size_t i = 0; i < COUNT; i++)
        deadline_set(&scene.wheel, &scene.alarms[i].deadline,
                     scene.now_ns + rng_below(&rng, 20 * NS_PER_S));
    assert_int_equal(scene.wheel.count, COUNT);
    for (unsigned i = 0; i < 2100; i++)
        advance(&scene, 10 * NS_PER_MS);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(scene.alarms[i].times, 1);
        assert_in_range(scene.alarms[i].fired_ns, scene.alarms[i].deadline.due_ns,
                        scene.alarms[i].deadline.due_ns + DEADLINE_GRAIN_NS +
                            10 * NS_PER_MS);
    }
    assert_int_equal(scene.wheel.count, 0);
}

static void after_a_long_stall_all_that_is_due_fires_at_once(void **state)
{
    static struct scene scene;

    (void)state;
    scene_init(&scene);
    for (size_t i = 0; i < COUNT; i++)
        deadline_set(&scene.wheel, &scene.alarms[i].deadline,
                     scene.now_ns + i * NS_PER_S);
    advance(&scene, 100 * NS_PER_S);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(scene.alarms[i].times, i <= 100);
}

static void a_cleared_or_moved_one_does_not_fire_at_its_old_time(void **state)
{
    static struct scene scene;

    (void)state;
    scene_init(&scene);
    deadline_clear(&scene.wheel, &scene.alarms[0].deadline);
    deadline_set(&scene.wheel, &scene.alarms[0].deadline, scene.now_ns + NS_PER_S);
    deadline_set(&scene.wheel, &scene.alarms[1].deadline, scene.now_ns + NS_PER_S);
    deadline_set(&scene.wheel, &scene.alarms[1].deadline, scene.now_ns + 3 * NS_PER_S);
    deadline_clear(&scene.wheel, &scene.alarms[0].deadline);
    advance(&scene, 2 * NS_PER_S);
    assert_int_equal(scene.alarms[0].times + scene.alarms[1].times, 0);
    assert_int_equal(scene.wheel.count, 1);
    advance(&scene, 2 * NS_PER_S);
    assert_int_equal(scene.alarms[1].times, 1);
}

static void a_callback_may_set_its_own_and_clear_another(void **state)
{
    static struct scene scene;

    (void)state;
    scene_init(&scene);
    scene.again = &scene.alarms[0];
    scene.victim = &scene.alarms[1];
    deadline_set(&scene.wheel, &scene.alarms[0].deadline, scene.now_ns);
    deadline_set(&scene.wheel, &scene.alarms[1].deadline, scene.now_ns);
    advance(&scene, NS_PER_S / 2);
    assert_int_equal(scene.alarms[0].times, 1);
    assert_int_equal(scene.alarms[1].times, 0);
    advance(&scene, 2 * NS_PER_S);
    assert_int_equal(scene.alarms[0].times, 2);
    assert_int_equal(scene.wheel.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fires_once_never_early_and_a_grain_late_at_most),
        cmocka_unit_test(after_a_long_stall_all_that_is_due_fires_at_once),
        cmocka_unit_test(a_cleared_or_moved_one_does_not_fire_at_its_old_time),
        cmocka_unit_test(a_callback_may_set_its_own_and_clear_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
