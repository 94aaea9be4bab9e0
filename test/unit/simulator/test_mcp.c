/* The MCP server: its transport, by the letter of the specification. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "rig.h"
#include "simulator/mcp_session.h"

#define ACCEPT "Accept: application/json, text/event-stream\r\n"
#define INITIALIZE                                                                       \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{"               \
    "\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},\"clientInfo\":{"            \
    "\"name\":\"t\",\"version\":\"1\"}}}"

static void post(struct rig *rig, const char *headers, const char *json,
                 struct rig_answer *ret_answer)
{
    rig_call(rig, "POST", "/mcp", headers, json, ret_answer);
}

/* Opens a session; its header lines for further requests. */
static void open_session(struct rig *rig, char headers[static 256])
{
    struct rig_answer answer;
    const char *field;

    post(rig, ACCEPT, INITIALIZE, &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(rig_text_at(answer.json, "result.protocolVersion"), "2025-06-18");
    assert_true(json_is_object(rig_at(answer.json, "result.capabilities.tools")));
    field = strstr(answer.head, "mcp-session-id: ");
    assert_non_null(field);
    (void)snprintf(headers, 256, ACCEPT "%.*s\r\n", (int)strcspn(field, "\r"), field);
    rig_answer_deinit(&answer);
}

static void a_session_is_opened_used_and_ended(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;
    char headers[256];

    rig_set(rig, "tool", "1ms");
    rig_start(rig);
    open_session(rig, headers);
    post(rig, headers, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}",
         &answer);
    assert_int_equal(answer.status, 202);
    rig_answer_deinit(&answer);
    post(rig, headers, "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/list\"}",
         &answer);
    assert_string_equal(rig_text_at(answer.json, "id"), "a");
    assert_int_equal(json_array_size(rig_at(answer.json, "result.tools")), 5);
    assert_string_equal(rig_text_at(answer.json, "result.tools.0.inputSchema.type"),
                        "object");
    rig_answer_deinit(&answer);
    rig_call(rig, "DELETE", "/mcp", headers, NULL, &answer);
    assert_int_equal(answer.status, 200);
    rig_answer_deinit(&answer);
    post(rig, headers, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}", &answer);
    assert_int_equal(answer.status, 404);
    assert_string_equal(rig_text_at(answer.json, "error.message"), "Session not found");
    rig_answer_deinit(&answer);
}

static void an_id_that_is_guessed_opens_nothing(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;
    char headers[256];

    rig_start(rig);
    open_session(rig, headers); /* it has place 0, which every id begins with */
    post(rig, ACCEPT "Mcp-Session-Id: 0-0000000000000000\r\n",
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", &answer);
    assert_int_equal(answer.status, 404);
    rig_answer_deinit(&answer);
    post(rig, headers, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", &answer);
    assert_int_equal(answer.status, 200);
    rig_answer_deinit(&answer);
}

/* What is remembered is bounded. */
static void a_new_session_takes_the_place_of_the_oldest(void **state)
{
    struct mcp_sessions *sessions = mcp_sessions_new(1);
    char first[MCP_SESSION_ID_BYTES];
    char id[MCP_SESSION_ID_BYTES];

    (void)state;
    assert_int_equal(mcp_session_open(sessions, first), 0);
    for (int i = 1; i < 4096; i++)
        assert_int_equal(mcp_session_open(sessions, id), 0);
    assert_non_null(mcp_session_find(sessions, first));
    assert_int_equal(mcp_session_open(sessions, id), 0);
    assert_null(mcp_session_find(sessions, first));
    assert_non_null(mcp_session_find(sessions, id));
    mcp_sessions_free(sessions);
}

static void what_the_transport_forbids_is_refused(void **state)
{
    static const struct {
        const char *headers;
        const char *json;
        int status;
    } cases[] = {
        {ACCEPT, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", 400},
        {ACCEPT "Mcp-Session-Id: 7-none\r\n",
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", 404},
        {ACCEPT "Mcp-Session-Id: 99999999999\r\n",
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", 404},
        {"Accept: application/json\r\n", INITIALIZE, 406},
        {ACCEPT, "[" INITIALIZE "]", 400}, /* batches went with 2025-06-18 */
        {ACCEPT, "no JSON", 400},
        {ACCEPT "MCP-Protocol-Version: 1999-01-01\r\n",
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", 400},
    };
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_start(rig);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        post(rig, cases[i].headers, cases[i].json, &answer);
        if (answer.status != cases[i].status)
            fail_msg("case %zu is answered %d", i, answer.status);
        assert_string_equal(rig_text_at(answer.json, "jsonrpc"), "2.0");
        assert_true(json_is_object(rig_at(answer.json, "error")));
        rig_answer_deinit(&answer);
    }
    rig_call(rig, "GET", "/mcp", ACCEPT, NULL, &answer);
    assert_int_equal(answer.status, 405);
    rig_expect_field(&answer, "allow: POST, DELETE");
    rig_answer_deinit(&answer);
}

/* Calls a tool; the text of its result, and whether that is an error. */
static bool call(struct rig *rig, const char *headers, const char *tool,
                 const char *arguments, struct buf *ret_text)
{
    CLEANUP(buf_deinit) struct buf json = BUF_INIT(4096);
    struct rig_answer answer;
    bool is_error;

    buf_printf(&json,
               "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"tools/call\",\"params\":{"
               "\"name\":\"%s\",\"arguments\":%s}}",
               tool, arguments);
    post(rig, headers, buf_str(&json), &answer);
    assert_int_equal(answer.status, 200);
    buf_clear(ret_text);
    buf_append_str(ret_text, rig_text_at(answer.json, "result.content.0.text"));
    is_error = json_is_true(rig_at(answer.json, "result.isError"));
    rig_answer_deinit(&answer);
    return is_error;
}

static void no_path_leads_out_of_the_sandbox(void **state)
{
    static const char *const outside[] = {
        "/etc/passwd",       "../x",          "docs/../../x",  "~/x", "/workspace/../x",
        "file:///etc/hosts", "..\\\\windows", "/workspaces/x",
    };
    static const char *const inside[] = {"new.txt", "./new.txt", "docs/../new.txt",
                                         "/workspace/new.txt", "docs//../new.txt"};
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(4096);
    struct rig *rig = *state;
    char headers[256];
    char arguments[128];

    rig_set(rig, "tool", "0");
    rig_start(rig);
    open_session(rig, headers);
    for (size_t i = 0; i < COUNT_OF(outside); i++) {
        (void)snprintf(arguments, sizeof(arguments), "{\"path\":\"%s\",\"content\":\"\"}",
                       outside[i]);
        if (!call(rig, headers, "read_file", arguments, &text) ||
            !strstr(buf_str(&text), "sandbox violation"))
            fail_msg("%s is read", outside[i]);
        if (!call(rig, headers, "write_file", arguments, &text) ||
            !strstr(buf_str(&text), "sandbox violation"))
            fail_msg("%s is written", outside[i]);
    }
    assert_false(call(rig, headers, "write_file",
                      "{\"path\":\"new.txt\",\"content\":\"words\"}", &text));
    for (size_t i = 0; i < COUNT_OF(inside); i++) {
        (void)snprintf(arguments, sizeof(arguments), "{\"path\":\"%s\"}", inside[i]);
        assert_false(call(rig, headers, "read_file", arguments, &text));
        assert_string_equal(buf_str(&text), "words");
    }
    assert_true(
        call(rig, headers, "web_scrape", "{\"url\":\"file:///etc/hosts\"}", &text));
    assert_non_null(strstr(buf_str(&text), "sandbox violation"));
}

static void a_sandbox_is_bounded(void **state)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(4096);
    struct rig *rig = *state;
    char headers[256];
    char arguments[128];
    int written = 0;

    rig_set(rig, "tool", "0");
    rig_start(rig);
    open_session(rig, headers);
    for (int i = 0; i < 40; i++) {
        (void)snprintf(arguments, sizeof(arguments),
                       "{\"path\":\"f%d\",\"content\":\"x\"}", i);
        written += !call(rig, headers, "write_file", arguments, &text);
    }
    assert_int_equal(written, 32);
    assert_non_null(strstr(buf_str(&text), "full"));
}

static void git_tells_what_was_written(void **state)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(4096);
    struct rig *rig = *state;
    char headers[256];

    rig_set(rig, "tool", "0");
    rig_start(rig);
    open_session(rig, headers);
    assert_false(call(rig, headers, "git_status", "{}", &text));
    assert_non_null(strstr(buf_str(&text), "working tree clean"));
    assert_false(call(rig, headers, "write_file",
                      "{\"path\":\"README.md\",\"content\":\"x\"}", &text));
    assert_false(call(rig, headers, "git_status", "{}", &text));
    assert_non_null(strstr(buf_str(&text), " M README.md"));
}

static void bad_calls_are_errors_of_the_protocol(void **state)
{
    static const struct {
        const char *json;
        int code;
    } cases[] = {
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/fly\"}", -32601},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":"
         "\"rm\"}}",
         -32602},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":"
         "\"read_file\",\"arguments\":{\"path\":7}}}",
         -32602},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\"}", -32602},
    };
    struct rig *rig = *state;
    struct rig_answer answer;
    char headers[256];

    rig_start(rig);
    open_session(rig, headers);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        post(rig, headers, cases[i].json, &answer);
        assert_int_equal(answer.status, 200);
        assert_int_equal(rig_count_at(answer.json, "error.code"), cases[i].code);
        rig_answer_deinit(&answer);
    }
}

static void tools_fail_at_their_rate(void **state)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(4096);
    struct rig *rig = *state;
    char headers[256];
    int failed = 0;

    rig_set(rig, "tool", "0");
    rig_set(rig, "tool_error_rate", "25%");
    rig_start(rig);
    open_session(rig, headers);
    for (int i = 0; i < 200; i++)
        failed += call(rig, headers, "git_log", "{}", &text);
    assert_in_range(failed, 26, 74); /* 50 ± 4 standard deviations */
}

static void answers_may_come_as_a_stream(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_set(rig, "mcp_answer", "stream");
    rig_start(rig);
    post(rig, ACCEPT, INITIALIZE, &answer);
    rig_expect_field(&answer, "content-type: text/event-stream");
    assert_int_equal(wire_count(&rig->wires[0], "event: message\ndata: {\"jsonrpc\""), 1);
    rig_answer_deinit(&answer);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_session_is_opened_used_and_ended),
        WITH_RIG(an_id_that_is_guessed_opens_nothing),
        cmocka_unit_test(a_new_session_takes_the_place_of_the_oldest),
        WITH_RIG(what_the_transport_forbids_is_refused),
        WITH_RIG(no_path_leads_out_of_the_sandbox),
        WITH_RIG(a_sandbox_is_bounded),
        WITH_RIG(git_tells_what_was_written),
        WITH_RIG(bad_calls_are_errors_of_the_protocol),
        WITH_RIG(tools_fail_at_their_rate),
        WITH_RIG(answers_may_come_as_a_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
