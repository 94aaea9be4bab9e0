#include "base/quantity.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define MAX_TEXT 64

struct unit {
    const char *name;
    uint64_t factor;
};

/* Copies text without the blanks around it. Returns its length, or 0 when empty or too long. */
static size_t trim(const char *text, char out[static MAX_TEXT])
{
    text += strspn(text, " \t");
    size_t len = strlen(text);

    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    if (len >= MAX_TEXT)
        return 0;
    memcpy(out, text, len);
    out[len] = '\0';
    return len;
}

/*
 * Reads digits[.digits] exactly: whole × factor plus the fraction × factor, rounded to nearest.
 * Moves *at behind it. Up to 18 digits each.
 */
static int read_decimal(const char **at, uint64_t *ret_whole, uint64_t *ret_fraction,
                        uint64_t *ret_scale)
{
    uint64_t whole = 0;
    uint64_t fraction = 0;
    uint64_t scale = 1;
    size_t digits = 0;

    for (; isdigit((unsigned char)**at); (*at)++, digits++) {
        if (digits == 18)
            return -ERANGE;
        whole = whole * 10 + (uint64_t)(**at - '0');
    }
    if (digits == 0)
        return -EINVAL;
    if (**at == '.') {
        (*at)++;
        if (!isdigit((unsigned char)**at))
            return -EINVAL;
        for (; isdigit((unsigned char)**at); (*at)++) {
            if (scale >= UINT64_C(1000000000000))
                return -ERANGE;
            fraction = fraction * 10 + (uint64_t)(**at - '0');
            scale *= 10;
        }
    }
    *ret_whole = whole;
    *ret_fraction = fraction;
    *ret_scale = scale;
    return 0;
}

/* whole.fraction × factor as an integer, or -ERANGE. */
static int scale_decimal(uint64_t whole, uint64_t fraction, uint64_t scale,
                         uint64_t factor, uint64_t max, uint64_t *ret_value)
{
    __extension__ typedef unsigned __int128 wide;
    const wide value =
        (wide)whole * factor + ((wide)fraction * factor + scale / 2) / scale;

    if (value > max)
        return -ERANGE;
    *ret_value = (uint64_t)value;
    return 0;
}

static const struct unit *find_unit(const struct unit *units, size_t count,
                                    const char *at)
{
    const struct unit *best = NULL;

    for (size_t i = 0; i < count; i++) {
        const size_t len = strlen(units[i].name);

        if (strncmp(at, units[i].name, len) == 0 && (!best || len > strlen(best->name)))
            best = &units[i];
    }
    return best;
}

int quantity_parse_duration(const char *text, uint64_t *ret_ns)
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
    char copy[MAX_TEXT];
    uint64_t sum_ns = 0;
    uint64_t last_factor = UINT64_MAX;

    if (trim(text, copy) == 0)
        return -EINVAL;
    if (strcmp(copy, "0") == 0) {
        *ret_ns = 0;
        return 0;
    }
    for (const char *at = copy; *at;) {
        uint64_t whole = 0, fraction = 0, scale = 1, part_ns = 0;
        int r = read_decimal(&at, &whole, &fraction, &scale);

        if (r < 0)
            return r;
        const struct unit *unit = find_unit(units, sizeof(units) / sizeof(units[0]), at);

        if (!unit || unit->factor >= last_factor)
            return -EINVAL;
        at += strlen(unit->name);
        last_factor = unit->factor;
        r = scale_decimal(whole, fraction, scale, unit->factor, UINT64_MAX - sum_ns,
                          &part_ns);
        if (r < 0)
            return r;
        sum_ns += part_ns;
    }
    *ret_ns = sum_ns;
    return 0;
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
    uint64_t whole = 0, fraction = 0, scale = 1;

    if (trim(text, copy) == 0)
        return -EINVAL;
    const int r = read_decimal(&at, &whole, &fraction, &scale);

    if (r < 0)
        return r;
    at += strspn(at, " ");
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(at, units[i].name) == 0)
            return scale_decimal(whole, fraction, scale, units[i].factor, UINT64_MAX,
                                 ret_bytes);
    return -EINVAL;
}

int quantity_parse_number(const char *text, double *ret_number)
{
    char copy[MAX_TEXT];
    char *end = NULL;

    if (trim(text, copy) == 0 || strspn(copy, "+-0123456789.eE") != strlen(copy))
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
    uint64_t whole = 0, fraction = 0, scale = 1, value = 0;

    if (trim(text, copy) == 0)
        return -EINVAL;
    const bool dollar = *at == '$';

    at += dollar;
    int r = read_decimal(&at, &whole, &fraction, &scale);

    if (r < 0)
        return r;
    at += strspn(at, " ");
    if (*at && (dollar || strcmp(at, "USD") != 0))
        return -EINVAL;
    r = scale_decimal(whole, fraction, scale, (uint64_t)PUSD_PER_USD, INT64_MAX, &value);
    if (r < 0)
        return r;
    *ret_pusd = (int64_t)value;
    return 0;
}

int quantity_parse_count(const char *text, uint64_t *ret_count)
{
    char copy[MAX_TEXT];
    const size_t len = trim(text, copy);
    uint64_t value = 0;

    if (len == 0 || (len > 1 && copy[0] == '0') || copy[0] == '_' || copy[len - 1] == '_')
        return -EINVAL;
    for (const char *at = copy; *at; at++) {
        if (*at == '_' && at[1] != '_')
            continue;
        if (!isdigit((unsigned char)*at))
            return -EINVAL;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value))
            return -ERANGE;
    }
    *ret_count = value;
    return 0;
}

int quantity_parse_rate(const char *text, double *ret_per_s)
{
    char copy[MAX_TEXT];
    double number = 0;

    if (trim(text, copy) == 0)
        return -EINVAL;
    char *slash = strchr(copy, '/');

    if (!slash)
        return -EINVAL;
    *slash = '\0';
    const char *unit = slash + 1;
    const double seconds = strcmp(unit, "s") == 0   ? 1
                           : strcmp(unit, "m") == 0 ? 60
                           : strcmp(unit, "h") == 0 ? 3600
                                                    : 0;
    const int r = quantity_parse_number(copy, &number);

    if (r < 0 || seconds == 0 || number < 0)
        return r < 0 ? r : -EINVAL;
    *ret_per_s = number / seconds;
    return 0;
}
