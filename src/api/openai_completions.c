/*
 * OpenAI's completions ("Create completion" of its API reference): one text goes on where another
 * ends. Chunks and answers are those of chats but for `text`, where those have delta and message.
 */
#include "api/answer.h"
#include "api/body.h"
#include "api/dialect.h"
#include "api/dialects.h"
#include "base/buf.h"

static int write_completion(const struct api_ask *ask, struct buf *text)
{
    struct body body;
    const int r = body_begin(&body, ask->extra_body, text);

    if (r < 0)
        return r;
    body_string(&body, "model", ask->model);
    if (body_member(&body, "prompt"))
        body_append_texts(text, ask->conversation);
    openai_write_stream(&body, ask);
    body_count(&body, "max_tokens",
               ask->max_tokens ? ask->max_tokens : ask->max_completion_tokens);
    openai_write_exact(&body, ask);
    body_number(&body, "temperature", ask->temperature);
    return body_end(&body);
}

static enum api_kind read_body(struct api_reader *reader, const char *text, size_t len,
                               uint32_t *ret_output)
{
    return openai_read_object(reader, ANSWER_OF_COMPLETION, text, len, ret_output);
}

static enum api_kind read_event(struct api_reader *reader, const char *data, size_t len,
                                uint32_t *ret_output)
{
    return openai_read_event(reader, ANSWER_OF_COMPLETION, data, len, ret_output);
}

const struct api_dialect dialect_openai_completions = {
    .name = "openai completions",
    .path = "/completions",
    .accept = "application/json",
    .generates = true,
    .write = write_completion,
    .read_event = read_event,
    .read_body = read_body,
};
