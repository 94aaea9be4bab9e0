#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/rng.h"
#include "caller.h"

#define USERS 7
#define CONNECTIONS 200

/* What the server saw: who spoke on which connection. Its threads share it under the lock. */
struct ledger {
    pthread_mutex_t lock;
    bool used[CONNECTIONS][USERS];
    unsigned at_once; /* connections with a request in hand */
    unsigned most_at_once;
};

/* The path names the user: /user/3. */
static bool note_user(void *ctx, const struct asked *asked)
{
    struct ledger *ledger = ctx;
    const unsigned long user = strtoul(asked->path + strlen("/user/"), NULL, 10);

    (void)pthread_mutex_lock(&ledger->lock);
    if (asked->connection < CONNECTIONS && user < USERS)
        ledger->used[asked->connection][user] = true;
    ledger->at_once++;
    if (ledger->at_once > ledger->most_at_once)
        ledger->most_at_once = ledger->at_once;
    ledger->at_once--;
    (void)pthread_mutex_unlock(&ledger->lock);
    answer_text(asked->fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    return true;
}

static unsigned users_of(const struct ledger *ledger, unsigned connection)
{
    unsigned count = 0;

    for (unsigned user = 0; user < USERS; user++)
        count += ledger->used[connection][user];
    return count;
}

static void start_user(struct call *call, struct bench *bench, uint64_t user)
{
    char path[32];

    (void)snprintf(path, sizeof(path), "/user/%u", (unsigned)user);
    call_init(call, bench, path, user);
    call_start(call);
}

/* Many rounds in which some users ask at once, in changing company. */
static void ask_around(struct bench *bench)
{
    struct rng rng;

    rng_init(&rng, 1, 0, 0, RNG_TEST);
    for (unsigned round = 0; round < 60; round++) {
        struct call calls[USERS];
        bool asks[USERS];

        for (unsigned user = 0; user < USERS; user++) {
            asks[user] = rng_below(&rng, 2) == 1;
            if (asks[user])
                start_user(&calls[user], bench, user);
        }
        bench_wait(bench);
        for (unsigned user = 0; user < USERS; user++)
            if (asks[user])
                assert_int_equal(calls[user].result.end, TRANSFER_COMPLETE);
    }
}

static void with_reuse_user_no_other_user_takes_a_connection(void **state)
{
    const struct connection_policy policy = {.reuse = CONNECTION_REUSE_USER};
    struct ledger ledger = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct curl_transport_stats stats;
    struct bench bench;

    (void)state;
    bench_open(&bench, note_user, &ledger, &policy, 1);
    ask_around(&bench);
    assert_int_equal(scripted_server_connections(bench.server), USERS);
    for (unsigned i = 0; i < USERS; i++)
        assert_int_equal(users_of(&ledger, i), 1);
    curl_transport_stats(bench.transport, &stats);
    assert_int_equal(stats.connections_open, USERS);
    assert_int_equal(stats.connections_peak, USERS);
    assert_int_equal(stats.strange_reuses, 0);
    bench_close(&bench);
}

static void with_reuse_pool_users_of_a_shard_share_connections(void **state)
{
    const struct connection_policy policy = {.reuse = CONNECTION_REUSE_POOL};
    struct ledger ledger = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct bench bench;
    unsigned most = 0;

    (void)state;
    bench_open(&bench, note_user, &ledger, &policy, 1);
    ask_around(&bench);
    assert_in_range(scripted_server_connections(bench.server), 1, USERS);
    for (unsigned i = 0; i < USERS; i++)
        if (users_of(&ledger, i) > most)
            most = users_of(&ledger, i);
    assert_true(most > 1);
    bench_close(&bench);
}

static void with_reuse_none_each_request_has_its_own_connection(void **state)
{
    const struct connection_policy policy = {.reuse = CONNECTION_REUSE_NONE};
    struct ledger ledger = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct curl_transport_stats stats;
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, note_user, &ledger, &policy, 2);
    for (unsigned i = 0; i < 10; i++) {
        start_user(&call, &bench, 0);
        bench_wait(&bench);
        assert_int_equal(call.result.end, TRANSFER_COMPLETE);
        assert_false(call.result.reused);
        assert_int_not_equal(call.result.rtt_min_ns, 0);
    }
    assert_int_equal(scripted_server_connections(bench.server), 10);
    curl_transport_stats(bench.transport, &stats);
    assert_int_equal(stats.connections_opened, 10);
    assert_int_equal(stats.connections_open, 0);
    bench_close(&bench);
}

static void check_limit(enum connection_reuse reuse, uint32_t shards)
{
    const struct connection_policy policy = {.reuse = reuse, .max_connections = 3};
    struct ledger ledger = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct curl_transport_stats stats;
    struct bench bench;

    bench_open(&bench, note_user, &ledger, &policy, shards);
    ask_around(&bench);
    curl_transport_stats(bench.transport, &stats);
    assert_in_range(stats.connections_peak, 1, 3);
    assert_in_range(ledger.most_at_once, 1, 3);
    if (reuse == CONNECTION_REUSE_USER)
        for (unsigned i = 0; i < scripted_server_connections(bench.server); i++)
            assert_int_equal(users_of(&ledger, i), 1);
    bench_close(&bench);
}

static void the_limit_of_connections_holds_over_all_shards(void **state)
{
    (void)state;
    check_limit(CONNECTION_REUSE_POOL, 1);
    check_limit(CONNECTION_REUSE_POOL, 2);
    check_limit(CONNECTION_REUSE_POOL, 64);
    check_limit(CONNECTION_REUSE_USER, 1);
    check_limit(CONNECTION_REUSE_USER, 2);
}

/* Says goodbye without an answer to the second request of the first connection. */
static bool hang_up_once(void *ctx, const struct asked *asked)
{
    (void)ctx;
    if (asked->connection == 0 && asked->ordinal == 1)
        return false;
    answer_text(asked->fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    return true;
}

static void fault_34_a_request_sent_again_after_a_race_is_flagged(void **state)
{
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, hang_up_once, NULL, NULL, 1);
    call_run(&call, &bench, "/", 0);
    assert_false(call.result.resent);
    call_run(&call, &bench, "/", 0);
    assert_int_equal(call.result.end, TRANSFER_COMPLETE);
    assert_true(call.result.resent);
    assert_false(call.result.reused);
    assert_string_equal(call.body, "ok");
    assert_int_equal(scripted_server_connections(bench.server), 2);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_reuse_user_no_other_user_takes_a_connection),
        cmocka_unit_test(with_reuse_pool_users_of_a_shard_share_connections),
        cmocka_unit_test(with_reuse_none_each_request_has_its_own_connection),
        cmocka_unit_test(the_limit_of_connections_holds_over_all_shards),
        cmocka_unit_test(fault_34_a_request_sent_again_after_a_race_is_flagged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
