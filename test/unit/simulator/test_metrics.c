/* /metrics against vLLM's documentation: names, labels, and counts that are those of the answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "rig.h"
#include "simulator/vllm.h"

#define LABELS "engine=\"0\",model_name=\"m \\\"1\\\"\""
#define ASK ",\"stream\":true"
#define END "data: [DONE]"

static void ask(struct rig *rig, unsigned wire, const char *more)
{
    rig_post(rig, wire, "/v1/chat/completions", "", more);
}

static const char *look(struct rig *rig, unsigned wire)
{
    struct wire *at = &rig->wires[wire];

    wire_forget(at);
    wire_send_text(at, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    wire_await(at, "vllm:request_queue_time_seconds_sum", 1);
    wire_await(at, "\n", 10);
    return wire_body(at);
}

static void answers_are_counted_by_how_they_finished(void **state)
{
    static const char long_one[] =
        "{\"model\":\"m \\\"1\\\"\",\"stream\":true,"
        "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    static const char cut_one[] =
        "{\"model\":\"m \\\"1\\\"\",\"max_tokens\":2,"
        "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    struct rig *rig = *state;
    const char *text;

    rig_start(rig);
    ask(rig, 0, long_one);
    wire_await(&rig->wires[0], END, 1);
    ask(rig, 1, cut_one);
    wire_await(&rig->wires[1], "\"finish_reason\":\"length\"", 1);
    text = look(rig, 2);
    assert_non_null(strstr(text, "\nvllm:request_success_total{" LABELS
                                 ",finished_reason=\"stop\"} 1\n"));
    assert_non_null(strstr(text, "\nvllm:request_success_total{" LABELS
                                 ",finished_reason=\"length\"} 1\n"));
    assert_non_null(strstr(text, "\nvllm:generation_tokens_total{" LABELS "} 5\n"));
    /* 3, and for each message 3 and a quarter of its two bytes. */
    assert_non_null(strstr(text, "\nvllm:prompt_tokens_total{" LABELS "} 14\n"));
    assert_non_null(strstr(text, "\nvllm:prefix_cache_queries_total{" LABELS "} 14\n"));
    assert_non_null(strstr(text, "\nvllm:prefix_cache_hits_total{" LABELS "} 0\n"));
    assert_non_null(
        strstr(text, "\nvllm:time_to_first_token_seconds_count{" LABELS "} 2\n"));
    assert_non_null(
        strstr(text, "\nvllm:inter_token_latency_seconds_count{" LABELS "} 3\n"));
    assert_non_null(
        strstr(text, "\nvllm:e2e_request_latency_seconds_count{" LABELS "} 2\n"));
    assert_non_null(strstr(text, "\nvllm:request_queue_time_seconds_bucket{" LABELS
                                 ",le=\"+Inf\"} 2\n"));
    assert_non_null(strstr(text, "\nvllm:num_requests_running{" LABELS "} 0\n"));
}

static void who_runs_and_who_waits_is_told(void **state)
{
    struct rig *rig = *state;
    const char *text;

    rig_set(rig, "capacity", "1");
    rig_set(rig, "ttft", "1h");
    rig_start(rig);
    rig_chat(rig, 0, ASK);
    rig_chat(rig, 1, ASK);
    while (simulator_counts(rig->simulator).waiting == 0)
        wire_turn(&rig->wires[1]);
    text = look(rig, 2);
    assert_non_null(strstr(text, "vllm:num_requests_running{"));
    assert_non_null(strstr(strstr(text, "vllm:num_requests_running{"), "} 1\n"));
    assert_non_null(strstr(strstr(text, "vllm:num_requests_waiting{"), "} 1\n"));
    assert_non_null(strstr(strstr(text, "vllm:kv_cache_usage_perc{"), "} 1\n"));
}

static void a_time_on_a_bound_is_within_it(void **state)
{
    struct vllm vllm = {.model = "m"};
    const struct vllm_load load = {0};
    struct buf text = BUF_INIT(1 << 20);

    (void)state;
    vllm_observe(&vllm, VLLM_ITL, 0, 25 * NS_PER_MS);
    vllm_observe(&vllm, VLLM_ITL, 0, 25 * NS_PER_MS + 1);
    assert_int_equal(vllm_write(&vllm, &load, &text), 0);
    assert_non_null(strstr(buf_str(&text), "le=\"0.01\"} 0\n"));
    assert_non_null(strstr(buf_str(&text), "le=\"0.025\"} 1\n"));
    assert_non_null(strstr(buf_str(&text), "le=\"0.05\"} 2\n"));
    buf_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_are_counted_by_how_they_finished,
                                        rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(who_runs_and_who_waits_is_told, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test(a_time_on_a_bound_is_within_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
