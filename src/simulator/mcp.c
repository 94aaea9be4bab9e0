/*
 * /mcp: a server of the Model Context Protocol, with tools, over streamable HTTP.
 * Source: MCP 2025-06-18, "Transports" (streamable HTTP, session management, protocol version
 * header), "Lifecycle", "Tools"; JSON-RPC 2.0.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "simulator/asked.h"
#include "simulator/endpoint.h"
#include "simulator/instance.h"
#include "simulator/mcp_session.h"
#include "simulator/tool.h"

#define LATEST_REVISION "2025-06-18"
#define ANSWER_BYTES_MAX (1024 * 1024)

/* Error codes of JSON-RPC 2.0, section 5.1. */
#define RPC_METHOD_NOT_FOUND (-32601)
#define RPC_INVALID_PARAMS (-32602)

static const char *const revisions[] = {LATEST_REVISION, "2025-03-26"};

static bool is_revision(const char *text)
{
    for (size_t i = 0; text && i < COUNT_OF(revisions); i++) {
        if (strcmp(revisions[i], text) == 0)
            return true;
    }
    return false;
}

static void refuse(const struct exchange *exchange, int status, const char *message)
{
    exchange_refuse(exchange, (struct exchange_error){.status = status}, "%s", message);
}

/* --- Answers. --- */

/* Sends a message, as JSON or as a stream of one event. session_id: told, unless NULL. */
static void send_message(const struct exchange *exchange, const char *session_id,
                         json_t *message)
{
    const bool is_stream =
        exchange->simulator->options->mcp_answer == SIMULATOR_MCP_STREAM;
    CLEANUP(buf_deinit) struct buf body = BUF_INIT(ANSWER_BYTES_MAX);
    char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
    struct head head;

    json_decref(message);
    buf_printf(&body, is_stream ? "event: message\ndata: %s\n\n" : "%s",
               text ? text : "");
    if (!text || buf_error(&body) < 0) {
        exchange_refuse_status(exchange, 500);
    } else {
        head_init(&head, is_stream ? "text/event-stream" : "application/json",
                  exchange->id);
        if (session_id)
            head_add(&head, "mcp-session-id", "%s", session_id);
        exchange_answer(exchange, 200, &head, buf_str(&body), body.len);
    }
    free(text);
}

/* Takes the result. */
static void send_result(const struct exchange *exchange, const json_t *request,
                        const char *session_id, json_t *result)
{
    send_message(exchange, session_id,
                 json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id",
                           json_object_get(request, "id"), "result", result));
}

static void send_error(const struct exchange *exchange, const json_t *request, int code,
                       const char *message)
{
    send_message(exchange, NULL,
                 json_pack("{s:s, s:O, s:{s:i, s:s}}", "jsonrpc", "2.0", "id",
                           json_object_get(request, "id"), "error", "code", code,
                           "message", message));
}

/* A status without a body. */
static void send_status(const struct exchange *exchange, int status)
{
    struct head head;

    exchange_head(exchange, &head);
    exchange_answer(exchange, status, &head, "", 0);
}

/* --- Methods. --- */

static void initialize(struct exchange *exchange, const json_t *request)
{
    struct simulator *simulator = exchange->simulator;
    const char *asked = json_string_value(
        json_object_get(json_object_get(request, "params"), "protocolVersion"));
    char id[MCP_SESSION_ID_BYTES];

    if (!asked) {
        send_error(exchange, request, RPC_INVALID_PARAMS, "protocolVersion is missing");
        return;
    }
    if (!simulator->mcp_sessions)
        simulator->mcp_sessions = mcp_sessions_new(simulator->options->seed);
    if (!simulator->mcp_sessions || mcp_session_open(simulator->mcp_sessions, id) < 0) {
        exchange_refuse_status(exchange, 500);
        return;
    }
    /* A server that does not know the revision asked for answers with one that it does. */
    send_result(exchange, request, id,
                json_pack("{s:s, s:{s:{s:b}}, s:{s:s, s:s}}", "protocolVersion",
                          is_revision(asked) ? asked : LATEST_REVISION, "capabilities",
                          "tools", "listChanged", 0, "serverInfo", "name",
                          "throng-simulator", "version", "1"));
}

/* Whether the options have this call of a tool fail. */
static bool is_failing(const struct exchange *exchange, struct rng *rng)
{
    return rng_unit(rng) < exchange->simulator->options->tool_error_rate;
}

static void call_tool(struct exchange *exchange, struct sandbox *sandbox,
                      const json_t *request)
{
    const json_t *params = json_object_get(request, "params");
    const char *name = json_string_value(json_object_get(params, "name"));
    json_t *result = NULL;
    struct rng rng;

    rng_init(&rng, exchange->simulator->options->seed, exchange->number, STREAM_TOOL,
             RNG_SIMULATOR);
    exchange_take_time(exchange, &exchange->simulator->options->tool);
    if (is_failing(exchange, &rng)) {
        send_result(exchange, request, NULL, tool_failure("the tool failed"));
        return;
    }
    switch (tool_call(sandbox, name ? name : "", json_object_get(params, "arguments"),
                      &rng, &result)) {
    case TOOL_CALLED:
        send_result(exchange, request, NULL, result);
        break;
    case TOOL_UNKNOWN:
        send_error(exchange, request, RPC_INVALID_PARAMS, "Unknown tool");
        break;
    case TOOL_BAD_ARGUMENTS:
        send_error(exchange, request, RPC_INVALID_PARAMS,
                   "Invalid arguments: see the tool's inputSchema");
        break;
    }
}

static void handle(struct exchange *exchange, struct sandbox *sandbox,
                   const json_t *request)
{
    const char *method = json_string_value(json_object_get(request, "method"));

    /* A notification has no id, and an answer of the client's no method. */
    if (!method || !json_object_get(request, "id"))
        send_status(exchange, 202);
    else if (strcmp(method, "ping") == 0)
        send_result(exchange, request, NULL, json_object());
    else if (strcmp(method, "tools/list") == 0)
        send_result(exchange, request, NULL, tool_list());
    else if (strcmp(method, "tools/call") == 0)
        call_tool(exchange, sandbox, request);
    else
        send_error(exchange, request, RPC_METHOD_NOT_FOUND, "Method not found");
}

/* --- The transport. --- */

/* The sandbox of the session that the request names; what names none is refused here. */
static struct sandbox *find_sandbox(const struct exchange *exchange)
{
    const struct mcp_sessions *sessions = exchange->simulator->mcp_sessions;
    const char *id = serve_request_header(exchange->request, "mcp-session-id");
    struct sandbox *sandbox = id && sessions ? mcp_session_find(sessions, id) : NULL;

    if (!id)
        refuse(exchange, 400, "Bad Request: Mcp-Session-Id header is required");
    else if (!sandbox)
        refuse(exchange, 404, "Session not found");
    return sandbox;
}

static bool accepts_both(const struct exchange *exchange)
{
    const char *accept = serve_request_header(exchange->request, "accept");

    if (accept && (strstr(accept, "*/*") || (strstr(accept, "application/json") &&
                                             strstr(accept, "text/event-stream"))))
        return true;
    refuse(exchange, 406,
           "Not Acceptable: Client must accept both application/json and "
           "text/event-stream");
    return false;
}

static bool has_good_revision(const struct exchange *exchange)
{
    const char *revision =
        serve_request_header(exchange->request, "mcp-protocol-version");

    /* Without the header a server assumes 2025-03-26. */
    if (!revision || is_revision(revision))
        return true;
    refuse(exchange, 400, "Bad Request: Unsupported protocol version");
    return false;
}

static bool is_rpc(const json_t *message)
{
    const char *version = json_string_value(json_object_get(message, "jsonrpc"));

    return version && strcmp(version, "2.0") == 0;
}

static bool is_initialize(const json_t *message)
{
    const char *method = json_string_value(json_object_get(message, "method"));

    return method && strcmp(method, "initialize") == 0;
}

void mcp_post(struct exchange *exchange)
{
    json_t *message = asked_parse(exchange);
    struct sandbox *sandbox;

    if (!accepts_both(exchange)) {
        json_decref(message);
        return;
    }
    if (!is_rpc(message)) {
        refuse(exchange, 400, "Bad Request: the body is no JSON-RPC 2.0 message");
    } else if (is_initialize(message) && json_object_get(message, "id")) {
        initialize(exchange, message);
    } else if (has_good_revision(exchange)) {
        sandbox = find_sandbox(exchange);
        if (sandbox)
            handle(exchange, sandbox, message);
    }
    json_decref(message);
}

void mcp_delete(struct exchange *exchange)
{
    if (!find_sandbox(exchange))
        return;
    mcp_session_close(exchange->simulator->mcp_sessions,
                      serve_request_header(exchange->request, "mcp-session-id"));
    send_status(exchange, 200);
}
