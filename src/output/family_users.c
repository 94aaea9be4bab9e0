/* Families of each user, and of all users past the budget together. */
#include <inttypes.h>
#include <stdio.h>

#include "output/family_writers.h"

#define PUSD_PER_USD 1e12
#define ORDINAL_BYTES 24

/* What is told of a user. */
typedef double user_value_fn(const struct user_view *user);

static void write_user(struct metric_text *text, const struct user_view *user,
                       user_value_fn *value)
{
    char ordinal[ORDINAL_BYTES] = "other";
    const struct metric_label label = {"user_id", ordinal};

    if (user->ordinal != RECORDER_OTHER_USERS)
        (void)snprintf(ordinal, sizeof(ordinal), "%" PRIu64, user->ordinal);
    metric_text_sample(text, "", &label, 1, value(user));
}

static void write_users(const struct exposition *exposition, struct metric_text *text,
                        user_value_fn *value)
{
    const struct snapshot *snapshot = &exposition->snapshot;

    for (size_t i = 0; i < snapshot->user_count; i++)
        write_user(text, &snapshot->users[i], value);
    if (snapshot->other_users.requests > 0)
        write_user(text, &snapshot->other_users, value);
}

static double questions_of(const struct user_view *user)
{
    return (double)user->questions;
}

static double tokens_of(const struct user_view *user)
{
    return (double)(user->prompt_tokens + user->completion_tokens);
}

static double cost_of(const struct user_view *user)
{
    return (double)user->cost_pusd / PUSD_PER_USD;
}

static double errors_of(const struct user_view *user)
{
    return (double)user->failed;
}

void family_write_user_questions(const struct family *family,
                                 const struct exposition *exposition,
                                 struct metric_text *text)
{
    (void)family;
    write_users(exposition, text, questions_of);
}

void family_write_user_tokens(const struct family *family,
                              const struct exposition *exposition,
                              struct metric_text *text)
{
    (void)family;
    write_users(exposition, text, tokens_of);
}

void family_write_user_cost(const struct family *family,
                            const struct exposition *exposition, struct metric_text *text)
{
    (void)family;
    write_users(exposition, text, cost_of);
}

void family_write_user_errors(const struct family *family,
                              const struct exposition *exposition,
                              struct metric_text *text)
{
    (void)family;
    write_users(exposition, text, errors_of);
}
