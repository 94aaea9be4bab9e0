/*
 * How an attempt ended: transfer, status, content type and what the stream told → one outcome
 * (FAULTS rows 11 to 36). Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/sample.h"
#include "net/transport.h"

struct plan_step;

/* What was asked for. */
enum answer_form {
    ANSWER_STREAM, /* server-sent events */
    ANSWER_JSON,   /* one JSON document */
    ANSWER_EITHER, /* one of these two, as the answer's headers say */
    ANSWER_ANY,    /* whatever an http step gets */
};

/* What is known when a transfer is over. */
struct ending {
    enum answer_form form;
    enum transfer_end end;
    bool unsent; /* a circuit breaker let it not go */
    uint16_t status;
    bool expected; /* the status is a success of this step */
    bool degraded; /* and one that the step calls degraded */
    bool form_ok;  /* the content type is that of the form */
    bool
        enough; /* throng hung up: the answer was whole and the server kept the socket open */
    bool finished;      /* a finish reason was seen */
    bool done;          /* the end-of-stream mark was seen */
    bool error;         /* an error object came instead of a chunk */
    bool check_failed;  /* the step looked for something that is not there */
    bool tool_error;    /* the answer of a tool says that it failed */
    uint32_t events;    /* of any kind */
    uint32_t malformed; /* of these, not what the dialect allows */
    uint32_t outputs;   /* of these, with output */
};

/* Whether throng itself, or a person who had enough, ended it before it was whole. */
bool ending_is_withdrawn(const struct ending *ending);

/* The one outcome. */
enum outcome ending_outcome(const struct ending *ending);

/* Whether a status is a success of the step: one of those it lists, or any 2xx. */
bool ending_expects(const struct plan_step *step, uint16_t status, bool *ret_degraded);

/* The form that an answer of this content type (NULL: none) has, where it was left open. */
enum answer_form ending_settle(enum answer_form form, const char *content_type);

/* Whether a content type (NULL: none) is that of a form. */
bool ending_is_form(enum answer_form form, const char *content_type);
