/*
 * Sources: OpenAI API reference, "Error codes"; Anthropic API reference, "Errors"; MCP 2025-06-18,
 * "Transports" (an error response without id).
 */
#include "simulator/voice.h"

#include <string.h>

#include "base/buf.h"
#include "simulator/exchange.h"

/* JSON-RPC leaves -32000 to -32099 to servers. */
#define JSON_RPC_SERVER_ERROR (-32000)

static void write_text(struct buf *out, const char *text)
{
    if (!text) {
        buf_append_str(out, "null");
        return;
    }
    buf_append_char(out, '"');
    buf_append_json(out, text, strlen(text));
    buf_append_char(out, '"');
}

static const char *anthropic_type(int status)
{
    switch (status) {
    case 401:
        return "authentication_error";
    case 403:
        return "permission_error";
    case 404:
        return "not_found_error";
    case 413:
        return "request_too_large";
    case 429:
        return "rate_limit_error";
    case 503:
    case 529:
        return "overloaded_error";
    default:
        return status < 500 ? "invalid_request_error" : "api_error";
    }
}

void voice_write_error(enum voice voice, const struct exchange_error *error,
                       const char *message, struct buf *out)
{
    switch (voice) {
    case VOICE_OPENAI:
        buf_append_str(out, "{\"error\":{\"message\":");
        write_text(out, message);
        buf_append_str(out, ",\"type\":");
        write_text(out, error->type);
        buf_append_str(out, ",\"param\":");
        write_text(out, error->param);
        buf_append_str(out, ",\"code\":");
        write_text(out, error->code);
        buf_append_str(out, "}}");
        break;
    case VOICE_ANTHROPIC:
        buf_printf(out, "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":",
                   anthropic_type(error->status));
        write_text(out, message);
        buf_append_str(out, "}}");
        break;
    case VOICE_JSON_RPC:
        buf_printf(out, "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":%d,\"message\":",
                   JSON_RPC_SERVER_ERROR);
        write_text(out, message);
        buf_append_str(out, "},\"id\":null}");
        break;
    case VOICE_PLAIN:
        buf_append_str(out, "{\"detail\":");
        write_text(out, message);
        buf_append_str(out, "}");
        break;
    }
}

void voice_write_failure(struct generation *generation, struct buf *out)
{
    static const struct exchange_error error = {500, "server_error", NULL, NULL};

    (void)generation;
    buf_append_str(out, "data: ");
    voice_write_error(VOICE_OPENAI, &error, VOICE_SERVER_ERROR, out);
    buf_append_str(out, "\n\n");
}
