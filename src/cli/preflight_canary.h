/*
 * Canaries: one small request to each model that flows ask, as they ask it, before any load: whether
 * the key is let in, the model is known, usage is told, and whether the answer streams.
 */
#pragma once

struct data;
struct plan;
struct preflight_report;

/*
 * Sends them one after the other; blocks for at most half a minute each. data: rows that templates may
 * need; NULL: none. request_id: what their X-Request-ID begins with.
 */
void preflight_canaries(const struct plan *plan, const struct data *data,
                        const char *request_id, struct preflight_report *report);
