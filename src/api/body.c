#include "api/body.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_scan.h"

int body_begin(struct body *body, const char *extra_body, struct buf *text)
{
    struct json_scan scan;
    bool more;

    *body = (struct body){.text = text, .extra = extra_body ? extra_body : "{}"};
    body->extra_len = strlen(body->extra);
    scan = json_scan_begin(body->extra, body->extra_len);
    more = json_scan_enter(&scan, '{');
    if (more)
        body->members = scan.at;
    for (; more; more = json_scan_next(&scan, '}')) {
        json_scan_any_key(&scan);
        json_scan_skip(&scan);
        body->members_len = (size_t)(scan.at - body->members);
    }
    if (!json_scan_is_over(&scan))
        return -EINVAL;
    buf_append_char(text, '{');
    return 0;
}

/* The value of a member of extra_body; `at` is NULL where there is none. */
static struct json_scan find_extra(const struct body *body, const char *key)
{
    struct json_scan scan = json_scan_begin(body->extra, body->extra_len);
    struct json_scan found = {0};

    for (bool more = json_scan_enter(&scan, '{'); more;
         more = json_scan_next(&scan, '}')) {
        const bool is_it = json_piece_is(json_scan_any_key(&scan), key);

        json_scan_peek(&scan);
        if (is_it)
            found = scan;
        json_scan_skip(&scan);
    }
    return found;
}

/* The comma before all members but the first. */
static void separate(struct buf *text)
{
    if (text->len > 0 && text->bytes[text->len - 1] != '{')
        buf_append_char(text, ',');
}

bool body_member(struct body *body, const char *key)
{
    if (find_extra(body, key).at)
        return false;
    separate(body->text);
    buf_append_char(body->text, '"');
    buf_append_str(body->text, key);
    buf_append_str(body->text, "\":");
    return true;
}

void body_string(struct body *body, const char *key, const char *value)
{
    if (!body_member(body, key))
        return;
    buf_append_char(body->text, '"');
    buf_append_json(body->text, value, strlen(value));
    buf_append_char(body->text, '"');
}

void body_count(struct body *body, const char *key, uint64_t count)
{
    if (count > 0 && body_member(body, key))
        buf_printf(body->text, "%" PRIu64, count);
}

void body_number(struct body *body, const char *key, double number)
{
    if (!isnan(number) && body_member(body, key))
        buf_printf(body->text, "%.12g", number);
}

void body_true(struct body *body, const char *key)
{
    if (body_member(body, key))
        buf_append_str(body->text, "true");
}

void body_move_to_list(struct body *body, const char *key, const char *to)
{
    struct json_scan value = find_extra(body, key);

    if (!value.at || json_scan_peek(&value) == 'n' || !body_member(body, to))
        return;
    body->moved = key;
    const bool is_list = json_scan_peek(&value) == '[';
    const char *from = value.at;

    json_scan_skip(&value);
    buf_append_str(body->text, is_list ? "" : "[");
    buf_append(body->text, from, (size_t)(value.at - from));
    buf_append_str(body->text, is_list ? "" : "]");
}

/* What extra_body holds but for the member that was moved. */
static void append_rest(struct body *body)
{
    struct json_scan scan = json_scan_begin(body->extra, body->extra_len);

    for (bool more = json_scan_enter(&scan, '{'); more;
         more = json_scan_next(&scan, '}')) {
        const char *from = scan.at;
        const bool moved = json_piece_is(json_scan_any_key(&scan), body->moved);

        json_scan_skip(&scan);
        if (moved)
            continue;
        separate(body->text);
        buf_append(body->text, from, (size_t)(scan.at - from));
    }
}

int body_end(struct body *body)
{
    if (body->moved) {
        append_rest(body);
    } else if (body->members) {
        separate(body->text);
        buf_append(body->text, body->members, body->members_len);
    }
    buf_append_char(body->text, '}');
    return buf_error(body->text);
}
