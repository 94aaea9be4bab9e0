/*
 * Queries: jq expressions over what a server answered and what a user knows. A plan carries their
 * texts; whoever evaluates compiles all of them once into a runner of its own, since libjq
 * evaluates in place. Plain paths (`.a.b[0]`), `length`, comparisons, `not`, `and`, `or`, `//` and
 * literals are evaluated here without libjq, straight off the JSON text; all others are compiled as
 * one jq program, only where there are any (DESIGN section 6: 22 ms, and about 18 µs a call). What
 * both mean is what jq 1.6 means. An evaluation ends after 100 ms of processor time, and a query that
 * had to be ended three times only fails from then on.
 *
 * Refused when the scenario is loaded: what reaches outside of the input (env, $ENV, input, inputs,
 * import, include, debug, stderr, halt, input_filename and their like), and functions that call
 * themselves.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct query_runner;

/* A larger body is not given to a query. */
#define QUERY_MAX_BYTES ((size_t)1 << 20)

struct query_error {
    char problem[200]; /* one sentence */
    const char *hint;  /* static, or NULL */
    size_t offset;     /* into the query's text, where it is known */
};

/* Whether a text is a query that may be used. Returns 0; -EINVAL, *reterr_error filled; -ENOMEM. */
int query_check(const char *text, struct query_error *reterr_error);

/* Whether it is evaluated without libjq. */
bool query_is_plain(const char *text);

/*
 * Of texts that were checked; they need not stay. It serves the thread that makes it. Returns 0;
 * -EINVAL where one was never checked; -ENOMEM; -EAGAIN: no thread could be made for the one that
 * watches over libjq.
 */
int query_runner_new(const char *const *texts, size_t count,
                     struct query_runner **ret_runner);

/* NULL is allowed. Returns NULL. */
struct query_runner *query_runner_free(struct query_runner *runner);

enum query_kind {
    QUERY_NOTHING, /* the query gave no value at all (`empty`) */
    QUERY_NULL,
    QUERY_FALSE,
    QUERY_TRUE,
    QUERY_NUMBER,
    QUERY_TEXT, /* a string: decoded */
    QUERY_JSON, /* a list or an object: JSON text */
};

/* A value of the input at a path of keys: "last.status". Later ones win over earlier ones. */
struct query_root {
    const char *path; /* keys with dots between them; "": the input itself */
    enum query_kind kind;
    double number;    /* of QUERY_NUMBER */
    const char *text; /* of QUERY_TEXT and QUERY_JSON (broken JSON reads as null) */
    size_t len;
};

struct query_result {
    enum query_kind kind;
    double number; /* of QUERY_NUMBER */
};

/*
 * Evaluates query number index over the input that the roots make up; its first value is the
 * result. A text, a JSON value, or a number as jq prints it is appended to out. Returns 0; -EINVAL:
 * the query failed ("cannot index number with a string"); -E2BIG: a root is longer than
 * QUERY_MAX_BYTES; -ETIME: it took too long; errors of buf. *ret_result is QUERY_NOTHING then.
 */
int query_run(struct query_runner *runner, uint32_t index, const struct query_root *roots,
              size_t count, struct buf *out, struct query_result *ret_result);

/* What jq takes as true: anything but null, false and no value. */
bool query_is_true(const struct query_result *result);

/* An example, for the reference page; a test evaluates them all. */
struct query_example {
    const char *query;
    const char *input; /* JSON */
    const char *gives; /* a text without quotes; else JSON; "" for no value */
    const char *help;  /* Markdown, no full stop */
};

/* Each example, in order. False from the end on. */
bool query_example_at(size_t index, struct query_example *ret_example);
