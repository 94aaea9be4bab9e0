#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"

int quantity_format_duration(struct buf *out, uint64_t ns)
{
    const uint64_t seconds = ns / NS_PER_S;
    const uint64_t hours = seconds / 3600;
    const uint64_t minutes = seconds / 60 % 60;

    if (ns < NS_PER_S)
        return quantity_format_latency(out, ns);
    if (seconds < 60)
        return ns % NS_PER_S < 50 * NS_PER_MS || seconds >= 10
                   ? buf_printf(out, "%" PRIu64 "s", seconds)
                   : buf_printf(out, "%.1fs", (double)ns / 1e9);
    if (hours > 0)
        buf_printf(out, "%" PRIu64 "h", hours);
    if (minutes > 0)
        buf_printf(out, "%" PRIu64 "m", minutes);
    if (seconds % 60 > 0)
        buf_printf(out, "%" PRIu64 "s", seconds % 60);
    return buf_error(out);
}

/* Three digits that matter. */
static int with_unit(struct buf *out, double value, const char *unit)
{
    const int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;

    return buf_printf(out, "%.*f %s", decimals, value, unit);
}

int quantity_format_latency(struct buf *out, uint64_t ns)
{
    if (ns == 0)
        return buf_append_str(out, "0 ms");
    if (ns < NS_PER_MS)
        return with_unit(out, (double)ns / 1e3, "\u00b5s");
    if (ns < 10 * NS_PER_S)
        return with_unit(out, (double)ns / 1e6, "ms");
    return with_unit(out, (double)ns / 1e9, "s");
}

int quantity_format_money(struct buf *out, int64_t pusd)
{
    const double usd = (double)pusd / (double)PUSD_PER_USD;
    const double size = fabs(usd);
    const int decimals = size >= 1 || pusd == 0 ? 2
                         : size >= 0.01         ? 4
                         : size >= 0.0001       ? 6
                                                : 8;

    return buf_printf(out, "%s$%.*f", usd < 0 ? "-" : "", decimals, size);
}

int quantity_format_count(struct buf *out, uint64_t count)
{
    if (count >= 1000) {
        quantity_format_count(out, count / 1000);
        return buf_printf(out, ",%03" PRIu64, count % 1000);
    }
    return buf_printf(out, "%" PRIu64, count);
}

int quantity_format_size(struct buf *out, uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes / 1024;
    size_t unit = 0;

    if (bytes < 1024)
        return buf_printf(out, "%" PRIu64 " B", bytes);
    for (; value >= 1024 && unit < 3; unit++)
        value /= 1024;
    return buf_printf(out, "%.*f %s", value < 10 ? 1 : 0, value, units[unit]);
}
