/*
 * Forms of steps: what a person does, and what is taken from its answer and checked in it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "config/field.h"
#include "scenario/people_form.h"

struct length_form {
    struct config_form form;
    const char *tokens; /* "512" or "100..500"; NULL: the long form */
    double mean;
    double deviation;
    uint32_t distribution; /* index into length_words */
    uint64_t min;
    uint64_t max;
};

struct synthetic_form {
    struct config_form form;
    struct length_form input;
    struct length_form output;
    bool exact_output;
};

struct prefix_form {
    struct config_form form;
    uint64_t tokens;
    double hit_ratio;
    uint64_t pool;
};

struct message_form {
    struct config_form form;
    uint32_t role; /* index into role_words */
    const struct config_node *content;
};

/* Of all steps that ask a model: each kind has a table of its own, with some of these. */
struct chat_form {
    struct config_form form;
    const char *model;
    const char *system;
    const char *question; /* a strategy, or the name of questions of the scenario's own */
    const char *prompt;
    struct config_items messages; /* struct message_form */
    const char *dataset;
    struct synthetic_form synthetic;
    struct prefix_form prefix;
    uint64_t batch;
    uint64_t max_tokens;
    uint64_t max_completion_tokens;
    uint32_t conversation; /* enum plan_conversation */
    uint64_t window;
    bool stream;
    bool include_usage;
    double temperature;
    double top_p;
    uint64_t seed;
    const struct config_node *stop;
    const struct config_node *tools;
    const struct config_node *tool_choice;
    const struct config_node *response_format;
    const struct config_node *extra_body;
};

/* Of a step that sends what an entry of the trace holds. */
struct replay_form {
    struct chat_form chat; /* of entries that have lengths alone */
    bool exact_output;
};

struct part_form {
    struct config_form form;
    const char *value;
    const char *file;
    const char *file_name;
    const char *content_type;
};

struct http_form {
    struct config_form form;
    const char *request; /* "GET /v1/models" */
    const struct config_node *json;
    const struct config_node *fields; /* form: */
    const char *raw;
    const char *file;
    struct config_items multipart; /* struct part_form */
    const char *content_type;
};

struct mcp_form {
    struct config_form form;
    const char *path;
    const char *tool;
    const struct config_node *arguments;
    const char *method;
    const struct config_node *params;
};

struct expect_form {
    struct config_form form;
    struct config_items status;   /* uint64_t */
    struct config_items degraded; /* uint64_t */
    const char *body;             /* jq */
};

struct check_form {
    struct config_form form;
    const char *jq;
    struct config_items status; /* uint64_t */
    const struct config_node *header;
    const char *contains;
    const char *matches;
    uint64_t latency_ns;
};

struct extract_form {
    struct config_form form;
    const char *jq;
    const char *header;
    const char *regex;
    bool status;
    uint64_t group;
    const struct config_node *fallback;
    bool required;
    bool secret;
};

struct branch_form {
    struct config_form form;
    uint64_t weight;
    struct config_items steps; /* struct step_form */
};

/* A step ends something: the member that is written says what, and holds the reason. */
struct stop_form {
    struct config_form form;
    const char *iteration;
    const char *user;
    const char *run;
    bool failed;
};

struct step_form {
    struct config_form form;
    struct chat_form chat;
    struct chat_form completion;
    struct chat_form responses;
    struct chat_form embeddings;
    struct http_form http;
    struct mcp_form mcp;
    struct replay_form replay;
    struct pause_form think;
    const char *group;
    uint64_t repeat;
    struct config_items pick; /* struct branch_form */
    const char *condition;    /* if: */
    const struct config_node *set;
    const char *use;
    const char *feed;
    struct stop_form stop;
    const char *when;
    const char *loop_condition;     /* while: */
    struct config_items steps;      /* struct step_form, of repeat, group and if */
    struct config_items else_steps; /* struct step_form, of if */
    const struct config_node *with; /* of use */
    const char *name;
    const char *target;
    struct expect_form expect;
    struct config_items checks;   /* struct check_form */
    struct config_items extracts; /* struct extract_form */
    const struct config_node *record;
    const struct config_node *headers;
    const struct config_node *tags;
    uint64_t timeout_ns;
    const char *auth;
    struct manners_form manners;
};

/* Rows of a feeder: a file with columns. */
struct feeder_form {
    struct config_form form;
    const char *file;
    uint32_t order;      /* enum plan_order */
    uint32_t on_bad_row; /* 0: fail, 1: skip */
};

struct dataset_form {
    struct config_form form;
    const char *file;
    uint32_t format; /* enum plan_dataset_format */
    uint32_t order;
    uint32_t on_bad_row;
};

struct word_list_form {
    struct config_form form;
    struct config_items words; /* const char * */
};

struct questions_form {
    struct config_form form;
    struct config_items templates; /* const char * */
    struct config_items lists;     /* struct word_list_form */
    const char *file;
};

extern const struct field_table step_table;
extern const struct field_table chat_table;
extern const struct field_table completion_table;
extern const struct field_table responses_table;
extern const struct field_table embeddings_table;
extern const struct field_table synthetic_table;
extern const struct field_table prefix_table;
extern const struct field_table http_table;
extern const struct field_table mcp_table;
extern const struct field_table replay_table;
extern const struct field_table expect_table;
extern const struct field_table check_table;
extern const struct field_table extract_table;

/* The strategies that make up questions, NULL-terminated: test_vocabulary compares them. */
extern const char *const question_words[];
