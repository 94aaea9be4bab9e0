/*
 * The roster: under which organization and with which key each simulated user acts. Filled before
 * the load starts, owned by the one who wires the run, borrowed const by the engine. A worker's
 * roster is its own: its i-th user acts as entry i mod user_count. Credentials stay in memory:
 * nothing here is ever written.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct secret;

struct roster_user {
    const char
        *org_name; /* label org_id, since it is the same in every run; NULL: its id */
    const char *org_id;      /* the platform's own */
    const char *org_slug;    /* as the platform's paths name it; NULL: its id */
    int64_t org_budget_pusd; /* what it may spend; 0: as much as it likes */
    const char *user_id;     /* label user_id */
    const char *email;       /* NULL: one is made up */
    uint64_t index;          /* within the organization, from 1; 0: none */
    const char *key_id;      /* as the platform's paths name the key; NULL: it has none */
    const struct secret *key; /* bearer token, borrowed; NULL: the target's */
};

struct roster {
    const struct roster_user *users;
    size_t user_count; /* 0: everybody acts with the target's own key */
};
