#include <errno.h>
#include <netdb.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "caller.h"

#define HUNG_S 20

/* Whoever asks for a name waits until it is posted, but not for ever. */
static sem_t name_server;
static atomic_int waiting;

/* In the place of libc's, as libcurl's threads call it: a name server that hangs. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret_list)
{
    struct timespec until;

    (void)name;
    (void)service;
    (void)hints;
    (void)ret_list;
    atomic_fetch_add(&waiting, 1);
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += HUNG_S;
    while (sem_timedwait(&name_server, &until) < 0 && errno == EINTR)
        ;
    atomic_fetch_sub(&waiting, 1);
    return EAI_AGAIN;
}

static bool answer(void *ctx, const struct asked *asked)
{
    (void)ctx;
    answer_text(asked->fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    return true;
}

/* The loop of everybody must not stand still until a name server that hangs has answered. */
static void who_gives_up_on_a_name_holds_nobody_up(void **state)
{
    struct bench bench;
    struct call hung;
    struct call other;

    (void)state;
    bench_open(&bench, answer, NULL, NULL, 1);
    call_init(&hung, &bench, "/", 0);
    (void)snprintf(hung.url, sizeof(hung.url), "http://name-server-that-hangs.invalid/");
    hung.request.total_timeout_ns = 50 * NS_PER_MS;
    call_start(&hung);
    bench_wait(&bench);
    assert_int_equal(hung.result.end, TRANSFER_TOTAL_TIMEOUT);
    assert_int_equal(atomic_load(&waiting), 1);

    call_run(&other, &bench, "/", 1);
    assert_int_equal(other.status, 200);
    assert_int_equal(atomic_load(&waiting), 1);
    bench_close(&bench);
    assert_int_equal(atomic_load(&waiting), 1);

    assert_int_equal(sem_post(&name_server), 0);
    while (atomic_load(&waiting) > 0)
        (void)nanosleep(&(struct timespec){.tv_nsec = NS_PER_MS}, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_gives_up_on_a_name_holds_nobody_up),
    };

    if (sem_init(&name_server, 0, 0) < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
