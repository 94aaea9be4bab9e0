/*
 * POST /v1/chat/completions: what the request asks for, and OpenAI's form of the answer.
 * Source: OpenAI API reference, "Create chat completion", "The chat completion object", "The chat
 * completion chunk object". `reasoning_content` is DeepSeek's and vLLM's, `min_tokens` and
 * `ignore_eos` are vLLM's additions to it.
 */
#include "base/buf.h"
#include "simulator/chat_request.h"
#include "simulator/endpoint.h"
#include "simulator/identity.h"
#include "simulator/usage.h"
#include "simulator/voice.h"

/* As JSON. */
static const char *finish_reason(const struct generation *generation)
{
    if (generation->flaw == TRUTH_FAULT_NO_FINISH)
        return "null";
    return generation->is_cut ? "\"length\"" : "\"stop\"";
}

static void write_prefix(const struct generation *generation, struct buf *out)
{
    buf_append_str(out, "data: ");
    identity_write(generation, "chat.completion.chunk", out);
    buf_append_str(out, ",\"choices\":[");
}

/* Ends an event that has one choice. With include_usage all events carry a usage, null but in one. */
static void end_choice(const struct generation *generation, struct buf *out)
{
    buf_append_str(out, generation->include_usage ? "],\"usage\":null}\n\n" : "]}\n\n");
}

static void write_token(const struct generation *generation, const char *member,
                        const char *text, size_t len, struct buf *out)
{
    buf_append(out, generation->prefix.bytes, generation->prefix.len);
    buf_append_str(out, "{\"index\":0,\"delta\":{\"");
    buf_append_str(out, member);
    buf_append_str(out, "\":\"");
    buf_append(out, text, len);
    buf_append_str(out, "\"},\"logprobs\":null,\"finish_reason\":null}");
    end_choice(generation, out);
}

static void write_event(struct generation *generation,
                        const struct generation_event *event, struct buf *out)
{
    struct usage usage;

    switch (event->kind) {
    case TRUTH_ROLE:
        buf_append(out, generation->prefix.bytes, generation->prefix.len);
        buf_append_str(out,
                       "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\","
                       "\"refusal\":null},\"logprobs\":null,\"finish_reason\":null}");
        end_choice(generation, out);
        break;
    case TRUTH_REASONING:
        write_token(generation, "reasoning_content", event->text, event->len, out);
        break;
    case TRUTH_CONTENT:
        write_token(generation, "content", event->text, event->len, out);
        break;
    case TRUTH_FINISH:
        buf_append(out, generation->prefix.bytes, generation->prefix.len);
        buf_printf(out,
                   "{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":%s}",
                   finish_reason(generation));
        end_choice(generation, out);
        break;
    case TRUTH_USAGE:
        buf_append(out, generation->prefix.bytes, generation->prefix.len);
        buf_append_str(out, "],");
        usage = usage_of(generation);
        usage_write(&usage, out);
        buf_append_str(out, "}\n\n");
        break;
    case TRUTH_DONE:
        buf_append_str(out, "data: [DONE]\n\n");
        break;
    case TRUTH_RECEIVED:
    case TRUTH_ADMITTED:
    case TRUTH_HEAD:
    case TRUTH_BODY:
    case TRUTH_FAULT:
    case TRUTH_GONE:
        break;
    }
}

static void write_body(struct generation *generation, struct buf *out)
{
    const struct usage usage = usage_of(generation);

    identity_write(generation, "chat.completion", out);
    buf_append_str(out,
                   ",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",");
    if (generation->reasoning_tokens > 0) {
        buf_append_str(out, "\"reasoning_content\":\"");
        generation_retell_reasoning(generation, out);
        buf_append_str(out, "\",");
    }
    buf_append_str(out, "\"content\":\"");
    generation_retell_choice(generation, 0, out);
    buf_printf(out,
               "\",\"refusal\":null,\"annotations\":[]},\"logprobs\":null,"
               "\"finish_reason\":%s}],",
               finish_reason(generation));
    usage_write(&usage, out);
    buf_append_str(out, ",\"service_tier\":\"default\"}");
}

static const struct generation_format chat_format = {
    .id_prefix = "chatcmpl-",
    .has_done = true,
    .names_chunks = true,
    .write_prefix = write_prefix,
    .write_event = write_event,
    .write_error = voice_write_failure,
    .write_body = write_body,
};

void chat_complete(struct exchange *exchange)
{
    struct generation_spec spec = GENERATION_SPEC(&chat_format);
    struct refusal refusal;
    json_t *root = asked_parse(exchange);
    const int r = chat_request_read(root, &spec, &refusal);

    asked_begin(exchange, r, &spec, &refusal);
    json_decref(root);
}
