#include "base/quantity.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

/* No quantity is longer than this, with its NUL. */
#define MAX_TEXT 64

#define MAX_FRACTION_DIGITS 12

__extension__ typedef unsigned __int128 wide;

struct unit {
    const char *name;
    uint64_t factor;
};

/* digits[.digits], exact. */
struct decimal {
    uint64_t whole;
    uint64_t fraction; /* the digits behind the point */
    uint64_t scale;    /* 10 to their count */
    bool too_big;      /* more digits than these hold */
};

/* Copies text without the blanks around it. Returns its length, 0 when it is empty or too long. */
static size_t trim(const char *text, char out[static MAX_TEXT])
{
    text += strspn(text, " \t");
    size_t len = strlen(text);

    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    if (len >= MAX_TEXT)
        len = 0;
    memcpy(out, text, len);
    out[len] = '\0';
    return len;
}

/* Appends a decimal digit to a number. Returns false where that does not fit. */
static bool push_digit(uint64_t *number, char digit)
{
    return !__builtin_mul_overflow(*number, 10, number) &&
           !__builtin_add_overflow(*number, (uint64_t)(digit - '0'), number);
}

/*
 * Reads a decimal and moves *at behind it. Returns 0 or -EINVAL; that it is too big is found out
 * only when the whole text has the right form.
 */
static int read_decimal(const char **at, struct decimal *ret_decimal)
{
    struct decimal decimal = {.scale = 1};
    size_t fraction_digits = 0;

    if (!isdigit((unsigned char)**at))
        return -EINVAL;
    for (; isdigit((unsigned char)**at); (*at)++)
        decimal.too_big |= !push_digit(&decimal.whole, **at);
    if (**at == '.') {
        (*at)++;
        if (!isdigit((unsigned char)**at))
            return -EINVAL;
        for (; isdigit((unsigned char)**at); (*at)++) {
            if (++fraction_digits > MAX_FRACTION_DIGITS) {
                decimal.too_big = true;
                continue;
            }
            push_digit(&decimal.fraction, **at);
            decimal.scale *= 10;
        }
    }
    *ret_decimal = decimal;
    return 0;
}

/* decimal × factor, rounded to the nearest integer. Returns 0; -ERANGE above max. */
static int scale_decimal(const struct decimal *decimal, uint64_t factor, uint64_t max,
                         uint64_t *ret_value)
{
    const wide fraction = (wide)decimal->fraction * factor + decimal->scale / 2;
    const wide value = (wide)decimal->whole * factor + fraction / decimal->scale;

    if (decimal->too_big || value > max)
        return -ERANGE;
    *ret_value = (uint64_t)value;
    return 0;
}

/* The longest unit that text starts with, or NULL. */
static const struct unit *find_unit(const struct unit *units, size_t count,
                                    const char *text)
{
    const struct unit *best = NULL;

    for (size_t i = 0; i < count; i++) {
        const size_t len = strlen(units[i].name);

        if (strncmp(text, units[i].name, len) == 0 && (!best || len > strlen(best->name)))
            best = &units[i];
    }
    return best;
}

/* Reads one part ("30s") and moves *at behind it. Returns 0 or -EINVAL. */
static int read_duration_part(const char **at, struct decimal *ret_decimal,
                              uint64_t *ret_factor)
{
    static const struct unit units[] = {
        {"h", 3600 * NS_PER_S},
        {"m", 60 * NS_PER_S},
        {"s", NS_PER_S},
        {"ms", NS_PER_MS},
        {"us", NS_PER_US},
        {"\u00b5s", NS_PER_US},
        {"ns", 1},
    };
    const int r = read_decimal(at, ret_decimal);

    if (r < 0)
        return r;
    const struct unit *unit = find_unit(units, COUNT_OF(units), *at);

    if (!unit)
        return -EINVAL;
    *at += strlen(unit->name);
    *ret_factor = unit->factor;
    return 0;
}

int quantity_parse_duration(const char *text, uint64_t *ret_ns)
{
    char copy[MAX_TEXT];
    uint64_t sum_ns = 0;
    uint64_t last_factor = UINT64_MAX;
    int range = 0;

    if (trim(text, copy) == 0)
        return -EINVAL;
    if (strcmp(copy, "0") == 0) {
        *ret_ns = 0;
        return 0;
    }
    for (const char *at = copy; *at;) {
        struct decimal decimal;
        uint64_t factor = 0;
        uint64_t part_ns = 0;

        if (read_duration_part(&at, &decimal, &factor) < 0 || factor >= last_factor)
            return -EINVAL;
        last_factor = factor;
        if (scale_decimal(&decimal, factor, UINT64_MAX - sum_ns, &part_ns) < 0)
            range = -ERANGE;
        sum_ns += part_ns;
    }
    if (range == 0)
        *ret_ns = sum_ns;
    return range;
}

int quantity_parse_size(const char *text, uint64_t *ret_bytes)
{
    static const struct unit units[] = {
        {"", 1},
        {"B", 1},
        {"kB", 1000},
        {"KB", 1000},
        {"MB", 1000000},
        {"GB", 1000000000},
        {"TB", UINT64_C(1000000000000)},
        {"KiB", UINT64_C(1) << 10},
        {"MiB", UINT64_C(1) << 20},
        {"GiB", UINT64_C(1) << 30},
        {"TiB", UINT64_C(1) << 40},
    };
    char copy[MAX_TEXT];
    const char *at = copy;
    struct decimal decimal;

    if (trim(text, copy) == 0 || read_decimal(&at, &decimal) < 0)
        return -EINVAL;
    at += strspn(at, " ");
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (strcmp(at, units[i].name) == 0)
            return scale_decimal(&decimal, units[i].factor, UINT64_MAX, ret_bytes);
    return -EINVAL;
}

int quantity_parse_number(const char *text, double *ret_number)
{
    char copy[MAX_TEXT];
    char *end = NULL;

    /* Only these characters: strtod() would also take hexadecimals, "inf" and "nan". */
    if (trim(text, copy) == 0 || copy[strspn(copy, "+-0123456789.eE")] != '\0')
        return -EINVAL;
    const double number = strtod(copy, &end);

    if (*end || end == copy)
        return -EINVAL;
    if (!isfinite(number))
        return -ERANGE;
    *ret_number = number;
    return 0;
}

int quantity_parse_fraction(const char *text, double *ret_fraction)
{
    char copy[MAX_TEXT];
    const size_t len = trim(text, copy);
    const bool percent = len > 0 && copy[len - 1] == '%';
    double number = 0;

    if (percent)
        copy[len - 1] = '\0';
    const int r = quantity_parse_number(copy, &number);

    if (r < 0)
        return r;
    *ret_fraction = percent ? number / 100.0 : number;
    return 0;
}

int quantity_parse_money(const char *text, int64_t *ret_pusd)
{
    char copy[MAX_TEXT];
    const char *at = copy;
    struct decimal decimal;
    uint64_t pusd = 0;

    if (trim(text, copy) == 0)
        return -EINVAL;
    const bool dollar = *at == '$';

    at += dollar;
    if (read_decimal(&at, &decimal) < 0)
        return -EINVAL;
    at += strspn(at, " ");
    if (*at && (dollar || strcmp(at, "USD") != 0))
        return -EINVAL;
    const int r = scale_decimal(&decimal, (uint64_t)PUSD_PER_USD, INT64_MAX, &pusd);

    if (r < 0)
        return r;
    *ret_pusd = (int64_t)pusd;
    return 0;
}

int quantity_parse_count(const char *text, uint64_t *ret_count)
{
    char copy[MAX_TEXT];
    const size_t len = trim(text, copy);
    uint64_t count = 0;
    bool fits = true;

    if (len == 0 || (len > 1 && copy[0] == '0') || copy[0] == '_' || copy[len - 1] == '_')
        return -EINVAL;
    for (const char *at = copy; *at; at++) {
        if (*at == '_' && at[1] != '_')
            continue;
        if (!isdigit((unsigned char)*at))
            return -EINVAL;
        fits = fits && push_digit(&count, *at);
    }
    if (!fits)
        return -ERANGE;
    *ret_count = count;
    return 0;
}

int quantity_parse_rate(const char *text, double *ret_per_s)
{
    static const struct unit units[] = {{"s", 1}, {"m", 60}, {"h", 3600}};
    char copy[MAX_TEXT];
    double number = 0;

    if (trim(text, copy) == 0)
        return -EINVAL;
    char *slash = strchr(copy, '/');

    if (!slash)
        return -EINVAL;
    *slash = '\0';
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (strcmp(slash + 1, units[i].name) != 0)
            continue;
        const int r = quantity_parse_number(copy, &number);

        if (r < 0 || number < 0)
            return r < 0 ? r : -EINVAL;
        *ret_per_s = number / (double)units[i].factor;
        return 0;
    }
    return -EINVAL;
}

int quantity_parse_speed(const char *text, uint64_t *ret_bytes_per_s)
{
    static const char per_s[] = "/s";
    char copy[MAX_TEXT];
    const size_t len = trim(text, copy);

    if (len < sizeof(per_s) || strcmp(copy + len - (sizeof(per_s) - 1), per_s) != 0)
        return -EINVAL;
    copy[len - (sizeof(per_s) - 1)] = '\0';
    return quantity_parse_size(copy, ret_bytes_per_s);
}
