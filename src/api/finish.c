#include <string.h>

#include "api/answer.h"
#include "base/cleanup.h"

/* In the words of their APIs, in the order of enum api_finish. */
static const char *const words[] = {
    [API_FINISH_NONE] = "",
    [API_FINISH_OTHER] = "other",
    [API_FINISH_STOP] = "stop",
    [API_FINISH_LENGTH] = "length",
    [API_FINISH_TOOL_CALLS] = "tool_calls",
    [API_FINISH_FUNCTION_CALL] = "function_call",
    [API_FINISH_CONTENT_FILTER] = "content_filter",
    [API_FINISH_END_TURN] = "end_turn",
    [API_FINISH_MAX_TOKENS] = "max_tokens",
    [API_FINISH_STOP_SEQUENCE] = "stop_sequence",
    [API_FINISH_TOOL_USE] = "tool_use",
    [API_FINISH_PAUSE_TURN] = "pause_turn",
    [API_FINISH_REFUSAL] = "refusal",
    [API_FINISH_COMPLETED] = "completed",
    [API_FINISH_INCOMPLETE] = "incomplete",
};

const char *api_finish_word(enum api_finish finish)
{
    return words[finish];
}

void answer_note_finish(struct api_reader *reader, const char *word, size_t len)
{
    if (len == 0)
        return;
    reader->finished = true;
    reader->finish = API_FINISH_OTHER;
    for (size_t i = API_FINISH_STOP; i < COUNT_OF(words); i++)
        if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
            reader->finish = (uint8_t)i;
}
