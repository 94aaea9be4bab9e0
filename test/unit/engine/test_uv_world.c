#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <uv.h>

#include "base/clock.h"
#include "engine/uv_world.h"

#define MS(ms) ((uint64_t)(ms) * NS_PER_MS)
#define WAKES 50

struct waking {
    struct uv_world *world;
    uint64_t asked_ns;
    uint64_t early;
    int left;
};

/* Each wake-up asks for the next one, a little later. */
static void on_wake(void *ctx, uint64_t now_ns)
{
    struct waking *waking = ctx;
    struct world *world = uv_world_as_world(waking->world);

    waking->early += now_ns < waking->asked_ns;
    if (waking->left-- == 0) {
        uv_world_close(waking->world);
        return;
    }
    waking->asked_ns = now_ns + MS(1) / 3;
    world->ops->wake_at(world, waking->asked_ns);
}

static void wake(uv_loop_t *loop, struct waking *waking)
{
    struct world *world;

    assert_int_equal(uv_loop_init(loop), 0);
    assert_int_equal(uv_world_new(loop, NULL, &waking->world), 0);
    world = uv_world_as_world(waking->world);
    world->on_wake = on_wake;
    world->on_wake_ctx = waking;
}

static void wake_ups_come_and_never_early(void **state)
{
    struct waking waking = {.left = WAKES};
    uv_loop_t loop;
    struct world *world;

    (void)state;
    wake(&loop, &waking);
    world = uv_world_as_world(waking.world);
    waking.asked_ns = world->ops->now(world) + MS(2);
    world->ops->wake_at(world, waking.asked_ns);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(waking.left, -1);
    assert_int_equal(waking.early, 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void a_moment_that_has_passed_wakes_at_once(void **state)
{
    struct waking waking = {0};
    uv_loop_t loop;
    struct world *world;

    (void)state;
    wake(&loop, &waking);
    world = uv_world_as_world(waking.world);
    world->ops->wake_at(world, 0);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(waking.left, -1);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void the_last_moment_asked_for_counts(void **state)
{
    struct waking waking = {0};
    uv_loop_t loop;
    struct world *world;

    (void)state;
    wake(&loop, &waking);
    world = uv_world_as_world(waking.world);
    world->ops->wake_at(world, 0);
    world->ops->wake_at(world, UINT64_MAX);
    (void)uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(waking.left, 0);
    waking.asked_ns = world->ops->now(world) + MS(5);
    world->ops->wake_at(world, waking.asked_ns + MS(60000));
    world->ops->wake_at(world, waking.asked_ns);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(waking.early, 0);
    assert_true(clock_mono_ns() < waking.asked_ns + MS(30000));
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wake_ups_come_and_never_early),
        cmocka_unit_test(a_moment_that_has_passed_wakes_at_once),
        cmocka_unit_test(the_last_moment_asked_for_counts),
    };

    return cmocka_run_group_tests_name("uv_world", tests, NULL, NULL);
}
