#include "simulator/pacer.h"

#include <assert.h>
#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"

/* Timers that fire before the sockets get their turn again. */
#define FIRES_PER_TURN 256
/* No deadline: the timerfd has to be set whatever comes first. */
#define ARMED_UNKNOWN UINT64_MAX

/* Points the timerfd at the earliest deadline; a deadline in the past fires at once. */
static void arm(struct pacer *pacer)
{
    const struct heap_node *first = heap_first(&pacer->deadlines);
    const uint64_t due_ns = !first ? 0 : first->key > 0 ? first->key : 1;
    const struct itimerspec when = {.it_value = {.tv_sec = (time_t)(due_ns / NS_PER_S),
                                                 .tv_nsec = (long)(due_ns % NS_PER_S)}};

    if (due_ns == pacer->armed_ns)
        return;
    pacer->armed_ns = due_ns;
    (void)timerfd_settime(pacer->fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void fire(struct pacer *pacer, struct heap_node *node, uint64_t now_ns)
{
    struct pacer_timer *timer = HEAP_ENTRY(node, struct pacer_timer, node);
    const uint64_t late_ns = now_ns - node->key;

    pacer->late_count += late_ns > PACER_LATE_NS;
    if (late_ns > pacer->worst_late_ns)
        pacer->worst_late_ns = late_ns;
    /*
     * The node stays in its place, since most timers are set again at once, which then is one
     * move. simulator_pacer_set() and simulator_pacer_clear() take `firing` away: after them the timer may be gone.
     */
    pacer->firing = timer;
    timer->fn(timer, now_ns);
    if (pacer->firing == timer)
        heap_remove(&pacer->deadlines, node);
    pacer->firing = NULL;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct pacer *pacer = poll->data;
    uint64_t now_ns = clock_mono_ns();

    (void)status;
    (void)events;
    /* Nothing is read: arm() sets the time anew below, which also empties the timerfd. */
    pacer->armed_ns = ARMED_UNKNOWN;
    pacer->is_running = true;
    for (int count = 0; count < FIRES_PER_TURN; count++) {
        struct heap_node *first = heap_first(&pacer->deadlines);

        if (!first)
            break;
        if (first->key > now_ns) {
            now_ns = clock_mono_ns();
            if (first->key > now_ns)
                break;
        }
        fire(pacer, first, now_ns);
    }
    pacer->is_running = false;
    arm(pacer);
}

int simulator_pacer_init(struct pacer *pacer, uv_loop_t *loop)
{
    int r;

    *pacer =
        (struct pacer){.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)};
    if (pacer->fd < 0)
        return -errno;
    r = uv_poll_init(loop, &pacer->poll, pacer->fd);
    if (r < 0) {
        close(pacer->fd);
        return r;
    }
    pacer->poll.data = pacer;
    return uv_poll_start(&pacer->poll, UV_READABLE, on_readable);
}

static void on_closed(uv_handle_t *handle)
{
    struct pacer *pacer = handle->data;

    close(pacer->fd);
    heap_deinit(&pacer->deadlines);
    if (pacer->closed)
        pacer->closed(pacer->closed_ctx);
}

void simulator_pacer_close(struct pacer *pacer, simulator_pacer_closed_fn *closed,
                           void *ctx)
{
    pacer->closed = closed;
    pacer->closed_ctx = ctx;
    while (heap_first(&pacer->deadlines))
        heap_remove(&pacer->deadlines, heap_first(&pacer->deadlines));
    uv_close((uv_handle_t *)&pacer->poll, on_closed);
}

int simulator_pacer_reserve(struct pacer *pacer, size_t count)
{
    const size_t cap = pacer->deadlines.cap;

    if (count <= cap)
        return 0;
    return heap_reserve(&pacer->deadlines, count > 2 * cap ? count : 2 * cap);
}

void simulator_pacer_set(struct pacer *pacer, struct pacer_timer *timer, uint64_t due_ns)
{
    if (pacer->firing == timer)
        pacer->firing = NULL;
    if (timer->node.place != 0) {
        heap_move(&pacer->deadlines, &timer->node, due_ns);
    } else {
        const int r = heap_insert(&pacer->deadlines, &timer->node, due_ns);

        assert(r == 0);
        (void)r;
    }
    if (!pacer->is_running)
        arm(pacer);
}

void simulator_pacer_clear(struct pacer *pacer, struct pacer_timer *timer)
{
    if (pacer->firing == timer)
        pacer->firing = NULL;
    heap_remove(&pacer->deadlines, &timer->node);
}
