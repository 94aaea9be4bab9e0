/*
 * What OpenAI's chats and completions have in common: their streams end with [DONE], and a chunk is
 * scanned where that is sure to be right, else parsed.
 */
#include <string.h>

#include "api/body.h"
#include "api/dialects.h"
#include "base/buf.h"

void openai_write_stream(struct body *body, const struct api_ask *ask)
{
    if (!ask->stream)
        return;
    body_true(body, "stream");
    if (ask->include_usage && body_member(body, "stream_options"))
        buf_append_str(body->text, "{\"include_usage\":true}");
}

void openai_write_exact(struct body *body, const struct api_ask *ask)
{
    if (ask->exact_tokens == 0)
        return;
    body_count(body, "min_tokens", ask->exact_tokens);
    body_true(body, "ignore_eos");
}

enum api_kind openai_read_object(struct api_reader *reader, enum answer_of of,
                                 const char *text, size_t len, uint32_t *ret_output)
{
    struct answer answer = {0};

    if (!answer_scan(reader, of, text, len, &answer)) {
        reader->slow_events++;
        if (!answer_tree(reader, of, text, len, &answer))
            return API_MALFORMED;
    }
    reader->choices += answer.choice;
    return answer_kind(&answer, ret_output);
}

enum api_kind openai_read_event(struct api_reader *reader, enum answer_of of,
                                const char *data, size_t len, uint32_t *ret_output)
{
    if (reader->done) {
        reader->after_done++;
        return API_NOTHING;
    }
    if (answer_is_done_mark(data, len)) {
        reader->done = true;
        return API_DONE;
    }
    return openai_read_object(reader, of, data, len, ret_output);
}
