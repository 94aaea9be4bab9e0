#include "record/shown_secrets.h"

#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/secret.h"
#include "serve/router.h"

/* So much of a credential is compared at each place; what follows it goes as far as it is the same. */
#define PROBE_BYTES ((size_t)64)

/* How the keys of well-known platforms begin, and the least of letters and digits behind that. */
static const struct {
    const char *prefix;
    size_t least_bytes;
} shapes[] = {
    {"sk-", 16},         {"sk_", 16},    {"pk-", 16},  {"ghp_", 20}, {"gho_", 20},
    {"github_pat_", 20}, {"glpat-", 16}, {"hf_", 20},  {"gsk_", 20}, {"xoxb-", 16},
    {"xoxp-", 16},       {"AKIA", 16},   {"ASIA", 16}, {"AIza", 30}, {"ya29.", 20},
    {"nvapi-", 20},      {"pplx-", 20},  {"r8_", 20},  {"xai-", 20},
};

/* A JSON Web Token (RFC 7519): three parts, of which the first is an encoded '{"'. */
#define TOKEN_BEGIN "eyJ"
#define TOKEN_MIN_BYTES ((size_t)40)

/* Of a word behind "Bearer " in a text, which could also be one of a sentence. */
#define SCHEME_MIN_BYTES ((size_t)16)

/* Longer than any header is. */
#define WORD_BYTES_MAX ((size_t)128 * 1024)

void shown_secrets_init(struct shown_secrets *shown)
{
    *shown = (struct shown_secrets){.words = BUF_INIT(16 * WORD_BYTES_MAX)};
}

void shown_secrets_deinit(struct shown_secrets *shown)
{
    secret_wipe(shown->words.bytes, shown->words.len);
    buf_deinit(&shown->words);
    shown->count = 0;
}

/* One spelling. */
static void note_word(struct shown_secrets *shown, const char *text, size_t len)
{
    const size_t at = shown->words.len;

    if (len < REDACTION_MIN_BYTES || shown->count == REDACTION_SHOWN_MAX ||
        buf_append(&shown->words, text, len) < 0)
        return;
    shown->items[shown->count].at = at;
    shown->items[shown->count].len = len;
    shown->count++;
}

/* As it stands in a URL (RFC 3986, section 2.1). Returns whether that is another spelling. */
static bool percent_encode(struct buf *out, const char *text, size_t len)
{
    bool is_other = false;

    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];
        const bool is_open = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || (c && strchr("-._~", c));

        if (is_open)
            (void)buf_append_char(out, (char)c);
        else
            buf_printf(out, "%%%02X", c);
        is_other |= !is_open;
    }
    return is_other && buf_error(out) == 0;
}

void shown_secrets_note(struct shown_secrets *shown, const char *text, size_t len)
{
    struct buf other = BUF_INIT(3 * WORD_BYTES_MAX + 1);
    long plain_len = 0;

    note_word(shown, text, len);
    if (len >= REDACTION_MIN_BYTES && len <= WORD_BYTES_MAX) {
        if (percent_encode(&other, text, len))
            note_word(shown, other.bytes, other.len);
        /* What was encoded is no longer than that. */
        if (other.len > 0 && memchr(text, '%', len))
            plain_len = serve_percent_decode(text, len, other.bytes, other.len);
        if (plain_len > 0)
            note_word(shown, other.bytes, (size_t)plain_len);
    }
    secret_wipe(other.bytes, other.len);
    buf_deinit(&other);
}

static void note_cookies(struct shown_secrets *shown, const char *value)
{
    while (*value) {
        const size_t len = strcspn(value, ";");
        const char *equals = memchr(value, '=', len);

        if (equals)
            shown_secrets_note(shown, equals + 1, len - (size_t)(equals + 1 - value));
        value += len + (value[len] == ';');
    }
}

/* "user:password", as Base64 (RFC 7617): the password may stand elsewhere by itself. */
static void note_basic(struct shown_secrets *shown, const char *text)
{
    struct buf pair = BUF_INIT(WORD_BYTES_MAX);
    const char *colon;

    if (base64_decode(&pair, text, strcspn(text, " ")) == 0 && pair.len > 0) {
        colon = memchr(pair.bytes, ':', pair.len);
        note_word(shown, pair.bytes, pair.len);
        if (colon)
            shown_secrets_note(shown, colon + 1,
                               pair.len - (size_t)(colon + 1 - pair.bytes));
    }
    secret_wipe(pair.bytes, pair.len);
    buf_deinit(&pair);
}

void shown_secrets_note_header(struct shown_secrets *shown, const char *name,
                               const char *value)
{
    const char *blank = strchr(value, ' ');

    if (strcasecmp(name, "cookie") == 0) {
        note_cookies(shown, value);
        return;
    }
    /* "Bearer TOKEN": the scheme is no secret (RFC 9110, section 11.4). */
    if (blank) {
        const char *scheme = value;

        value = blank + strspn(blank, " ");
        if (strncasecmp(scheme, "basic ", 6) == 0)
            note_basic(shown, value);
    }
    shown_secrets_note(shown, value, strlen(value));
}

static bool is_key_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '-';
}

/* Letters of a key at the text's begin; with_dots: of those with dots between their parts. */
static size_t key_run(const char *text, size_t len, bool with_dots, size_t *ret_digits,
                      size_t *ret_dots)
{
    size_t at = 0;

    *ret_digits = 0;
    *ret_dots = 0;
    for (; at < len && (is_key_letter(text[at]) || (with_dots && text[at] == '.'));
         at++) {
        *ret_digits += text[at] >= '0' && text[at] <= '9';
        *ret_dots += text[at] == '.';
    }
    return at;
}

/* Bytes of what is shaped like a key at the text's begin; 0: none. */
static size_t shaped_len(const char *text, size_t len)
{
    size_t digits = 0;
    size_t dots = 0;

    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        const size_t prefix_len = strlen(shapes[i].prefix);

        if (len < prefix_len || memcmp(text, shapes[i].prefix, prefix_len) != 0)
            continue;
        const size_t run =
            key_run(text + prefix_len, len - prefix_len, false, &digits, &dots);

        /* Words that are no key have no digits in them. */
        if (run >= shapes[i].least_bytes && digits > 0)
            return prefix_len + run;
    }
    if (len >= TOKEN_MIN_BYTES && memcmp(text, TOKEN_BEGIN, strlen(TOKEN_BEGIN)) == 0) {
        const size_t run = key_run(text, len, true, &digits, &dots);

        if (run >= TOKEN_MIN_BYTES && dots == 2)
            return run;
    }
    return 0;
}

/* "Bearer TOKEN" within a text: letters of a token68 (RFC 9110, section 11.2), some of them digits. */
static size_t scheme_len(const char *text, size_t len)
{
    static const char *const schemes[] = {"bearer ", "basic "};

    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        const size_t begin = strlen(schemes[i]);
        size_t at = begin;
        size_t digits = 0;

        if (len < begin || strncasecmp(text, schemes[i], begin) != 0)
            continue;
        for (; at < len &&
               (is_key_letter(text[at]) || (text[at] && strchr(".~+/=", text[at])));
             at++)
            digits += text[at] >= '0' && text[at] <= '9';
        if (at - begin >= SCHEME_MIN_BYTES && digits > 0)
            return at;
    }
    return 0;
}

/* Bytes of a shown secret at the text's begin; 0: none. */
static size_t shown_len(const struct shown_secrets *shown, const char *text, size_t len)
{
    for (size_t i = 0; i < shown->count; i++) {
        const char *secret = shown->words.bytes + shown->items[i].at;
        const size_t secret_len = shown->items[i].len;
        size_t same = secret_len < PROBE_BYTES ? secret_len : PROBE_BYTES;

        if (*secret != *text || len < same || memcmp(secret, text, same) != 0)
            continue;
        while (same < secret_len && same < len && secret[same] == text[same])
            same++;
        return same;
    }
    return 0;
}

/* Whether a word can begin here: behind no letter, but for that of an escape such as \n. */
static bool is_word_begin(const char *text, size_t at)
{
    return at == 0 || !is_key_letter(text[at - 1]) || (at >= 2 && text[at - 2] == '\\');
}

size_t shown_secrets_star(const struct shown_secrets *shown, const char *text, size_t len,
                          struct buf *out)
{
    size_t count = 0;
    size_t start = 0; /* of the run that is copied as it is */

    for (size_t at = 0; at < len;) {
        size_t secret_len = shown_len(shown, text + at, len - at);

        if (secret_len == 0 && is_word_begin(text, at))
            secret_len = shaped_len(text + at, len - at);
        if (secret_len == 0 && is_word_begin(text, at))
            secret_len = scheme_len(text + at, len - at);
        if (secret_len == 0) {
            at++;
            continue;
        }
        (void)buf_append(out, text + start, at - start);
        (void)buf_append_str(out, REDACTION_STARS);
        at += secret_len;
        start = at;
        count++;
    }
    (void)buf_append(out, text + start, len - start);
    return count;
}
