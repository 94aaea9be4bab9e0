/*
 * The plan: a scenario, checked and typed. Immutable once made; everything below it reads it and
 * nothing below it knows YAML. Plain data: all strings and arrays belong to the plan and die with
 * it. References between parts are indexes, so that a plan can be copied, split and hashed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/ab.h"
#include "plan/backend.h"
#include "plan/data.h"
#include "plan/load.h"
#include "plan/people.h"
#include "plan/platform.h"
#include "plan/program.h"
#include "plan/replay.h"
#include "plan/script.h"

struct secret;

/* No such index: a reference that points nowhere. */
#define PLAN_NONE UINT32_MAX

/* The API a target speaks. */
enum plan_api { PLAN_API_OPENAI, PLAN_API_ANTHROPIC };

/* Whether an API has requests of this kind; http and mcp go to any target. */
bool plan_api_has(enum plan_api api, enum plan_step_kind kind);

/* What may share a connection (DESIGN section 3, ADR 0003). */
enum plan_reuse {
    PLAN_REUSE_POOL, /* any idle connection of the user's shard */
    PLAN_REUSE_USER, /* a connection belongs to one user: no other may take it */
    PLAN_REUSE_NONE, /* a new connection for each request */
};

enum plan_http { PLAN_HTTP_1_1, PLAN_HTTP_2 };

struct plan_connections {
    enum plan_reuse reuse;
    uint32_t max; /* connections at most, 0: no limit; for HTTP/2, connections in all */
    uint32_t
        streams; /* HTTP/2: concurrent streams per connection, 0: the server's word */
    uint64_t max_age_ns; /* older idle connections are not used again; 0: no limit */
    /*
     * Local addresses that connections come from, in turn: beyond some 28,000 connections to one
     * server, one address has no ports left. None: the system's choice.
     */
    const char *const *sources;
    size_t source_count;
};

/* Each 0 means no limit but the total's. */
struct plan_timeouts {
    uint64_t connect_ns;
    uint64_t first_token_ns; /* handing over to the first output */
    uint64_t idle_ns;        /* between two pieces of the body */
    uint64_t total_ns;
};

struct plan_tls {
    bool insecure;         /* the certificate is not verified; the result says so */
    const char *ca_file;   /* NULL: the system's */
    const char *cert_file; /* client certificate, or NULL */
    const char *key_file;
};

/* A server under test. */
struct plan_target {
    const char *name; /* "default" where the scenario names none */
    bool simulator; /* the built-in simulator, started as a child: url is filled by cli */
    const char *origin; /* "https://host:port", without path and trailing slash */
    const char
        *api_prefix; /* path before the API's own: "/v1" for OpenAI, may hold more */
    enum plan_api api;
    enum plan_http http;
    const struct secret *api_key; /* sent as a bearer token; NULL: none */
    const struct plan_pair *headers;
    size_t header_count;
    const char *backend_header; /* response header that names who answered, or NULL */
    const char *health;         /* path asked before the run, or NULL */
    const char *proxy;          /* URL or NULL */
    struct plan_tls tls;
    struct plan_connections connections;
    struct plan_timeouts timeouts;
    struct plan_breaker breaker;
};

/* A model and what it costs. */
struct plan_model {
    const char *name;    /* as sent to the server and as label */
    int64_t prompt_pusd; /* pico-dollars per token; 0 where no price is given */
    int64_t cached_pusd; /* per cached prompt token; the prompt's price where not given */
    int64_t completion_pusd;
    int64_t
        reasoning_pusd; /* part of completion tokens; the completion's price if not given */
    double theoretical_tps; /* tokens/s one stream could reach, 0: not stated */
    uint32_t target;        /* PLAN_NONE: the class's */
    bool priced;
};

/* A kind of person. */
struct plan_class {
    const char *name;
    uint32_t weight;  /* share among the weighted; 0 where count is fixed */
    uint64_t count;   /* fixed number of users, 0 where weighted */
    uint32_t target;  /* index into targets */
    uint32_t program; /* index into programs */
    /* Programs too, or PLAN_NONE: unmeasured, before a user's first iteration and when they leave. The
       class's own, else the scenario's, compiled for this class. */
    uint32_t setup;
    uint32_t teardown;
    uint64_t iterations; /* the flow's repeats before the user ends; 0: until unwanted */
    struct plan_pause think;
    bool keeps_cookies; /* of all targets, as a browser does */
    const struct plan_pair *headers;
    size_t header_count;
    const struct plan_pair *tags;
    size_t tag_count;
    /* `record_iteration`: when an iteration is over. What each request adds stands in the steps. */
    const struct plan_record *records;
    size_t record_count;
};

/*
 * Flows beside the load, unmeasured: an index into programs, or PLAN_NONE. Their steps name their
 * targets; those of users are their class's (`setup`, `teardown`).
 */
struct plan_stages {
    uint32_t
        run_setup; /* once, before the load; its variables are what users begin with */
    uint32_t run_teardown;
    uint32_t
        organization_setup; /* once for each of the roster, with the run's variables */
    uint32_t organization_teardown;
    uint64_t setup_timeout_ns;    /* of each stage before the load: exit 100 */
    uint64_t teardown_timeout_ns; /* of each stage behind it: exit 101 */
};

/* When the run ends early, of all workers together. 0 or false: no such limit. */
struct plan_limits {
    uint64_t duration_ns;
    uint64_t requests;
    int64_t cost_pusd;
    double error_rate;           /* fraction that must not be passed */
    uint64_t error_rate_over_ns; /* window it is measured over */
    uint64_t error_rate_min;     /* attempts in the window before it counts */
};

/* What is known of another run that this one is compared with (run --baseline). */
enum plan_baseline_state {
    PLAN_BASELINE_MISSING, /* none was given */
    PLAN_BASELINE_WAIVED,  /* there is none yet: such thresholds are ignored */
    PLAN_BASELINE_UNKNOWN, /* it does not know this value */
    PLAN_BASELINE_KNOWN,
};

struct plan_baseline {
    enum plan_baseline_state state;
    double value; /* in the unit that the threshold is judged in */
};

/* A latency of that other run, by what its summary calls it, for those who show both. */
struct plan_baseline_latency {
    const char *metric;    /* "ttft"; not the plan's own */
    const char *aggregate; /* "p95"; likewise */
    double value_s;
};

/* A sentence that the result must satisfy, as written: `ttft: p(95)<500ms`. */
struct plan_threshold {
    const char *metric;     /* "ttft" */
    const char *selector;   /* "model:gpt-4o,step:ask" or "" */
    const char *expression; /* "p(95)<500ms" */
    uint64_t min_samples;   /* of fewer it says nothing */
    bool abort_on_fail;
    uint64_t delay_abort_eval_ns; /* of load, before it may end the run */
    struct plan_baseline
        baseline; /* of those that are compared with one: filled by cli */
};

/* Different selectors that the thresholds of one plan may have: each costs memory. */
#define PLAN_SELECTORS 32

/* One setting of the built-in simulator, in its own words. */
struct plan_setting {
    const char *key;
    const char *value;
};

/* Where figures are pushed to while the run goes on. */
struct plan_pushgateway {
    const char *url; /* without credentials and trailing slash; NULL: nothing is pushed */
    const struct secret *credentials; /* "name:password"; NULL: none */
    const struct plan_pair *headers;
    size_t header_count;
    struct plan_tls tls;
    const char *job; /* in the grouping key */
    uint64_t interval_ns;
    uint64_t timeout_ns; /* of one push */
    bool delete_at_end; /* the group is removed once Prometheus has read the last push: */
    uint64_t scrape_interval_ns; /* how often it reads */
    bool last_result; /* what came out stays there by scenario, in a group of its own */
};

/* What metrics are called for Prometheus. */
enum plan_naming {
    PLAN_NAMING_THRONG,
    PLAN_NAMING_OTEL, /* OpenTelemetry's names of generative AI, where it has one */
};

/* Whose words a message is in. */
enum plan_webhook_format {
    PLAN_WEBHOOK_SLACK, /* Slack's, which Mattermost, Rocket.Chat and others read too */
    PLAN_WEBHOOK_JSON,  /* throng's own document */
};

/* Whom the end of a run is told. */
struct plan_webhook {
    const struct secret *url; /* whoever knows it can post there */
    const char *name;         /* what it is called in words: its host */
    enum plan_webhook_format format;
    bool only_failure; /* a run that passed is not told */
    const struct plan_pair *headers;
    size_t header_count;
    uint64_t timeout_ns; /* of one attempt */
};

struct plan_outputs {
    enum plan_naming naming;
    struct plan_pushgateway pushgateway;
    const struct plan_webhook *webhooks;
    size_t webhook_count;
    /* Where runs are kept, which may hold a password; NULL: as the command line says. */
    const struct secret *history;
    const char *ui_listen; /* where the live page is, as "127.0.0.1:8089"; NULL: none */
};

struct plan {
    const char *name;        /* scenario: */
    const char *description; /* "" where none */
    uint64_t seed;
    bool unique_over_seed;     /* questions repeat from run to run (unique_over: seed) */
    uint64_t warm_up_ns;       /* kept out of the headline figures */
    uint64_t cool_down_out_ns; /* likewise, at the end */
    uint64_t graceful_stop_ns; /* how long requests in flight may take after the end */
    uint64_t graceful_ramp_down_ns; /* how long an unwanted user may take to finish */
    uint64_t max_series;            /* label sets at most, the rest is `other` */

    struct plan_target *targets;
    size_t target_count;
    const struct plan_model *models;
    size_t model_count;
    const struct plan_class *classes;
    size_t class_count;
    struct plan_ab ab; /* who of them is of which arm; without arms: nobody */
    const struct plan_program *programs;
    size_t program_count;
    const struct plan_step *steps; /* what requests and labels refer to */
    size_t step_count;
    const struct plan_group *groups;
    size_t group_count;
    const struct plan_assignment *assignments;
    size_t assignment_count;
    const struct plan_assignment *initials; /* `vars`: what each user begins with */
    size_t initial_count;
    const struct plan_stop *stops;
    size_t stop_count;
    struct plan_stages stages;
    const struct plan_variable *variables;
    size_t variable_count;
    const struct plan_name *names; /* what templates refer to */
    size_t name_count;
    const char *const *queries; /* jq texts, each checked */
    size_t query_count;
    const char *const *patterns; /* PCRE2 texts, each checked */
    size_t pattern_count;
    const struct plan_metric *metrics; /* of the scenario's own */
    size_t metric_count;
    const struct plan_feeder *feeders;
    size_t feeder_count;
    const struct plan_dataset *datasets;
    size_t dataset_count;
    const struct plan_questions *questions;
    size_t question_count;
    const struct plan_phase *phases;
    size_t phase_count;
    bool
        is_search; /* the load is made while it goes on (engine/capacity.h): the phase is its first */
    struct plan_arrivals arrivals; /* kind NONE: a closed loop */
    struct plan_replay replay;     /* path NULL: none */
    struct plan_platform platform;
    const struct plan_backend *backends;
    size_t backend_count;
    const struct plan_threshold *thresholds;
    size_t threshold_count;
    const struct plan_baseline_latency *baseline_latencies; /* filled by cli */
    size_t baseline_latency_count;
    const struct plan_pair *tags; /* of the whole run */
    size_t tag_count;
    const struct plan_setting *simulator;
    size_t simulator_count;
    struct plan_limits limits;
    struct plan_outputs outputs;
    uint32_t
        worker_index; /* this worker owns the user ordinals ≡ worker_index mod worker_count */
    uint32_t worker_count; /* at least 1 */

    struct arena *arena; /* owns all above, and the plan itself, its first piece */
};

/*
 * Says what the thresholds are compared with; baselines: one for each of them, copied. Before the run
 * starts. Returns 0 or -ENOMEM.
 */
int plan_set_baselines(struct plan *plan, const struct plan_baseline *baselines);

/* Says what latencies the other run had; copied but for their names. Likewise. */
int plan_set_baseline_latencies(struct plan *plan,
                                const struct plan_baseline_latency *latencies,
                                size_t count);

/*
 * Tokens per second that one stream of a model could reach; model NULL: of any, where all models state the
 * same. 0: it is not stated, or differs.
 */
double plan_theoretical_tps(const struct plan *plan, const char *model);

/* The same of the model that a selector (as of plan_threshold) names; of any where it names none. */
double plan_selected_tps(const struct plan *plan, const char *selector);

/*
 * This worker's share of something that all workers have together, at least 0: all shares add up to the
 * whole, and none differs from another by more than one.
 */
uint64_t plan_share(const struct plan *plan, uint64_t whole);

/*
 * Gives a simulator target its address, known only when the simulator runs; before the load
 * starts. origin is copied. Returns 0 or -ENOMEM.
 */
int plan_set_origin(struct plan *plan, size_t target, const char *origin);

/*
 * Gives the replay its length, known only when its trace was read; before the load starts. Returns 0 or
 * -ENOMEM.
 */
int plan_set_replay_length(struct plan *plan, uint64_t duration_ns);

/* Whether all that is asked is asked of models, whose servers tell of each request. */
bool plan_asks_models_alone(const struct plan *plan);

/* Whether a header's value is known to hold no secret: all others may be keys, and are not shown. */
bool plan_header_is_public(const char *name);

/*
 * Writes stars over the values of headers in a text that people will see, but for the public ones: whole,
 * or behind the name of a scheme ("Basic …").
 */
void plan_star_headers(char *text, const struct plan_pair *headers, size_t count);

/* Releases the plan and its secrets; NULL is allowed. Returns NULL. */
struct plan *plan_free(struct plan *plan);
