/*
 * The script of a run: what a plan's queries, patterns and names need to be evaluated, made ready
 * once and shared by all users, and what is counted about them. A plan that has none costs nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "expr/query.h"
#include "plan/program.h"

struct arena;
struct data;
struct plan;
struct regex;
struct template;
struct variable;
struct variables;

/* What is looked at, or kept, of a step's answer. */
enum script_need {
    SCRIPT_NEEDS_BODY = 1 << 0,
    SCRIPT_NEEDS_HEADERS = 1 << 1, /* all of them, as JSON */
    SCRIPT_NEEDS_END = 1 << 2,     /* something is looked at when it is over */
};

/* The fields are private but for reading. */
struct script {
    const struct plan *plan;
    struct query_runner *queries;  /* owned; NULL: the plan has none */
    struct regex **patterns;       /* owned, as many as the plan has */
    const struct variables *found; /* borrowed: by the run's setup; NULL: nothing */
    struct variables *shared;      /* owned: what all users begin with, over `found` */
    const struct data *data;       /* borrowed; NULL: no feeders */
    uint8_t *needs;                /* owned: bits of enum script_need, by step */
    bool *fed;                     /* owned, by feeder: a `feed` step takes its rows */
    uint64_t *unset;               /* owned, by name: uses without a value */
    uint64_t unset_uses;           /* their sum */
    const char *unset_name;        /* the first of them; NULL: none */
    struct arena *arena;           /* owned: of these two */
    const struct template *name;   /* of made-up people */
    const struct template *email;  /* before the ordinal */
    bool remembers;     /* users keep the answer before, for conditions over `last` */
    bool has_knowledge; /* users have any knowledge at all */
    bool is_on_paper;   /* nobody really answers: what they would say is a placeholder */

    /* Scratch of one evaluation; nothing in it outlives one. */
    struct query_root *roots; /* owned: room for all variables and SCRIPT_ROOTS */
    size_t root_count;
    char **variable_paths; /* owned: "vars.NAME", by variable */
    struct buf text;
    struct buf value;
    struct plan_chat chat;
    struct plan_message *messages; /* owned: room for the most that a chat has */
    size_t *message_from;          /* owned: where in `text` each begins */
};

/* Roots that a query has at most, beside the variables. */
#define SCRIPT_ROOTS 24

struct script_options {
    const struct plan *plan;       /* borrowed, like all below */
    const struct variables *found; /* by the run's setup; NULL: there was none */
    const struct data *data;
    bool is_on_paper;
};

/* Returns 0; -ENOMEM; -EINVAL for a query or pattern that was never checked. */
int script_init(struct script *script, const struct script_options *options);
void script_deinit(struct script *script);

/* Whether each user makes this value for themselves: it is not the same for all. */
bool script_is_own(const struct script *script, const struct plan_assignment *initial);

/*
 * A query's input is put together root by root; script_begin() forgets those of the query before.
 * What is put is borrowed until the query was run.
 */
void script_begin(struct script *script);
void script_put_number(struct script *script, const char *path, double number);
void script_put_truth(struct script *script, const char *path, bool truth);
/* text NULL, and what is too long for a query: null. kind: QUERY_TEXT or QUERY_JSON. */
void script_put_text(struct script *script, const char *path, enum query_kind kind,
                     const char *text, size_t len);
/* Each variable that has a value, as vars.NAME. own: a user's; NULL: the run's alone. */
void script_put_variables(struct script *script, const struct variables *own);

/*
 * Evaluates a query over what was put; its text, JSON or number is in script->value until the next.
 * One that fails gives QUERY_NOTHING.
 */
struct query_result script_query(struct script *script, uint32_t query);

/*
 * The value that a result is for a variable: its text, or its JSON. False where it is none (null,
 * or nothing at all). Borrowed from the script until the next query.
 */
bool script_value(const struct script *script, const struct query_result *result,
                  struct variable *ret_value);
