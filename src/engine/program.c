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

static void begin_loop(struct program_place *place, uint32_t level, uint32_t rounds)
{
    assert(level < PLAN_LOOP_DEPTH && rounds > 0);
    place->rounds_left[level] = rounds;
    place->depth = (uint16_t)(level + 1);
    place->begun &= (uint16_t)~(1U << place->depth);
}

/* Goes back for another round, or leaves the loop. */
static void end_loop(struct program_place *place, uint32_t level, uint32_t first)
{
    if (--place->rounds_left[level] > 0)
        place->pc = first;
    else
        place->depth = (uint16_t)level;
}

enum program_stop program_next(const struct plan_program *program,
                               struct program_place *place, struct rng *flow,
                               uint32_t *ret_step)
{
    for (;;) {
        const struct plan_instruction *instruction;

        assert(place->pc < program->instruction_count);
        instruction = &program->instructions[place->pc];
        if (instruction->op == PLAN_OP_END)
            return PROGRAM_ENDS;
        place->pc++;
        switch (instruction->op) {
        case PLAN_OP_REQUEST:
            *ret_step = instruction->a;
            return PROGRAM_ASKS;
        case PLAN_OP_THINK:
            *ret_step = instruction->a;
            return PROGRAM_THINKS;
        case PLAN_OP_LOOP_BEGIN:
            begin_loop(place, instruction->a, instruction->b);
            break;
        case PLAN_OP_LOOP_END:
            end_loop(place, instruction->a, instruction->b);
            break;
        case PLAN_OP_PICK:
            place->pc = pick(program, instruction, flow);
            break;
        case PLAN_OP_JUMP:
            place->pc = instruction->a;
            break;
        case PLAN_OP_SET:
        case PLAN_OP_UNLESS:
        case PLAN_OP_IF_KNOWN:
        case PLAN_OP_LOOP_LEAVE:
        case PLAN_OP_GROUP_BEGIN:
        case PLAN_OP_GROUP_END:
        case PLAN_OP_FEED:
        case PLAN_OP_STOP:
        case PLAN_OP_END:
            break;
        }
    }
}
