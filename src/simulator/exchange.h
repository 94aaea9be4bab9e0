/*
 * One request on its way through the simulator, and the whole answers to it: JSON, and errors in
 * the voice of the service. What gives token after token is a generation (generation.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "serve/router.h"
#include "serve/serve.h"
#include "simulator/fault.h"
#include "simulator/head.h"
#include "simulator/quota.h"
#include "simulator/voice.h"

struct simulator;
struct tenant_key;

#define EXCHANGE_ID_BYTES_MAX 128

/* Lives as long as the handler runs. */
struct exchange {
    struct simulator *simulator;
    struct serve_request *request;
    struct serve_route_match match;
    uint64_t number; /* from 1, in the order of arrival */
    uint64_t now_ns;
    uint64_t due_ns;                /* of a whole answer; 0: at once */
    enum simulator_service service; /* SIMULATOR_SERVICE_COUNT: none that faults strike */
    enum voice voice;
    struct fault fault;
    bool awaits_fault;              /* it is drawn once its model is known */
    struct tenant_key *tenant;      /* whose key it brings, borrowed; NULL: no tenant's */
    struct quota_standing standing; /* of its key */
    const char *allow;              /* methods, told by a refusal; NULL: not told */
    uint64_t retry_after_ns;        /* of a refusal; 0: as the options say */
    bool is_final;                  /* a refusal says that asking again is of no use */
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

/*
 * The key or token that the request brings, as "Authorization: Bearer …" or x-api-key. Borrowed;
 * NULL where it brings none.
 */
const char *exchange_key(const struct exchange *exchange);

/*
 * Draws the fault of the request. Returns whether that is all that happens to it: it is refused here
 * with an error status.
 */
bool exchange_is_struck(struct exchange *exchange,
                        const struct simulator_options *options);

/* Notes a fault in the ground truth. */
void exchange_note_fault(const struct exchange *exchange, enum truth_fault fault);

/* Makes a whole answer due at that time from now, behind what else delays it. */
void exchange_take_time(struct exchange *exchange,
                        const struct simulator_distribution *time);

/* Begins the header fields of an answer in JSON. */
void exchange_head(const struct exchange *exchange, struct head *head);

/* Answers when it is due, with the request's fault. The bytes are copied where they wait. */
void exchange_answer(const struct exchange *exchange, int status, const struct head *head,
                     const char *body, size_t len);

/* Answers with a JSON value, which it takes; NULL, which is a lack of memory, is a 500. */
void exchange_answer_json(const struct exchange *exchange, int status, json_t *json);

/* Answers at once with an error in the service's voice. Retry-After goes with 429 and 503. */
__attribute__((format(printf, 3, 4))) void
exchange_refuse(const struct exchange *exchange, struct exchange_error error,
                const char *format, ...);

/* Answers at once with the error that is documented for a status that is no fault of the request. */
void exchange_refuse_status(const struct exchange *exchange, int status);
