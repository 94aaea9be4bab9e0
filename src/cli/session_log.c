#include "cli/session_log.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/log.h"
#include "engine/engine.h"

#define REQUEST_ID_BYTES 128

void session_log_bodies(const struct engine *engine, const struct sample *sample,
                        const struct engine_bodies *bodies)
{
    char request_id[REQUEST_ID_BYTES];

    engine_request_id(engine, sample, request_id, sizeof(request_id));
    log_write(LOG_LEVEL_INFO, "run", request_id, "sent: %s", bodies->request);
    log_write(LOG_LEVEL_INFO, "run", request_id, "answered (%s, status %u): %s",
              outcome_name(sample->outcome), sample->status, bodies->answer);
}

void session_log_failure(const struct engine *engine, const struct sample *sample,
                         const char *detail)
{
    char request_id[REQUEST_ID_BYTES];

    if (!log_enabled(LOG_LEVEL_INFO))
        return;
    engine_request_id(engine, sample, request_id, sizeof(request_id));
    log_write(LOG_LEVEL_INFO, "run", request_id, "%s (status %u): %s",
              outcome_name(sample->outcome), sample->status, detail);
}

void session_log_circuit(void *ctx, const struct circuit_view *circuit)
{
    const bool is_open = strcmp(circuit->state, "open") == 0;

    (void)ctx;
    if (is_open)
        log_write(LOG_LEVEL_WARN, "run", NULL,
                  "circuit of target %s: open, since %" PRIu64 " of %" PRIu64
                  " requests failed; none is sent for a while",
                  circuit->target, circuit->cause_failed, circuit->cause_attempts);
    else
        log_write(LOG_LEVEL_WARN, "run", NULL, "circuit of target %s: %s; %s",
                  circuit->target, circuit->state,
                  circuit->is_closed ? "requests are sent again"
                                     : "one request is sent to see");
}

void session_log_warning(void *ctx, const char *sentence)
{
    (void)ctx;
    log_write(LOG_LEVEL_WARN, "run", NULL, "%s", sentence);
}
