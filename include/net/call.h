/*
 * A call: one HTTP request whose answer its thread waits for, on a connection of its own. For jobs of
 * the threadpool that have nothing to do with the load, such as pushing figures; never for the loop.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/transport.h"

struct secret;

/* All is borrowed until call_perform() returns. */
struct call {
    const char *method; /* "PUT" */
    const char *url;    /* http or https, without credentials */
    const struct transfer_header *headers;
    size_t header_count;
    const struct secret *credentials; /* "name:password", sent as basic; NULL: none */
    const char *body;                 /* NULL: none */
    size_t body_len;
    uint64_t timeout_ns;   /* for all of it; above 0 */
    bool insecure;         /* the certificate is not verified */
    const char *ca_file;   /* NULL: the system's */
    const char *cert_file; /* of the client; NULL: none */
    const char *key_file;
    const atomic_bool *cancelled; /* looked at while it waits; NULL: never */
};

struct call_result {
    uint16_t status; /* 0: no answer came */
    /* Printable: the begin of the answer's body, or why no answer came; "" where neither is known. */
    char detail[200];
};

/*
 * Returns 0 when an answer came, of whatever status; -ETIMEDOUT; -ECANCELED, within a twentieth of
 * a second; -EIO: no connection, or it broke; -EINVAL: no such URL; -ENOMEM. Redirects and the
 * environment's proxies are not followed.
 */
int call_perform(const struct call *call, struct call_result *ret_result);
