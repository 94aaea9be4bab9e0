/*
 * The virtual world: time that is counted instead of waited for, and a network whose answers come
 * from a function. An hour of load passes in seconds, exactly and the same every time. For tests,
 * `check` and `--dry-run`. It opens no sockets, and reads no clock of the machine.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/transport.h"

struct virtual_world;
struct world;

/* One piece of an answer. */
struct virtual_event {
    uint64_t delay_ns; /* arrives so long after the piece before, or after the headers */
    const char
        *data; /* of an event, or a piece of a body; lives until the answer is over */
    uint64_t late_ns; /* the program sees it so long after it arrived */
    bool joined;    /* is read together with the piece before it, when that one is seen */
    bool unstamped; /* the kernel gave no stamp: it arrived when it was seen */
};

/* How a request is answered. All zero: an empty 200 at once. */
struct virtual_answer {
    uint64_t connect_ns;      /* until the first byte can go; 0: on a reused connection */
    uint64_t headers_ns;      /* from there to the headers */
    uint16_t status;          /* 0: no headers ever come */
    const char *content_type; /* "text/event-stream" where NULL */
    const struct transfer_header *headers;
    size_t header_count;
    const struct virtual_event *events; /* live until the answer is over */
    size_t event_count;
    bool hangs;       /* stays open after the last event */
    uint64_t end_ns;  /* from the last event to the end */
    const char *tail; /* data of an event that the stream began and did not end */
    enum transfer_end end;
};

/* A request as the server gets it. Borrowed for the call. */
struct virtual_request {
    const struct transfer_request *request;
    uint64_t sent_ns;
    uint64_t serial; /* counts the requests of this world, from 0 */
};

/* The server: says how a request is answered. *ret_answer is all zero but for status 200. */
typedef void virtual_server_fn(void *ctx, const struct virtual_request *request,
                               struct virtual_answer *ret_answer);

/* Time begins at start_ns. Returns 0 or -ENOMEM. */
int virtual_world_new(uint64_t start_ns, virtual_server_fn *server, void *ctx,
                      struct virtual_world **ret_world);

/* What is in flight is forgotten. NULL is allowed. Returns NULL. */
struct virtual_world *virtual_world_free(struct virtual_world *world);

/* The interface to it, borrowed. */
struct world *virtual_world_as_world(struct virtual_world *world);

/*
 * Lets time pass until end_ns. UINT64_MAX: until nothing more can happen. Returns whether something
 * is left to happen.
 */
bool virtual_world_run_until(struct virtual_world *world, uint64_t end_ns);

/* The program is busy: time passes and nothing is served. What was due meanwhile comes late. */
void virtual_world_stall(struct virtual_world *world, uint64_t ns);

/* The moment it is. */
uint64_t virtual_world_now(const struct virtual_world *world);

/* Requests not yet over. */
size_t virtual_world_in_flight(const struct virtual_world *world);
