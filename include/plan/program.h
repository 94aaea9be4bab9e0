/*
 * Programs: a class's flow compiled into a small array of instructions, which each user steps
 * through with a program counter, loop counters and random streams of their own.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/data.h"
#include "plan/people.h"
#include "plan/script.h"
#include "plan/slo.h"

/* Loops may stand this deep in each other: a user carries one counter per level. */
#define PLAN_LOOP_DEPTH 8

/* And groups in each other. */
#define PLAN_GROUP_DEPTH 8

enum plan_op {
    PLAN_OP_REQUEST, /* a: step index; sends it and waits for its end */
    PLAN_OP_THINK, /* a: step index (its `pause`; kind NONE of a bare word: the class's) */
    PLAN_OP_LOOP_BEGIN, /* a: loop level, b: rounds; starts a conversation of its own */
    PLAN_OP_LOOP_END, /* a: loop level, b: the instruction after the matching LOOP_BEGIN */
    PLAN_OP_PICK, /* a: first index into pick_weights, b: how many; jumps to a branch */
    PLAN_OP_JUMP, /* a: instruction */
    PLAN_OP_SET,  /* a: assignment */
    /* a: query over {vars, user, org, last}, b: instruction to go to where it does not hold */
    PLAN_OP_UNLESS,
    PLAN_OP_IF_KNOWN, /* a: variable, b: instruction to go to where it has a value */
    PLAN_OP_LOOP_LEAVE, /* a: loop level, b: instruction behind the loop, which ends early */
    PLAN_OP_GROUP_BEGIN, /* a: group */
    PLAN_OP_GROUP_END,   /* a: group */
    PLAN_OP_FEED,        /* a: feeder: its next row from here on */
    PLAN_OP_STOP,        /* a: index into stops */
    PLAN_OP_END,         /* the end of one iteration */
};

struct plan_instruction {
    enum plan_op op;
    uint32_t a;
    uint32_t b;
};

/* One branch of a PICK: chosen with weight over the sum of weights. */
struct plan_branch {
    uint32_t weight;
    uint32_t instruction; /* where it starts */
};

struct plan_program {
    const struct plan_instruction *instructions; /* ends with PLAN_OP_END */
    size_t instruction_count;
    const struct plan_branch *branches;
    size_t branch_count;
};

/* A part of a flow that has a duration of its own (`group_duration`). */
struct plan_group {
    const char *name;
    const char *path; /* k6's: "::shop::login" */
    const struct plan_record *records;
    size_t record_count;
    const struct plan_pair *tags;
    size_t tag_count;
};

/* What `stop` ends. */
enum plan_stop_kind {
    PLAN_STOP_ITERATION, /* the next one begins */
    PLAN_STOP_USER,      /* they go, and do not come back; another takes their place */
    PLAN_STOP_RUN,       /* gracefully, as by a limit */
};

struct plan_stop {
    enum plan_stop_kind kind;
    bool failed;        /* of RUN: exit 110 */
    const char *reason; /* said in log and verdict; "" without one */
};

enum plan_step_kind {
    PLAN_STEP_CHAT,
    PLAN_STEP_COMPLETION,
    PLAN_STEP_RESPONSES,
    PLAN_STEP_EMBEDDINGS,
    PLAN_STEP_HTTP,
    PLAN_STEP_MCP,
    PLAN_STEP_REPLAY, /* what the arrival's entry of the trace says (plan/replay.h) */
    PLAN_STEP_THINK,
};

/* Whether a step asks a model: its `chat` member is what it says. */
bool plan_step_asks_model(enum plan_step_kind kind);

/* What is said. */
enum plan_say {
    PLAN_SAY_QUESTION,  /* made by a strategy, or by questions of the scenario's own */
    PLAN_SAY_PROMPT,    /* a text */
    PLAN_SAY_MESSAGES,  /* messages of the scenario's own */
    PLAN_SAY_DATASET,   /* a row of a dataset: a prompt, or a conversation turn by turn */
    PLAN_SAY_SYNTHETIC, /* words to a length */
    PLAN_SAY_TRACE,     /* words to the lengths of a trace's entry */
};

/* A message as the scenario writes it. */
struct plan_message {
    const char *role;         /* "system", "user", "assistant", "tool" */
    struct plan_text content; /* a text; or, where `parts`, a JSON list of parts */
    bool parts;
};

enum plan_conversation {
    PLAN_CONVERSATION_NONE, /* each request stands alone */
    PLAN_CONVERSATION_KEEP, /* lasts for the innermost repeat, else the iteration */
};

/* Of CHAT, COMPLETION, RESPONSES, EMBEDDINGS and REPLAY; what only one of them knows is not set in others. */
struct plan_chat {
    uint32_t model;      /* index into models */
    bool names_no_model; /* of REPLAY: only requests can be sent, which name their own */
    struct plan_text system; /* of CHAT and RESPONSES (instructions) */
    enum plan_say say;
    const char *strategy_name; /* of PLAN_SAY_QUESTION, where `questions` is PLAN_NONE */
    uint32_t questions;        /* index into the plan's, or PLAN_NONE */
    struct plan_text prompt;   /* of PLAN_SAY_PROMPT */
    const struct plan_message *messages; /* of PLAN_SAY_MESSAGES */
    size_t message_count;
    uint32_t dataset; /* of PLAN_SAY_DATASET */
    struct plan_synthetic synthetic;
    struct plan_prefix prefix;
    uint32_t batch; /* of EMBEDDINGS: texts in one request, at least 1 */
    enum plan_conversation conversation;
    uint32_t window; /* turns of history sent back at most; 0: all */
    bool stream;
    uint64_t max_tokens;            /* 0: not sent */
    uint64_t max_completion_tokens; /* 0: not sent */
    double temperature;             /* NAN: not sent */
    /*
     * JSON object merged last: stop, tools, tool_choice, response_format and the like stand in it
     * too. A template is of TEMPLATE_JSON.
     */
    struct plan_text extra_body;
    bool include_usage; /* stream_options.include_usage */
};

/* One part of a multipart body (RFC 7578). */
struct plan_part {
    const char *name;
    struct plan_text value;
    const char *file_name;    /* NULL: a field, no file */
    const char *content_type; /* NULL: none is named */
};

struct plan_http_call {
    const char *method; /* upper case */
    struct plan_text
        path; /* from the origin, with its leading slash; what templates write is percent-encoded */
    struct plan_text
        body; /* text NULL: none; a file's bytes were read when the scenario was */
    const char *content_type; /* NULL: none */
    const struct plan_pair
        *form; /* application/x-www-form-urlencoded, in place of `body` */
    size_t form_count;
    const struct plan_part *parts; /* multipart/form-data, in place of `body` */
    size_t part_count;
};

/*
 * A call of the Model Context Protocol over streamable HTTP (revision 2025-06-18). The scenario
 * compiles a step into the calls that open the session (initialize, notifications/initialized, both
 * only while `session` has no value) and its own.
 */
struct plan_mcp_call {
    struct plan_text path; /* of the endpoint: "/mcp" */
    const char *method; /* "tools/call", "initialize", "notifications/initialized", … */
    struct plan_text params; /* JSON; text NULL: none */
    uint32_t
        session; /* variable: the Mcp-Session-Id; a 404 to a request with one forgets it */
    bool notification; /* has no id, and no answer but 202 */
};

/* A range of HTTP statuses that is success, or `degraded` success. */
struct plan_status {
    uint16_t status;
    bool degraded;
};

/* A step of a flow: what a user does, and what its figures are named after. */
struct plan_step {
    enum plan_step_kind kind;
    const char *name; /* label `step` */
    uint32_t target;  /* PLAN_NONE: the model's, else the class's */
    union {
        struct plan_chat chat; /* of all that ask a model */
        struct plan_http_call http;
        struct plan_mcp_call mcp;
    };
    struct plan_pause *pause;         /* of THINK: NULL means the class's think time */
    const struct plan_status *expect; /* statuses that succeed; none listed: any 2xx */
    size_t expect_count;
    const struct plan_pair *headers;
    size_t header_count;
    const struct plan_pair *tags;
    size_t tag_count;
    uint64_t timeout_ns; /* total; 0: the target's */
    struct plan_text
        auth; /* bearer token in place of the target's key; text NULL: that key; "": none */
    const struct plan_group *group; /* the innermost around it, NULL: none */
    const struct plan_extract *extracts;
    size_t extract_count;
    const struct plan_check *checks;
    size_t check_count;
    const struct plan_record
        *records; /* its own, its class's for requests, the scenario's */
    size_t record_count;
    const struct plan_retry *
        retry; /* the step's, else its class's, the scenario's or the target's; NULL: none */
    const struct plan_patience
        *patience;                      /* the step's, else its class's; NULL: endless */
    const struct plan_reading *reading; /* likewise; NULL: as it comes */
    const struct plan_chaos *chaos;     /* likewise; NULL: none */
    const struct plan_slo
        *slo;        /* the step's, else its class's, else the scenario's; NULL: none */
    bool unmeasured; /* of setup and teardown: its samples are not recorded */
};
