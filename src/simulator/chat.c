/*
 * POST /v1/chat/completions: what the request asks for, and OpenAI's form of the answer.
 * Source: OpenAI API reference, "Create chat completion", "The chat completion object", "The chat
 * completion chunk object". `reasoning_content` is DeepSeek's and vLLM's, `min_tokens` and
 * `ignore_eos` are vLLM's additions to it.
 */
#include <inttypes.h>
#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "simulator/chat_request.h"
#include "simulator/endpoint.h"
#include "simulator/instance.h"
#include "simulator/model.h"

static void write_identity(const struct generation *generation, const char *object,
                           struct buf *out)
{
    buf_printf(out,
               "{\"id\":\"%s\",\"object\":\"%s\",\"created\":%" PRIu64 ",\"model\":\"",
               generation->id, object, generation->created_s);
    buf_append_json(out, generation->model, strlen(generation->model));
    buf_printf(out, "\",\"system_fingerprint\":\"%s\"",
               generation->simulator->fingerprint);
}

/* The counts that a usage tells. */
struct usage {
    uint64_t prompt;
    uint64_t cached;
    uint64_t completion;
    uint64_t total;
};

/* What a wrong usage has wrong: the total, a part or a zero, in turn. */
static void spoil(struct usage *usage, uint64_t number)
{
    switch (number % 3) {
    case 0:
        usage->total++;
        break;
    case 1:
        usage->cached = usage->prompt + 1;
        break;
    default:
        usage->total = usage->prompt;
        usage->completion = 0;
        break;
    }
}

static void write_usage(const struct generation *generation, struct buf *out)
{
    const uint64_t completion = generation->reasoning_tokens + generation->content_tokens;
    struct usage usage = {.prompt = generation->prompt_tokens,
                          .cached = generation->cached_tokens,
                          .completion = completion,
                          .total = generation->prompt_tokens + completion};

    if (generation->flaw == TRUTH_FAULT_USAGE)
        spoil(&usage, generation->number);
    buf_printf(out,
               "\"usage\":{\"prompt_tokens\":%" PRIu64 ",\"completion_tokens\":%" PRIu64
               ",\"total_tokens\":%" PRIu64 ",\"prompt_tokens_details\":{"
               "\"cached_tokens\":%" PRIu64 ",\"audio_tokens\":0},"
               "\"completion_tokens_details\":{\"reasoning_tokens\":%" PRIu64
               ",\"audio_tokens\":0,\"accepted_prediction_tokens\":0,"
               "\"rejected_prediction_tokens\":0}}",
               usage.prompt, usage.completion, usage.total, usage.cached,
               usage.completion > 0 ? generation->reasoning_tokens : 0);
}

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
    write_identity(generation, "chat.completion.chunk", out);
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

static void write_event(const struct generation *generation, enum truth_kind kind,
                        const char *text, size_t len, struct buf *out)
{
    switch (kind) {
    case TRUTH_ROLE:
        buf_append(out, generation->prefix.bytes, generation->prefix.len);
        buf_append_str(out,
                       "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\","
                       "\"refusal\":null},\"logprobs\":null,\"finish_reason\":null}");
        end_choice(generation, out);
        break;
    case TRUTH_REASONING:
        write_token(generation, "reasoning_content", text, len, out);
        break;
    case TRUTH_CONTENT:
        write_token(generation, "content", text, len, out);
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
        write_usage(generation, out);
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

static void write_body(const struct generation *generation, const struct buf *reasoning,
                       const struct buf *text, struct buf *out)
{
    write_identity(generation, "chat.completion", out);
    buf_append_str(out,
                   ",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",");
    if (reasoning->len > 0) {
        buf_append_str(out, "\"reasoning_content\":\"");
        buf_append(out, reasoning->bytes, reasoning->len);
        buf_append_str(out, "\",");
    }
    buf_append_str(out, "\"content\":\"");
    buf_append(out, buf_str(text), text->len);
    buf_printf(out,
               "\",\"refusal\":null,\"annotations\":[]},\"logprobs\":null,"
               "\"finish_reason\":%s}],",
               finish_reason(generation));
    write_usage(generation, out);
    buf_append_str(out, ",\"service_tier\":\"default\"}");
}

static const struct generation_format chat_format = {
    .id_prefix = "chatcmpl-",
    .write_prefix = write_prefix,
    .write_event = write_event,
    .write_body = write_body,
};

void chat_complete(struct exchange *exchange)
{
    struct generation_spec spec = {.format = &chat_format};
    struct chat_refusal refusal = {.error = {400, "invalid_request_error", NULL, NULL}};
    size_t len;
    const char *body = serve_request_body(exchange->request, &len);
    json_t *root = json_loadb(body, len, 0, NULL);

    if (chat_request_read(root, &spec, &refusal) < 0)
        exchange_refuse(exchange, refusal.error, "%s", refusal.message);
    else if (!model_is_known(exchange->simulator->options, spec.model))
        model_refuse(exchange, spec.model);
    else
        generation_begin(exchange, &spec);
    json_decref(root);
}
