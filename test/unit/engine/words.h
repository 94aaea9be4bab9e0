/*
 * Words of a scenario for plays of the stage: plain http steps with templates, the names that stand
 * in them, and a server that notes what it gets and answers as the test says.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "stage.h"

#define WORDS_STEPS 12
#define WORDS_NAMES 40
#define WORDS_VARIABLES 16
#define WORDS_QUERIES 24
#define WORDS_REQUESTS 64

/* What came in, as one line: "GET /path | header: value | body". */
struct words_heard {
    char line[700];
    uint64_t user;
    uint64_t sent_ns;
};

struct words {
    struct stage stage; /* first: the server's ctx */
    struct arena *arena;
    struct plan_name names[WORDS_NAMES];
    struct plan_variable variables[WORDS_VARIABLES];
    const char *queries[WORDS_QUERIES];
    struct plan_step steps[WORDS_STEPS];
    struct plan_instruction instructions[40];
    struct plan_program programs[4];
    size_t instruction_count;
    struct words_heard heard[WORDS_REQUESTS];
    size_t heard_count;
    /* How the server answers; the test changes it while it goes on. NULL: 200 and an empty object. */
    void (*answer)(struct words *words, const struct virtual_request *request,
                   struct virtual_answer *ret_answer);
    struct virtual_event body; /* for `answer` to fill */
};

/*
 * One user of one class with a program that words_do() writes; one plain step GET /. The first
 * phase is the test's.
 */
void words_init(struct words *words);
void words_free(struct words *words);

/* A text of the scenario: names are vars.NAME (made at first use), user.*, iteration and so on. */
struct plan_text words_text(struct words *words, const char *text);
struct plan_text words_json(struct words *words, const char *text);
struct plan_pair words_pair(struct words *words, const char *key, const char *value);

/* The number of a variable, a query. */
uint32_t words_variable(struct words *words, const char *name);
uint32_t words_query(struct words *words, const char *text);

/* Sets a variable to a text, as a step does. */
struct plan_assignment words_assign(struct words *words, const char *variable,
                                    const char *text);

/* A step of plain http: "GET /path". */
struct plan_step *words_step(struct words *words, uint32_t index, const char *request);

/* One more instruction of the class's program; PLAN_OP_END ends it. */
void words_do(struct words *words, enum plan_op op, uint32_t a, uint32_t b);

/* Opens, and lets so much time pass; the stage is open afterwards. */
void words_play(struct words *words, uint64_t duration_ns);

/* The line of what came in, the first of which is 0. */
void words_assert_heard(const struct words *words, size_t index, const char *expected);

/* Answers with a JSON body. */
void words_say(struct words *words, struct virtual_answer *ret_answer, const char *body);
