#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "stage.h"

#define CHUNK(text) "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" text "\"}}]}"
#define FINISH "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}"
#define USAGE                                                                            \
    "{\"choices\":[],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":3,"           \
    "\"total_tokens\":23}}"

/* Answers as the test's notes say. */
static void serve_notes(void *ctx, const struct virtual_request *request,
                        struct virtual_answer *ret_answer)
{
    struct stage *stage = ctx;

    (void)request;
    *ret_answer = *(const struct virtual_answer *)stage->notes;
}

/* One user asks once and hears the answer. */
static void ask_once(struct stage *stage, struct virtual_answer *answer)
{
    stage->notes = answer;
    stage->server = serve_notes;
    stage->plan.limits.requests = 1;
    stage_phase(stage, PLAN_PHASE_SUSTAINED, 1, S(1000));
    stage_open(stage);
    stage_finish(stage);
    assert_int_equal(stage->samples, 1);
}

static struct virtual_answer stream_of(const struct virtual_event *events, size_t count)
{
    return (struct virtual_answer){.status = 200, .events = events, .event_count = count};
}

#define STREAM_OF(events) stream_of(events, sizeof(events) / sizeof((events)[0]))

static void the_sample_has_all_moments_of_a_streamed_answer(void **state)
{
    struct virtual_answer answer = stream_of(stage_words, stage_word_count);
    struct stage stage;

    (void)state;
    stage_init(&stage);
    answer.connect_ns = MS(4);
    answer.headers_ns = MS(6);
    answer.end_ns = MS(1);
    ask_once(&stage, &answer);
    assert_int_equal(stage.last.outcome, OUTCOME_OK);
    assert_int_equal(stage.last.due_ns, BEGIN);
    assert_int_equal(stage.last.sent_ns, BEGIN);
    assert_int_equal(stage.last.wire_ns, BEGIN + MS(4));
    assert_int_equal(stage.last.headers_ns, BEGIN + MS(10));
    assert_int_equal(stage.last.first_byte_ns, BEGIN + MS(20));
    assert_int_equal(stage.last.first_event_ns, BEGIN + MS(20));
    assert_int_equal(stage.last.first_output_ns, BEGIN + MS(20));
    assert_int_equal(stage.last.last_output_ns, BEGIN + MS(40));
    assert_int_equal(stage.last.end_ns, BEGIN + MS(41));
    assert_int_equal(stage.last.chunks, 3);
    assert_int_equal(stage.last.reads, 3);
    assert_int_equal(stage.last.token_source, TOKENS_USAGE);
    assert_int_equal(stage.last.prompt_tokens, 20);
    assert_int_equal(stage.last.completion_tokens, 3);
    assert_int_equal(stage.last.cost_pusd, 20 * 1000 + 3 * 2000);
    assert_int_equal(stage.last.flags,
                     SAMPLE_STREAMED | SAMPLE_STAMPED | SAMPLE_IN_WINDOW | SAMPLE_CHAT);
    assert_string_equal(
        labels_value(recorder_labels(stage.recorder), stage.last.labels, "backend"),
        "virtual:80");
    assert_string_equal(
        labels_value(recorder_labels(stage.recorder), stage.last.labels, "phase"),
        "sustained");
    assert_string_equal(
        labels_value(recorder_labels(stage.recorder), stage.last.labels, "model"),
        "small");
    stage_close(&stage);
}

/* The backend that one answer with this header counts under. */
static void assert_backend(const char *value, const char *expected)
{
    const struct transfer_header header = {"x-served-by", value};
    struct virtual_answer answer = stream_of(stage_words, stage_word_count);
    struct stage stage;

    answer.headers = &header;
    answer.header_count = 1;
    stage_init(&stage);
    stage.target.backend_header = "X-Served-By";
    ask_once(&stage, &answer);
    assert_string_equal(
        labels_value(recorder_labels(stage.recorder), stage.last.labels, "backend"),
        expected);
    stage_close(&stage);
}

static void the_backend_is_who_the_header_names_else_the_peer(void **state)
{
    char longer[300];
    char longest[128];

    (void)state;
    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    assert_backend("pod-7", "pod-7");
    assert_backend("", "virtual:80");
    assert_backend(longer, longest);
}

/* What a backend's series holds. */
struct held {
    uint64_t requests;
    uint64_t gaps;
    uint64_t operations;
};

static void look_at_backend(void *ctx, const struct series_view *series)
{
    struct held *held = ctx;

    if (strcmp(series->key, "backend") != 0)
        return;
    assert_string_equal(series->value, "virtual:80");
    held->requests += series->counters->ok;
    held->operations += series->counters->operations;
    if (series->histograms[METRIC_ICL])
        held->gaps += histogram_count(series->histograms[METRIC_ICL]);
}

static void a_backend_has_the_gaps_and_operations_of_its_requests(void **state)
{
    struct virtual_answer answer = stream_of(stage_words, stage_word_count);
    struct held held = {0};
    struct stage stage;

    (void)state;
    stage_init(&stage);
    ask_once(&stage, &answer);
    recorder_each(stage.recorder, RECORDER_WINDOW, look_at_backend, &held);
    assert_int_equal(held.requests, 1);
    assert_int_equal(held.operations, 1);
    assert_int_equal(held.gaps, 2);
    stage_close(&stage);
}

static void the_servers_own_time_for_the_prompt_is_in_the_sample(void **state)
{
    static const struct virtual_event events[] = {
        {.delay_ns = MS(90), .data = CHUNK("one")},
        {.data = FINISH},
        {.data = "{\"choices\":[],\"timings\":{\"prompt_n\":20,\"prompt_ms\":61.5}}"},
        {.data = "[DONE]"},
    };
    struct virtual_answer answer = STREAM_OF(events);
    const struct histogram *told;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    ask_once(&stage, &answer);
    assert_int_equal(stage.last.server_prompt_ns, 61500000);
    told =
        recorder_total(stage.recorder, RECORDER_ALL).histograms[METRIC_PROMPT_PROCESSING];
    assert_non_null(told);
    assert_int_equal(histogram_count(told), 1);
    stage_close(&stage);
}

static void gaps_are_those_of_the_arrivals_and_unresolved_ones_are_left_out(void **state)
{
    static const struct virtual_event events[] = {
        {.delay_ns = MS(10), .data = CHUNK("one")},
        {.delay_ns = MS(20), .data = CHUNK("two"), .late_ns = MS(25)},
        {.delay_ns = MS(4), .data = CHUNK("three"), .joined = true},
        {.delay_ns = MS(40), .data = CHUNK("four")},
        {.data = CHUNK("five"), .joined = true},
        {.data = FINISH},
        {.data = "[DONE]"},
    };
    struct virtual_answer answer = STREAM_OF(events);
    const struct histogram *icl;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    ask_once(&stage, &answer);
    assert_int_equal(stage.last.outcome, OUTCOME_OK);
    assert_int_equal(stage.last.chunks, 5);
    assert_int_equal(stage.last.reads, 3);
    assert_int_equal(stage.last.unresolved_chunks, 2);
    assert_int_equal(stage.last.unsure_chunks, 2);
    icl = recorder_total(stage.recorder, RECORDER_ALL).histograms[METRIC_ICL];
    /* Both of the heap are left out; 40 ms from its last piece; 0 within the last read. */
    assert_int_equal(histogram_count(icl), 2);
    assert_in_range(histogram_max_ns(icl), MS(40) - 50000, MS(40) + 50000);
    assert_in_range((uint64_t)histogram_mean_ns(icl), MS(20) - 50000, MS(20) + 50000);
    stage_close(&stage);
}

static void
fault_13_a_socket_that_stays_open_behind_the_answer_does_not_keep_the_user(void **state)
{
    static const struct virtual_event finished[] = {
        {.delay_ns = MS(10), .data = CHUNK("one")}, {.data = FINISH}};
    static const struct virtual_event done[] = {
        {.delay_ns = MS(10), .data = CHUNK("one")}, {.data = FINISH}, {.data = "[DONE]"}};
    struct virtual_answer answer = STREAM_OF(finished);
    struct stage stage;

    (void)state;
    answer.hangs = true;
    stage_init(&stage);
    ask_once(&stage, &answer);
    assert_int_equal(stage.last.outcome, OUTCOME_OK);
    assert_true(stage.last.flags & SAMPLE_MISSING_DONE);
    assert_int_equal(stage.last.end_ns, BEGIN + MS(2010));
    stage_close(&stage);

    answer = STREAM_OF(done);
    answer.hangs = true;
    stage_init(&stage);
    ask_once(&stage, &answer);
    assert_int_equal(stage.last.outcome, OUTCOME_OK);
    assert_false(stage.last.flags & SAMPLE_MISSING_DONE);
    assert_int_equal(stage.last.end_ns, BEGIN + MS(210));
    stage_close(&stage);
}

static void
fault_12_an_event_without_its_blank_line_is_taken_where_it_is_whole(void **state)
{
    static const struct virtual_event events[] = {
        {.delay_ns = MS(10), .data = CHUNK("one")},
    };
    static const struct {
        const char *tail;
        enum outcome outcome;
        uint32_t chunks;
    } table[] = {
        {FINISH, OUTCOME_OK, 1},
        {CHUNK("two"), OUTCOME_TRUNCATED, 2},
        {"{\"choices\":[{\"index\":0,\"del", OUTCOME_TRUNCATED, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct virtual_answer answer = STREAM_OF(events);
        struct stage stage;

        answer.tail = table[i].tail;
        stage_init(&stage);
        ask_once(&stage, &answer);
        assert_int_equal(stage.last.outcome, table[i].outcome);
        assert_int_equal(stage.last.chunks, table[i].chunks);
        stage_close(&stage);
    }
}

static void fault_11_an_event_that_is_no_json_is_told(void **state)
{
    static const struct virtual_event events[] = {
        {.delay_ns = MS(10), .data = CHUNK("one")},
        {.data = CHUNK("two") "\n" CHUNK("three")},
        {.data = FINISH},
        {.data = "[DONE]"},
    };
    struct virtual_answer answer = STREAM_OF(events);
    struct stage stage;

    (void)state;
    stage_init(&stage);
    ask_once(&stage, &answer);
    assert_int_equal(stage.last.outcome, OUTCOME_MALFORMED_EVENT);
    stage_close(&stage);
}

static void fault_14_what_comes_behind_the_end_mark_is_counted(void **state)
{
    static const struct virtual_event events[] = {
        {.delay_ns = MS(10), .data = CHUNK("one")},
        {.data = FINISH},
        {.data = "[DONE]"},
        {.data = CHUNK("two")},
    };
    struct virtual_answer answer = STREAM_OF(events);
    struct stage stage;

    (void)state;
    stage_init(&stage);
    ask_once(&stage, &answer);
    assert_int_equal(stage.last.outcome, OUTCOME_OK);
    assert_true(stage.last.flags & SAMPLE_AFTER_DONE);
    assert_int_equal(stage.last.chunks, 1);
    stage_close(&stage);
}

static void fault_17_the_first_output_is_the_first_that_says_something(void **state)
{
    static const struct virtual_event events[] = {
        {.delay_ns = MS(10),
         .data = "{\"choices\":[{\"index\":0,\"delta\":{\"role\":"
                 "\"assistant\",\"content\":\"\"}}]}"},
        {.delay_ns = MS(10), .data = CHUNK("")},
        {.delay_ns = MS(10), .data = CHUNK("one")},
        {.data = FINISH},
        {.data = "[DONE]"},
    };
    struct virtual_answer answer = STREAM_OF(events);
    struct stage stage;

    (void)state;
    stage_init(&stage);
    ask_once(&stage, &answer);
    assert_int_equal(stage.last.first_event_ns, BEGIN + MS(10));
    assert_int_equal(stage.last.first_output_ns, BEGIN + MS(30));
    assert_int_equal(stage.last.chunks, 1);
    stage_close(&stage);
}

static void fault_18_tokens_are_estimated_and_marked_without_usage(void **state)
{
    static const struct virtual_event events[] = {
        {.delay_ns = MS(10), .data = CHUNK("one")},
        {.delay_ns = MS(10), .data = CHUNK("two")},
        {.data = FINISH},
        {.data = "[DONE]"},
    };
    struct virtual_answer answer = STREAM_OF(events);
    struct stage stage;

    (void)state;
    stage_init(&stage);
    ask_once(&stage, &answer);
    assert_int_equal(stage.last.token_source, TOKENS_ESTIMATED);
    assert_int_equal(stage.last.completion_tokens, 2);
    assert_true(stage.last.prompt_tokens > 10);
    stage_close(&stage);
}

static void fault_19_an_error_event_is_told_in_the_servers_words(void **state)
{
    static const struct virtual_event events[] = {
        {.delay_ns = MS(10), .data = CHUNK("one")},
        {.data = "{\"error\":{\"message\":\"out of memory\",\"type\":\"server_error\"}}"},
    };
    struct virtual_answer answer = STREAM_OF(events);
    struct stage stage;

    (void)state;
    stage_init(&stage);
    ask_once(&stage, &answer);
    assert_int_equal(stage.last.outcome, OUTCOME_STREAM_ERROR);
    assert_string_equal(stage.detail, "out of memory");
    stage_close(&stage);
}

static void fault_20_a_stream_that_just_ends_is_truncated(void **state)
{
    static const struct virtual_event events[] = {
        {.delay_ns = MS(10), .data = CHUNK("one")},
    };
    struct virtual_answer answer = STREAM_OF(events);
    struct stage stage;

    (void)state;
    stage_init(&stage);
    ask_once(&stage, &answer);
    assert_int_equal(stage.last.outcome, OUTCOME_TRUNCATED);
    stage_close(&stage);
}

static void
fault_23_a_page_where_a_stream_was_asked_for_shows_its_first_bytes(void **state)
{
    static const struct virtual_event events[] = {
        {.data = "<html>\nYour key sk-12345 is of no use here</html>"},
    };
    struct virtual_answer answer = STREAM_OF(events);
    struct secret *key;
    struct stage stage;

    (void)state;
    assert_int_equal(secret_new("sk-12345", &key), 0);
    answer.content_type = "text/html";
    stage_init(&stage);
    stage.target.api_key = key;
    ask_once(&stage, &answer);
    assert_int_equal(stage.last.outcome, OUTCOME_BAD_CONTENT_TYPE);
    assert_string_equal(stage.detail,
                        "<html> Your key ******** is of no use here</html>");
    stage_close(&stage);
    secret_free(key);
}

static void no_header_that_was_sent_stands_in_what_is_told_of_a_failure(void **state)
{
    static const struct virtual_event events[] = {
        {.data = "application/json: no team-12345, no dXNlcjpwdw, no cookie=1, but v1"},
    };
    static const struct plan_pair of_target[] = {
        {.key = "X-Team", .value = "team-12345"},
        {.key = "Content-Type", .value = "application/json"}};
    static const struct plan_pair of_class = {.key = "Proxy-Authorization",
                                              .value = "Basic dXNlcjpwdw"};
    static const struct plan_pair of_step[] = {{.key = "Cookie", .value = "cookie=1"},
                                               {.key = "X-Api", .value = "v1"}};
    struct virtual_answer answer = STREAM_OF(events);
    struct stage stage;

    (void)state;
    answer.status = 400;
    stage_init(&stage);
    stage.target.headers = of_target;
    stage.target.header_count = 2;
    stage.classes[0].headers = &of_class;
    stage.classes[0].header_count = 1;
    stage.steps[0].headers = of_step;
    stage.steps[0].header_count = 2;
    ask_once(&stage, &answer);
    assert_string_equal(
        stage.detail,
        "application/json: no **********, no **********, no ********, but v1");
    stage_close(&stage);
}

static void fault_29_each_time_out_has_its_own_class(void **state)
{
    static const struct virtual_event events[] = {
        {.delay_ns = MS(10), .data = CHUNK("one")},
    };
    static const struct {
        struct plan_timeouts timeouts;
        struct virtual_answer answer;
        enum outcome outcome;
        uint64_t end_ns;
    } table[] = {
        {{.connect_ns = S(2)}, {.connect_ns = S(5)}, OUTCOME_CONNECT_TIMEOUT, S(2)},
        {{.first_token_ns = S(3)},
         {.status = 200, .hangs = true},
         OUTCOME_FIRST_TOKEN_TIMEOUT,
         S(3)},
        {{.first_token_ns = S(3)}, {.hangs = true}, OUTCOME_FIRST_TOKEN_TIMEOUT, S(3)},
        {{.idle_ns = S(4), .first_token_ns = S(3)},
         {.status = 200, .hangs = true, .events = events, .event_count = 1},
         OUTCOME_IDLE_TIMEOUT,
         S(4) + MS(10)},
        {{.total_ns = S(5), .idle_ns = S(6)},
         {.status = 200, .hangs = true, .events = events, .event_count = 1},
         OUTCOME_TOTAL_TIMEOUT,
         S(5)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct virtual_answer answer = table[i].answer;
        struct stage stage;

        stage_init(&stage);
        stage.target.timeouts = table[i].timeouts;
        ask_once(&stage, &answer);
        assert_int_equal(stage.last.outcome, table[i].outcome);
        assert_int_equal(stage.last.end_ns, BEGIN + table[i].end_ns);
        stage_close(&stage);
    }
}

static void what_ends_before_its_first_output_is_censored_at_the_time_waited(void **state)
{
    struct virtual_answer answer = {.status = 200, .hangs = true};
    const struct histogram *ttft;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.target.timeouts.first_token_ns = S(3);
    ask_once(&stage, &answer);
    ttft = recorder_total(stage.recorder, RECORDER_ALL).histograms[METRIC_TTFT];
    assert_int_equal(histogram_count(ttft), 0);
    assert_int_equal(histogram_censored(ttft), 1);
    stage_close(&stage);
}

static void an_answer_in_one_piece_is_read_at_its_end(void **state)
{
    static const struct virtual_event events[] = {
        {.delay_ns = MS(100),
         .data = "{\"choices\":[{\"index\":0,\"message\":{\"role\":"},
        {.data = "\"assistant\",\"content\":\"Paris.\"},\"finish_reason\":\"stop\"}],"},
        {.data = "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}"},
    };
    struct virtual_answer answer = STREAM_OF(events);
    struct stage stage;

    (void)state;
    answer.content_type = "application/json";
    stage_init(&stage);
    stage.steps[0].chat.stream = false;
    ask_once(&stage, &answer);
    assert_int_equal(stage.last.outcome, OUTCOME_OK);
    assert_int_equal(stage.last.flags & SAMPLE_STREAMED, 0);
    assert_int_equal(stage.last.prompt_tokens, 9);
    assert_int_equal(stage.last.completion_tokens, 2);
    assert_int_equal(stage.last.first_output_ns, 0);
    stage_close(&stage);
}

static void the_statuses_of_an_http_step_are_those_it_lists(void **state)
{
    static const struct plan_status listed[] = {{200, false}, {503, true}};
    struct virtual_answer answer = {.status = 503, .content_type = "text/html"};
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.steps[0] = (struct plan_step){
        .kind = PLAN_STEP_HTTP,
        .name = "health",
        .target = PLAN_NONE,
        .expect = listed,
        .expect_count = 2,
        .http = {.method = "GET", .path = PLAN_LITERAL("/health")},
    };
    ask_once(&stage, &answer);
    assert_int_equal(stage.last.outcome, OUTCOME_DEGRADED);
    stage_close(&stage);
}

static void a_run_whose_key_is_always_refused_stops_fast(void **state)
{
    struct virtual_answer answer = {.status = 401, .content_type = "application/json"};
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.notes = &answer;
    stage.server = serve_notes;
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 4, S(1000));
    stage_open(&stage);
    stage_finish(&stage);
    assert_int_equal(engine_view(stage.engine)->stop_reason, STOP_ERROR_RATE);
    assert_int_equal(stage.outcomes[OUTCOME_UNAUTHORIZED], 20);
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_has_all_moments_of_a_streamed_answer),
        cmocka_unit_test(the_backend_is_who_the_header_names_else_the_peer),
        cmocka_unit_test(a_backend_has_the_gaps_and_operations_of_its_requests),
        cmocka_unit_test(the_servers_own_time_for_the_prompt_is_in_the_sample),
        cmocka_unit_test(gaps_are_those_of_the_arrivals_and_unresolved_ones_are_left_out),
        cmocka_unit_test(
            fault_12_an_event_without_its_blank_line_is_taken_where_it_is_whole),
        cmocka_unit_test(fault_11_an_event_that_is_no_json_is_told),
        cmocka_unit_test(
            fault_13_a_socket_that_stays_open_behind_the_answer_does_not_keep_the_user),
        cmocka_unit_test(fault_14_what_comes_behind_the_end_mark_is_counted),
        cmocka_unit_test(fault_17_the_first_output_is_the_first_that_says_something),
        cmocka_unit_test(fault_18_tokens_are_estimated_and_marked_without_usage),
        cmocka_unit_test(fault_19_an_error_event_is_told_in_the_servers_words),
        cmocka_unit_test(fault_20_a_stream_that_just_ends_is_truncated),
        cmocka_unit_test(
            fault_23_a_page_where_a_stream_was_asked_for_shows_its_first_bytes),
        cmocka_unit_test(no_header_that_was_sent_stands_in_what_is_told_of_a_failure),
        cmocka_unit_test(fault_29_each_time_out_has_its_own_class),
        cmocka_unit_test(
            what_ends_before_its_first_output_is_censored_at_the_time_waited),
        cmocka_unit_test(an_answer_in_one_piece_is_read_at_its_end),
        cmocka_unit_test(the_statuses_of_an_http_step_are_those_it_lists),
        cmocka_unit_test(a_run_whose_key_is_always_refused_stops_fast),
    };

    return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
