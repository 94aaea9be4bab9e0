#include "cli/canary_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/dialect.h"
#include "base/clock.h"
#include "workload/data.h"
#include "workload/trace.h"

/* Enough to see that it streams. */
#define CANARY_TOKENS 16

#define CANARY_TIMEOUT_NS (30 * NS_PER_S)

static uint32_t target_of(const struct plan *plan, const struct plan_class *class,
                          const struct plan_step *step)
{
    const uint32_t of_model = plan->models[step->chat.model].target;

    if (step->target != PLAN_NONE)
        return step->target;
    return of_model != PLAN_NONE ? of_model : class->target;
}

static uint64_t at_most(uint64_t value, uint64_t most)
{
    return value > most ? most : value;
}

/* Whether its request sets a limit where the scenario has none: that of a trace's entry, or the API's. */
static bool has_limit_of_its_own(const struct plan_step *step, enum plan_api api)
{
    const struct api_dialect *dialect = api_dialect_of(api, step->kind);

    return step->kind == PLAN_STEP_REPLAY || (dialect && dialect->max_tokens > 0);
}

/* What a canary leaves out of the step that it is like. */
static struct plan_step canary_of(const struct plan_step *step, uint32_t target,
                                  enum plan_api api)
{
    static const struct plan_text words = PLAN_LITERAL("Count from one to ten.");
    struct plan_step canary = *step;
    struct plan_chat *chat = &canary.chat;

    canary.target = target;
    canary.group = NULL;
    canary.extract_count = 0;
    canary.check_count = 0;
    canary.record_count = 0;
    canary.retry = NULL;
    canary.patience = NULL;
    canary.reading = NULL;
    canary.chaos = NULL;
    canary.slo = NULL;
    canary.timeout_ns = step->timeout_ns ? at_most(step->timeout_ns, CANARY_TIMEOUT_NS)
                                         : CANARY_TIMEOUT_NS;
    chat->say = PLAN_SAY_PROMPT;
    chat->prompt = words;
    chat->batch = 1;
    chat->prefix.tokens = 0;
    chat->conversation = PLAN_CONVERSATION_NONE;
    chat->max_tokens = at_most(chat->max_tokens, CANARY_TOKENS);
    chat->max_completion_tokens = at_most(chat->max_completion_tokens, CANARY_TOKENS);
    if (has_limit_of_its_own(step, api) && !chat->max_tokens &&
        !chat->max_completion_tokens)
        chat->max_tokens = CANARY_TOKENS;
    return canary;
}

/* People bring headers of their class, which a step beside the load has none of. */
static void add_headers(struct canary_plan *canaries, const struct plan_class *class,
                        struct plan_step *canary)
{
    struct plan_pair *headers = canaries->headers + canaries->header_count;

    if (class->header_count == 0)
        return;
    memcpy(headers, class->headers, class->header_count * sizeof(*headers));
    if (canary->header_count > 0)
        memcpy(headers + class->header_count, canary->headers,
               canary->header_count * sizeof(*headers));
    canary->headers = headers;
    canary->header_count += class->header_count;
    canaries->header_count += canary->header_count;
}

static void add(struct canary_plan *canaries, const struct plan_class *class,
                struct plan_step *canary)
{
    add_headers(canaries, class, canary);
    canaries->classes[canary_plan_count(canaries)] = class;
    canaries->steps[canaries->plan.step_count++] = *canary;
}

static bool is_there(const struct canary_plan *canaries, const struct plan_step *canary)
{
    for (size_t i = canaries->first; i < canaries->plan.step_count; i++) {
        const struct plan_step *other = &canaries->steps[i];

        if (other->kind == canary->kind && other->target == canary->target &&
            other->chat.model == canary->chat.model)
            return true;
    }
    return false;
}

static bool is_asked(const struct plan_step *step, bool has_lengths)
{
    if (!plan_step_asks_model(step->kind) || step->chat.names_no_model)
        return false;
    return step->kind != PLAN_STEP_REPLAY || has_lengths;
}

static void add_class(struct canary_plan *canaries, const struct plan_class *class,
                      bool has_lengths)
{
    const struct plan *plan = &canaries->plan;
    const struct plan_program *program = &plan->programs[class->program];

    for (size_t i = 0; i < program->instruction_count; i++) {
        const struct plan_instruction *instruction = &program->instructions[i];
        struct plan_step canary;
        uint32_t target;

        if (instruction->op != PLAN_OP_REQUEST)
            continue;
        const struct plan_step *step = &plan->steps[instruction->a];

        if (!is_asked(step, has_lengths))
            continue;
        target = target_of(plan, class, step);
        canary = canary_of(step, target, plan->targets[target].api);
        if (!is_there(canaries, &canary))
            add(canaries, class, &canary);
    }
}

static void make_program(struct canary_plan *canaries)
{
    const size_t count = canary_plan_count(canaries);
    struct plan *plan = &canaries->plan;

    for (size_t i = 0; i < count; i++)
        canaries->instructions[i] = (struct plan_instruction){
            .op = PLAN_OP_REQUEST, .a = (uint32_t)(canaries->first + i)};
    canaries->instructions[count] = (struct plan_instruction){.op = PLAN_OP_END};
    canaries->programs[plan->program_count] = (struct plan_program){
        .instructions = canaries->instructions, .instruction_count = count + 1};
    plan->stages = (struct plan_stages){
        .run_setup = PLAN_NONE,
        .run_teardown = (uint32_t)plan->program_count,
        .organization_setup = PLAN_NONE,
        .organization_teardown = PLAN_NONE,
        .teardown_timeout_ns = (count + 1) * CANARY_TIMEOUT_NS,
    };
    plan->program_count++;
}

/* The first class that somebody asks as: where there are arms, all ask as those of an arm. */
static size_t first_class(const struct plan *plan)
{
    return plan->ab.arm_count > 0 ? plan->ab.class_count : 0;
}

/* So many canaries there may be, and so many headers they may have together. */
struct room {
    size_t canaries;
    size_t headers;
};

/* Classes may share a flow, and each may ask another target with it. */
static struct room room_of(const struct plan *plan)
{
    struct room room = {0};

    for (size_t i = first_class(plan); i < plan->class_count; i++) {
        const struct plan_class *class = &plan->classes[i];
        const struct plan_program *program = &plan->programs[class->program];

        for (size_t j = 0; j < program->instruction_count; j++) {
            if (program->instructions[j].op != PLAN_OP_REQUEST)
                continue;
            room.canaries++;
            room.headers += class->header_count +
                            plan->steps[program->instructions[j].a].header_count;
        }
    }
    return room;
}

/* Whether the trace, where there is one, has entries that become chats. */
static bool has_lengths_of(const struct data *data)
{
    const struct trace *trace = data ? data_trace(data) : NULL;

    return trace && trace_facts(trace).requests < trace_facts(trace).entries;
}

int canary_plan_init(struct canary_plan *canaries, const struct plan *plan,
                     const struct data *data)
{
    const struct room room = room_of(plan);

    *canaries = (struct canary_plan){.plan = *plan, .first = plan->step_count};
    canaries->steps =
        calloc(plan->step_count + room.canaries + 1, sizeof(*canaries->steps));
    canaries->programs = calloc(plan->program_count + 1, sizeof(*canaries->programs));
    canaries->instructions = calloc(room.canaries + 1, sizeof(*canaries->instructions));
    canaries->classes =
        (const struct plan_class **)calloc(room.canaries + 1, sizeof(*canaries->classes));
    canaries->headers = calloc(room.headers + 1, sizeof(*canaries->headers));
    if (!canaries->steps || !canaries->programs || !canaries->instructions ||
        !canaries->classes || !canaries->headers)
        return -ENOMEM;
    if (plan->step_count > 0)
        memcpy(canaries->steps, plan->steps, plan->step_count * sizeof(*plan->steps));
    if (plan->program_count > 0)
        memcpy(canaries->programs, plan->programs,
               plan->program_count * sizeof(*plan->programs));
    canaries->plan.steps = canaries->steps;
    canaries->plan.programs = canaries->programs;
    canaries->plan.limits = (struct plan_limits){.cost_pusd = plan->limits.cost_pusd};
    canaries->plan.platform.is_used = false;
    for (size_t i = first_class(plan); i < plan->class_count; i++)
        add_class(canaries, &plan->classes[i], has_lengths_of(data));
    make_program(canaries);
    return 0;
}

void canary_plan_deinit(struct canary_plan *canaries)
{
    free(canaries->steps);
    free(canaries->programs);
    free(canaries->instructions);
    free((void *)canaries->classes);
    free(canaries->headers);
}

size_t canary_plan_count(const struct canary_plan *canaries)
{
    return canaries->plan.step_count - canaries->first;
}

const struct plan_step *canary_plan_step(const struct canary_plan *canaries, size_t index)
{
    return &canaries->steps[canaries->first + index];
}

const struct plan_class *canary_plan_class(const struct canary_plan *canaries,
                                           size_t index)
{
    return canaries->classes[index];
}
