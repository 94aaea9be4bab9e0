/*
 * Forms: the scenario file as its tables of fields fill it, before anything refers to anything.
 * One struct per table; strings and secrets belong to the configuration's tree.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "config/field.h"
#include "scenario/ab_form.h"
#include "scenario/people_form.h"
#include "scenario/platform_form.h"
#include "scenario/step_form.h"

struct secret;

struct connections_form {
    struct config_form form;
    uint32_t reuse; /* enum plan_reuse */
    uint64_t max;
    uint64_t streams;
    uint64_t max_age_ns;
    struct config_items sources; /* const char *, each */
};

struct target_form {
    struct config_form form;
    const char *url;
    uint32_t api;  /* enum plan_api */
    uint32_t http; /* enum plan_http */
    const struct secret *api_key;
    const struct config_node *headers;
    const char *backend_header;
    const char *health;
    const char *proxy;
    struct tls_form tls;
    struct connections_form connections;
    struct timeouts_form timeouts;
    struct breaker_form breaker;
    struct retry_form retry;
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

struct class_form {
    struct config_form form;
    uint64_t weight;
    uint64_t count;
    const char *target;
    const char *model;
    uint64_t iterations;
    struct pause_form think_time;
    struct config_items flow;     /* struct step_form */
    struct config_items setup;    /* likewise */
    struct config_items teardown; /* likewise */
    const struct config_node *headers;
    const struct config_node *tags;
    struct manners_form manners;
    uint32_t cookies; /* index into cookies_words */
    const char *auth;
    const struct config_node *record;
    const struct config_node *record_iteration;
};

/* A flow that others use, by its name. */
struct flow_form {
    struct config_form form;
    struct config_items steps; /* struct step_form */
};

/* Flows beside the load: before it, or behind it. */
struct stages_form {
    struct config_form form;
    struct config_items run; /* struct step_form, each */
    struct config_items organization;
    struct config_items user;
    uint64_t timeout_ns;
};

struct metric_form {
    struct config_form form;
    bool counter;
    bool rate;
    uint32_t gauge; /* index into measured_words */
    uint32_t trend;
    const char *unit;
    const char *help;
};

/* Part of a phase: which trace, and which of it. */
struct replay_phase_form {
    const char *trace;
    uint32_t format; /* enum plan_trace_format */
    double time_scale;
    uint64_t from_ns;
    uint64_t limit;
    const char *origin;
    uint32_t on_bad_row; /* 0: fail, 1: skip */
};

struct phase_form {
    struct config_form form;
    uint32_t phase; /* enum plan_phase_kind */
    uint64_t users;
    double rate_per_s; /* of an open loop */
    uint64_t over_ns;
    double at_per_s;
    uint64_t for_ns;
    uint32_t shape; /* enum plan_shape */
    uint64_t steps;
    struct replay_phase_form replay; /* of a replay: what is beside `for` */
};

struct arrivals_form {
    struct config_form form;
    uint32_t distribution; /* index into distribution_words */
    double burstiness;
    uint64_t users;
    uint64_t max_wait_ns;
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
    bool last_result;
};

struct webhook_form {
    struct config_form form;
    const struct secret *url;
    uint32_t format; /* enum plan_webhook_format */
    uint32_t on;     /* 0: always, 1: failure */
    const struct config_node *headers;
    uint64_t timeout_ns;
};

struct backend_form {
    struct config_form form;
    const char *url; /* "auto": the target's /metrics */
    const char *name;
    uint32_t kind; /* enum plan_backend_kind */
    const char *target;
    uint64_t interval_ns;
    uint64_t timeout_ns;
    uint64_t capacity;
    const struct secret *token;
    const struct config_node *headers;
};

struct outputs_form {
    struct config_form form;
    uint32_t naming; /* enum plan_naming */
    struct pushgateway_form pushgateway;
    struct config_items webhooks; /* struct webhook_form */
    const char *history;
    const char *ui;
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
    struct platform_form platform;
    struct config_items models;             /* struct model_form */
    struct config_items users;              /* struct class_form */
    const struct config_node *environments; /* one was laid over the rest */
    const char *environment;
    const struct config_node *vars;
    struct config_items flows; /* struct flow_form */
    struct stages_form setup;
    struct stages_form teardown;
    struct config_items metrics; /* struct metric_form */
    const struct config_node *record;
    struct config_items data;      /* struct feeder_form */
    struct config_items datasets;  /* struct dataset_form */
    struct config_items questions; /* struct questions_form */
    struct manners_form manners;
    uint32_t cookies;         /* index into cookies_words */
    struct config_items load; /* struct phase_form */
    struct arrivals_form arrivals;
    struct ab_form ab;
    struct limits_form limits;
    struct config_items thresholds; /* struct threshold_form */
    struct outputs_form outputs;
    struct config_items backends; /* struct backend_form */
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
extern const struct field_table phase_table;
extern const struct field_table arrivals_table;
extern const struct field_table limits_table;
extern const struct field_table threshold_table;
extern const struct field_table outputs_table;
extern const struct field_table webhook_table;
extern const struct field_table backend_table;
extern const struct field_table simulator_table;
extern const struct field_table tls_table;
extern const struct field_table timeouts_table;
extern const struct field_table flow_table;
extern const struct field_table setup_table;
extern const struct field_table teardown_table;
extern const struct field_table metric_table;
extern const struct field_table feeder_table;
extern const struct field_table dataset_table;
extern const struct field_table questions_table;
extern const struct field_table breaker_table;
extern const char *const cookies_words[];
