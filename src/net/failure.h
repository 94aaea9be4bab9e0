/*
 * Failures: what libcurl says of a transfer's end → the one reason it is counted under. Pure.
 */
#pragma once

#include <stdbool.h>

#include <curl/curl.h>

#include "net/transport.h"

/* What is known of a transfer that libcurl ended. */
struct failure {
    CURLcode code;
    int os_errno;  /* of the last system call that failed, 0: none */
    bool resolved; /* the name was resolved, or needed no resolving */
    bool on_wire;  /* connected: the request could go */
    bool secure;   /* TLS to the server */
    bool proxied;
    bool in_head; /* on the wire, and the response's head was not whole */
};

enum transfer_end failure_end(const struct failure *failure);
