/*
 * An engine beside the load, on the same loop and with a transport of its own: what is done before the
 * load, behind it, and without any. Nothing of it is measured.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "engine/engine.h"

struct connection_policy;
struct curl_transport;
struct uv_world;

/* One at a time. The fields are private but for loop and engine. */
struct side_engine {
    uv_loop_t *loop;       /* borrowed; set before the first run */
    struct engine *engine; /* from its begin until side_engine_close(); else NULL */
    struct connection_policy *policies;
    struct curl_transport *transport;
    struct uv_world *world;
    struct recorder *recorder; /* an engine wants one: nothing comes into it */
    bool is_done;
    unsigned closing; /* things that the loop still has to close */
};

/*
 * Runs one to its end: wanted says plan, stage and what belongs to it; world, recorder and observer are put
 * in. log_bodies: what is sent and answered is logged. Then the engine can be asked how it went, until
 * side_engine_close(), which must follow in any case. Returns 0 or -errno when it could not begin.
 */
int side_engine_run(struct side_engine *side, const struct engine_options *wanted,
                    bool log_bodies);
void side_engine_close(struct side_engine *side);

/* Whether one goes on. */
bool side_engine_is_on(const struct side_engine *side);

/* It begins nothing more, and ends when what is in flight is over, after graceful_ns at most. */
void side_engine_stop(struct side_engine *side, uint64_t graceful_ns);
