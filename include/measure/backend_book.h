/*
 * The book of the servers behind the target: readings of their own metrics in, figures of any stretch
 * of the run out. Written by the thread that asks the servers and read by the loop and by whoever writes
 * results, so each call takes a lock for well below a millisecond. It reads no clock and does no I/O.
 *
 * Readings of a server are kept one by one, until there are 4096 of them; then each two neighbours
 * become one with the least, greatest and mean of both, so that min, mean and max stay exact to the
 * length of one, and percentiles are those of the means.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/backend_metric.h"

struct backend_book;
struct plan;

/* What a server told at one moment. */
struct backend_reading {
    uint64_t at_ns;                      /* monotonic: when it told it */
    double capacity;                     /* requests at once, where it tells that; 0 */
    double values[BACKEND_METRIC_COUNT]; /* in base units; NAN: not told */
};

/* A reading in which nothing is told. */
struct backend_reading backend_reading_none(uint64_t at_ns);

/* The server's figures over a stretch of time. */
struct backend_stats {
    uint64_t readings; /* that have the figure; 0: nothing else is known */
    double min;
    double mean;
    double p95; /* of readings, by nearest rank */
    double max;
    double last;
};

/* How it is known what a server can run at once. */
enum backend_capacity_source {
    BACKEND_CAPACITY_UNKNOWN, /* nothing ran yet */
    BACKEND_CAPACITY_STATED,  /* by the scenario */
    BACKEND_CAPACITY_TOLD,    /* by the server */
    BACKEND_CAPACITY_QUEUED, /* the most that ran, and requests waited meanwhile: it was full */
    BACKEND_CAPACITY_SEEN, /* the most that ran, and none waited: it may take more */
};

/* "unknown", "stated", "told", "queued", "seen" */
const char *backend_capacity_source_name(enum backend_capacity_source source);

#define BACKEND_PROBLEM_BYTES 200

struct backend_view {
    const char *name;  /* borrowed from the plan */
    const char *kind;  /* static: "vllm"; "" until it was found out */
    uint64_t answered; /* times that it was asked and told its metrics … */
    uint64_t failed;   /* … and did not */
    bool is_failing;   /* the last time */
    char problem[BACKEND_PROBLEM_BYTES]; /* why, the last time that it did; "" */
    double capacity;                     /* requests at once; 0: not known */
    enum backend_capacity_source capacity_source;
    struct backend_reading
        last; /* nothing told: none came yet, or the last asking failed */
};

/* A book for the plan's backends, which is borrowed. Returns 0 or -ENOMEM. */
int backend_book_new(const struct plan *plan, struct backend_book **ret_book);
/* NULL is allowed. Returns NULL. */
struct backend_book *backend_book_free(struct backend_book *book);

/* Servers in it: as many as the plan's backends. NULL: 0. */
size_t backend_book_count(const struct backend_book *book);

/* Says what kind a server is; kind is static. */
void backend_book_name_kind(struct backend_book *book, size_t index, const char *kind);

/* Adds a reading, later than those before. What memory does not suffice for is left out. */
void backend_book_add(struct backend_book *book, size_t index,
                      const struct backend_reading *reading);

/* It was asked and told nothing. */
void backend_book_fail(struct backend_book *book, size_t index, const char *problem);

/* How a server stands at this moment. */
void backend_book_view(const struct backend_book *book, size_t index,
                       struct backend_view *ret_view);

/* The figures of what was told in [from_ns, to_ns), in base units. */
void backend_book_stats(const struct backend_book *book, size_t index,
                        enum backend_metric metric, uint64_t from_ns, uint64_t to_ns,
                        struct backend_stats *ret_stats);

/*
 * The value of which a share of the readings of [from_ns, to_ns) lies at or below it, of one server or, with
 * index SIZE_MAX, of all in one row; NAN where there are none or memory is out.
 */
double backend_book_quantile(const struct backend_book *book, size_t index,
                             enum backend_metric metric, uint64_t from_ns, uint64_t to_ns,
                             double share);

/* The mean of what was told in [from_ns, to_ns), in base units; NAN where nothing was. */
double backend_book_mean(const struct backend_book *book, size_t index,
                         enum backend_metric metric, uint64_t from_ns, uint64_t to_ns);
