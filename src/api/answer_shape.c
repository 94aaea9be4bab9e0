/*
 * The events of one answer differ in their text alone, as a rule: a comparison with the one before
 * then does for the walk through the whole object.
 */
#include <string.h>

#include "api/answer.h"

void answer_shape_keep(struct api_shape *shape, const char *text, size_t len,
                       struct json_piece piece, uint32_t output)
{
    const size_t head_len = (size_t)(piece.bytes - text);
    const size_t tail_len = len - head_len - piece.len;

    shape->head_len = 0;
    if (head_len + tail_len > sizeof(shape->bytes))
        return;
    memcpy(shape->bytes, text, head_len);
    memcpy(shape->bytes + head_len, piece.bytes + piece.len, tail_len);
    shape->head_len = (uint16_t)head_len;
    shape->tail_len = (uint16_t)tail_len;
    shape->output = output;
}

/* Whether it is the event that was kept with another text. */
static bool fits(const struct api_shape *shape, const char *text, size_t len,
                 struct json_piece *ret_piece)
{
    const size_t head_len = shape->head_len;
    const size_t tail_len = shape->tail_len;
    struct json_scan scan;
    struct json_piece piece;

    if (head_len == 0 || len <= head_len + tail_len ||
        memcmp(text, shape->bytes, head_len) != 0 ||
        memcmp(text + len - tail_len, shape->bytes + head_len, tail_len) != 0)
        return false;
    /* The string must end where the tail begins, and not before or within it. */
    scan = json_scan_begin(text + head_len - 1, len - head_len + 1);
    piece = json_scan_string(&scan);
    if (scan.failed || piece.bytes + piece.len != text + len - tail_len)
        return false;
    *ret_piece = piece;
    return true;
}

bool answer_shape_read(struct api_reader *reader, const char *text, size_t len,
                       struct answer *ret_answer)
{
    struct json_piece piece;

    if (!fits(&reader->shape, text, len, &piece))
        return false;
    *ret_answer = (struct answer){.output = reader->shape.output, .choice = true};
    reader->other_ids += reader->shape.other_id;
    if (ret_answer->output == API_OUTPUT_CONTENT)
        answer_append_piece(reader, piece);
    return true;
}
