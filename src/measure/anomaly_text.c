#include <assert.h>
#include <math.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "measure/anomaly.h"

const char *anomaly_kind_name(enum anomaly_kind kind)
{
    static const char *const names[ANOMALY_KINDS] = {
        [ANOMALY_LATENCY_SPIKE] = "latency_spike",
        [ANOMALY_ERROR_BURST] = "error_burst",
        [ANOMALY_THROUGHPUT_DROP] = "throughput_drop",
    };

    assert(kind < ANOMALY_KINDS);
    return names[kind];
}

const char *anomaly_signal_name(enum anomaly_signal signal)
{
    static const char *const names[ANOMALY_SIGNALS] = {
        [ANOMALY_TTFT] = "ttft",
        [ANOMALY_ICL] = "icl",
        [ANOMALY_E2E] = "e2e",
        [ANOMALY_ERROR_RATE] = "error_rate",
        [ANOMALY_THROUGHPUT] = "requests_per_second",
    };

    assert(signal < ANOMALY_SIGNALS);
    return names[signal];
}

enum anomaly_kind anomaly_signal_kind(enum anomaly_signal signal)
{
    if (signal == ANOMALY_ERROR_RATE)
        return ANOMALY_ERROR_BURST;
    return signal == ANOMALY_THROUGHPUT ? ANOMALY_THROUGHPUT_DROP : ANOMALY_LATENCY_SPIKE;
}

const char *anomaly_end_text(enum anomaly_end end)
{
    switch (end) {
    case ANOMALY_CUT_SHORT:
        return ", since the load changed or ended";
    case ANOMALY_STAYED:
        return ", since it stayed: it counts as usual from then on";
    case ANOMALY_GOES_ON:
    case ANOMALY_PASSED:
        break;
    }
    return "";
}

static void say_ms(struct buf *out, double ms)
{
    quantity_format_latency(out, (uint64_t)llround(ms * (double)NS_PER_MS));
}

static void say_spike(const struct anomaly *anomaly, struct buf *out)
{
    const bool by_time = anomaly->signal == ANOMALY_ICL;

    if (by_time)
        buf_append_str(out, "half of the time of streams went by in gaps of ");
    else
        buf_printf(out, "%s p95 was ", anomaly_signal_name(anomaly->signal));
    say_ms(out, anomaly->value);
    buf_append_str(out, by_time ? " or more, before " : ", before ");
    say_ms(out, anomaly->expected);
    buf_printf(out, "; %.0f%% %s was longer than usual", 100 * anomaly->share,
               by_time ? "of the time" : "of what came");
}

void anomaly_say(const struct anomaly *anomaly, struct buf *out)
{
    switch (anomaly_signal_kind(anomaly->signal)) {
    case ANOMALY_LATENCY_SPIKE:
        say_spike(anomaly, out);
        break;
    case ANOMALY_ERROR_BURST:
        buf_printf(out, "%.3g%% of the requests failed, before %.2g%%",
                   100 * anomaly->value, 100 * anomaly->expected);
        break;
    case ANOMALY_THROUGHPUT_DROP:
        buf_printf(out, "%.3g requests/s ended, before %.3g/s", anomaly->value,
                   anomaly->expected);
        break;
    case ANOMALY_KINDS:
        break;
    }
}
