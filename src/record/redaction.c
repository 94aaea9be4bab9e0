#include "record/redaction.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/secret_name.h"

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

static bool is_any_of(const char *const *words, size_t count, const char *name,
                      size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(words[i]) == len && strncasecmp(words[i], name, len) == 0)
            return true;
    return false;
}

bool redaction_is_named(const struct redaction *redaction, const char *name, size_t len)
{
    return is_any_of(redaction->names, redaction->name_count, name, len);
}

bool redaction_is_secret(const struct redaction *redaction, const char *name, size_t len)
{
    return secret_name_is(name, len) || redaction_is_named(redaction, name, len);
}

/* Whether one of the words between the dashes of a header's name tells of a secret. */
static bool has_secret_word(const char *name)
{
    static const char *const words[] = {"key",     "auth",   "sig",     "jwt",
                                        "session", "cookie", "cookie2", "csrf",
                                        "xsrf",    "bearer", "cert"};

    while (*name) {
        const size_t len = strcspn(name, "-_");

        if (is_any_of(words, COUNT_OF(words), name, len))
            return true;
        name += len + (name[len] != '\0');
    }
    return false;
}

bool redaction_is_secret_header(const struct redaction *redaction, const char *name)
{
    const size_t len = strlen(name);

    if (is_any_of(redaction->kept_headers, redaction->kept_count, name, len))
        return false;
    return redaction_is_secret(redaction, name, len) || has_secret_word(name);
}

void shown_secrets_note(struct shown_secrets *shown, const char *text, size_t len)
{
    if (len < REDACTION_MIN_BYTES || shown->count == REDACTION_SHOWN_MAX)
        return;
    shown->items[shown->count].text = text;
    shown->items[shown->count].len = len;
    shown->count++;
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

void shown_secrets_note_header(struct shown_secrets *shown, const char *name,
                               const char *value)
{
    const char *blank = strchr(value, ' ');

    if (strcasecmp(name, "cookie") == 0) {
        note_cookies(shown, value);
        return;
    }
    /* "Bearer TOKEN": the scheme is no secret (RFC 9110, section 11.4). */
    if (blank)
        value = blank + strspn(blank, " ");
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

/* Bytes of a shown secret at the text's begin; 0: none. */
static size_t shown_len(const struct shown_secrets *shown, const char *text, size_t len)
{
    for (size_t i = 0; i < shown->count; i++) {
        const char *secret = shown->items[i].text;
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
