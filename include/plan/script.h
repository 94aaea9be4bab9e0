/*
 * Scripts: what a scenario says about a request beyond sending it: texts with templates, variables,
 * what is taken out of an answer, what is checked in it, and what it adds to metrics of the
 * scenario's own. Plain data. Queries (jq) and patterns (PCRE2) stand here as numbers: their texts
 * are the plan's, and whoever evaluates compiles all of them once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct template;

/* A text that may hold templates. */
struct plan_text {
    const char *text; /* as written; NULL: there is none */
    size_t len;
    const struct template *template; /* NULL: the text is what it is */
};

/* Initializes one from a string literal. */
#define PLAN_LITERAL(literal) {.text = (literal), .len = sizeof(literal) - 1}

/* A key with a value: headers, tags, form fields. The value of tags is never a template. */
struct plan_pair {
    const char *key;
    const char *value;
    const struct template *template; /* renders the value; NULL: it is what it is */
};

/*
 * What names in templates stand for: the number that a template carries is an index into the
 * plan's names.
 */
enum plan_name_kind {
    PLAN_NAME_VARIABLE, /* vars.x; index: of the variable */
    PLAN_NAME_FEEDER, /* data.people.email; index: of the feeder, column: of its columns */
    PLAN_NAME_USER_ID,      /* user.id: the roster's, else "user-ORDINAL" */
    PLAN_NAME_USER_ORDINAL, /* user.ordinal: from 0 */
    PLAN_NAME_USER_CLASS,   /* user.class */
    PLAN_NAME_USER_EMAIL, /* user.email: the roster's, else made up from the seed, the same all run long */
    PLAN_NAME_USER_NAME,   /* user.name: likewise */
    PLAN_NAME_USER_INDEX,  /* user.index: within the organization, from 1 */
    PLAN_NAME_ITERATION,   /* iteration: of this user, from 0 */
    PLAN_NAME_ROUND,       /* round: of the innermost repeat, from 0 */
    PLAN_NAME_ORG_ID,      /* org.id */
    PLAN_NAME_ORG_SLUG,    /* org.slug */
    PLAN_NAME_ORG_NAME,    /* org.name: as the scenario names it */
    PLAN_NAME_ORG_BUDGET,  /* org.budget_usd: JSON null without one */
    PLAN_NAME_KEY_ID,      /* key.id: of the key, never the key */
    PLAN_NAME_RUN_ID,      /* run.id; "{{run_id}}" in a dry run */
    PLAN_NAME_SCENARIO,    /* scenario */
    PLAN_NAME_WORKER,      /* worker.index */
    PLAN_NAME_LAST_STATUS, /* last.status: of the request before */
};

struct plan_name {
    enum plan_name_kind kind;
    uint32_t index;
    uint32_t column;
    const char *written; /* "vars.token", for messages */
};

/* A variable that each user has one of. */
struct plan_variable {
    const char *name; /* as in vars.NAME */
    bool
        secret; /* never shown: where it goes into a header, query or body it is starred out */
};

/* `set`: gives a variable a value. */
enum plan_value_kind {
    PLAN_VALUE_TEXT,  /* the rendered text */
    PLAN_VALUE_JSON,  /* a JSON value with templates in its strings */
    PLAN_VALUE_QUERY, /* what a query gives over {vars, user, org, last} */
    PLAN_VALUE_UNSET, /* forgets it */
};

struct plan_assignment {
    uint32_t variable;
    enum plan_value_kind kind;
    struct plan_text text; /* of TEXT and JSON */
    uint32_t query;        /* of QUERY */
};

/* Where something is taken from an answer. */
enum plan_extract_kind {
    PLAN_EXTRACT_QUERY, /* jq over the body as JSON (of a stream: of what was put together) */
    PLAN_EXTRACT_HEADER,  /* a header's value */
    PLAN_EXTRACT_PATTERN, /* a group of a pattern in the body */
    PLAN_EXTRACT_STATUS,  /* the status as a number */
};

struct plan_extract {
    uint32_t variable;
    enum plan_extract_kind kind;
    uint32_t query;       /* of QUERY */
    uint32_t pattern;     /* of PATTERN */
    uint32_t group;       /* of PATTERN */
    const char *header;   /* of HEADER */
    const char *fallback; /* where nothing is found; NULL: the variable keeps its value */
    /* Nothing found makes the request a failed one (check_failed). */
    bool required;
};

/* What is checked in an answer; it counts, and stops nothing. */
enum plan_check_kind {
    PLAN_CHECK_QUERY,    /* jq over the body holds */
    PLAN_CHECK_STATUS,   /* the status is one of these */
    PLAN_CHECK_HEADER,   /* a header is there, and is `text` where there is one */
    PLAN_CHECK_CONTAINS, /* the body (of a stream: the answer's words) has the text in it */
    PLAN_CHECK_MATCHES, /* the body matches a pattern */
    PLAN_CHECK_LATENCY, /* sent to the end of the body took less than `latency_ns` */
};

struct plan_check {
    const char *name; /* label `check` */
    enum plan_check_kind kind;
    uint32_t query;
    uint32_t pattern;
    const uint16_t *statuses;
    size_t status_count;
    const char *header;
    struct plan_text text;
    uint64_t latency_ns;
    /*
     * The request is a failed one (check_failed) where it does not hold: `expect: {body: …}`.
     * It is no check of its own then, and is not counted as one.
     */
    bool expected;
};

/* A metric of the scenario's own. */
enum plan_metric_kind {
    PLAN_METRIC_COUNTER, /* sums up */
    PLAN_METRIC_RATE,    /* the share of values that are true (or not 0) */
    PLAN_METRIC_GAUGE,   /* the last value; smallest and largest are kept */
    PLAN_METRIC_TREND,   /* a distribution */
};

struct plan_metric {
    const char *name; /* [a-z][a-z0-9_]*, none of throng's own */
    const char *help; /* "" without one */
    enum plan_metric_kind kind;
    bool is_time;     /* of TREND and GAUGE: in milliseconds */
    const char *unit; /* what is counted, "" without one; of times "ms" */
};

/*
 * Adds to a metric when a request (each operation, with its last attempt), a group or an iteration
 * is over.
 */
struct plan_record {
    uint32_t metric;
    /*
     * Gives the value; of an operation over {duration_ms, ttft_ms, ttfb_ms, tpot_ms, status, failed, degraded,
     * outcome, attempts, prompt_tokens, completion_tokens, cost_usd, checks_failed, json, headers, text,
     * vars, step}; of a group over {duration_ms, failed, vars}. null, and no value, add nothing;
     * true is 1, false 0. PLAN_NONE: adds 1.
     */
    uint32_t query;
};
