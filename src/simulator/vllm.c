#include "simulator/vllm.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "simulator/endpoint.h"
#include "simulator/instance.h"

#define TEXT_BYTES_MAX (256 * 1024)
/* A simulator has no cache; one without a limit is as full as vLLM's usual batch would be. */
#define USUAL_SLOTS 256

struct timing_info {
    const char *name;
    const char *help;
    size_t bound_count;
    double bounds_s[VLLM_MAX_BOUNDS];
};

static const double ns_per_s = (double)NS_PER_S;

static const struct timing_info timings[VLLM_TIMINGS] = {
    [VLLM_TTFT] = {"vllm:time_to_first_token_seconds",
                   "Histogram of time to first token in seconds.",
                   22,
                   {0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75,
                    1,     2.5,   5,    7.5,  10,   20,   40,   80,  160,  640, 2560}},
    [VLLM_ITL] = {"vllm:inter_token_latency_seconds",
                  "Histogram of inter-token latency in seconds.",
                  19,
                  {0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5,
                   5, 7.5, 10, 20, 40, 80}},
    [VLLM_E2E] = {"vllm:e2e_request_latency_seconds",
                  "Histogram of e2e request latency in seconds.",
                  21,
                  {0.3, 0.5, 0.8, 1,  1.5, 2,   2.5, 5,   10,   15,  20,
                   30,  40,  50,  60, 120, 240, 480, 960, 1920, 7680}},
    [VLLM_QUEUE] = {"vllm:request_queue_time_seconds",
                    "Histogram of time spent in WAITING phase for request.",
                    21,
                    {0.3, 0.5, 0.8, 1,  1.5, 2,   2.5, 5,   10,   15,  20,
                     30,  40,  50,  60, 120, 240, 480, 960, 1920, 7680}},
};

void vllm_observe(struct vllm *vllm, enum vllm_timing timing, uint64_t from_ns,
                  uint64_t to_ns)
{
    struct vllm_histogram *histogram = &vllm->timings[timing];
    const struct timing_info *info = &timings[timing];
    const uint64_t value_ns = to_ns > from_ns ? to_ns - from_ns : 0;
    size_t at = 0;

    while (at < info->bound_count && (double)value_ns > info->bounds_s[at] * ns_per_s)
        at++;
    histogram->counts[at]++;
    histogram->sum_ns += value_ns;
}

/* The value of a label: backslash, quote and line break are escaped. */
static void append_value(struct buf *out, const char *value)
{
    for (; *value; value++) {
        if (*value == '\n')
            buf_append_str(out, "\\n");
        else if (*value == '"' || *value == '\\')
            buf_printf(out, "\\%c", *value);
        else
            buf_append_char(out, *value);
    }
}

/* The labels of all samples; more: further ones, beginning with a comma, or "". */
static void append_name(struct buf *out, const struct vllm *vllm, const char *name,
                        const char *more)
{
    buf_printf(out, "%s{engine=\"0\",model_name=\"", name);
    append_value(out, vllm->model);
    buf_printf(out, "\"%s} ", more);
}

static void append_head(struct buf *out, const char *name, const char *type,
                        const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void append_one(struct buf *out, const struct vllm *vllm, const char *name,
                       const char *type, const char *help, double value)
{
    append_head(out, name, type, help);
    append_name(out, vllm, name, "");
    buf_printf(out, "%.15g\n", value);
}

static void append_timing(struct buf *out, const struct vllm *vllm,
                          enum vllm_timing timing)
{
    const struct timing_info *info = &timings[timing];
    const struct vllm_histogram *histogram = &vllm->timings[timing];
    CLEANUP(buf_deinit) struct buf name = BUF_INIT(128);
    CLEANUP(buf_deinit) struct buf bound = BUF_INIT(64);
    uint64_t below = 0;

    append_head(out, info->name, "histogram", info->help);
    buf_printf(&name, "%s_bucket", info->name);
    for (size_t i = 0; i <= info->bound_count; i++) {
        below += histogram->counts[i];
        buf_clear(&bound);
        if (i < info->bound_count)
            buf_printf(&bound, ",le=\"%.15g\"", info->bounds_s[i]);
        else
            buf_append_str(&bound, ",le=\"+Inf\"");
        append_name(out, vllm, buf_str(&name), buf_str(&bound));
        buf_printf(out, "%" PRIu64 "\n", below);
    }
    buf_clear(&name);
    buf_printf(&name, "%s_count", info->name);
    append_name(out, vllm, buf_str(&name), "");
    buf_printf(out, "%" PRIu64 "\n", below);
    buf_clear(&name);
    buf_printf(&name, "%s_sum", info->name);
    append_name(out, vllm, buf_str(&name), "");
    buf_printf(out, "%.15g\n", (double)histogram->sum_ns / ns_per_s);
}

static void append_finished(struct buf *out, const struct vllm *vllm)
{
    static const char name[] = "vllm:request_success_total";
    static const char *const reasons[VLLM_FINISHES] = {
        [VLLM_STOP] = ",finished_reason=\"stop\"",
        [VLLM_LENGTH] = ",finished_reason=\"length\"",
        [VLLM_ABORT] = ",finished_reason=\"abort\"",
    };

    append_head(out, name, "counter", "Count of successfully processed requests.");
    for (size_t i = 0; i < VLLM_FINISHES; i++) {
        append_name(out, vllm, name, reasons[i]);
        buf_printf(out, "%" PRIu64 "\n", vllm->finished[i]);
    }
}

int vllm_write(const struct vllm *vllm, const struct vllm_load *load, struct buf *out)
{
    append_one(out, vllm, "vllm:num_requests_running", "gauge",
               "Number of requests in model execution batches.", (double)load->running);
    append_one(out, vllm, "vllm:num_requests_waiting", "gauge",
               "Number of requests waiting to be processed.", (double)load->waiting);
    append_one(out, vllm, "vllm:kv_cache_usage_perc", "gauge",
               "KV-cache usage. 1 means 100 percent usage.", load->cache_usage);
    append_one(out, vllm, "vllm:prefix_cache_queries_total", "counter",
               "Prefix cache queries, in terms of number of queried tokens.",
               (double)vllm->prompt_tokens);
    append_one(out, vllm, "vllm:prefix_cache_hits_total", "counter",
               "Prefix cache hits, in terms of number of cached tokens.",
               (double)vllm->cached_tokens);
    append_one(out, vllm, "vllm:prompt_tokens_total", "counter",
               "Number of prefill tokens processed.", (double)vllm->prompt_tokens);
    append_one(out, vllm, "vllm:generation_tokens_total", "counter",
               "Number of generation tokens processed.", (double)vllm->generation_tokens);
    append_finished(out, vllm);
    for (enum vllm_timing timing = 0; timing < VLLM_TIMINGS; timing++)
        append_timing(out, vllm, timing);
    return buf_error(out);
}

void metrics_show(struct exchange *exchange)
{
    const struct simulator *simulator = exchange->simulator;
    const struct capacity *capacity = &simulator->capacity;
    const double slots =
        capacity->slots == UINT64_MAX ? USUAL_SLOTS : (double)capacity->slots;
    const double usage = (double)capacity->active / slots;
    const struct vllm_load load = {.running = capacity->active,
                                   .waiting = capacity->waiting,
                                   .cache_usage = usage < 1 ? usage : 1};
    const struct serve_header type = {"content-type",
                                      "text/plain; version=0.0.4; charset=utf-8"};
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(TEXT_BYTES_MAX);

    if (vllm_write(&simulator->vllm, &load, &text) < 0)
        exchange_refuse_status(exchange, 500);
    else
        serve_answer(exchange->request, 200, &type, 1, buf_str(&text), text.len);
}
