/*
 * OpenAI's embeddings ("Create embeddings" of its API reference): a vector for each text, as numbers or
 * in base64, and what the prompt cost. There is nothing to stream and nothing that was generated.
 */
#include "api/body.h"
#include "api/dialects.h"
#include "api/events.h"
#include "api/usage_scan.h"
#include "base/cleanup.h"

static int write_texts(const struct api_ask *ask, struct buf *text)
{
    struct body body;
    const int r = body_begin(&body, ask->extra_body, text);

    if (r < 0)
        return r;
    body_string(&body, "model", ask->model);
    if (body_member(&body, "input"))
        body_append_texts(text, ask->conversation);
    return body_end(&body);
}

/* Whether a vector has anything in it. */
static bool has_numbers(struct json_scan vector)
{
    if (!vector.at)
        return false;
    if (json_scan_peek(&vector) == '"')
        return json_scan_string(&vector).len > 0;
    return json_scan_enter(&vector, '[');
}

/* How many vectors a list has that are none of them empty; 0 where one is. */
static uint32_t count_vectors(struct json_scan *list)
{
    static const char *const keys[] = {"embedding"};
    struct json_scan vector = {0};
    uint32_t count = 0;
    bool whole = true;

    for (bool more = json_scan_enter(list, '['); more; more = json_scan_next(list, ']')) {
        json_scan_members(list, keys, COUNT_OF(keys), &vector);
        whole &= !list->failed && has_numbers(vector);
        count++;
    }
    return whole ? count : 0;
}

static bool scan_body(struct api_reader *reader, const char *text, size_t len,
                      struct answer *ret_answer)
{
    enum { DATA, USAGE, ERROR };
    static const char *const keys[] = {"data", "usage", "error"};
    struct json_scan values[COUNT_OF(keys)];
    struct json_scan scan = json_scan_begin(text, len);
    uint32_t vectors;

    json_scan_members(&scan, keys, COUNT_OF(keys), values);
    if (!json_scan_is_over(&scan))
        return false;
    if (values[USAGE].at)
        reader->usage = usage_scan_embeddings(&values[USAGE]);
    if (values[ERROR].at)
        event_take_error(reader, values[ERROR], ret_answer);
    if (!values[DATA].at)
        return true;
    vectors = count_vectors(&values[DATA]);
    if (values[DATA].failed || (vectors > 0 && vectors != reader->texts_asked))
        return false;
    reader->finished = vectors > 0;
    ret_answer->output = vectors > 0 ? API_OUTPUT_CONTENT : 0;
    return true;
}

static enum api_kind read_body(struct api_reader *reader, const char *text, size_t len,
                               uint32_t *ret_output)
{
    return event_read_body(reader, scan_body, text, len, ret_output);
}

const struct api_dialect dialect_openai_embeddings = {
    .name = "openai embeddings",
    .path = "/embeddings",
    .accept = "application/json",
    .write = write_texts,
    .read_body = read_body,
};
