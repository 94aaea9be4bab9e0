/*
 * Programs: a class's flow compiled into a small array of instructions, which each user steps
 * through with a program counter, loop counters and random streams of their own.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan_pair;

/* Loops may stand this deep in each other: a user carries one counter per level. */
#define PLAN_LOOP_DEPTH 8

enum plan_op {
    PLAN_OP_REQUEST, /* a: step index; sends it and waits for its end */
    PLAN_OP_THINK, /* a: step index (its `pause`; kind NONE of a bare word: the class's) */
    PLAN_OP_LOOP_BEGIN, /* a: loop level, b: rounds; starts a conversation of its own */
    PLAN_OP_LOOP_END, /* a: loop level, b: the instruction after the matching LOOP_BEGIN */
    PLAN_OP_PICK, /* a: first index into pick_weights, b: how many; jumps to a branch */
    PLAN_OP_JUMP, /* a: instruction */
    PLAN_OP_END,  /* the end of one iteration */
};

struct plan_instruction {
    enum plan_op op;
    uint32_t a;
    uint32_t b;
};

/* One branch of a PICK: chosen with weight over the sum of weights. */
struct plan_branch {
    uint32_t weight;
    uint32_t instruction; /* where it starts */
};

struct plan_program {
    const struct plan_instruction *instructions; /* ends with PLAN_OP_END */
    size_t instruction_count;
    const struct plan_branch *branches;
    size_t branch_count;
};

enum plan_step_kind { PLAN_STEP_CHAT, PLAN_STEP_HTTP, PLAN_STEP_THINK };

/* What a chat says. */
enum plan_say {
    PLAN_SAY_QUESTION, /* made by a strategy */
    PLAN_SAY_PROMPT,   /* a fixed text */
};

enum plan_conversation {
    PLAN_CONVERSATION_NONE, /* each request stands alone */
    PLAN_CONVERSATION_KEEP, /* lasts for the innermost repeat, else the iteration */
};

struct plan_chat {
    uint32_t model;     /* index into models */
    const char *system; /* NULL: none */
    enum plan_say say;
    uint32_t strategy; /* of PLAN_SAY_QUESTION: workload's index of the strategy */
    const char *strategy_name;
    const char *prompt; /* of PLAN_SAY_PROMPT */
    enum plan_conversation conversation;
    uint32_t window; /* turns of history sent back at most; 0: all */
    bool stream;
    uint64_t max_tokens;            /* 0: not sent */
    uint64_t max_completion_tokens; /* 0: not sent */
    double temperature;             /* NAN: not sent */
    const char *extra_body;         /* JSON object merged last, as text; NULL: none */
    bool include_usage;             /* stream_options.include_usage */
};

struct plan_http_call {
    const char *method; /* upper case */
    const char *path;   /* from the origin, with its leading slash */
    const char *body;   /* NULL: none */
    size_t body_len;
    const char *content_type; /* NULL: none */
};

/* A range of HTTP statuses that is success, or `degraded` success. */
struct plan_status {
    uint16_t status;
    bool degraded;
};

/* A step of a flow: what a user does, and what its figures are named after. */
struct plan_step {
    enum plan_step_kind kind;
    const char *name; /* label `step` */
    uint32_t target;  /* PLAN_NONE: the model's, else the class's */
    union {
        struct plan_chat chat;
        struct plan_http_call http;
    };
    struct plan_pause *pause;         /* of THINK: NULL means the class's think time */
    const struct plan_status *expect; /* statuses that succeed; none listed: any 2xx */
    size_t expect_count;
    const struct plan_pair *headers;
    size_t header_count;
    const struct plan_pair *tags;
    size_t tag_count;
    uint64_t timeout_ns; /* total; 0: the target's */
};
