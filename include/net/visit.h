/*
 * Visits: one GET to each of several servers at the same time, before any load, to see whether they
 * are there and how far away. The thread waits for all. Each has a connection of its own that is made
 * as the load's would be, and closed behind it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "net/curl_transport.h"

struct visit_result {
    enum transfer_end end;
    char detail[200]; /* why no answer came; "" where one did, or it is not known */
    uint16_t status;  /* 0: no answer came */
    uint64_t dns_ns;  /* each a duration, 0: there was none */
    uint64_t connect_ns;
    uint64_t tls_ns;
    uint64_t first_byte_ns; /* from handing it over to the first byte of the answer */
    unsigned http;          /* major version of HTTP in the answer; 0: none came */
    /* The certificate of the server ends then, in seconds since 1970; 0: there was none. */
    int64_t certificate_ends_s;
    char peer[64]; /* "10.0.0.7:8000", "" where no connection stood */
};

struct visit {
    const char *url;
    const struct transfer_header *headers;
    size_t header_count;
    const struct connection_policy *policy; /* the first of its sources counts */
    uint64_t connect_timeout_ns;            /* above 0, as the next */
    uint64_t timeout_ns;
    struct visit_result result; /* filled */
};

/* Returns 0 when all are over, each with its result; -ENOMEM. */
int visits_perform(struct visit *visits, size_t count);
