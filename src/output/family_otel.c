#include "output/family_otel.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "output/family.h"
#include "plan/plan.h"

#define ADDRESS_BYTES 256
#define PORT_BYTES 8

/* Families that OpenTelemetry has a name for. */
static const struct {
    const char *family;
    const char *name;
} names[] = {
    {"throng_request_duration_seconds", "gen_ai_client_operation_duration_seconds"},
    {"throng_time_to_first_token_seconds",
     "gen_ai_client_operation_time_to_first_chunk_seconds"},
    {"throng_inter_chunk_latency_seconds",
     "gen_ai_client_operation_time_per_output_chunk_seconds"},
    {"throng_request_tokens", "gen_ai_client_token_usage"},
};

static const char *name_of(const struct family *family)
{
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(names[i].family, family->name) == 0)
            return names[i].name;
    return NULL;
}

bool family_is_otel(const struct family *family, const struct exposition *exposition)
{
    return exposition->options.plan->outputs.naming == PLAN_NAMING_OTEL &&
           name_of(family);
}

/* Whom a model is asked at, and how. */
struct attributes {
    const char *operation;
    const char *provider;
    char address[ADDRESS_BYTES];
    char port[PORT_BYTES];
};

/* OpenTelemetry's well-known value of gen_ai.operation.name. */
static const char *operation_of(enum plan_step_kind kind)
{
    switch (kind) {
    case PLAN_STEP_COMPLETION:
        return "text_completion";
    case PLAN_STEP_EMBEDDINGS:
        return "embeddings";
    case PLAN_STEP_CHAT:
    case PLAN_STEP_RESPONSES:
    case PLAN_STEP_REPLAY:
    case PLAN_STEP_HTTP:
    case PLAN_STEP_MCP:
    case PLAN_STEP_THINK:
        break;
    }
    return "chat";
}

/* Of gen_ai.provider.name. */
static const char *provider_of(enum plan_api api)
{
    switch (api) {
    case PLAN_API_ANTHROPIC:
        return "anthropic";
    case PLAN_API_OPENAI:
        break;
    }
    return "openai";
}

/* "https://[::1]:8443" → "::1", "8443"; the scheme's port where none is written. */
static void split_origin(const char *origin, struct attributes *attributes)
{
    const char *host = strstr(origin, "://") ? strstr(origin, "://") + 3 : origin;
    const bool is_v6 = *host == '[';
    const size_t len = strcspn(is_v6 ? ++host : host, is_v6 ? "]" : ":/");
    const char *colon = strchr(host + len, ':');
    const char *implied = strncmp(origin, "https:", 6) == 0 ? "443" : "80";

    (void)snprintf(attributes->address, sizeof(attributes->address), "%.*s", (int)len,
                   host);
    (void)snprintf(attributes->port, sizeof(attributes->port), "%.5s",
                   colon ? colon + 1 : implied);
}

static const struct plan_model *find_model(const struct plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->model_count; i++)
        if (strcmp(plan->models[i].name, name) == 0)
            return &plan->models[i];
    return NULL;
}

/* The first step of a name, or where that is NULL, that asks a model of the plan. */
static const struct plan_step *find_step(const struct plan *plan, const char *name,
                                         const struct plan_model *model)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];

        if (plan_step_asks_model(step->kind) &&
            (name ? strcmp(step->name, name) == 0
                  : model && &plan->models[step->chat.model] == model))
            return step;
    }
    return NULL;
}

/* step: NULL where it is not known. A class's own target is not: then it is the first. */
static struct attributes attributes_of(const struct plan *plan, const char *model_name,
                                       const char *step_name)
{
    struct attributes attributes = {.operation = "chat"};
    const struct plan_model *model = find_model(plan, model_name);
    const struct plan_step *step = find_step(plan, step_name, model);
    uint32_t target = PLAN_NONE;

    if (step) {
        attributes.operation = operation_of(step->kind);
        target = step->target;
    }
    if (target == PLAN_NONE && model)
        target = model->target;
    if (target == PLAN_NONE)
        target = 0;
    attributes.provider = provider_of(plan->targets[target].api);
    split_origin(plan->targets[target].origin ? plan->targets[target].origin : "",
                 &attributes);
    return attributes;
}

static void write_timings(const struct family *family,
                          const struct exposition *exposition, struct metric_text *text)
{
    const struct snapshot *snapshot = &exposition->snapshot;

    for (size_t i = 0; i < snapshot->timing_count; i++) {
        const struct timing_cell *cell = &snapshot->timings[i];
        const struct attributes attributes =
            attributes_of(exposition->options.plan, cell->key.model, cell->key.step);
        const struct metric_label labels[] = {
            {"gen_ai_operation_name", attributes.operation},
            {"gen_ai_provider_name", attributes.provider},
            {"gen_ai_request_model", cell->key.model},
            {"server_address", attributes.address},
            {"server_port", attributes.port},
            {"backend", cell->key.backend},
            {"step", cell->key.step},
            {"region", cell->key.region},
        };

        if (*cell->key.model && buckets_count(&cell->buckets[family->buckets]) > 0)
            metric_text_buckets(text, labels, COUNT_OF(labels),
                                &cell->buckets[family->buckets],
                                &buckets_scales[family->buckets]);
    }
}

static void write_tokens(const struct exposition *exposition, struct metric_text *text,
                         const struct model_cell *cell, const char *type,
                         const struct buckets *buckets)
{
    const struct attributes attributes =
        attributes_of(exposition->options.plan, cell->model, NULL);
    const struct metric_label labels[] = {
        {"gen_ai_operation_name", attributes.operation},
        {"gen_ai_provider_name", attributes.provider},
        {"gen_ai_request_model", cell->model},
        {"gen_ai_token_type", type},
        {"server_address", attributes.address},
        {"server_port", attributes.port},
    };

    if (buckets_count(buckets) > 0)
        metric_text_buckets(text, labels, COUNT_OF(labels), buckets,
                            &buckets_scales[BUCKETS_TOKENS]);
}

void family_write_otel(const struct family *family, const struct exposition *exposition,
                       struct metric_text *text)
{
    const struct snapshot *snapshot = &exposition->snapshot;

    metric_text_begin(text, name_of(family), family_type_name(family->type),
                      family->help);
    if (family->buckets != BUCKETS_TOKENS) {
        write_timings(family, exposition, text);
        return;
    }
    for (size_t i = 0; i < snapshot->model_count; i++) {
        const struct model_cell *cell = &snapshot->models[i];

        write_tokens(exposition, text, cell, "input", &cell->prompt_tokens);
        write_tokens(exposition, text, cell, "output", &cell->completion_tokens);
    }
}

void family_otel_reference(struct buf *out)
{
    buf_append_str(out, "\n| metric | with `naming: otel` |\n|---|---|\n");
    for (size_t i = 0; i < COUNT_OF(names); i++)
        buf_printf(out, "| `%s` | `%s` |\n", names[i].family, names[i].name);
}
