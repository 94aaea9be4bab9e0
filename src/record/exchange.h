/*
 * One request on its way: from the client to the upstream, its answer piece by piece back, and what it
 * was into the trace. Each side that is slow holds the other up; each that goes ends the other.
 *
 *   request complete ─▶ sent to the upstream ─▶ head ─▶ pieces ─▶ end ─▶ to the writer
 *                          │ no answer: 502, 504          │ broken off: so is the client's
 *                          └── client gone: cancelled ────┘
 */
#pragma once

struct record;
struct serve_request;

/* Takes a complete request; answers it in any case. */
void exchange_begin(struct record *record, struct serve_request *request);
