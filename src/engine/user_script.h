/*
 * What a user's program asks of what they know: conditions, values, rows, groups; and what is
 * recorded when a group or an iteration is over.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "engine/program.h"

struct buf;
struct user;
struct variable;

/* The instructions' questions; their ctx is the user. */
extern const struct program_ops user_script_ops;

/* Another incarnation: gives them the first values that are not the same for all. */
void user_script_begin(struct user *user);

/* Their setup is over: what it found is what each arrival of theirs begins with. */
void user_script_keep(struct user *user);

/* They take another arrival: rows and places in datasets are those of somebody new. */
void user_script_rekey(struct user *user);

/* An iteration begins at its due moment; it is over now. */
void user_script_begin_iteration(struct user *user);
void user_script_end_iteration(struct user *user);

/* What a variable is for this user. False: it has no value. */
bool user_script_variable(const struct user *user, uint32_t index,
                          struct variable *ret_value);

/* Gives it a value; NULL: none. */
void user_script_set(struct user *user, uint32_t index, const struct variable *value);

/* Appends the user's id: the roster's, else "user-ORDINAL". Errors of buf. */
int user_script_write_id(const struct user *user, struct buf *out);

/* Puts what conditions see into the engine's query. */
void user_script_put(struct user *user);

/* A step of theirs is over, with all its attempts. */
void user_script_note_over(struct user *user, bool failed);
