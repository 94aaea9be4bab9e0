/*
 * The compilation of one flow: steps as they are written in, instructions out. What a kind of step becomes
 * is said by its own function; they share this.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenario/making.h"

/* A program is not longer, however often its flows are used in each other. */
#define COMPILING_MAX_INSTRUCTIONS 100000

/* Flows that use each other, at most. */
#define COMPILING_MAX_DEPTH 16

/* A flow that is being put in: the one whose `use` asked for it is below. */
struct used_flow {
    const struct used_flow *user;
    const char *name;
};

/* A group that is open, as an index into the plan's. */
struct open_group {
    const struct open_group *outer;
    uint32_t index;
};

struct compiling {
    struct making *making;
    const struct class_form *class_form; /* whose flow it is; NULL: of the whole run */
    uint32_t target;                     /* the class's, or the one of the run */
    struct growing instructions;         /* struct plan_instruction */
    struct growing branches;             /* struct plan_branch */
    const struct used_flow *flow;        /* the innermost that is being put in */
    size_t uses;                         /* flows that were put in */
    const struct open_group *group;      /* the innermost */
    uint32_t group_depth;
    bool unmeasured;  /* a setup or teardown, a call to the platform */
    bool of_platform; /* a call to it: what the scenario says of people is not for it */
    bool thinks;      /* there is a think step */
    bool asks;        /* there is a request */
    bool overflowed;  /* there are too many instructions, which was told */
};

enum step_kind {
    STEP_NONE,
    STEP_CHAT,
    STEP_COMPLETION,
    STEP_RESPONSES,
    STEP_EMBEDDINGS,
    STEP_HTTP,
    STEP_MCP,
    STEP_REPLAY,
    STEP_THINK,
    STEP_GROUP,
    STEP_REPEAT,
    STEP_PICK,
    STEP_IF,
    STEP_SET,
    STEP_USE,
    STEP_FEED,
    STEP_STOP,
    STEP_KINDS,
};

/* Appends an instruction. Returns 0, with a mistake added past the bound; -ENOMEM. */
int compiling_emit(struct compiling *compiling, enum plan_op op, uint32_t a, uint32_t b);

/* Says, once, that the flow is too long; nothing more is compiled. Returns 0 or -ENOMEM. */
int compiling_overflow(struct compiling *compiling);

/* Where the next instruction will stand. */
uint32_t compiling_here(const struct compiling *compiling);

/* Says where the jump at an instruction leads: its a of JUMP, its b of all others. */
void compiling_aim(struct compiling *compiling, uint32_t at, uint32_t to);

/* The next step of the plan, named after its group. NULL when memory is out. */
struct plan_step *compiling_add_step(struct compiling *compiling, uint32_t *ret_index);

/* Steps one after the other; level: of the loops around them. */
int compile_steps(struct compiling *compiling, const struct config_items *steps,
                  uint32_t level);

/* The key that says a step's kind. */
const char *step_kind_key(enum step_kind kind);

/* STEP_NONE: none of them, which was told when the form was filled. */
enum step_kind step_kind_of(const struct step_form *step);

/* Refuses what has no meaning beside a step of this kind. Returns 0, with mistakes added; -ENOMEM. */
int step_check_keys(struct making *making, const struct step_form *form,
                    enum step_kind kind);

/* Steps that send something. Each returns 0, with mistakes added; -ENOMEM. */
int compile_asking(struct compiling *compiling, const struct step_form *form,
                   enum step_kind kind);
int compile_http(struct compiling *compiling, const struct step_form *form);
int compile_mcp(struct compiling *compiling, const struct step_form *form);
int compile_replay(struct compiling *compiling, const struct step_form *form);

/* Steps that are made of steps. */
int compile_repeat(struct compiling *compiling, const struct step_form *form,
                   uint32_t level);
int compile_pick(struct compiling *compiling, const struct step_form *form,
                 uint32_t level);
int compile_if(struct compiling *compiling, const struct step_form *form, uint32_t level);
int compile_group(struct compiling *compiling, const struct step_form *form,
                  uint32_t level);
int compile_use(struct compiling *compiling, const struct step_form *form,
                uint32_t level);

/*
 * What a request's step has beside its kind. name: what it is called where it says nothing. The second
 * makes only how it is sent: to whom, as whom, with what.
 */
int make_request_step(struct compiling *compiling, const struct step_form *form,
                      const char *name, struct plan_step *step);
int make_carrying_step(struct compiling *compiling, const struct step_form *form,
                       const char *name, struct plan_step *step);

/*
 * How people take its answer, once its kind and target are known: where it says nothing as its class or
 * the scenario say, of retries as the target says that it goes to.
 */
int make_step_manners(struct compiling *compiling, const struct step_form *form,
                      struct plan_step *step);

/*
 * Where a step goes, as far as it is known: the step's own target, else its model's, else the class's; an
 * index that is none where that is a mistake.
 */
uint32_t compiling_target_of(const struct compiling *compiling,
                             const struct plan_step *step);

/* What a step says. The step's kind and its own target are known. */
int make_chat(struct compiling *compiling, const struct chat_form *form,
              enum step_kind kind, struct plan_step *step);
int make_http(struct making *making, const struct http_form *form,
              struct plan_http_call *ret_http);
