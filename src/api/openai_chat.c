/*
 * OpenAI's chat completions ("Create chat completion" of its API reference), and what vLLM, SGLang,
 * llama.cpp, TGI and LiteLLM make of it.
 */
#include "api/answer.h"
#include "api/body.h"
#include "api/dialect.h"
#include "api/dialects.h"
#include "base/buf.h"

static int write_chat(const struct api_ask *ask, struct buf *text)
{
    struct body body;
    const int r = body_begin(&body, ask->extra_body, text);

    if (r < 0)
        return r;
    body_string(&body, "model", ask->model);
    if (body_member(&body, "messages"))
        body_append_messages(text, ask->conversation, ask->system, true);
    openai_write_stream(&body, ask);
    body_count(&body, "max_tokens", ask->max_tokens);
    body_count(&body, "max_completion_tokens", ask->max_completion_tokens);
    openai_write_exact(&body, ask);
    body_number(&body, "temperature", ask->temperature);
    return body_end(&body);
}

static enum api_kind read_body(struct api_reader *reader, const char *text, size_t len,
                               uint32_t *ret_output)
{
    return openai_read_object(reader, ANSWER_OF_CHAT, text, len, ret_output);
}

static enum api_kind read_event(struct api_reader *reader, const char *data, size_t len,
                                uint32_t *ret_output)
{
    return openai_read_event(reader, ANSWER_OF_CHAT, data, len, ret_output);
}

const struct api_dialect dialect_openai_chat = {
    .name = "openai chat",
    .path = "/chat/completions",
    .accept = "application/json",
    .generates = true,
    .write = write_chat,
    .read_event = read_event,
    .read_body = read_body,
};
