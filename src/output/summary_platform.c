#include "output/summary_platform.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/histogram.h"
#include "base/quantity.h"
#include "measure/tenancy.h"
#include "output/summary_reader.h"
#include "plan/platform.h"
#include "result/facts.h"

static void say_count(struct buf *out, uint64_t count, const char *one, const char *many)
{
    quantity_format_count(out, count);
    buf_printf(out, " %s", count == 1 ? one : many);
}

static void say_made(const struct tenancy *tenancy, struct buf *out)
{
    const struct tenancy_call *made = &tenancy->calls[PLAN_PLATFORM_MAKE_USER];
    const struct histogram_quantile p95 = histogram_quantile(made->duration, 0.95);

    say_count(out, tenancy->users, "user", "users");
    buf_append_str(out, " in ");
    say_count(out, tenancy->organizations, "organization", "organizations");
    buf_append_str(out, " made in ");
    quantity_format_duration(out, tenancy->make_ns);
    if (p95.known) {
        buf_append_str(out, ", a user p95 ");
        quantity_format_latency(out, p95.value_ns);
    }
}

static void say_kept(const struct tenancy *tenancy, struct buf *out)
{
    const uint64_t kept =
        tenancy->kept[TENANCY_ORGANIZATIONS] + tenancy->kept[TENANCY_USERS];

    if (kept == 0)
        return;
    buf_append_str(out, "; ");
    quantity_format_count(out, kept);
    buf_append_str(out, kept == 1 ? " was there before, and stays"
                                  : " were there before, and stay");
}

bool summary_say_platform(const struct run_facts *facts, struct buf *out)
{
    const struct tenancy *tenancy = facts->tenancy;

    if (!tenancy)
        return false;
    say_made(tenancy, out);
    say_kept(tenancy, out);
    if (tenancy->was_cleaned) {
        buf_append_str(out, "; ");
        quantity_format_count(out, tenancy_removed(tenancy));
        buf_append_str(out, " removed, ");
    } else {
        buf_append_str(out, "; not cleaned up: ");
    }
    if (tenancy_left(tenancy) > 0)
        quantity_format_count(out, tenancy_left(tenancy));
    else
        buf_append_str(out, "none");
    buf_append_str(out, " left");
    return true;
}

static void put_cell(struct buf *out, const json_t *call, const char *member)
{
    const json_t *value = summary_at(call, member);

    buf_append_str(out, " | ");
    if (json_is_number(value))
        buf_printf(out, "%.1f ms", json_number_value(value));
    else
        buf_append_str(out, "–");
}

static void put_call(struct buf *out, const json_t *platform, const char *name)
{
    const json_t *call = json_object_get(summary_at(platform, "calls"), name);

    if (summary_count(call, "done") + summary_count(call, "failed") == 0)
        return;
    buf_printf(out, "| %s | %" PRId64 " | %" PRId64 " | %" PRId64, name,
               (int64_t)summary_count(call, "done"),
               (int64_t)summary_count(call, "reused"),
               (int64_t)summary_count(call, "failed"));
    put_cell(out, call, "p50_ms");
    put_cell(out, call, "p95_ms");
    put_cell(out, call, "max_ms");
    buf_append_str(out, " |\n");
}

void markdown_platform(const json_t *summary, struct buf *out)
{
    const json_t *platform = summary_at(summary, "platform");

    if (!json_is_object(platform))
        return;
    buf_printf(out, "\n## Platform\n\nMade in %.1f s",
               json_number_value(summary_at(platform, "bootstrap_s")));
    if (json_is_true(summary_at(platform, "cleaned_up")))
        buf_printf(out, ", removed in %.1f s",
                   json_number_value(summary_at(platform, "cleanup_s")));
    buf_append_str(out, ". Left:");
    for (size_t i = 0; i < TENANCY_KINDS; i++) {
        const char *kind = tenancy_kind_name((enum tenancy_kind)i);

        buf_printf(out, "%s %" PRId64 " %s", i > 0 ? "," : "",
                   (int64_t)summary_count(json_object_get(platform, kind), "left"), kind);
    }
    buf_append_str(out,
                   ".\n\n| call | done | of them there before | failed | p50 | p95 | "
                   "max |\n|---|---:|---:|---:|---:|---:|---:|\n");
    for (size_t i = 0; i < PLAN_PLATFORM_CALLS; i++)
        put_call(out, platform, plan_platform_call_name((enum plan_platform_call)i));
}
