#include "cli/plan_steps.h"

#include <string.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "measure/slo.h"
#include "plan/plan.h"

/* Further in by so much. */
#define INDENT 2

/* A text of the scenario is cut behind this. */
#define MAX_TEXT 60

struct listing {
    const struct plan *plan;
    const struct plan_program *program;
    struct buf *out;
};

/*
 * Lists whole steps from `at` on, up to `end`, or to the jump that ends a branch before it: no other stands
 * between steps. Returns where that was.
 */
static uint32_t list_steps(const struct listing *listing, uint32_t at, uint32_t end,
                           int indent);

static void begin_line(const struct listing *listing, int indent)
{
    buf_printf(listing->out, "%*s", indent, "");
}

/* One line of it, cut where it is long. */
static void put_text(const struct listing *listing, const char *text)
{
    const size_t len = strlen(text);

    buf_append_printable(listing->out, text, len < MAX_TEXT ? len : MAX_TEXT);
    if (len >= MAX_TEXT)
        buf_append_str(listing->out, "…");
}

static void put_query(const struct listing *listing, uint32_t query)
{
    put_text(listing, listing->plan->queries[query]);
}

static void put_extracts(const struct listing *listing, const struct plan_step *step)
{
    for (size_t i = 0; i < step->extract_count; i++)
        buf_printf(listing->out, "%s%s", i > 0 ? ", " : "; takes ",
                   listing->plan->variables[step->extracts[i].variable].name);
}

/* "; SLO: ttft 500ms, e2e 10s"; what no answer to it can have is not said. */
static void put_slo(const struct listing *listing, const struct plan_step *step)
{
    const bool streams = plan_step_asks_model(step->kind) && step->chat.stream;
    const char *before = "; SLO: ";

    for (enum plan_slo_metric metric = 0; step->slo && metric < PLAN_SLO_COUNT;
         metric++) {
        const struct metric_info *info = metric_info(slo_metric(metric));

        if (step->slo->limit_ns[metric] == 0 || (info->streamed && !streams))
            continue;
        buf_printf(listing->out, "%s%s ", before, info->name);
        quantity_format_duration(listing->out, step->slo->limit_ns[metric]);
        before = ", ";
    }
}

/* "POST /login: 2 checks; takes token" */
static void list_request(const struct listing *listing, const struct plan_step *step,
                         int indent)
{
    begin_line(listing, indent);
    put_text(listing, step->name);
    if (plan_step_asks_model(step->kind))
        buf_printf(listing->out, " (%s)", listing->plan->models[step->chat.model].name);
    if (step->check_count > 0)
        buf_printf(listing->out, "; %zu check%s", step->check_count,
                   step->check_count == 1 ? "" : "s");
    put_extracts(listing, step);
    if (step->retry && step->retry->attempts > 1)
        buf_printf(listing->out, "; up to %u attempts", step->retry->attempts);
    put_slo(listing, step);
    buf_append_char(listing->out, '\n');
}

static void list_think(const struct listing *listing, const struct plan_step *step,
                       int indent)
{
    begin_line(listing, indent);
    buf_append_str(listing->out, "think");
    if (step->pause) {
        buf_append_char(listing->out, ' ');
        quantity_format_duration(listing->out, step->pause->base_ns);
    }
    buf_append_char(listing->out, '\n');
}

/* Behind the LOOP_END of a level, or the GROUP_END of a group, that begins at `at`. */
static uint32_t find_end(const struct listing *listing, uint32_t at, enum plan_op op)
{
    const struct plan_instruction *instructions = listing->program->instructions;
    const uint32_t number = instructions[at].a;

    while (instructions[at].op != op || instructions[at].a != number)
        at++;
    return at;
}

/* LOOP_BEGIN, maybe a condition that leads to LOOP_LEAVE, steps, LOOP_END. */
// NOLINTNEXTLINE(misc-no-recursion): as deep as the scenario, which is bounded
static uint32_t list_loop(const struct listing *listing, uint32_t at, int indent)
{
    const struct plan_instruction *instructions = listing->program->instructions;
    const struct plan_instruction *first = &instructions[at + 1];
    const uint32_t end = find_end(listing, at, PLAN_OP_LOOP_END);
    const bool has_condition = first->op == PLAN_OP_UNLESS && first->b > end;

    begin_line(listing, indent);
    buf_printf(listing->out, "%u times", instructions[at].b);
    if (has_condition) {
        buf_append_str(listing->out, " at most, while ");
        put_query(listing, first->a);
    }
    buf_append_char(listing->out, '\n');
    list_steps(listing, at + 1 + has_condition, end, indent + INDENT);
    /* The jump over LOOP_LEAVE, and that. */
    return end + 1 + (has_condition ? 2 : 0);
}

// NOLINTNEXTLINE(misc-no-recursion): as list_loop
static uint32_t list_group(const struct listing *listing, uint32_t at, int indent)
{
    const uint32_t group = listing->program->instructions[at].a;
    const uint32_t end = find_end(listing, at, PLAN_OP_GROUP_END);

    begin_line(listing, indent);
    buf_append_str(listing->out, "group ");
    put_text(listing, listing->plan->groups[group].name);
    buf_append_char(listing->out, '\n');
    list_steps(listing, at + 1, end, indent + INDENT);
    return end + 1;
}

/* Each branch ends with a jump behind all of them. */
// NOLINTNEXTLINE(misc-no-recursion): as list_loop
static uint32_t list_pick(const struct listing *listing, uint32_t at, int indent)
{
    const struct plan_program *program = listing->program;
    const struct plan_instruction *pick = &program->instructions[at];
    const struct plan_branch *branches = &program->branches[pick->a];
    uint32_t jump = at;
    double sum = 0;

    for (uint32_t i = 0; i < pick->b; i++)
        sum += branches[i].weight;
    for (uint32_t i = 0; i < pick->b; i++) {
        begin_line(listing, indent);
        buf_printf(listing->out, "%.3g%% of the time\n", 100 * branches[i].weight / sum);
        jump = list_steps(listing, branches[i].instruction,
                          (uint32_t)program->instruction_count, indent + INDENT);
    }
    return program->instructions[jump].a;
}

/* Steps, and where they end with a jump those of the else, over which it leads. */
// NOLINTNEXTLINE(misc-no-recursion): as list_loop
static uint32_t list_condition(const struct listing *listing, uint32_t at, int indent)
{
    const struct plan_instruction *instructions = listing->program->instructions;
    const uint32_t end = instructions[at].b;
    uint32_t stopped;

    begin_line(listing, indent);
    buf_append_str(listing->out, "if ");
    put_query(listing, instructions[at].a);
    buf_append_char(listing->out, '\n');
    stopped = list_steps(listing, at + 1, end, indent + INDENT);
    if (stopped == end)
        return end;
    begin_line(listing, indent);
    buf_append_str(listing->out, "else\n");
    return list_steps(listing, end, instructions[stopped].a, indent + INDENT);
}

static void list_stop(const struct listing *listing, const struct plan_stop *stop,
                      int indent)
{
    static const char *const words[] = {[PLAN_STOP_ITERATION] = "iteration",
                                        [PLAN_STOP_USER] = "user",
                                        [PLAN_STOP_RUN] = "run"};

    begin_line(listing, indent);
    buf_printf(listing->out, "stop the %s%s\n", words[stop->kind],
               stop->failed ? ", which has failed" : "");
}

/* A step of one instruction. */
static void list_plain(const struct listing *listing, uint32_t at, int indent)
{
    const struct plan *plan = listing->plan;
    const struct plan_instruction *instruction = &listing->program->instructions[at];

    if (instruction->op == PLAN_OP_REQUEST)
        list_request(listing, &plan->steps[instruction->a], indent);
    else if (instruction->op == PLAN_OP_THINK)
        list_think(listing, &plan->steps[instruction->a], indent);
    else if (instruction->op == PLAN_OP_STOP)
        list_stop(listing, &plan->stops[instruction->a], indent);
    if (instruction->op != PLAN_OP_SET && instruction->op != PLAN_OP_FEED)
        return;
    begin_line(listing, indent);
    if (instruction->op == PLAN_OP_SET)
        buf_printf(listing->out, "set %s\n",
                   plan->variables[plan->assignments[instruction->a].variable].name);
    else
        buf_printf(listing->out, "feed %s\n", plan->feeders[instruction->a].name);
}

// NOLINTNEXTLINE(misc-no-recursion): as list_loop
static uint32_t list_steps(const struct listing *listing, uint32_t at, uint32_t end,
                           int indent)
{
    const struct plan_instruction *instructions = listing->program->instructions;

    while (at < end && instructions[at].op != PLAN_OP_JUMP) {
        if (instructions[at].op == PLAN_OP_LOOP_BEGIN)
            at = list_loop(listing, at, indent);
        else if (instructions[at].op == PLAN_OP_GROUP_BEGIN)
            at = list_group(listing, at, indent);
        else if (instructions[at].op == PLAN_OP_PICK)
            at = list_pick(listing, at, indent);
        else if (instructions[at].op == PLAN_OP_UNLESS)
            at = list_condition(listing, at, indent);
        else if (instructions[at].op == PLAN_OP_IF_KNOWN)
            at = instructions[at].b; /* how a session of MCP is opened */
        else
            list_plain(listing, at++, indent);
    }
    return at;
}

void plan_steps(const struct plan *plan, uint32_t program, int indent, struct buf *out)
{
    const struct listing listing = {plan, &plan->programs[program], out};

    list_steps(&listing, 0, (uint32_t)listing.program->instruction_count, indent);
}
