#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "attempt.h"
#include "measure/recorder.h"
#include "plan/plan.h"

static const struct plan plan = {.max_series = 200};

static struct recorder *make(void)
{
    const struct recorder_options options = {.plan = &plan, .window_end_ns = MS(9000)};
    struct recorder *recorder = NULL;

    assert_int_equal(recorder_new(&options, &recorder), 0);
    return recorder;
}

/* An answer of a backend, from a peer where a header told the backend's name. */
static void record(struct recorder *recorder, const char *backend, const char *peer,
                   uint32_t flags)
{
    const struct label set[] = {{"model", "m"}, {"backend", backend}, {"peer", peer}};
    struct sample sample = good_stream();

    assert_int_equal(labels_intern(recorder_labels(recorder), set, 3, &sample.labels), 0);
    sample.flags = SAMPLE_STREAMED | SAMPLE_IN_WINDOW | flags;
    sample.retransmits = 2;
    recorder_sample(recorder, &sample);
}

struct seen {
    struct peer_view peers[RECORDER_PEERS + 1];
    size_t count;
};

static void look(void *ctx, const struct peer_view *peer)
{
    struct seen *seen = ctx;

    assert_true(seen->count <= RECORDER_PEERS);
    seen->peers[seen->count++] = *peer;
}

static void requests_and_connections_are_counted_by_the_address_of_the_peer(void **state)
{
    struct recorder *recorder = make();
    struct sample refused = good_body();
    struct seen seen = {.count = 0};

    (void)state;
    record(recorder, "10.0.0.1:80", NULL, 0);
    record(recorder, "10.0.0.1:80", NULL, SAMPLE_REUSED);
    record(recorder, "pod-7", "10.0.0.2:80", 0);
    record(recorder, "pod-8", "10.0.0.2:80", SAMPLE_REUSED);
    refused.wire_ns = 0; /* it never had a connection */
    refused.outcome = OUTCOME_CONNECT;
    recorder_sample(recorder, &refused);
    recorder_each_peer(recorder, look, &seen);
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.peers[0].peer, "10.0.0.1:80");
    assert_int_equal(seen.peers[0].requests, 2);
    assert_int_equal(seen.peers[0].connections, 1);
    assert_int_equal(seen.peers[0].retransmits, 4);
    assert_string_equal(seen.peers[1].peer, "10.0.0.2:80");
    assert_int_equal(seen.peers[1].requests, 2);
    assert_int_equal(seen.peers[1].connections, 1);
    assert_int_equal(recorder_total(recorder, RECORDER_ALL).counters->on_wire, 4);
    assert_int_equal(recorder_total(recorder, RECORDER_ALL).counters->retransmits, 8);
    recorder_free(recorder);
}

static void peers_past_the_limit_are_counted_together(void **state)
{
    struct recorder *recorder = make();
    struct seen seen = {.count = 0};

    (void)state;
    for (unsigned i = 0; i < RECORDER_PEERS + 3; i++) {
        char address[32];

        snprintf(address, sizeof(address), "10.0.0.1:%u", i);
        record(recorder, address, NULL, 0);
    }
    recorder_each_peer(recorder, look, &seen);
    assert_int_equal(seen.count, RECORDER_PEERS + 1);
    assert_null(seen.peers[RECORDER_PEERS].peer);
    assert_int_equal(seen.peers[RECORDER_PEERS].requests, 3);
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_and_connections_are_counted_by_the_address_of_the_peer),
        cmocka_unit_test(peers_past_the_limit_are_counted_together),
    };

    return cmocka_run_group_tests_name("peers", tests, NULL, NULL);
}
