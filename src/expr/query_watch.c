#include "expr/query_watch.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

/* How often the thread looks. */
#define LOOK_NS UINT64_C(25000000)

struct query_watch {
    pthread_t thread;
    clockid_t
        clock; /* of the thread that evaluates: a machine that stands still takes none of it */
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t wake;
    bool ends;
    bool halted;
    jq_state *jq;      /* in evaluation; NULL: none */
    uint64_t number;   /* of that evaluation */
    uint64_t seen;     /* the number that the thread saw last … */
    uint64_t since_ns; /* … and the clock when it saw that first */
};

static uint64_t read_clock(clockid_t clock)
{
    struct timespec time = {0};

    (void)clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

static void look(struct query_watch *watch)
{
    const uint64_t now_ns = read_clock(watch->clock);

    if (!watch->jq || watch->halted)
        return;
    if (watch->seen != watch->number) {
        watch->seen = watch->number;
        watch->since_ns = now_ns;
    } else if (now_ns - watch->since_ns >= QUERY_WATCH_NS) {
        watch->halted = true;
        jq_halt(watch->jq, jv_invalid(), jv_invalid());
    }
}

static void *keep_looking(void *ctx)
{
    struct query_watch *watch = ctx;

    (void)pthread_mutex_lock(&watch->lock);
    while (!watch->ends) {
        struct timespec until;

        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += (long)LOOK_NS;
        until.tv_sec += until.tv_nsec / (long)NS_PER_S;
        until.tv_nsec %= (long)NS_PER_S;
        (void)pthread_cond_timedwait(&watch->wake, &watch->lock, &until);
        look(watch);
    }
    (void)pthread_mutex_unlock(&watch->lock);
    return NULL;
}

int query_watch_new(struct query_watch **ret_watch)
{
    struct query_watch *watch = calloc(1, sizeof(*watch));
    pthread_condattr_t monotonic;

    if (!watch)
        return -ENOMEM;
    if (pthread_getcpuclockid(pthread_self(), &watch->clock) != 0)
        watch->clock = CLOCK_MONOTONIC;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&watch->wake, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    (void)pthread_mutex_init(&watch->lock, NULL);
    if (pthread_create(&watch->thread, NULL, keep_looking, watch) != 0) {
        (void)pthread_cond_destroy(&watch->wake);
        (void)pthread_mutex_destroy(&watch->lock);
        free(watch);
        return -EAGAIN;
    }
    *ret_watch = watch;
    return 0;
}

struct query_watch *query_watch_free(struct query_watch *watch)
{
    if (!watch)
        return NULL;
    (void)pthread_mutex_lock(&watch->lock);
    watch->ends = true;
    (void)pthread_cond_signal(&watch->wake);
    (void)pthread_mutex_unlock(&watch->lock);
    (void)pthread_join(watch->thread, NULL);
    (void)pthread_cond_destroy(&watch->wake);
    (void)pthread_mutex_destroy(&watch->lock);
    free(watch);
    return NULL;
}

void query_watch_begin(struct query_watch *watch, jq_state *jq)
{
    (void)pthread_mutex_lock(&watch->lock);
    watch->jq = jq;
    watch->number++;
    watch->halted = false;
    (void)pthread_mutex_unlock(&watch->lock);
}

bool query_watch_end(struct query_watch *watch)
{
    (void)pthread_mutex_lock(&watch->lock);
    const bool halted = watch->halted;

    watch->jq = NULL;
    (void)pthread_mutex_unlock(&watch->lock);
    return halted;
}
