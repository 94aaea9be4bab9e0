#include "engine/uv_world.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"

struct uv_world {
    struct world world;
    uv_poll_t poll;
    int fd; /* the timerfd */
};

static struct uv_world *of_world(struct world *world)
{
    return (struct uv_world *)(void *)world;
}

static uint64_t now(struct world *world)
{
    (void)world;
    return clock_mono_ns();
}

static uint64_t wall(struct world *world)
{
    (void)world;
    return clock_wall_ns();
}

static void wake_at(struct world *world, uint64_t at_ns)
{
    /* All zero disarms; a moment that has passed fires at once. */
    struct itimerspec when = {0};

    if (at_ns != UINT64_MAX) {
        when.it_value.tv_sec = (time_t)(at_ns / NS_PER_S);
        when.it_value.tv_nsec = (long)(at_ns % NS_PER_S);
        if (at_ns == 0)
            when.it_value.tv_nsec = 1;
    }
    /* It can only fail for a bad descriptor or a bad time: programming errors. */
    (void)timerfd_settime(of_world(world)->fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct uv_world *world = poll->data;
    uint64_t expirations;

    (void)status;
    (void)events;
    /* Nothing to read: it was set anew since it fired. */
    if (read(world->fd, &expirations, sizeof(expirations)) != sizeof(expirations))
        return;
    if (world->world.on_wake)
        world->world.on_wake(world->world.on_wake_ctx, clock_mono_ns());
}

int uv_world_new(uv_loop_t *loop, struct transport *transport,
                 struct uv_world **ret_world)
{
    static const struct world_ops ops = {.now = now, .wall = wall, .wake_at = wake_at};
    struct uv_world *world = malloc(sizeof(*world));
    int r;

    if (!world)
        return -ENOMEM;
    *world = (struct uv_world){
        .world = {.ops = &ops, .transport = transport},
        .fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
    };
    if (world->fd < 0) {
        r = -errno;
        free(world);
        return r;
    }
    r = uv_poll_init(loop, &world->poll, world->fd);
    if (r < 0) {
        (void)close(world->fd);
        free(world);
        return r;
    }
    world->poll.data = world;
    r = uv_poll_start(&world->poll, UV_READABLE, on_readable);
    if (r < 0) {
        uv_world_close(world);
        return r;
    }
    *ret_world = world;
    return 0;
}

struct world *uv_world_as_world(struct uv_world *world)
{
    return &world->world;
}

static void on_closed(uv_handle_t *handle)
{
    struct uv_world *world = handle->data;

    (void)close(world->fd);
    free(world);
}

void uv_world_close(struct uv_world *world)
{
    uv_close((uv_handle_t *)&world->poll, on_closed);
}
