/*
 * Knowledge: what one user knows beside where they stand: variables, rows of feeders, the answer
 * before, the groups they are in, cookies. Only scenarios that use any of it pay for it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "engine/cookies.h"
#include "plan/program.h"

struct script;
struct variable;
struct variables;

/* The row of a feeder that a user is at. */
struct knowledge_row {
    uint64_t taken; /* rows taken so far, over the whole run */
    uint64_t row;   /* the latest */
    bool held;      /* it is theirs now */
};

/* A group that a user is in. */
struct knowledge_group {
    uint64_t begun_ns;
    bool failed; /* a request in it did */
};

struct knowledge {
    struct variables *variables; /* owned; NULL: they know what is below */
    struct variables
        *found; /* owned: by their setup, in an open loop; NULL: what the run knows */
    struct knowledge_row *rows; /* owned: by feeder; NULL: none was taken yet */
    struct knowledge_group groups[PLAN_GROUP_DEPTH];
    uint32_t group_depth;
    /* Of the answer before, where conditions look at it. */
    struct buf last_body;
    struct buf last_text;
    struct buf last_headers; /* a JSON object */
    struct cookies cookies;
    int error; /* of something that could not be kept: their next request fails for it */
};

void knowledge_init(struct knowledge *knowledge);

/* Forgets all but which rows were taken: another incarnation begins with nothing. */
void knowledge_forget(struct knowledge *knowledge);
/* An arrival is over: what setup found stays, cookies too; the next begins with no more than that. */
void knowledge_rest(struct knowledge *knowledge);

/* What they know now is what each arrival begins with. */
void knowledge_keep_found(struct knowledge *knowledge);

/* Forgets that again. */
void knowledge_forget_found(struct knowledge *knowledge);

/* Rows are taken as by somebody who has taken none yet. */
void knowledge_rekey(struct knowledge *knowledge, const struct script *script);

/* What they know: their own, else what setup found; NULL: what the run knows. */
const struct variables *knowledge_variables(const struct knowledge *knowledge);

void knowledge_deinit(struct knowledge *knowledge);

/* Another iteration: out of all groups, and rows that no `feed` step takes are taken anew. */
void knowledge_begin_iteration(struct knowledge *knowledge, const struct script *script);

/* Gives a variable a value; NULL: it has none from now on. What fails is noted in `error`. */
void knowledge_set(struct knowledge *knowledge, const struct script *script,
                   uint32_t variable, const struct variable *value);

/* Keeps an answer for conditions. What fails is noted likewise. */
void knowledge_keep_last(struct knowledge *knowledge, const struct buf *body,
                         const struct buf *text, const struct buf *headers);
