#include "measure/tenancy.h"

#include "base/histogram.h"

const char *tenancy_kind_name(enum tenancy_kind kind)
{
    static const char *const names[TENANCY_KINDS] = {
        [TENANCY_KEYS] = "keys",
        [TENANCY_USERS] = "users",
        [TENANCY_ORGANIZATIONS] = "organizations",
    };

    return names[kind];
}

int tenancy_init(struct tenancy *tenancy)
{
    int r = 0;

    *tenancy = (struct tenancy){0};
    for (size_t i = 0; r == 0 && i < PLAN_PLATFORM_CALLS; i++)
        r = histogram_new(HISTOGRAM_COARSE, &tenancy->calls[i].duration);
    if (r < 0)
        tenancy_deinit(tenancy);
    return r;
}

void tenancy_deinit(struct tenancy *tenancy)
{
    for (size_t i = 0; i < PLAN_PLATFORM_CALLS; i++)
        tenancy->calls[i].duration = histogram_free(tenancy->calls[i].duration);
}

void tenancy_note(struct tenancy *tenancy, enum plan_platform_call call,
                  enum tenancy_outcome outcome, uint64_t duration_ns)
{
    struct tenancy_call *noted = &tenancy->calls[call];

    if (outcome == TENANCY_FAILED) {
        noted->failed++;
        return;
    }
    noted->done++;
    noted->reused += outcome == TENANCY_REUSED;
    histogram_record(noted->duration, duration_ns);
}

static uint64_t sum(const uint64_t counts[static TENANCY_KINDS])
{
    uint64_t all = 0;

    for (size_t i = 0; i < TENANCY_KINDS; i++)
        all += counts[i];
    return all;
}

uint64_t tenancy_left(const struct tenancy *tenancy)
{
    return sum(tenancy->left);
}

uint64_t tenancy_removed(const struct tenancy *tenancy)
{
    return sum(tenancy->removed);
}
