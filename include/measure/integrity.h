/*
 * Integrity: what is wrong with an answer beside how it ended, each as a kind of its own. A kind is
 * only what can be proved from the answer itself, for servers in general (doc/metrics.md). Several
 * may hold of one answer, and of one that ended well. Pure.
 */
#pragma once

#include <stdint.h>

struct sample;

enum integrity {
    INTEGRITY_TRUNCATED,      /* cut off: closed before the response was whole */
    INTEGRITY_MISSING_FINISH, /* the stream ended properly, without a finish reason */
    INTEGRITY_MISSING_DONE, /* likewise, without its end mark, though with a finish reason */
    INTEGRITY_AFTER_DONE,   /* events behind the end of the stream */
    INTEGRITY_CROSSED,      /* it carries the request id of another request of the run */
    INTEGRITY_MIXED_IDS,    /* its chunks carry more than one id */
    INTEGRITY_USAGE_TOTAL,  /* total_tokens is not prompt_tokens + completion_tokens */
    INTEGRITY_USAGE_PARTS,  /* more cached than prompt, or reasoning than completion */
    INTEGRITY_USAGE_ZERO,   /* no prompt tokens, or none of completion beside output */
    INTEGRITY_INVALID_TEXT, /* text that is not valid Unicode */
    INTEGRITY_COUNT,
};

/* Snake-case name for results: "missing_done". */
const char *integrity_name(enum integrity kind);

/* One sentence for people, of one or more answers: what is wrong and where to look. */
const char *integrity_help(enum integrity kind);

/* Those that hold of an attempt, a bit each: 1 << kind. */
uint32_t integrity_of(const struct sample *sample);
