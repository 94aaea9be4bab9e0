#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/quantity.h"

/* Each next unit begins where rounding to three digits would show 1000 of the one before. */
#define MS_FROM_NS UINT64_C(999500)
#define S_FROM_NS UINT64_C(999500000)
#define LATENCY_S_FROM_NS UINT64_C(9999500000)

/* From here on a duration is whole seconds: a little less already rounds to a minute. */
#define MINUTES_FROM_NS UINT64_C(59950000000)

/* Prints three digits that matter, or all of an integer that has more. */
static void print_digits(double value, char text[static 32])
{
    const int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;

    snprintf(text, 32, "%.*f", decimals, value);
}

/* "1.50" to "1.5", "2.00" to "2". */
static void strip_zeros(char *text)
{
    size_t len = strlen(text);

    if (!strchr(text, '.'))
        return;
    while (text[len - 1] == '0')
        len--;
    if (text[len - 1] == '.')
        len--;
    text[len] = '\0';
}

int quantity_format_duration(struct buf *out, uint64_t ns)
{
    char digits[32];

    if (ns == 0)
        return buf_append_str(out, "0s");
    if (ns < MINUTES_FROM_NS) {
        const bool is_us = ns < MS_FROM_NS;
        const bool is_ms = !is_us && ns < S_FROM_NS;

        print_digits((double)ns / (is_us ? 1e3 : is_ms ? 1e6 : 1e9), digits);
        strip_zeros(digits);
        return buf_printf(out, "%s%s", digits, is_us ? "\u00b5s" : is_ms ? "ms" : "s");
    }
    const uint64_t seconds = ns / NS_PER_S + (ns % NS_PER_S >= NS_PER_S / 2);

    if (seconds >= 3600)
        buf_printf(out, "%" PRIu64 "h", seconds / 3600);
    if (seconds / 60 % 60 > 0)
        buf_printf(out, "%" PRIu64 "m", seconds / 60 % 60);
    if (seconds % 60 > 0)
        buf_printf(out, "%" PRIu64 "s", seconds % 60);
    return buf_error(out);
}

int quantity_format_latency(struct buf *out, uint64_t ns)
{
    const bool is_us = ns < MS_FROM_NS;
    const bool is_ms = !is_us && ns < LATENCY_S_FROM_NS;
    char digits[32];

    if (ns == 0)
        return buf_append_str(out, "0 ms");
    print_digits((double)ns / (is_us ? 1e3 : is_ms ? 1e6 : 1e9), digits);
    return buf_printf(out, "%s %s", digits, is_us ? "\u00b5s" : is_ms ? "ms" : "s");
}

int quantity_format_money(struct buf *out, int64_t pusd)
{
    /* Smaller amounts get more decimals: from which amount on, how many, 1 of the last in pUSD. */
    static const struct {
        uint64_t from_pusd;
        int decimals;
        uint64_t grain_pusd;
    } grains[] = {
        {UINT64_C(999950000000), 2, UINT64_C(10000000000)},
        {UINT64_C(9999500000), 4, 100000000},
        {99995000, 6, 1000000},
        {1000000, 8, 10000},
        {0, 12, 1},
    };
    const uint64_t amount = pusd < 0 ? -(uint64_t)pusd : (uint64_t)pusd;
    size_t row = 0;

    if (pusd == 0)
        return buf_append_str(out, "$0.00");
    while (amount < grains[row].from_pusd)
        row++;
    const uint64_t grain = grains[row].grain_pusd;
    const uint64_t rounded = (amount + grain / 2) / grain;
    const uint64_t grains_per_usd = (uint64_t)PUSD_PER_USD / grain;

    buf_append_str(out, pusd < 0 ? "-$" : "$");
    quantity_format_count(out, rounded / grains_per_usd);
    return buf_printf(out, ".%0*" PRIu64, grains[row].decimals, rounded % grains_per_usd);
}

int quantity_format_count(struct buf *out, uint64_t count)
{
    uint64_t group = 1;

    while (count / group >= 1000)
        group *= 1000;
    buf_printf(out, "%" PRIu64, count / group);
    for (group /= 1000; group > 0; group /= 1000)
        buf_printf(out, ",%03" PRIu64, count / group % 1000);
    return buf_error(out);
}

int quantity_format_number(struct buf *out, double number)
{
    const double size = fabs(number);

    /* From there on doubles have no decimals, and not every whole number. */
    if (!(size < 1e15) || size > floor(size))
        return buf_printf(out, "%.6g", number);
    if (number < 0)
        buf_append_char(out, '-');
    return quantity_format_count(out, (uint64_t)size);
}

int quantity_format_size(struct buf *out, uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes / 1024;
    size_t unit = 0;

    if (bytes < 1024)
        return buf_printf(out, "%" PRIu64 " B", bytes);
    for (; value >= 1023.5 && unit < COUNT_OF(units) - 1; unit++)
        value /= 1024;
    return buf_printf(out, "%.*f %s", value < 9.95 ? 1 : 0, value, units[unit]);
}
