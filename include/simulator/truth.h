/*
 * The simulator's ground truth: what it gave to write(2) and when, in a file of its own, so that
 * nothing is added to the streams. A benchmark joins it by request id with what a client measured.
 *
 * The file, in the byte order of the machine:
 *   a header of 32 bytes (struct truth_header), with both clocks when the log began;
 *   then records of 32 bytes (struct truth_record_bytes), in the order of their stamps;
 *   a TRUTH_RECEIVED record is followed by the request's id, padded with NUL to whole records.
 * A file that was cut off within a record is read up to there.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define TRUTH_MAGIC "throngGT"
#define TRUTH_VERSION 1

struct truth_header {
    char magic[8]; /* TRUTH_MAGIC without its NUL */
    uint32_t version;
    uint32_t record_bytes;
    uint64_t mono_ns;
    uint64_t wall_ns;
};

/*
 * What was written. Both stamps are read once, directly before write(2): all that leaves in one
 * write has the same stamps. What the kernel did not take at once waits, unwritten and without
 * records, except for its own write, whose rest follows as the client reads.
 */
enum truth_kind {
    TRUTH_RECEIVED =
        1,          /* the request is complete; index: length of the id that follows */
    TRUTH_ADMITTED, /* its turn has come: it no longer waits for capacity */
    TRUTH_HEAD,     /* status line and header fields; index: the status */
    TRUTH_BODY,     /* the whole body of a plain answer; index: tokens in it */
    TRUTH_FAULT,    /* broken on purpose; index: enum truth_fault */
    TRUTH_GONE,     /* the client left before the end */
    /* Events of a stream; index counts them from 0. */
    TRUTH_ROLE,      /* the first, without content */
    TRUTH_REASONING, /* reasoning tokens */
    TRUTH_CONTENT,   /* answer tokens */
    TRUTH_FINISH,    /* finish_reason */
    TRUTH_USAGE,     /* token counts */
    TRUTH_DONE,      /* [DONE] */
};

enum truth_fault {
    TRUTH_FAULT_NONE,         /* never in the log */
    TRUTH_FAULT_STATUS,       /* refused with an error status */
    TRUTH_FAULT_RESET,        /* RST */
    TRUTH_FAULT_TRUNCATE,     /* FIN within the answer */
    TRUTH_FAULT_STALL,        /* stopped, for a time or for good */
    TRUTH_FAULT_MALFORMED,    /* an event with broken JSON */
    TRUTH_FAULT_STREAM_ERROR, /* an event with an error object */
    TRUTH_FAULT_DRIP,         /* byte by byte */
    TRUTH_FAULT_OUTAGE,       /* the platform was down */
    /* Flaws of an answer that otherwise comes whole. */
    TRUTH_FAULT_NO_FINISH,  /* without finish_reason */
    TRUTH_FAULT_NO_DONE,    /* without [DONE] */
    TRUTH_FAULT_AFTER_DONE, /* with an event behind [DONE] */
    TRUTH_FAULT_USAGE,      /* with a usage that does not add up */
    TRUTH_FAULT_CROSSED,    /* the answer to the request before, under its ids */
    TRUTH_FAULT_MIXED,      /* with the id of the request before from some chunk on */
    /* Whole and right, but late. */
    TRUTH_FAULT_LATE
};

struct truth_record_bytes {
    uint64_t mono_ns; /* CLOCK_MONOTONIC */
    uint64_t wall_ns; /* CLOCK_REALTIME */
    uint64_t request; /* number of the request, from 1 in the order of arrival */
    uint32_t index;   /* see enum truth_kind */
    uint16_t kind;    /* enum truth_kind */
    uint16_t tokens;  /* tokens in a TRUTH_REASONING or TRUTH_CONTENT event */
};

/* One record as the reader gives it. */
struct truth_record {
    struct truth_record_bytes bytes;
    const char
        *id; /* the request's id; borrowed until the reader is freed; NULL when unknown */
};

struct truth_reader;

/* Returns 0; -EINVAL when it is no such file or of another version; -ENOMEM; what open(2) said. */
int truth_reader_new(const char *path, struct truth_reader **ret_reader);

/* NULL is allowed. Returns NULL. */
struct truth_reader *truth_reader_free(struct truth_reader *reader);

/* CLOCK_REALTIME − CLOCK_MONOTONIC when the log began. */
int64_t truth_reader_wall_offset_ns(const struct truth_reader *reader);

/* Reads the next record. Returns 1; 0 at the end; -EINVAL for a broken record; -EIO; -ENOMEM. */
int truth_reader_next(struct truth_reader *reader, struct truth_record *ret_record);
