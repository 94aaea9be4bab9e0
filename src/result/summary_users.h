/*
 * The part of the summary on single users: `users`, who fared worst, and `by.user_id` with the figures of
 * those. All users stand in users.csv (result/users_csv.h).
 */
#pragma once

#include "result/json_tree.h"

struct run_facts;

/* `by` is in the summary already. */
void summary_put_users(struct json_tree *tree, json_t *summary,
                       const struct run_facts *facts);
