/*
 * One request on its way through the simulator, and the short answers to it: JSON and errors in
 * OpenAI's form. What takes time is a generation (generation.h).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "serve/router.h"
#include "serve/serve.h"
#include "simulator/fault.h"

struct simulator;

#define EXCHANGE_ID_BYTES_MAX 128

/* Lives as long as the handler runs. */
struct exchange {
    struct simulator *simulator;
    struct serve_request *request;
    struct serve_route_match match;
    uint64_t number; /* from 1, in the order of arrival */
    uint64_t now_ns;
    struct fault fault;
    char id[EXCHANGE_ID_BYTES_MAX + 1]; /* fit for a header and for JSON as it is */
};

/* The parts of an error that tell programs what went wrong. NULL is written as null. */
struct exchange_error {
    int status;
    const char *type;
    const char *param;
    const char *code;
};

/* Fills in who asks: the client's request id, or one made from the seed and the number. */
void exchange_init(struct exchange *exchange, struct simulator *simulator,
                   struct serve_request *request);

/* Answers with JSON. */
void exchange_answer(const struct exchange *exchange, int status, const char *json,
                     size_t len);

/* Answers with an error object. Retry-After goes with 429 and 503. */
__attribute__((format(printf, 3, 4))) void
exchange_refuse(const struct exchange *exchange, struct exchange_error error,
                const char *format, ...);

/* Answers with the error that OpenAI documents for a status that is no fault of the request. */
void exchange_refuse_status(const struct exchange *exchange, int status);

struct buf;

/* Writes an error object: {"error":{…}}. */
void exchange_write_error(struct buf *out, struct exchange_error error,
                          const char *message);
