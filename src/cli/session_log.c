#include "cli/session_log.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "engine/engine.h"
#include "measure/anomaly.h"
#include "measure/run_mark.h"

#define REQUEST_ID_BYTES 128
#define MAX_SENTENCE_BYTES 400

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

void session_log_anomaly(void *ctx, const struct anomaly *anomaly)
{
    struct buf text = BUF_INIT(MAX_SENTENCE_BYTES);

    (void)ctx;
    anomaly_say(anomaly, &text);
    if (anomaly->end == ANOMALY_GOES_ON)
        log_write(LOG_LEVEL_WARN, "run", NULL, "anomaly (%s of %s) since %.0f s: %s",
                  anomaly_kind_name(anomaly_signal_kind(anomaly->signal)),
                  anomaly_signal_name(anomaly->signal),
                  (double)anomaly->start_ns / (double)NS_PER_S, buf_str(&text));
    else
        log_write(LOG_LEVEL_WARN, "run", NULL,
                  "anomaly (%s of %s) is over after %.0f s%s; at its worst %s",
                  anomaly_kind_name(anomaly_signal_kind(anomaly->signal)),
                  anomaly_signal_name(anomaly->signal),
                  (double)(anomaly->end_ns - anomaly->start_ns) / (double)NS_PER_S,
                  anomaly_end_text(anomaly->end), buf_str(&text));
    buf_deinit(&text);
}

void session_log_mark(const struct run_mark *mark)
{
    const bool changes = mark->kind == RUN_MARK_CONTROL;

    log_write(changes ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "run", NULL, "%s%s",
              changes ? "" : "noted: ", mark->text);
}
