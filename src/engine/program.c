#include "engine/program.h"

#include <assert.h>

#include "base/rng.h"

static uint32_t pick(const struct plan_program *program,
                     const struct plan_instruction *instruction, struct rng *flow)
{
    const struct plan_branch *branch = &program->branches[instruction->a];
    const struct plan_branch *last = branch + instruction->b - 1;
    uint64_t sum = 0;
    uint64_t drawn;

    for (const struct plan_branch *each = branch; each <= last; each++)
        sum += each->weight;
    drawn = rng_below(flow, sum);
    for (; branch < last && drawn >= branch->weight; branch++)
        drawn -= branch->weight;
    return branch->instruction;
}

static void begin_loop(struct program_place *place, uint32_t level)
{
    assert(level < PLAN_LOOP_DEPTH);
    place->rounds[level] = 0;
    place->depth = (uint16_t)(level + 1);
    place->begun &= (uint16_t)~(1U << place->depth);
}

/* Goes back for another round, or leaves the loop. */
static void end_loop(const struct plan_program *program, struct program_place *place,
                     uint32_t level, uint32_t first)
{
    /* The instruction before the first is the loop's begin, with the number of its rounds. */
    if (++place->rounds[level] < program->instructions[first - 1].b)
        place->pc = first;
    else
        place->depth = (uint16_t)level;
}

/* What an instruction costs of a walk. */
static uint32_t cost_of(enum plan_op op)
{
    return op == PLAN_OP_UNLESS || op == PLAN_OP_SET || op == PLAN_OP_FEED
               ? PROGRAM_EVALUATION
               : 1;
}

static void run(struct program_walk *walk, const struct plan_instruction *instruction,
                struct program_place *place)
{
    switch (instruction->op) {
    case PLAN_OP_LOOP_BEGIN:
        begin_loop(place, instruction->a);
        break;
    case PLAN_OP_LOOP_END:
        end_loop(walk->program, place, instruction->a, instruction->b);
        break;
    case PLAN_OP_LOOP_LEAVE:
        place->depth = (uint16_t)instruction->a;
        place->pc = instruction->b;
        break;
    case PLAN_OP_PICK:
        place->pc = pick(walk->program, instruction, walk->flow);
        break;
    case PLAN_OP_JUMP:
        place->pc = instruction->a;
        break;
    case PLAN_OP_UNLESS:
        if (!walk->ops->holds(walk->ctx, instruction->a))
            place->pc = instruction->b;
        break;
    case PLAN_OP_IF_KNOWN:
        if (walk->ops->knows(walk->ctx, instruction->a))
            place->pc = instruction->b;
        break;
    case PLAN_OP_SET:
        walk->ops->set(walk->ctx, instruction->a);
        break;
    case PLAN_OP_FEED:
        walk->ops->feed(walk->ctx, instruction->a);
        break;
    case PLAN_OP_GROUP_BEGIN:
        walk->ops->enter(walk->ctx, instruction->a);
        break;
    case PLAN_OP_GROUP_END:
        walk->ops->leave(walk->ctx, instruction->a);
        break;
    case PLAN_OP_REQUEST:
    case PLAN_OP_THINK:
    case PLAN_OP_STOP:
    case PLAN_OP_END:
        break;
    }
}

enum program_stop program_next(struct program_walk *walk, struct program_place *place,
                               uint32_t *ret_index)
{
    const struct plan_program *program = walk->program;

    for (;;) {
        const struct plan_instruction *instruction;
        uint32_t cost;

        assert(place->pc < program->instruction_count);
        instruction = &program->instructions[place->pc];
        if (instruction->op == PLAN_OP_END)
            return PROGRAM_ENDS;
        cost = cost_of(instruction->op);
        if (cost > walk->left)
            return PROGRAM_YIELDS;
        walk->left -= cost;
        place->pc++;
        *ret_index = instruction->a;
        if (instruction->op == PLAN_OP_REQUEST)
            return PROGRAM_ASKS;
        if (instruction->op == PLAN_OP_THINK)
            return PROGRAM_THINKS;
        if (instruction->op == PLAN_OP_STOP)
            return PROGRAM_STOPS;
        run(walk, instruction, place);
    }
}

uint32_t program_round(const struct program_place *place)
{
    return place->depth > 0 ? place->rounds[place->depth - 1] : 0;
}
