/*
 * What a session logs of its requests.
 */
#pragma once

struct anomaly;
struct circuit_view;
struct engine;
struct engine_bodies;
struct run_mark;
struct sample;

/* What was sent and answered, of one request. */
void session_log_bodies(const struct engine *engine, const struct sample *sample,
                        const struct engine_bodies *bodies);

/* One that failed, where it is asked for. */
void session_log_failure(const struct engine *engine, const struct sample *sample,
                         const char *detail);

/* A circuit breaker opened, lets probes through, or closed. ctx is not looked at. */
void session_log_circuit(void *ctx, const struct circuit_view *circuit);

/* What the scenario could do better. ctx is not looked at. */
void session_log_warning(void *ctx, const char *sentence);

/* Something that is unlike the run's own past began, or is over. ctx is not looked at. */
void session_log_anomaly(void *ctx, const struct anomaly *anomaly);

/* What somebody noted, or did to the load. */
void session_log_mark(const struct run_mark *mark);
