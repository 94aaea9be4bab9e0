#include "base/http_date.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/calendar.h"

/* What was found so far; -1: not yet. */
struct parts {
    int hour;
    int minute;
    int second;
    int day;
    int month; /* from 1 */
    int year;
};

/* Characters that part the words of a date. */
static bool is_delimiter(char c)
{
    return !(isalnum((unsigned char)c) || c == ':' || (unsigned char)c >= 0x80);
}

/* The digits that a word begins with, and how many there are. */
static int number_of(const char *word, size_t len, size_t *ret_digits)
{
    int number = 0;
    size_t digits = 0;

    for (; digits < len && digits < 5 && isdigit((unsigned char)word[digits]); digits++)
        number = number * 10 + (word[digits] - '0');
    *ret_digits = digits;
    return number;
}

/* "8:49:37" */
static bool take_time(struct parts *parts, const char *word, size_t len)
{
    int values[3];

    for (size_t i = 0; i < 3; i++) {
        size_t digits = 0;

        values[i] = number_of(word, len, &digits);
        if (digits < 1 || digits > 2)
            return false;
        word += digits;
        len -= digits;
        if (i < 2) {
            if (len == 0 || *word != ':')
                return false;
            word++;
            len--;
        }
    }
    parts->hour = values[0];
    parts->minute = values[1];
    parts->second = values[2];
    return true;
}

static bool take_month(struct parts *parts, const char *word, size_t len)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

    for (int i = 0; len >= 3 && i < 12; i++) {
        if (strncasecmp(word, names + (size_t)i * 3, 3) == 0) {
            parts->month = i + 1;
            return true;
        }
    }
    return false;
}

static void take_word(struct parts *parts, const char *word, size_t len)
{
    size_t digits = 0;
    const int number = number_of(word, len, &digits);

    if (parts->hour < 0 && take_time(parts, word, len))
        return;
    if (parts->day < 0 && digits >= 1 && digits <= 2)
        parts->day = number;
    else if (parts->month < 0 && take_month(parts, word, len))
        return;
    else if (parts->year < 0 && digits >= 2 && digits <= 4)
        parts->year = digits > 2 ? number : number + (number >= 70 ? 1900 : 2000);
}

bool http_date_parse(const char *text, size_t len, int64_t *ret_unix_s)
{
    struct parts parts = {-1, -1, -1, -1, -1, -1};

    for (size_t at = 0; at < len;) {
        size_t end = at;

        while (end < len && !is_delimiter(text[end]))
            end++;
        if (end > at)
            take_word(&parts, text + at, end - at);
        at = end + 1;
    }
    if (parts.hour < 0 || parts.hour > 23 || parts.minute > 59 || parts.second > 60 ||
        parts.day < 1 || parts.day > 31 || parts.month < 1 || parts.year < 1601)
        return false;
    *ret_unix_s = calendar_days(parts.year, parts.month, parts.day) * 86400 +
                  (int64_t)parts.hour * 3600 + (int64_t)parts.minute * 60 + parts.second;
    return true;
}
