/*
 * Each kind of step, as it is asked and as its answer counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/secret.h"
#include "measure/integrity.h"
#include "stage.h"

/* One request as the server saw it, and what it answers. */
struct exchange {
    struct virtual_answer answer;
    char url[256];
    char headers[1024]; /* "name: value\n" each */
    char body[1024];
};

static void serve(void *ctx, const struct virtual_request *asked,
                  struct virtual_answer *ret_answer)
{
    const struct stage *stage = ctx;
    struct exchange *exchange = stage->notes;
    const struct transfer_request *request = asked->request;
    size_t len = 0;

    (void)snprintf(exchange->url, sizeof(exchange->url), "%s", request->url);
    for (size_t i = 0; i < request->header_count; i++)
        len += (size_t)snprintf(exchange->headers + len, sizeof(exchange->headers) - len,
                                "%s: %s\n", request->headers[i].name,
                                request->headers[i].value);
    (void)snprintf(exchange->body, sizeof(exchange->body), "%.*s", (int)request->body_len,
                   request->body ? request->body : "");
    *ret_answer = exchange->answer;
}

/* One user does the stage's first step once. */
static void play(struct stage *stage, struct exchange *exchange)
{
    exchange->answer.status = exchange->answer.status ? exchange->answer.status : 200;
    stage->notes = exchange;
    stage->server = serve;
    stage->plan.limits.requests = 1;
    stage_phase(stage, PLAN_PHASE_SUSTAINED, 1, S(1000));
    stage_open(stage);
    stage_finish(stage);
    assert_int_equal(stage->samples, 1);
}

#define ANSWER(pieces, type)                                                             \
    {                                                                                    \
        .answer = {                                                                      \
            .events = (pieces),                                                          \
            .event_count = COUNT_OF(pieces),                                             \
            .content_type = (type)                                                       \
        }                                                                                \
    }

static void assert_has(const struct exchange *exchange, const char *header)
{
    if (!strcasestr(exchange->headers, header))
        fail_msg("no %s in\n%s", header, exchange->headers);
}

static const struct virtual_event messages[] = {
    {.delay_ns = MS(5),
     .data = "{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":"
             "{\"input_tokens\":20,\"cache_read_input_tokens\":5,\"output_tokens\":1}}}"},
    {.delay_ns = MS(5), .data = "{\"type\":\"ping\"}"},
    {.delay_ns = MS(10),
     .data = "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
             "{\"type\":\"text_delta\",\"text\":\"one\"}}"},
    {.delay_ns = MS(10),
     .data = "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
             "{\"type\":\"text_delta\",\"text\":\" two\"}}"},
    {.data = "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
             "\"usage\":{\"output_tokens\":3}}"},
    {.data = "{\"type\":\"message_stop\"}"},
};

static void a_chat_with_anthropic_has_its_key_its_version_and_its_moments(void **state)
{
    struct exchange exchange = ANSWER(messages, "text/event-stream");
    struct secret *key = NULL;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    assert_int_equal(secret_new("sk-ant-1", &key), 0);
    stage.target.api = PLAN_API_ANTHROPIC;
    stage.target.api_key = key;
    play(&stage, &exchange);
    assert_string_equal(exchange.url, "http://virtual:80/v1/messages");
    assert_has(&exchange, "x-api-key: sk-ant-1\n");
    assert_has(&exchange, "anthropic-version: 2023-06-01\n");
    assert_has(&exchange, "accept: text/event-stream\n");
    assert_null(strcasestr(exchange.headers, "authorization"));
    assert_int_equal(stage.last.outcome, OUTCOME_OK);
    assert_int_equal(stage.last.first_event_ns, BEGIN + MS(5));
    assert_int_equal(stage.last.first_output_ns, BEGIN + MS(20));
    assert_int_equal(stage.last.chunks, 2);
    assert_int_equal(stage.last.prompt_tokens, 25);
    assert_int_equal(stage.last.cached_tokens, 5);
    assert_int_equal(stage.last.cost_pusd, 25 * 1000 + 3 * 2000);
    assert_int_equal(integrity_of(&stage.last), 0);
    secret_free(key);
    stage_close(&stage);
}

/* The end mark of the one is message_stop, and the others' last event is mark enough. */
static void a_stream_without_its_end_mark_is_told_from_one_without_its_end(void **state)
{
    struct exchange exchange = ANSWER(messages, "text/event-stream");
    struct stage stage;

    (void)state;
    exchange.answer.event_count--;
    stage_init(&stage);
    stage.target.api = PLAN_API_ANTHROPIC;
    play(&stage, &exchange);
    assert_int_equal(stage.last.outcome, OUTCOME_OK);
    assert_int_equal(integrity_of(&stage.last), 1U << INTEGRITY_MISSING_DONE);
    stage_close(&stage);

    exchange.answer.event_count--;
    stage_init(&stage);
    stage.target.api = PLAN_API_ANTHROPIC;
    play(&stage, &exchange);
    assert_int_equal(stage.last.outcome, OUTCOME_TRUNCATED);
    assert_int_equal(stage.last.token_source, TOKENS_ESTIMATED);
    stage_close(&stage);
}

static void responses_stream_to_their_completed_event(void **state)
{
    static const struct virtual_event events[] = {
        {.delay_ns = MS(5),
         .data = "{\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}"},
        {.delay_ns = MS(10),
         .data = "{\"type\":\"response.output_text.delta\",\"delta\":\"one\"}"},
        {.delay_ns = MS(10),
         .data = "{\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"status\":"
                 "\"completed\",\"usage\":{\"input_tokens\":20,\"output_tokens\":3,"
                 "\"total_tokens\":23}}}"},
    };
    struct exchange exchange = ANSWER(events, "text/event-stream");
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.steps[0].kind = PLAN_STEP_RESPONSES;
    play(&stage, &exchange);
    assert_string_equal(exchange.url, "http://virtual:80/v1/responses");
    assert_int_equal(stage.last.outcome, OUTCOME_OK);
    assert_int_equal(stage.last.first_output_ns, BEGIN + MS(15));
    assert_int_equal(stage.last.cost_pusd, 20 * 1000 + 3 * 2000);
    assert_int_equal(integrity_of(&stage.last), 0);
    stage_close(&stage);

    exchange.answer.event_count = 2;
    stage_init(&stage);
    stage.steps[0].kind = PLAN_STEP_RESPONSES;
    play(&stage, &exchange);
    assert_int_equal(stage.last.outcome, OUTCOME_TRUNCATED);
    assert_true(integrity_of(&stage.last) & (1U << INTEGRITY_MISSING_FINISH));
    stage_close(&stage);
}

static void a_completion_streams_its_text(void **state)
{
    static const struct virtual_event events[] = {
        {.delay_ns = MS(10), .data = "{\"choices\":[{\"index\":0,\"text\":\"one\"}]}"},
        {.delay_ns = MS(10), .data = "{\"choices\":[{\"index\":0,\"text\":\"two\"}]}"},
        {.data =
             "{\"choices\":[{\"index\":0,\"text\":\"\",\"finish_reason\":\"stop\"}]}"},
        {.data = "[DONE]"},
    };
    struct exchange exchange = ANSWER(events, "text/event-stream");
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.steps[0].kind = PLAN_STEP_COMPLETION;
    play(&stage, &exchange);
    assert_string_equal(exchange.url, "http://virtual:80/v1/completions");
    assert_non_null(strstr(exchange.body, "\"prompt\":\""));
    assert_int_equal(stage.last.outcome, OUTCOME_OK);
    assert_int_equal(stage.last.chunks, 2);
    assert_true(stage.last.flags & SAMPLE_STREAMED);
    stage_close(&stage);
}

static void embeddings_cost_their_prompt_and_have_no_first_token(void **state)
{
    static const struct virtual_event body[] = {
        {.delay_ns = MS(10),
         .data = "{\"data\":[{\"embedding\":[1,2]},{\"embedding\":[3,4]}],\"usage\":"
                 "{\"prompt_tokens\":20,\"total_tokens\":20}}"}};
    struct exchange exchange = ANSWER(body, "application/json");
    struct client_view client;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.steps[0].kind = PLAN_STEP_EMBEDDINGS;
    stage.steps[0].chat.batch = 2;
    play(&stage, &exchange);
    assert_string_equal(exchange.url, "http://virtual:80/v1/embeddings");
    assert_non_null(strstr(exchange.body, "\"input\":[\""));
    assert_null(strstr(exchange.body, "stream"));
    assert_has(&exchange, "accept: application/json\n");
    assert_int_equal(stage.last.outcome, OUTCOME_OK);
    assert_int_equal(stage.last.first_output_ns, 0);
    assert_false(stage.last.flags & SAMPLE_STREAMED);
    assert_true(stage.last.flags & SAMPLE_CHAT);
    assert_int_equal(stage.last.completion_tokens, 0);
    assert_int_equal(stage.last.cost_pusd, 20 * 1000);
    assert_int_equal(integrity_of(&stage.last), 0);
    recorder_client(stage.recorder, virtual_world_now(stage.world), &client);
    assert_int_equal(client.questions, 2);
    assert_true(client.unique_questions > 0.99);
    stage_close(&stage);

    stage_init(&stage); /* asked for one, and two came */
    stage.steps[0].kind = PLAN_STEP_EMBEDDINGS;
    play(&stage, &exchange);
    assert_int_equal(stage.last.outcome, OUTCOME_MALFORMED_EVENT);
    stage_close(&stage);
}

/* A hundred vectors, each of so many numbers, of eight bytes with its comma. */
static char *long_answer(size_t numbers)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT((size_t)64 * 1024 * 1024);

    buf_append_str(&text, "{\"data\":[");
    for (size_t vector = 0; vector < 100; vector++) {
        buf_append_str(&text, vector > 0 ? ",{\"embedding\":[" : "{\"embedding\":[");
        for (size_t i = 0; i < numbers; i++)
            buf_append_str(&text, i > 0 ? ",0.12345" : "0.12345");
        buf_append_str(&text, "]}");
    }
    buf_append_str(&text, "]}");
    assert_int_equal(buf_error(&text), 0);
    return buf_take(&text);
}

static void a_batch_may_have_an_answer_as_long_as_its_vectors(void **state)
{
    static const size_t numbers[] = {11000, 30000};
    static const enum outcome outcomes[] = {OUTCOME_OK, OUTCOME_EVENT_TOO_LARGE};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        char *text = long_answer(numbers[i]);
        const struct virtual_event body[] = {{.delay_ns = MS(10), .data = text}};
        struct exchange exchange = ANSWER(body, "application/json");
        struct stage stage;

        assert_true(strlen(text) > (size_t)8 * 1024 * 1024);
        stage_init(&stage);
        stage.steps[0].kind = PLAN_STEP_EMBEDDINGS;
        stage.steps[0].chat.batch = 100;
        play(&stage, &exchange);
        assert_int_equal(stage.last.outcome, outcomes[i]);
        stage_close(&stage);
        free(text);
    }
}

static void stage_mcp(struct stage *stage, const char *method, const char *params,
                      bool notification)
{
    stage_init(stage);
    stage->steps[0] = (struct plan_step){
        .kind = PLAN_STEP_MCP,
        .name = "tool",
        .target = PLAN_NONE,
        .mcp = {.path = PLAN_LITERAL("/mcp"),
                .method = method,
                .params = {.text = params, .len = params ? strlen(params) : 0},
                .session = PLAN_NONE,
                .notification = notification},
    };
}

static void an_mcp_call_is_answered_alone_or_among_events(void **state)
{
    static const struct virtual_event events[] = {
        {.delay_ns = MS(10),
         .data = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}"},
        {.delay_ns = MS(10),
         .data = "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"content\":[]}}"},
    };
    struct exchange alone = {.answer = {.events = events + 1,
                                        .event_count = 1,
                                        .content_type = "application/json"}};
    struct exchange among = ANSWER(events, "text/event-stream");
    struct stage stage;

    (void)state;
    stage_mcp(&stage, "tools/call", "{\"name\":\"git_log\"}", false);
    play(&stage, &alone);
    assert_string_equal(alone.url, "http://virtual:80/mcp");
    assert_string_equal(alone.body, "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":"
                                    "\"tools/call\",\"params\":{\"name\":\"git_log\"}}");
    assert_has(&alone, "accept: application/json, text/event-stream\n");
    assert_has(&alone, "mcp-protocol-version: 2025-06-18\n");
    assert_int_equal(stage.last.outcome, OUTCOME_OK);
    assert_int_equal(stage.last.flags & (SAMPLE_CHAT | SAMPLE_STREAMED), 0);
    stage_close(&stage);

    stage_mcp(&stage, "tools/call", "{\"name\":\"git_log\"}", false);
    play(&stage, &among);
    assert_int_equal(stage.last.outcome, OUTCOME_OK);
    assert_int_equal(stage.last.first_output_ns, 0);
    assert_int_equal(stage.last.first_event_ns, 0);
    assert_int_equal(integrity_of(&stage.last), 0);
    stage_close(&stage);

    among.answer.event_count = 1; /* the stream ends before the response */
    stage_mcp(&stage, "tools/call", "{\"name\":\"git_log\"}", false);
    play(&stage, &among);
    assert_int_equal(stage.last.outcome, OUTCOME_TRUNCATED);
    stage_close(&stage);
}

static void what_a_tool_or_a_server_refuses_has_its_outcome_and_its_words(void **state)
{
    static const struct {
        const char *body;
        enum outcome outcome;
    } table[] = {
        {"{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"content\":[{\"type\":\"text\","
         "\"text\":\"sandbox violation\"}],\"isError\":true}}",
         OUTCOME_TOOL_ERROR},
        {"{\"jsonrpc\":\"2.0\",\"id\":0,\"error\":{\"code\":-32602,\"message\":"
         "\"sandbox violation\"}}",
         OUTCOME_STREAM_ERROR},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const struct virtual_event body = {.data = table[i].body};
        struct exchange exchange = {.answer = {.events = &body,
                                               .event_count = 1,
                                               .content_type = "application/json"}};
        struct stage stage;

        stage_mcp(&stage, "tools/call", "{}", false);
        play(&stage, &exchange);
        assert_int_equal(stage.last.outcome, table[i].outcome);
        assert_string_equal(stage.detail, "sandbox violation");
        stage_close(&stage);
    }
}

static void a_notification_is_only_accepted(void **state)
{
    struct exchange exchange = {.answer = {.status = 202}};
    struct stage stage;

    (void)state;
    stage_mcp(&stage, "notifications/initialized", NULL, true);
    play(&stage, &exchange);
    assert_string_equal(exchange.body,
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
    assert_int_equal(stage.last.outcome, OUTCOME_OK);
    stage_close(&stage);
}

/* The scenario refuses it when it is loaded; a plan made by hand fails here. */
static void what_an_api_does_not_have_is_not_sent(void **state)
{
    struct exchange exchange = {.answer = {.status = 200}};
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.target.api = PLAN_API_ANTHROPIC;
    stage.steps[0].kind = PLAN_STEP_EMBEDDINGS;
    play(&stage, &exchange);
    assert_int_equal(stage.last.outcome, OUTCOME_LOCAL_RESOURCE);
    assert_string_equal(exchange.url, "");
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chat_with_anthropic_has_its_key_its_version_and_its_moments),
        cmocka_unit_test(a_stream_without_its_end_mark_is_told_from_one_without_its_end),
        cmocka_unit_test(responses_stream_to_their_completed_event),
        cmocka_unit_test(a_completion_streams_its_text),
        cmocka_unit_test(embeddings_cost_their_prompt_and_have_no_first_token),
        cmocka_unit_test(a_batch_may_have_an_answer_as_long_as_its_vectors),
        cmocka_unit_test(an_mcp_call_is_answered_alone_or_among_events),
        cmocka_unit_test(what_a_tool_or_a_server_refuses_has_its_outcome_and_its_words),
        cmocka_unit_test(a_notification_is_only_accepted),
        cmocka_unit_test(what_an_api_does_not_have_is_not_sent),
    };

    return cmocka_run_group_tests_name("dialects", tests, NULL, NULL);
}
