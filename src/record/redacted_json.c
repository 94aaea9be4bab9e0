/*
 * JSON, read loosely: strings are found by their quotes, names by the colon behind them. A text that
 * is no JSON comes out as it was, but for what is starred.
 */
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_scan.h"
#include "base/secret_name.h"
#include "record/redacted_body.h"

/* Strings that hold JSON, such as the arguments of tools, may hold such strings again. */
#define DEPTH_MAX 4

#define NAME_BYTES_MAX ((size_t)1024)

/* Where one pass stands. */
struct pass {
    const struct redacting *by;
    const char *at;
    const char *end;
    struct buf *out;
    unsigned depth;
    size_t count; /* secrets taken out */
};

static size_t redact(const struct redacting *by, const char *text, size_t len,
                     unsigned depth, struct buf *out);

/* Behind the quote that ends the string which begins at this one, or the text's end. */
static const char *string_end(const struct pass *pass, const char *quote)
{
    const char *at = quote + 1;

    while (at < pass->end && *at != '"')
        at += *at == '\\' && at + 1 < pass->end ? 2 : 1;
    return at < pass->end ? at + 1 : pass->end;
}

static const char *skip_blanks(const struct pass *pass, const char *at)
{
    while (at < pass->end && strchr(" \t\r\n", *at) && *at)
        at++;
    return at;
}

/* What stands between the quotes. */
static struct json_piece inside(const struct pass *pass, const char *quote,
                                const char *end)
{
    const bool is_closed = end - quote >= 2 && end[-1] == '"';
    const size_t len = (size_t)(end - quote) - 1 - (is_closed && end <= pass->end);

    return (struct json_piece){
        .bytes = quote + 1, .len = len, .escaped = memchr(quote + 1, '\\', len) != NULL};
}

static void copy(struct pass *pass, const char *to)
{
    (void)buf_append(pass->out, pass->at, (size_t)(to - pass->at));
    pass->at = to;
}

static void star_value(struct pass *pass, const char *to)
{
    (void)buf_append_str(pass->out, "\"" REDACTION_STARS "\"");
    pass->at = to;
    pass->count++;
}

/* NOLINTBEGIN(misc-no-recursion): DEPTH_MAX bounds it */

/*
 * A string with escapes is read as what it stands for: JSON, words with JSON among them, or a URL. Where
 * that has secrets, it is written anew without them. Returns whether it could be read so.
 */
static bool take_unescaped(struct pass *pass, struct json_piece piece, const char *end)
{
    struct buf text = BUF_INIT(3 * piece.len + 1);
    struct buf redacted = BUF_INIT(pass->out->max_bytes);
    size_t count = 0;
    bool is_read;

    if (!piece.escaped || pass->depth >= DEPTH_MAX)
        return false;
    is_read = json_piece_append(piece, &text) == 0;
    if (is_read && text.len > 0)
        count = redact(pass->by, text.bytes, text.len, pass->depth + 1, &redacted);
    if (count > 0) {
        (void)buf_append_char(pass->out, '"');
        (void)buf_append_json(pass->out, buf_str(&redacted), redacted.len);
        (void)buf_append_char(pass->out, '"');
        pass->count += count;
        pass->at = end;
    } else if (is_read) {
        copy(pass, end);
    }
    if (buf_error(&redacted) < 0 && buf_error(pass->out) == 0)
        pass->out->error = buf_error(&redacted);
    buf_deinit(&text);
    buf_deinit(&redacted);
    return is_read;
}

/* A string that is no secret by its name, from its quote on. */
static void take_string(struct pass *pass, const char *end)
{
    if (take_unescaped(pass, inside(pass, pass->at, end), end))
        return;
    pass->count += redacted_text(pass->by, pass->at, (size_t)(end - pass->at), pass->out);
    pass->at = end;
}

/* The strings that stand in an array itself. */
static void star_array(struct pass *pass)
{
    copy(pass, pass->at + 1);
    while (pass->at < pass->end) {
        copy(pass, skip_blanks(pass, pass->at));
        if (pass->at == pass->end || (*pass->at != '"' && *pass->at != ','))
            return;
        if (*pass->at == ',')
            copy(pass, pass->at + 1);
        else
            star_value(pass, string_end(pass, pass->at));
    }
}

/* A value that is no string, object or array: up to what ends it. */
static const char *scalar_end(const struct pass *pass, const char *at)
{
    while (at < pass->end && !strchr(",}] \t\r\n", *at))
        at++;
    return at;
}

/* All of a value that the user named. Where it breaks the grammar, all that is left of the text. */
static void star_all(struct pass *pass)
{
    struct json_scan scan = json_scan_begin(pass->at, (size_t)(pass->end - pass->at));

    json_scan_value(&scan, JSON_SCAN_DEPTH);
    star_value(pass, scan.failed ? pass->end : scan.at);
}

/*
 * A signature in a body is no one's access: those of Anthropic's thinking blocks have to come back as they
 * were given.
 */
static bool is_kept(const char *name, size_t len)
{
    return len == strlen("signature") && memcmp(name, "signature", len) == 0;
}

/* The value under a name, at which the pass stands. */
static void take_value(struct pass *pass, const char *name, size_t name_len)
{
    const struct redaction *rules = pass->by->rules;
    const char *at = pass->at;

    if (at == pass->end || !redaction_is_secret(rules, name, name_len))
        return;
    if (redaction_is_named(rules, name, name_len))
        star_all(pass);
    else if (is_kept(name, name_len))
        return;
    else if (*at == '"' && string_end(pass, at) - at > 2)
        star_value(pass, string_end(pass, at));
    else if (*at == '[')
        star_array(pass);
    /* Other names of secrets have numbers that are none: "max_tokens". */
    else if (((*at >= '0' && *at <= '9') || *at == '-') &&
             secret_name_is_password(name, name_len))
        star_value(pass, scalar_end(pass, at));
}

/* A string with a colon behind it. */
static void take_member(struct pass *pass, const char *end, const char *value)
{
    const struct json_piece piece = inside(pass, pass->at, end);
    struct buf name = BUF_INIT(NAME_BYTES_MAX);

    if (piece.len <= NAME_BYTES_MAX)
        (void)json_piece_append(piece, &name);
    pass->count += shown_secrets_star(pass->by->shown, pass->at, (size_t)(end - pass->at),
                                      pass->out);
    pass->at = end;
    copy(pass, value);
    take_value(pass, buf_str(&name), name.len);
    buf_deinit(&name);
}

static size_t redact(const struct redacting *by, const char *text, size_t len,
                     unsigned depth, struct buf *out)
{
    struct pass pass = {
        .by = by, .at = text, .end = text + len, .out = out, .depth = depth};

    while (pass.at < pass.end) {
        const char *quote = memchr(pass.at, '"', (size_t)(pass.end - pass.at));
        const char *end;
        const char *colon;

        if (!quote)
            quote = pass.end;
        pass.count += redacted_text(by, pass.at, (size_t)(quote - pass.at), out);
        pass.at = quote;
        if (quote == pass.end)
            break;
        end = string_end(&pass, quote);
        colon = skip_blanks(&pass, end);
        if (colon < pass.end && *colon == ':')
            take_member(&pass, end, skip_blanks(&pass, colon + 1));
        else
            take_string(&pass, end);
    }
    return pass.count;
}

/* NOLINTEND(misc-no-recursion) */

size_t redacted_json(const struct redacting *by, const char *text, size_t len,
                     struct buf *out)
{
    return redact(by, text, len, 0, out);
}
