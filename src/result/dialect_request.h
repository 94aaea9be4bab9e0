/*
 * samples.bin → the requests that another tool's client would have kept, with their chunks where these
 * were recorded. One of throng's attempts is one of its requests.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/sample.h"

/* Moments are ns since the run's start; 0: did not happen. */
struct dialect_request {
    uint64_t operation_id;
    uint32_t attempt;
    uint32_t flags; /* of enum sample_flag */
    uint16_t status;
    enum outcome outcome;
    enum token_source token_source;
    uint64_t sent_ns;
    uint64_t wire_ns;
    uint64_t headers_ns;
    uint64_t first_choice_ns;
    uint64_t last_choice_ns;
    uint64_t first_output_ns;
    uint64_t first_answer_ns; /* 0 also where no reasoning came before the answer */
    uint64_t last_output_ns;
    uint64_t end_ns;
    uint64_t connect_ns; /* durations, on a new connection */
    uint64_t tls_ns;
    uint32_t chunk_count; /* output chunks */
    uint32_t choice_count;
    uint64_t prompt_tokens;
    uint64_t completion_tokens;
    uint64_t reasoning_tokens;
    size_t events_from; /* into the recorded events */
    size_t event_count;
    bool has_events; /* all of its output chunks and choices were recorded */
};

struct dialect_requests {
    struct dialect_request *items; /* by operation and attempt */
    size_t count;
    struct chunk *events; /* recorded, each request's in the order of their coming */
    size_t event_count;
    bool is_complete; /* the file was not cut off */
};

/* Reads a file. Returns 0; -EBADMSG: it is none; -ENOMEM; what reading it said. */
int dialect_requests_read(const char *path, struct dialect_requests *ret_requests);

void dialect_requests_deinit(struct dialect_requests *requests);

/* The recorded events of a request, event_count of them; NULL: there are none. Borrowed. */
const struct chunk *dialect_request_events(const struct dialect_requests *requests,
                                           const struct dialect_request *request);
