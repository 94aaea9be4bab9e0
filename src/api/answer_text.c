#include <string.h>

#include "api/answer.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "workload/conversation.h"
#include "workload/uniqueness.h"

static void append(struct api_reader *reader, const char *bytes, size_t len)
{
    if (len > 0 && reader->answer &&
        conversation_append_assistant_delta(reader->answer, bytes, len) < 0)
        reader->lost_deltas++;
    if (reader->text)
        (void)buf_append(reader->text, bytes, len); /* what it has no room for is cut */
}

/* Appends text, with replacements; true when there were any. */
static bool append_checked(struct api_reader *reader, const char *text, size_t len)
{
    size_t start = 0;
    bool broken = false;

    for (size_t at = 0; at < len;) {
        const size_t step = utf8_length(text + at, len - at);

        if (step > 0) {
            at += step;
            continue;
        }
        broken = true;
        append(reader, text + start, at - start);
        append(reader, UTF8_REPLACEMENT, strlen(UTF8_REPLACEMENT));
        start = ++at;
    }
    append(reader, text + start, len - start);
    return broken;
}

void answer_append_text(struct api_reader *reader, const char *text, size_t len)
{
    if (append_checked(reader, text, len))
        reader->invalid_text++;
}

/* Undoes the escape at `at`; true where no message may hold what it says. Moves on. */
static bool append_escape(struct api_reader *reader, const char **at, const char *end)
{
    const struct json_escape escape = json_scan_escape(*at, (size_t)(end - *at));
    const bool is_nul = escape.len == 1 && escape.text[0] == '\0';

    *at += escape.consumed;
    if (is_nul)
        append(reader, UTF8_REPLACEMENT, strlen(UTF8_REPLACEMENT));
    else
        append(reader, escape.text, escape.len);
    return is_nul || escape.broken;
}

void answer_append_piece(struct api_reader *reader, struct json_piece piece)
{
    const char *at = piece.bytes;
    const char *end = piece.bytes + piece.len;
    bool broken = false;

    while (at < end) {
        const char *escape = piece.escaped ? memchr(at, '\\', (size_t)(end - at)) : NULL;
        const char *stop = escape ? escape : end;

        broken |= append_checked(reader, at, (size_t)(stop - at));
        at = stop;
        if (escape)
            broken |= append_escape(reader, &at, end);
    }
    if (broken)
        reader->invalid_text++;
}

void answer_note_id(struct api_reader *reader, const char *id, size_t len)
{
    uint64_t hash;

    if (len == 0)
        return;
    hash = uniqueness_hash(id, len);
    reader->other_ids += reader->has_id && hash != reader->id_hash;
    if (!reader->has_id)
        reader->id_hash = hash;
    reader->has_id = true;
}

void answer_note_error(struct api_reader *reader, const char *message, size_t len)
{
    const size_t room = sizeof(reader->error) - 1;
    size_t kept = len < room ? len : room;

    /* A cut must not fall inside a UTF-8 sequence. */
    while (kept < len && kept > 0 && ((unsigned char)message[kept] & 0xC0) == 0x80)
        kept--;
    for (size_t i = 0; i < kept; i++)
        reader->error[i] =
            (unsigned char)message[i] < 0x20 || message[i] == 0x7F ? ' ' : message[i];
    reader->error[kept] = '\0';
}

enum api_kind answer_kind(const struct answer *answer, uint32_t *ret_output)
{
    if (answer->error)
        return API_ERROR;
    if (answer->tool_error)
        return API_TOOL_ERROR;
    if (!answer->output)
        return API_NOTHING;
    *ret_output = answer->output;
    return API_OUTPUT;
}

bool answer_is_done_mark(const char *data, size_t len)
{
    static const char done[] = "[DONE]";

    return len == sizeof(done) - 1 && memcmp(data, done, len) == 0;
}
