/*
 * The half of an attempt that asks: what the user says and in whose words it is sent → the body of
 * the request, what it can cost, and what kind of answer is waited for.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct attempt;
struct rendering;
struct plan_step;

/* Questions and calls that one request of a step has: each of a user's is counted. */
uint64_t asking_count(const struct plan_step *step);

/*
 * Makes the body, its texts rendered; the user's turn of the conversation begins; and sets how long the
 * answer may be. Returns 0;
 * -ENODATA where a feeder has no row left; -ENOTSUP where the target's
 * API has no such request; -EINVAL, -ENOENT for what the scenario should not have let through; -EMSGSIZE
 * for what is too long; -ENOMEM.
 */
int asking_prepare(struct attempt *attempt, struct rendering *rendering);

/* The request was sent: its questions were, for all that counts how many are alike. */
void asking_tell_questions(const struct attempt *attempt);

/* The body that is sent, borrowed from attempt and plan; NULL: none. */
const char *asking_body(const struct attempt *attempt, size_t *ret_len);
