/*
 * Who may do what with the live page: a request's own words → yes, or a status with a sentence. Pure.
 *
 * Threats and how each is met (ADR 0026): another page in the same browser cannot set Authorization
 * without being asked for first, which nobody answers (Fetch, section 3.3); a name that was rebound to this
 * machine is no name of it; somebody else on the network has no token.
 */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

struct secret;

/* What is asked for. */
enum live_right {
    LIVE_RIGHT_PAGE,    /* the page itself, which tells nothing of the run */
    LIVE_RIGHT_VIEW,    /* figures: with the token, or on this machine alone */
    LIVE_RIGHT_CONTROL, /* the load: with the token, always */
};

struct live_guard {
    const struct secret *token; /* borrowed */
    bool is_local;              /* it listens to this machine alone */
};

/* What a request says of who sends it; NULL: it does not say. Borrowed. */
struct live_caller {
    const char *host;          /* Host */
    const char *origin;        /* Origin */
    const char *site;          /* Sec-Fetch-Site */
    const char *authorization; /* Authorization */
};

/* Returns 0; 401 or 403 with a sentence, which is static. */
int live_guard_check(const struct live_guard *guard, enum live_right right,
                     const struct live_caller *caller, const char **reterr_sentence);

/* Whether only this machine can reach an address. */
bool live_guard_is_local(const struct sockaddr_storage *address);

/* Makes one of 144 random bits. Returns 0 or -errno. */
int live_token_new(struct secret **ret_token);
