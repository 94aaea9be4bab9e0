/*
 * Forms: the scenario file as its tables of fields fill it, before anything refers to anything.
 * One struct per table; strings and secrets belong to the configuration's tree.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "config/field.h"

struct secret;

struct connections_form {
    struct config_form form;
    uint32_t reuse; /* enum plan_reuse */
    uint64_t max;
    uint64_t streams;
    uint64_t max_age_ns;
};

struct timeouts_form {
    struct config_form form;
    uint64_t connect_ns;
    uint64_t first_token_ns;
    uint64_t idle_ns;
    uint64_t total_ns;
};

struct tls_form {
    struct config_form form;
    bool insecure;
    const char *ca_file;
    const char *cert_file;
    const char *key_file;
};

struct target_form {
    struct config_form form;
    const char *url;
    uint32_t api;  /* enum plan_api */
    uint32_t http; /* enum plan_http */
    const struct secret *api_key;
    const struct config_node *headers;
    const char *backend_header;
    const char *proxy;
    struct tls_form tls;
    struct connections_form connections;
    struct timeouts_form timeouts;
};

struct price_form {
    struct config_form form;
    int64_t prompt_pusd; /* each per million tokens */
    int64_t cached_pusd;
    int64_t completion_pusd;
    int64_t reasoning_pusd;
};

struct model_form {
    struct config_form form;
    struct price_form price;
    double theoretical_tps;
    const char *target;
};

struct pause_form {
    struct config_form form;
    const char *pause; /* "none", "3s" or "2s..5s"; NULL: the long form */
    uint64_t base_ns;
    uint64_t variance_ns;
    uint32_t distribution; /* index into pause_words */
    uint64_t min_ns;
    uint64_t max_ns;
};

struct chat_form {
    struct config_form form;
    const char *model;
    const char *system;
    uint32_t question; /* index of the strategy */
    const char *prompt;
    uint64_t max_tokens;
    uint64_t max_completion_tokens;
    uint32_t conversation; /* enum plan_conversation */
    uint64_t window;
    bool stream;
    bool include_usage;
    double temperature;
    const struct config_node *extra_body;
};

struct http_form {
    struct config_form form;
    const char *request; /* "GET /v1/models" */
    const struct config_node *json;
    const struct config_node *fields; /* form: */
    const char *raw;
    const char *content_type;
};

struct expect_form {
    struct config_form form;
    struct config_items status;   /* uint64_t */
    struct config_items degraded; /* uint64_t */
};

struct branch_form {
    struct config_form form;
    uint64_t weight;
    struct config_items steps; /* struct step_form */
};

struct step_form {
    struct config_form form;
    struct chat_form chat;
    struct http_form http;
    struct pause_form think;
    uint64_t repeat;
    struct config_items steps; /* struct step_form, of repeat */
    struct config_items pick;  /* struct branch_form */
    const char *name;
    const char *target;
    struct expect_form expect;
    const struct config_node *headers;
    const struct config_node *tags;
    uint64_t timeout_ns;
};

struct class_form {
    struct config_form form;
    uint64_t weight;
    uint64_t count;
    const char *target;
    const char *model;
    uint64_t iterations;
    struct pause_form think_time;
    struct config_items flow; /* struct step_form */
    const struct config_node *headers;
    const struct config_node *tags;
};

struct phase_form {
    struct config_form form;
    uint32_t phase; /* enum plan_phase_kind */
    uint64_t users;
    uint64_t over_ns;
    double at_per_s;
    uint64_t for_ns;
    uint32_t shape; /* enum plan_shape */
    uint64_t steps;
};

struct error_rate_form {
    struct config_form form;
    double above;
    uint64_t over_ns;
    uint64_t min_requests;
};

struct limits_form {
    struct config_form form;
    uint64_t duration_ns;
    uint64_t requests;
    int64_t cost_pusd;
    struct error_rate_form error_rate;
};

struct threshold_form {
    struct config_form form;
    const char *expression;
    uint64_t min_samples;
    bool abort_on_fail;
    uint64_t delay_abort_eval_ns;
};

struct pushgateway_form {
    struct config_form form;
    const char *url;
    const struct config_node *headers;
    struct tls_form tls;
    const char *job;
    uint64_t interval_ns;
    uint64_t timeout_ns;
    uint32_t at_end; /* 0: keep, 1: delete */
    uint64_t scrape_interval_ns;
};

struct outputs_form {
    struct config_form form;
    struct pushgateway_form pushgateway;
};

/*
 * The simulator reads its settings itself, in its own words: here they are only known by name, so
 * that a slip of the pen has a place.
 */
struct simulator_form {
    struct config_form form;
    const struct config_node *setting; /* of any row: all are read from the form's node */
};

struct scenario_form {
    struct config_form form;
    const struct config_node *include; /* followed when the file was read */
    const char *name;
    const char *description;
    uint64_t seed;
    uint32_t unique_over; /* 0: run, 1: seed */
    struct target_form target;
    struct config_items targets; /* struct target_form */
    struct config_items models;  /* struct model_form */
    struct config_items users;   /* struct class_form */
    struct config_items load;    /* struct phase_form */
    struct limits_form limits;
    struct config_items thresholds; /* struct threshold_form */
    struct outputs_form outputs;
    struct simulator_form simulator;
    const struct config_node *tags;
    uint64_t warm_up_ns;
    uint64_t cool_down_out_ns;
    uint64_t graceful_stop_ns;
    uint64_t graceful_ramp_down_ns;
    uint64_t max_series;
};

extern const struct field_table scenario_table;
extern const struct field_table target_table;
extern const struct field_table model_table;
extern const struct field_table class_table;
extern const struct field_table step_table;
extern const struct field_table chat_table;
extern const struct field_table http_table;
extern const struct field_table pause_table;
extern const struct field_table phase_table;
extern const struct field_table limits_table;
extern const struct field_table threshold_table;
extern const struct field_table outputs_table;
extern const struct field_table simulator_table;
extern const struct field_table tls_table;

/* A table's name, help, fields and struct; what else it has follows. */
#define TABLE_OF(table_name, table_fields, form_type, table_help)                        \
    .name = (table_name), .help = (table_help), .fields = (table_fields),                \
    .count = COUNT_OF(table_fields), .size = sizeof(form_type)

/* A row's key, type and member. */
#define ROW(row_key, row_type, form_type, member)                                        \
    .key = (row_key), .type = (row_type), .offset = offsetof(form_type, member)
