/*
 * The asker: addresses that are asked (GET) again and again, each at its own interval, by one thread for all
 * of them, on connections of its own that are kept. One that does not answer holds up none of the others.
 * For what is watched beside the load, such as servers' metrics; never for the load.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/transport.h"

struct asker;
struct secret;

/* An address. All is borrowed for the asker's life. */
struct asker_source {
    const char *url; /* http or https, without credentials */
    const struct transfer_header *headers;
    size_t header_count;
    const struct secret *bearer; /* NULL: none is sent */
    uint64_t interval_ns;        /* from one asking to the next; above 0 */
    uint64_t timeout_ns;         /* of one; above 0 */
    bool insecure;               /* the certificate is not verified */
    const char *ca_file;         /* NULL: the system's */
    const char *cert_file;       /* of the client; NULL: none */
    const char *key_file;
};

struct asker_answer {
    size_t source;  /* its index */
    uint64_t at_ns; /* monotonic: when it was over */
    int error; /* 0; -ETIMEDOUT; -EMSGSIZE: longer than it may be; -EIO; -EINVAL; -ENOMEM */
    uint16_t status;    /* of error 0 */
    const char *detail; /* of an error: why, printable; else "" */
    const char *body;   /* of error 0; not NUL-terminated */
    size_t len;
};

/* Called on the asker's thread. All is borrowed until it returns. */
typedef void asker_answer_fn(void *ctx, const struct asker_answer *answer);

struct asker_options {
    const struct asker_source *sources; /* borrowed */
    size_t source_count;
    size_t max_bytes; /* of an answer's body */
    asker_answer_fn *on_answer;
    void *ctx;
};

/* Begins to ask at once. Returns 0; -EAGAIN: no thread; -ENOMEM. */
int asker_new(const struct asker_options *options, struct asker **ret_asker);

/* Leaves off, whatever is under way; afterwards nobody is called. NULL is allowed. Returns NULL. */
struct asker *asker_free(struct asker *asker);
