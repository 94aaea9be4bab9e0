#include "expr/query_value.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/digits.h"
#include "base/quantity.h"
#include "base/utf8.h"

/* Whole numbers below this are printed as their digits, by jq as by us. */
#define PLAIN_DIGITS 1e15

/* A number longer than base reads is left to libjq. */
static double read_number(const char *text, size_t len)
{
    char copy[48];
    double number = 0;

    if (len < sizeof(copy)) {
        memcpy(copy, text, len);
        copy[len] = '\0';
        if (quantity_parse_number(copy, &number) == 0)
            return number;
    }
    const jv parsed = jv_parse_sized(text, (int)len);

    number = jv_get_kind(parsed) == JV_KIND_NUMBER ? jv_number_value(parsed) : 0;
    jv_free(parsed);
    return number;
}

/* Of a text that is known to be a JSON value, without blanks around it. */
static struct query_value read_checked(const char *text, size_t len)
{
    struct query_value value = {.kind = QUERY_NULL};

    switch (text[0]) {
    case '{':
    case '[':
        value.kind = QUERY_JSON;
        value.text = (struct json_piece){.bytes = text, .len = len};
        break;
    case '"':
        value.kind = QUERY_TEXT;
        value.text = (struct json_piece){.bytes = text + 1, .len = len - 2};
        value.text.escaped = memchr(text, '\\', len) != NULL;
        break;
    case 't':
        value.kind = QUERY_TRUE;
        break;
    case 'f':
        value.kind = QUERY_FALSE;
        break;
    case 'n':
        break;
    default:
        value.kind = QUERY_NUMBER;
        value.number = read_number(text, len);
        break;
    }
    return value;
}

/* Where the next value stands. */
struct place {
    const char *text; /* NULL: there is none */
    size_t len;
    bool unfit; /* jq cannot index what stands there */
};

static struct place take_value(struct json_scan *scan, unsigned depth)
{
    (void)json_scan_peek(scan);
    const char *text = scan->at;

    json_scan_value(scan, depth);
    return (struct place){.text = text, .len = (size_t)(scan->at - text)};
}

struct query_value query_value_read(const char *text, size_t len)
{
    struct json_scan scan = json_scan_begin(text, len);
    const struct place place = take_value(&scan, JSON_SCAN_DEPTH);

    return json_scan_is_over(&scan) ? read_checked(place.text, place.len)
                                    : (struct query_value){.kind = QUERY_NULL};
}

struct query_value query_value_of_root(const struct query_root *root)
{
    if (root->kind == QUERY_JSON)
        return query_value_read(root->text, root->len);
    return (struct query_value){
        .kind = root->kind == QUERY_NOTHING ? QUERY_NULL : root->kind,
        .number = root->number,
        .text = {.bytes = root->text, .len = root->len},
        .is_plain = true,
    };
}

/* The bytes of a text, one after the other, with its escapes undone. */
struct cursor {
    struct json_piece piece;
    bool is_plain;
    size_t at;
    char pending[4]; /* of the character in hand */
    size_t pending_len;
    size_t pending_at;
};

static struct cursor cursor_of(const struct query_value *value)
{
    return (struct cursor){.piece = value->text, .is_plain = value->is_plain};
}

static void take_character(struct cursor *cursor)
{
    const char *at = cursor->piece.bytes + cursor->at;
    const size_t left = cursor->piece.len - cursor->at;
    const size_t step = utf8_length(at, left);

    cursor->pending_at = 0;
    if (*at == '\\' && !cursor->is_plain) {
        const struct json_escape escape = json_scan_escape(at, left);

        memcpy(cursor->pending, escape.text, escape.len);
        cursor->pending_len = escape.len;
        cursor->at += escape.consumed;
    } else if (step == 0) {
        cursor->pending_len = strlen(UTF8_REPLACEMENT);
        memcpy(cursor->pending, UTF8_REPLACEMENT, cursor->pending_len);
        cursor->at++;
    } else {
        memcpy(cursor->pending, at, step);
        cursor->pending_len = step;
        cursor->at += step;
    }
}

/* −1 at the end. */
static int next_byte(struct cursor *cursor)
{
    if (cursor->pending_at == cursor->pending_len) {
        if (cursor->at == cursor->piece.len)
            return -1;
        take_character(cursor);
    }
    return (unsigned char)cursor->pending[cursor->pending_at++];
}

static int compare_texts(const struct query_value *a, const struct query_value *b)
{
    struct cursor left = cursor_of(a);
    struct cursor right = cursor_of(b);
    int byte;

    do {
        const int other = next_byte(&right);

        byte = next_byte(&left);
        if (byte != other)
            return byte < other ? -1 : 1;
    } while (byte >= 0);
    return 0;
}

static bool is_key(struct json_piece key, const struct query_step *step)
{
    const struct query_value read = {.kind = QUERY_TEXT, .text = key};
    const struct query_value wanted = {.kind = QUERY_TEXT,
                                       .text = {.bytes = step->key, .len = step->key_len},
                                       .is_plain = true};

    if (!key.escaped)
        return key.len == step->key_len && memcmp(key.bytes, step->key, key.len) == 0;
    return compare_texts(&read, &wanted) == 0;
}

static struct place walk(struct json_scan *scan, const struct query_step *steps,
                         size_t count, unsigned depth);

// NOLINTNEXTLINE(misc-no-recursion): as deep as the path, at most JSON_SCAN_DEPTH
static struct place walk_object(struct json_scan *scan, const struct query_step *steps,
                                size_t count, unsigned depth)
{
    struct place found = {0};

    for (bool more = json_scan_enter(scan, '{'); more; more = json_scan_next(scan, '}')) {
        const struct json_piece key = json_scan_any_key(scan);

        if (!scan->failed && is_key(key, steps)) /* the last of several wins */
            found = walk(scan, steps + 1, count - 1, depth - 1);
        else
            json_scan_value(scan, depth - 1);
    }
    return found;
}

// NOLINTNEXTLINE(misc-no-recursion): as walk_object()
static struct place walk_list(struct json_scan *scan, const struct query_step *steps,
                              size_t count, unsigned depth)
{
    struct place found = {0};
    size_t index = 0;

    for (bool more = json_scan_enter(scan, '['); more; more = json_scan_next(scan, ']'))
        if (index++ == steps->index)
            found = walk(scan, steps + 1, count - 1, depth - 1);
        else
            json_scan_value(scan, depth - 1);
    return found;
}

/*
 * Finds what stands at the end of a path, and reads all the rest too: a text that is no JSON has
 * nothing in it, wherever it is broken.
 */
// NOLINTNEXTLINE(misc-no-recursion): as walk_object()
static struct place walk(struct json_scan *scan, const struct query_step *steps,
                         size_t count, unsigned depth)
{
    const char c = json_scan_peek(scan);

    if (count > 0 && depth > 0 && c == '{' && steps->key)
        return walk_object(scan, steps, count, depth);
    if (count > 0 && depth > 0 && c == '[' && !steps->key)
        return walk_list(scan, steps, count, depth);
    const struct place place = take_value(scan, depth);

    if (count == 0)
        return place;
    return (struct place){.unfit = c != 'n'}; /* null has all keys, and null in them */
}

int query_value_walk(const struct query_value *value, const struct query_step *steps,
                     size_t count, struct query_value *ret_value)
{
    *ret_value = *value;
    if (count == 0 || value->kind == QUERY_NULL)
        return 0;
    if (value->kind != QUERY_JSON)
        return -EINVAL;
    struct json_scan scan = json_scan_begin(value->text.bytes, value->text.len);
    const struct place place = walk(&scan, steps, count, JSON_SCAN_DEPTH);

    *ret_value = (struct query_value){.kind = QUERY_NULL};
    if (!json_scan_is_over(&scan))
        return 0;
    if (place.text)
        *ret_value = read_checked(place.text, place.len);
    return place.unfit ? -EINVAL : 0;
}

int query_value_walk_root(const struct query_root *root, const struct query_step *steps,
                          size_t count, struct query_value *ret_value)
{
    struct query_value value = {.kind = QUERY_JSON,
                                .text = {.bytes = root->text, .len = root->len}};

    if (root->kind != QUERY_JSON || count == 0)
        value = query_value_of_root(root);
    return query_value_walk(&value, steps, count, ret_value);
}

/* jq's order of kinds: null, false, true, numbers, texts, lists, objects. */
static int rank(const struct query_value *value)
{
    return (int)value->kind + (value->kind == QUERY_JSON && value->text.bytes[0] == '{');
}

int query_value_compare(const struct query_value *a, const struct query_value *b)
{
    if (rank(a) != rank(b))
        return rank(a) < rank(b) ? -1 : 1;
    if (a->kind == QUERY_NUMBER)
        return a->number < b->number ? -1 : a->number > b->number;
    if (a->kind == QUERY_TEXT)
        return compare_texts(a, b);
    return a->kind == QUERY_JSON ? jv_cmp(query_value_to_jv(a), query_value_to_jv(b)) : 0;
}

static double characters(const struct query_value *value)
{
    struct cursor cursor = cursor_of(value);
    double count = 0;

    for (int byte; (byte = next_byte(&cursor)) >= 0;)
        count += (byte & 0xC0) != 0x80;
    return count;
}

static double members(const struct query_value *value)
{
    struct json_scan scan = json_scan_begin(value->text.bytes, value->text.len);
    double count = 0;

    if (json_scan_peek(&scan) == '{') /* libjq knows which of its keys are the same */
        return jv_object_length(query_value_to_jv(value));
    for (bool more = json_scan_enter(&scan, '['); more;
         more = json_scan_next(&scan, ']')) {
        json_scan_value(&scan, JSON_SCAN_DEPTH);
        count++;
    }
    return count;
}

int query_value_length(const struct query_value *value, double *ret_length)
{
    switch (value->kind) {
    case QUERY_NUMBER:
        *ret_length = fabs(value->number);
        return 0;
    case QUERY_TEXT:
        *ret_length = characters(value);
        return 0;
    case QUERY_JSON:
        *ret_length = members(value);
        return 0;
    case QUERY_NOTHING:
    case QUERY_NULL:
        *ret_length = 0;
        return 0;
    case QUERY_FALSE:
    case QUERY_TRUE:
        break;
    }
    return -EINVAL;
}

bool query_value_is_true(const struct query_value *value)
{
    return value->kind != QUERY_NULL && value->kind != QUERY_FALSE;
}

static int append_dumped(jv value, struct buf *out)
{
    const jv text = jv_dump_string(value, 0);
    const int r = buf_append(out, jv_string_value(text),
                             (size_t)jv_string_length_bytes(jv_copy(text)));

    jv_free(text);
    return r;
}

static int append_number(double number, struct buf *out)
{
    char digits[DIGITS_MAX];

    if (number != trunc(number) || fabs(number) >= PLAIN_DIGITS ||
        (number == 0 && signbit(number)))
        return append_dumped(jv_number(number), out);
    if (number < 0)
        buf_append_char(out, '-');
    const char *end = digits_decimal(digits, (uint64_t)fabs(number));

    return buf_append(out, digits, (size_t)(end - digits));
}

static int append_text(const struct query_value *value, struct buf *out)
{
    struct cursor cursor = cursor_of(value);

    if (!value->is_plain)
        return json_piece_append(value->text, out);
    for (int byte; (byte = next_byte(&cursor)) >= 0;)
        buf_append_char(out, (char)byte);
    return buf_error(out);
}

int query_value_append(const struct query_value *value, struct buf *out)
{
    if (value->kind == QUERY_NUMBER)
        return append_number(value->number, out);
    if (value->kind == QUERY_TEXT)
        return append_text(value, out);
    return value->kind == QUERY_JSON ? append_dumped(query_value_to_jv(value), out) : 0;
}

/* libjq takes no half of a surrogate pair; JSON does, and what it stands for here is U+FFFD. */
static jv parse_repaired(const char *text, size_t len)
{
    struct buf whole = BUF_INIT(len);
    size_t start = 0;

    for (size_t at = 0; at < len;) {
        if (text[at] != '\\') {
            at++;
            continue;
        }
        const struct json_escape escape = json_scan_escape(text + at, len - at);

        if (escape.broken) {
            buf_append(&whole, text + start, at - start);
            buf_append_str(&whole, "\\ufffd"); /* as long as what it replaces */
            start = at + escape.consumed;
        }
        at += escape.consumed;
    }
    buf_append(&whole, text + start, len - start);
    const jv parsed = jv_parse_sized(buf_str(&whole), (int)whole.len);

    buf_deinit(&whole);
    return parsed;
}

/* Of a text that is known to be JSON. */
static jv parse(const char *text, size_t len)
{
    const jv parsed = jv_parse_sized(text, (int)len);

    if (jv_is_valid(parsed))
        return parsed;
    jv_free(parsed);
    return parse_repaired(text, len);
}

jv query_value_to_jv(const struct query_value *value)
{
    const struct json_piece *text = &value->text;

    switch (value->kind) {
    case QUERY_NUMBER:
        return jv_number(value->number);
    case QUERY_TEXT:
        return value->is_plain ? jv_string_sized(text->bytes, (int)text->len)
                               : parse(text->bytes - 1, text->len + 2);
    case QUERY_JSON:
        return parse(text->bytes, text->len);
    case QUERY_FALSE:
        return jv_false();
    case QUERY_TRUE:
        return jv_true();
    case QUERY_NOTHING:
    case QUERY_NULL:
        break;
    }
    return jv_null();
}

int query_append_jv(jv value, struct buf *out, struct query_result *ret_result)
{
    static const enum query_kind kinds[] = {
        [JV_KIND_INVALID] = QUERY_NOTHING, [JV_KIND_NULL] = QUERY_NULL,
        [JV_KIND_FALSE] = QUERY_FALSE,     [JV_KIND_TRUE] = QUERY_TRUE,
        [JV_KIND_NUMBER] = QUERY_NUMBER,   [JV_KIND_STRING] = QUERY_TEXT,
        [JV_KIND_ARRAY] = QUERY_JSON,      [JV_KIND_OBJECT] = QUERY_JSON,
    };
    int r = 0;

    *ret_result = (struct query_result){.kind = kinds[jv_get_kind(value)]};
    switch (ret_result->kind) {
    case QUERY_NUMBER:
        ret_result->number = jv_number_value(value);
        r = append_number(ret_result->number, out);
        break;
    case QUERY_TEXT:
        r = buf_append(out, jv_string_value(value),
                       (size_t)jv_string_length_bytes(jv_copy(value)));
        break;
    case QUERY_JSON:
        return append_dumped(value, out);
    case QUERY_NOTHING:
    case QUERY_NULL:
    case QUERY_FALSE:
    case QUERY_TRUE:
        break;
    }
    jv_free(value);
    return r;
}
