/*
 * The roster: under which organization and with which key each simulated user acts. Filled before
 * the load starts, owned by the one who wires the run, borrowed const by the engine. User k acts as
 * entry k mod user_count. Credentials stay in memory: nothing here is ever written.
 */
#pragma once

#include <stddef.h>

struct secret;

struct roster_user {
    const char *org_id;       /* label org_id */
    const char *org_slug;     /* as the platform's paths name it; NULL: its id */
    const char *user_id;      /* label user_id */
    const struct secret *key; /* bearer token, borrowed */
};

struct roster {
    const struct roster_user *users;
    size_t user_count; /* 0: everybody acts with the target's own key */
};
