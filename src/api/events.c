#include "api/events.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/cleanup.h"

/* The same JSON as jansson writes it; NULL when it is none. Freed by the caller. */
static char *written_anew(const char *data, size_t len)
{
    json_t *root = json_loadb(data, len, JSON_REJECT_DUPLICATES, NULL);
    char *text = json_is_object(root) ? json_dumps(root, JSON_COMPACT) : NULL;

    json_decref(root);
    return text;
}

bool event_is(struct json_scan value, const char *word)
{
    return value.at && json_piece_is(json_scan_string(&value), word);
}

/* Notes the members of an event. */
static bool find_members(const char *text, size_t len, struct event *ret_event)
{
    static const char *const keys[] = {"type",          "delta",   "usage",    "error",
                                       "content_block", "message", "response", "item"};
    struct json_scan values[COUNT_OF(keys)];
    struct json_scan scan = json_scan_begin(text, len);

    json_scan_members(&scan, keys, COUNT_OF(keys), values);
    ret_event->type = values[0];
    ret_event->delta = values[1];
    ret_event->usage = values[2];
    ret_event->error = values[3];
    ret_event->block = values[4];
    ret_event->message = values[5];
    ret_event->response = values[6];
    ret_event->item = values[7];
    return json_scan_is_over(&scan);
}

static bool scan_event(struct api_reader *reader, const struct event_type *types,
                       size_t type_count, const char *text, size_t len,
                       struct answer *ret_answer)
{
    struct event event = {.reader = reader};

    if (!find_members(text, len, &event))
        return false;
    if (event.error.at) {
        event_take_error(reader, event.error, &event.answer);
    } else {
        size_t i = 0;

        while (i < type_count && !event_is(event.type, types[i].name))
            i++;
        if (!event.type.at || (i < type_count && !types[i].read(&event)))
            return false;
    }
    if (event.text.len > 0)
        answer_shape_keep(&reader->shape, text, len, event.text, event.answer.output);
    *ret_answer = event.answer;
    return true;
}

static bool scan_slowly(struct api_reader *reader, const struct event_type *types,
                        size_t type_count, const char *data, size_t len,
                        struct answer *ret_answer)
{
    char *text = written_anew(data, len);
    const bool read =
        text && scan_event(reader, types, type_count, text, strlen(text), ret_answer);

    reader->slow_events++;
    free(text);
    return read;
}

enum api_kind event_read(struct api_reader *reader, const struct event_type *types,
                         size_t type_count, const char *data, size_t len,
                         uint32_t *ret_output)
{
    struct answer answer = {0};

    if (reader->done) {
        /* Gateways that know chats add [DONE] to whatever they pass on. */
        reader->after_done += !answer_is_done_mark(data, len);
        return API_NOTHING;
    }
    if (!answer_shape_read(reader, data, len, &answer) &&
        !scan_event(reader, types, type_count, data, len, &answer) &&
        !scan_slowly(reader, types, type_count, data, len, &answer))
        return API_MALFORMED;
    if (reader->done && !answer.error)
        return API_DONE;
    return answer_kind(&answer, ret_output);
}

/* Whether a scan would be sure, tried on a reader that keeps nothing. */
static bool is_sure(const struct api_reader *reader, body_scan_fn *scan, const char *text,
                    size_t len)
{
    struct api_reader trial = *reader;
    struct answer answer = {0};

    trial.answer = NULL;
    trial.text = NULL;
    return scan(&trial, text, len, &answer);
}

enum api_kind event_read_body(struct api_reader *reader, body_scan_fn *scan,
                              const char *text, size_t len, uint32_t *ret_output)
{
    struct answer answer = {0};
    char *anew = NULL;
    bool read = is_sure(reader, scan, text, len);

    if (!read) {
        reader->slow_events++;
        anew = written_anew(text, len);
        text = anew;
        len = anew ? strlen(anew) : 0;
        read = anew && is_sure(reader, scan, text, len);
    }
    read = read && scan(reader, text, len, &answer);
    free(anew);
    return read ? answer_kind(&answer, ret_output) : API_MALFORMED;
}

bool event_take_text(struct api_reader *reader, struct json_scan value,
                     enum api_output output, struct json_piece *ret_piece,
                     struct answer *answer)
{
    struct json_piece piece = {0};

    if (!value.at)
        return true;
    piece = json_scan_string(&value);
    if (value.failed)
        return false;
    if (ret_piece)
        *ret_piece = piece;
    if (piece.len == 0)
        return true;
    answer->output |= output;
    if (output == API_OUTPUT_CONTENT)
        answer_append_piece(reader, piece);
    return true;
}

void event_note_error(struct api_reader *reader, struct json_scan value)
{
    static const char *const keys[] = {"message"};
    struct json_scan message = value;
    struct json_piece piece;

    if (json_scan_peek(&value) == '{')
        json_scan_members(&value, keys, COUNT_OF(keys), &message);
    if (!message.at || json_scan_peek(&message) != '"')
        return;
    piece = json_scan_string(&message);
    if (!message.failed)
        answer_note_error(reader, piece.bytes, piece.len);
}

void event_take_error(struct api_reader *reader, struct json_scan value,
                      struct answer *answer)
{
    answer->error = true;
    event_note_error(reader, value);
}

void event_take_id(struct api_reader *reader, struct json_scan value)
{
    struct json_piece id;

    if (!value.at || json_scan_peek(&value) != '"')
        return;
    id = json_scan_string(&value);
    if (!value.failed && !id.escaped)
        answer_note_id(reader, id.bytes, id.len);
}

void event_take_finish(struct api_reader *reader, struct json_scan value)
{
    struct json_piece reason;

    if (!value.at || json_scan_peek(&value) != '"')
        return;
    reason = json_scan_string(&value);
    if (!value.failed)
        answer_note_finish(reader, reason.bytes, reason.len);
}
