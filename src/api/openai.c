#include <string.h>

#include "api/answer.h"
#include "api/chat_writer.h"
#include "api/dialect.h"

static void begin(struct api_reader *reader, struct conversation *answer)
{
    *reader = (struct api_reader){.answer = answer};
}

static enum api_kind read_object(struct api_reader *reader, const char *text, size_t len,
                                 uint32_t *ret_output)
{
    struct answer answer = {0};

    if (!answer_scan(reader, text, len, &answer)) {
        reader->slow_events++;
        if (!answer_tree(reader, text, len, &answer))
            return API_MALFORMED;
    }
    if (answer.error)
        return API_ERROR;
    if (!answer.output)
        return API_NOTHING;
    *ret_output = answer.output;
    return API_OUTPUT;
}

static enum api_kind read_event(struct api_reader *reader, const char *data, size_t len,
                                uint32_t *ret_output)
{
    static const char done[] = "[DONE]";

    if (reader->done) {
        reader->after_done++;
        return API_NOTHING;
    }
    if (len == sizeof(done) - 1 && memcmp(data, done, len) == 0) {
        reader->done = true;
        return API_DONE;
    }
    return read_object(reader, data, len, ret_output);
}

const struct api_dialect *api_openai(void)
{
    static const struct api_dialect openai = {
        .name = "openai",
        .chat_path = "/chat/completions",
        .write_chat = chat_write,
        .begin = begin,
        .read_event = read_event,
        .read_body = read_object,
    };

    return &openai;
}
