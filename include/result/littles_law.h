/*
 * Little's law between client and server: the mean number of requests that the client has in flight must be
 * what the servers say that they have, running and waiting. Where it is not, one of both sees something that
 * the other does not. Of the measured window, over which the client's λW (answers a second times their mean
 * time) must be the same number again. Pure.
 * Source: J. D. C. Little, "A Proof for the Queuing Formula: L = λW", Operations Research 9 (1961).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct run_facts;

enum littles_law_finding {
    LITTLES_LAW_AGREES,
    LITTLES_LAW_SERVER_MORE, /* somebody else uses the servers */
    LITTLES_LAW_CLIENT_MORE, /* what it waits for is somewhere before the servers */
};

struct littles_law {
    double in_flight;     /* of the client, mean over time */
    double answers_per_s; /* whole ones */
    double mean_s;        /* of them, end to end */
    double running;       /* of all servers, mean over readings */
    double waiting;
    uint64_t readings; /* of the server that has fewest */
    double difference; /* servers over client, less 1: −0.2 is a fifth less */
    /* So much may be chance: a tenth, or what so few readings cannot tell apart. */
    double tolerance;
    enum littles_law_finding finding;
};

/*
 * False where it says nothing: no server tells of requests, or not of all targets; some requests go to no
 * model; more than a tenth of them fail; there are less than five readings, or less than one request in flight.
 */
bool littles_law_of(const struct run_facts *facts, struct littles_law *ret_law);

/* "agrees", "server_more", "client_more" */
const char *littles_law_finding_name(enum littles_law_finding finding);

/* Says it in a sentence, without its full stop. */
void littles_law_say(const struct littles_law *law, struct buf *out);
