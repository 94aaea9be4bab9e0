#include "base/iso_date.h"

#include <ctype.h>

#include "base/calendar.h"
#include "base/clock.h"

#define FIRST_YEAR 1970
#define LAST_YEAR 2500

/* What is left of the text. */
struct reading {
    const char *at;
    const char *end;
    bool failed;
};

static bool take(struct reading *reading, char c)
{
    if (reading->at == reading->end || *reading->at != c)
        return false;
    reading->at++;
    return true;
}

static void expect(struct reading *reading, char c)
{
    if (!take(reading, c))
        reading->failed = true;
}

static bool is_at_digit(const struct reading *reading)
{
    return reading->at < reading->end && isdigit((unsigned char)*reading->at);
}

/* A number of just so many digits, from low to high. */
static int number(struct reading *reading, int digits, int low, int high)
{
    int value = 0;

    for (int i = 0; i < digits; i++) {
        if (!is_at_digit(reading)) {
            reading->failed = true;
            return low;
        }
        value = value * 10 + (*reading->at++ - '0');
    }
    if (value < low || value > high)
        reading->failed = true;
    return value;
}

static uint64_t decimals_ns(struct reading *reading)
{
    uint64_t unit_ns = NS_PER_S / 10;
    uint64_t sum_ns = 0;

    if (!take(reading, '.'))
        return 0;
    if (!is_at_digit(reading))
        reading->failed = true;
    for (; is_at_digit(reading); reading->at++, unit_ns /= 10)
        sum_ns += unit_ns * (uint64_t)(*reading->at - '0');
    return sum_ns;
}

/* How far the clocks of its zone are ahead of UTC, in seconds. */
static int64_t zone_s(struct reading *reading)
{
    bool is_behind;
    int64_t ahead_s;

    if (reading->at == reading->end || take(reading, 'Z') || take(reading, 'z'))
        return 0;
    is_behind = take(reading, '-');
    if (!is_behind)
        expect(reading, '+');
    ahead_s = (int64_t)number(reading, 2, 0, 23) * 3600;
    (void)take(reading, ':');
    ahead_s += (int64_t)number(reading, 2, 0, 59) * 60;
    return is_behind ? -ahead_s : ahead_s;
}

static int64_t day_s(struct reading *reading)
{
    static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int year = number(reading, 4, FIRST_YEAR, LAST_YEAR);
    int month;

    expect(reading, '-');
    month = number(reading, 2, 1, 12);
    expect(reading, '-');
    if (reading->failed)
        return 0;
    return calendar_days(year, month, number(reading, 2, 1, lengths[month - 1])) * 86400;
}

static int64_t time_s(struct reading *reading)
{
    int64_t sum_s = (int64_t)number(reading, 2, 0, 23) * 3600;

    expect(reading, ':');
    sum_s += (int64_t)number(reading, 2, 0, 59) * 60;
    expect(reading, ':');
    return sum_s + number(reading, 2, 0, 60);
}

bool iso_date_parse(const char *text, size_t len, uint64_t *ret_unix_ns)
{
    struct reading reading = {.at = text, .end = text + len};
    int64_t sum_s = day_s(&reading);
    uint64_t part_ns;

    if (!take(&reading, 'T') && !take(&reading, 't'))
        expect(&reading, ' ');
    sum_s += time_s(&reading);
    part_ns = decimals_ns(&reading);
    sum_s -= zone_s(&reading);
    if (reading.failed || reading.at != reading.end || sum_s < 0)
        return false;
    *ret_unix_ns = (uint64_t)sum_s * NS_PER_S + part_ns;
    return true;
}
