#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/digits.h"
#include "base/rng.h"
#include "expr/template_tree.h"

static void append_number(struct buf *out, uint64_t number)
{
    char digits[DIGITS_MAX];
    const char *end = digits_decimal(digits, number);

    buf_append(out, digits, (size_t)(end - digits));
}

static void write_int(const struct template_scope *scope,
                      const struct template_arguments *arguments, struct buf *out)
{
    const int64_t from = (int64_t)arguments->items[0].number;
    const int64_t to = (int64_t)arguments->items[1].number;
    const int64_t drawn =
        from + (int64_t)rng_below(scope->rng, (uint64_t)(to - from) + 1);

    if (drawn < 0)
        buf_append_char(out, '-');
    append_number(out, (uint64_t)(drawn < 0 ? -drawn : drawn));
}

static void write_float(const struct template_scope *scope,
                        const struct template_arguments *arguments, struct buf *out)
{
    const double from = arguments->items[0].number;
    const double to = arguments->items[1].number;

    buf_printf(out, "%.6f", from + (to - from) * rng_unit(scope->rng));
}

static const char *falling_range(const struct template_arguments *arguments)
{
    return arguments->items[0].number > arguments->items[1].number
               ? "its first number is greater than its second"
               : NULL;
}

static void write_choice(const struct template_scope *scope,
                         const struct template_arguments *arguments, struct buf *out)
{
    const struct template_argument *chosen =
        &arguments->items[rng_below(scope->rng, arguments->count)];

    buf_append(out, chosen->text, chosen->len);
}

/* As many characters of an alphabet as the argument says. */
static void append_drawn(const struct template_scope *scope,
                         const struct template_arguments *arguments, const char *alphabet,
                         struct buf *out)
{
    const size_t letters = strlen(alphabet);
    const size_t count = (size_t)arguments->items[0].number;

    if (buf_reserve(out, count) < 0)
        return;
    for (size_t i = 0; i < count; i++)
        buf_append_char(out, alphabet[rng_below(scope->rng, letters)]);
}

static void write_string(const struct template_scope *scope,
                         const struct template_arguments *arguments, struct buf *out)
{
    append_drawn(scope, arguments,
                 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", out);
}

static void write_hex(const struct template_scope *scope,
                      const struct template_arguments *arguments, struct buf *out)
{
    append_drawn(scope, arguments, "0123456789abcdef", out);
}

static const char *absurd_count(const struct template_arguments *arguments)
{
    const double count = arguments->count > 0 ? arguments->items[0].number : 1;

    return count < 1 || count > 100000 ? "its number is not from 1 to 100000" : NULL;
}

static void write_bool(const struct template_scope *scope,
                       const struct template_arguments *arguments, struct buf *out)
{
    (void)arguments;
    buf_append_str(out, rng_below(scope->rng, 2) ? "true" : "false");
}

static void write_uuid(const struct template_scope *scope,
                       const struct template_arguments *arguments, struct buf *out)
{
    char digits[32];
    char text[36];
    char *at = text;

    (void)arguments;
    (void)digits_hex(digits, rng_next(scope->rng));
    (void)digits_hex(digits + 16, rng_next(scope->rng));
    digits[12] = '4';                              /* version, RFC 9562 section 5.4 */
    digits[16] = "89ab"[rng_below(scope->rng, 4)]; /* variant */
    for (size_t i = 0; i < sizeof(digits); i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            *at++ = '-';
        *at++ = digits[i];
    }
    buf_append(out, text, sizeof(text));
}

static void write_now(const struct template_scope *scope,
                      const struct template_arguments *arguments, struct buf *out)
{
    char text[32];

    (void)arguments;
    clock_format_wall(scope->wall_ns, text);
    buf_append_str(out, text);
}

static void write_unix(const struct template_scope *scope,
                       const struct template_arguments *arguments, struct buf *out)
{
    (void)arguments;
    append_number(out, scope->wall_ns / NS_PER_S);
}

static void write_unix_ms(const struct template_scope *scope,
                          const struct template_arguments *arguments, struct buf *out)
{
    (void)arguments;
    append_number(out, scope->wall_ns / NS_PER_MS);
}

#define DATE_LETTERS "YmdHMSjab%"

/* What a letter behind a % stands for in a date, as in strftime(). */
static void append_date_part(char letter, const struct tm *utc, struct buf *out)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    static const char days[] = "SunMonTueWedThuFriSat";

    if (letter == 'Y')
        buf_printf(out, "%04d", utc->tm_year + 1900);
    else if (letter == 'm')
        buf_printf(out, "%02d", utc->tm_mon + 1);
    else if (letter == 'd')
        buf_printf(out, "%02d", utc->tm_mday);
    else if (letter == 'H')
        buf_printf(out, "%02d", utc->tm_hour);
    else if (letter == 'M')
        buf_printf(out, "%02d", utc->tm_min);
    else if (letter == 'S')
        buf_printf(out, "%02d", utc->tm_sec);
    else if (letter == 'j')
        buf_printf(out, "%03d", utc->tm_yday + 1);
    else if (letter == 'b')
        buf_append(out, months + (size_t)3 * (size_t)utc->tm_mon, 3);
    else if (letter == 'a')
        buf_append(out, days + (size_t)3 * (size_t)utc->tm_wday, 3);
    else
        buf_append_char(out, letter);
}

static void write_date(const struct template_scope *scope,
                       const struct template_arguments *arguments, struct buf *out)
{
    const time_t seconds = (time_t)(scope->wall_ns / NS_PER_S);
    const char *at = arguments->count > 0 ? arguments->items[0].text : "%Y-%m-%d";
    struct tm utc;

    (void)gmtime_r(&seconds, &utc); /* 64 bits of ns end in 2554 */
    for (; *at; at++) {
        if (*at == '%')
            append_date_part(*++at, &utc, out);
        else
            buf_append_char(out, *at);
    }
}

static const char *unknown_date_part(const struct template_arguments *arguments)
{
    const char *at = arguments->count > 0 ? arguments->items[0].text : "";

    for (; (at = strchr(at, '%')); at += 2)
        if (!at[1] || !strchr(DATE_LETTERS, at[1]))
            return "its format has other letters than %Y %m %d %H %M %S %j %a %b and %%";
    return NULL;
}

static const struct template_function functions[] = {
    {{"random.int", "random.int(1, 9)", "A whole number, both ends included", "7"},
     {"ww", 2, 2, falling_range},
     write_int,
     TEMPLATE_IS_JSON},
    {{"random.float", "random.float(0.5, 2)", "A number, with six decimals", "1.274019"},
     {"dd", 2, 2, falling_range},
     write_float,
     TEMPLATE_IS_JSON},
    {{"random.choice", "random.choice(\"red\", \"green\", \"blue\")",
      "One of these, each as likely", "green"},
     {"a", 1, TEMPLATE_ARGUMENTS, NULL},
     write_choice,
     0},
    {{"random.string", "random.string(12)", "As many letters and digits", "k3VbQ0sLx9Za"},
     {"w", 1, 1, absurd_count},
     write_string,
     0},
    {{"random.hex", "random.hex(8)", "As many hexadecimal digits", "9f03a1c7"},
     {"w", 1, 1, absurd_count},
     write_hex,
     0},
    {{"random.bool", "random.bool", "`true` or `false`", "true"},
     {"", 0, 0, NULL},
     write_bool,
     TEMPLATE_IS_JSON},
    {{"uuid", "uuid", "A UUID, version 4, drawn from the run's seed",
      "3f2b8c1e-5d60-4a7b-9c1d-2e8f0a6b4c13"},
     {"", 0, 0, NULL},
     write_uuid,
     0},
    {{"now", "now", "The time in UTC (ISO 8601, with milliseconds)",
      "2026-11-21T10:09:00.123Z"},
     {"", 0, 0, NULL},
     write_now,
     TEMPLATE_TELLS_TIME},
    {{"now.iso", "now.iso", "The same as `now`", "2026-11-21T10:09:00.123Z"},
     {"", 0, 0, NULL},
     write_now,
     TEMPLATE_TELLS_TIME},
    {{"now.unix", "now.unix", "Seconds since 1970", "1795255740"},
     {"", 0, 0, NULL},
     write_unix,
     TEMPLATE_IS_JSON | TEMPLATE_TELLS_TIME},
    {{"now.unix_ms", "now.unix_ms", "Milliseconds since 1970", "1795255740123"},
     {"", 0, 0, NULL},
     write_unix_ms,
     TEMPLATE_IS_JSON | TEMPLATE_TELLS_TIME},
    {{"date", "date(\"%d %b %Y\")",
      "The time in UTC by a format of `%Y %m %d %H %M %S %j %a %b`; `%Y-%m-%d` where "
      "none is given",
      "21 Nov 2026"},
     {"t", 0, 1, unknown_date_part},
     write_date,
     TEMPLATE_TELLS_TIME},
    {{"word", "word", "An English word", "harbour"},
     {"", 0, 0, NULL},
     template_write_word,
     0},
    {{"words", "words(3)", "As many English words", "quiet river market"},
     {"w", 1, 1, absurd_count},
     template_write_words,
     0},
    {{"sentence", "sentence(5)",
      "A sentence of as many words, of 8 where no number is given",
      "Quiet river market learns early."},
     {"w", 0, 1, absurd_count},
     template_write_sentence,
     0},
    {{"paragraph", "paragraph", "Four sentences", "Quiet river …"},
     {"", 0, 0, NULL},
     template_write_paragraph,
     0},
    {{"lorem", "lorem(4)", "As many words of printers' Latin", "lorem ipsum dolor sit"},
     {"w", 1, 1, absurd_count},
     template_write_lorem,
     0},
    {{"name", "name", "First and last name", "Ada Okafor"},
     {"", 0, 0, NULL},
     template_write_name,
     0},
    {{"first_name", "first_name", "A first name", "Ada"},
     {"", 0, 0, NULL},
     template_write_first_name,
     0},
    {{"last_name", "last_name", "A last name", "Okafor"},
     {"", 0, 0, NULL},
     template_write_last_name,
     0},
    {{"email", "email", "An address under `.invalid`, where no mail arrives (RFC 2606)",
      "ada.okafor4821@mail.invalid"},
     {"", 0, 0, NULL},
     template_write_email,
     0},
    {{"company", "company", "A company's name", "Okafor Logistics"},
     {"", 0, 0, NULL},
     template_write_company,
     0},
    {{"city", "city", "A city", "Lisbon"}, {"", 0, 0, NULL}, template_write_city, 0},
    {{"country", "country", "A country", "Portugal"},
     {"", 0, 0, NULL},
     template_write_country,
     0},
    {{"phone", "phone", "A phone number that nobody has (555-01xx)", "+1-415-555-0142"},
     {"", 0, 0, NULL},
     template_write_phone,
     0},
    {{"ip", "ip",
      "An address of those set apart for benchmarks, 198.18.0.0/15 (RFC 2544)",
      "198.19.7.201"},
     {"", 0, 0, NULL},
     template_write_ip,
     0},
    {{"user_agent", "user_agent", "What a browser calls itself", "Mozilla/5.0 …"},
     {"", 0, 0, NULL},
     template_write_user_agent,
     0},
};

const struct template_function *template_find_function(const char *name, size_t len)
{
    for (size_t i = 0; i < COUNT_OF(functions); i++)
        if (strlen(functions[i].word.name) == len &&
            memcmp(functions[i].word.name, name, len) == 0)
            return &functions[i];
    return NULL;
}

bool template_function_at(size_t index, struct template_word *ret_word)
{
    if (index >= COUNT_OF(functions))
        return false;
    *ret_word = functions[index].word;
    return true;
}
