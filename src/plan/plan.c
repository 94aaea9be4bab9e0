#include "plan/plan.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/secret.h"

bool plan_header_is_public(const char *name)
{
    static const char *const names[] = {"Accept", "Content-Type", "User-Agent",
                                        "Anthropic-Version", "MCP-Protocol-Version"};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcasecmp(names[i], name) == 0)
            return true;
    }
    return false;
}

void plan_star_headers(char *text, const struct plan_pair *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = headers[i].value;
        const char *space = strrchr(value, ' ');

        if (plan_header_is_public(headers[i].key) || strlen(value) < SECRET_MIN_BYTES)
            continue;
        secret_star_out(text, value);
        if (space && strlen(space + 1) >= SECRET_MIN_BYTES)
            secret_star_out(text, space + 1);
    }
}

bool plan_asks_models_alone(const struct plan *plan)
{
    for (size_t i = 0; i < plan->step_count; i++)
        if (!plan_step_asks_model(plan->steps[i].kind) &&
            plan->steps[i].kind != PLAN_STEP_THINK)
            return false;
    return true;
}

bool plan_step_asks_model(enum plan_step_kind kind)
{
    switch (kind) {
    case PLAN_STEP_CHAT:
    case PLAN_STEP_COMPLETION:
    case PLAN_STEP_RESPONSES:
    case PLAN_STEP_EMBEDDINGS:
    case PLAN_STEP_REPLAY:
        return true;
    case PLAN_STEP_HTTP:
    case PLAN_STEP_MCP:
    case PLAN_STEP_THINK:
        return false;
    }
    return false;
}

bool plan_api_has(enum plan_api api, enum plan_step_kind kind)
{
    return api == PLAN_API_OPENAI || kind == PLAN_STEP_CHAT || kind == PLAN_STEP_REPLAY ||
           !plan_step_asks_model(kind);
}

struct plan *plan_free(struct plan *plan)
{
    if (plan)
        arena_free(plan->arena); /* the plan itself is its first piece */
    return NULL;
}

int plan_set_replay_length(struct plan *plan, uint64_t duration_ns)
{
    struct plan_phase *phases =
        arena_alloc(plan->arena, plan->phase_count, sizeof(*phases));

    if (!phases)
        return -ENOMEM;
    for (size_t i = 0; i < plan->phase_count; i++) {
        phases[i] = plan->phases[i];
        if (phases[i].kind == PLAN_PHASE_REPLAY)
            phases[i].duration_ns = duration_ns;
    }
    plan->phases = phases;
    return 0;
}

int plan_set_baselines(struct plan *plan, const struct plan_baseline *baselines)
{
    struct plan_threshold *copy =
        arena_alloc(plan->arena, plan->threshold_count, sizeof(*copy));

    if (!copy)
        return -ENOMEM;
    for (size_t i = 0; i < plan->threshold_count; i++) {
        copy[i] = plan->thresholds[i];
        copy[i].baseline = baselines[i];
    }
    plan->thresholds = copy;
    return 0;
}

int plan_set_baseline_latencies(struct plan *plan,
                                const struct plan_baseline_latency *latencies,
                                size_t count)
{
    struct plan_baseline_latency *copy = arena_alloc(plan->arena, count, sizeof(*copy));

    if (!copy)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        copy[i] = latencies[i];
    plan->baseline_latencies = copy;
    plan->baseline_latency_count = count;
    return 0;
}

uint64_t plan_share(const struct plan *plan, uint64_t whole)
{
    const uint64_t count = plan->worker_count > 0 ? plan->worker_count : 1;

    return whole / count + (plan->worker_index < whole % count);
}

int plan_set_origin(struct plan *plan, size_t target, const char *origin)
{
    const char *copy = arena_copy(plan->arena, origin);

    if (!copy)
        return -ENOMEM;
    plan->targets[target].origin = copy;
    return 0;
}
