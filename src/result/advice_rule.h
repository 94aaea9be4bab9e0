/*
 * A rule of advice, what it looks at, and what it writes down.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/buf.h"
#include "result/json_tree.h"
#include "result/load_growth.h"

/* What is judged. */
struct advice_case {
    const json_t *summary;
    bool is_trusted; /* its latencies are the server's, not throng's own */
    double window_s; /* length of the measured window; 0: there is none */
    struct load_growth growth;
};

enum advice_topic { ADVICE_MEASUREMENT, ADVICE_BOTTLENECK, ADVICE_COST };

enum advice_confidence { ADVICE_SILENT, ADVICE_POSSIBLE, ADVICE_LIKELY, ADVICE_SURE };

/* What a rule has to say. */
struct advice_draft {
    struct json_tree *tree;
    json_t *evidence; /* sentences */
    struct buf said;  /* in place of the rule's own words, where they need a figure */
};

/* Appends a sentence of evidence, without its full stop. */
__attribute__((format(printf, 2, 3))) void advice_show(struct advice_draft *draft,
                                                       const char *format, ...);

#define ADVICE_FIGURE_BYTES 32

/* A latency in words, "412 ms", in text, which it returns. */
const char *advice_ms(double ms, char text[ADVICE_FIGURE_BYTES]);

/* Money in words, "$1.23", in text. */
const char *advice_usd(double usd, char text[ADVICE_FIGURE_BYTES]);

/* part over whole; 0 where there is no whole. */
double advice_share(double part, double whole);

/* How many values of a dimension ("model") the run had. */
size_t advice_values(const struct advice_case *facts, const char *dimension);

/* The median of a latency of an object with `metrics`; NAN where it is of less than 30 or not known. */
double advice_median(const json_t *of, const char *metric);

typedef enum advice_confidence advice_rule_fn(const struct advice_case *facts,
                                              struct advice_draft *draft);

struct advice_rule {
    const char *id; /* "kv_cache" */
    enum advice_topic topic;
    const char *subject; /* what it is about, as reports group by it */
    const char *says;    /* a sentence; NULL: with figures, by the rule */
    const char *remedy;  /* what to do; whole sentences */
    const char *when;    /* the rule in words, for the table */
    unsigned weight;     /* of two that are as sure the greater is told first */
    bool needs_trust;    /* a late client would make its figures up */
    advice_rule_fn *judge;
};

/* All rules; NULL from the end on. */
const struct advice_rule *advice_rule_at(size_t index);

/* By what they look at; each is defined in the file of its group (advice_*.c). */
advice_rule_fn advice_client_late;
advice_rule_fn advice_people_short;
advice_rule_fn advice_held_back;
advice_rule_fn advice_network_loss;
advice_rule_fn advice_network_far;
advice_rule_fn advice_connections;
advice_rule_fn advice_gateway;
advice_rule_fn advice_queue;
advice_rule_fn advice_kv_cache;
advice_rule_fn advice_gpu_throttled;
advice_rule_fn advice_decode;
advice_rule_fn advice_capacity;
advice_rule_fn advice_prompt_length;
advice_rule_fn advice_output_length;
advice_rule_fn advice_cold_start;
advice_rule_fn advice_uneven;
advice_rule_fn advice_slow_backend;
advice_rule_fn advice_rate_limited;
advice_rule_fn advice_retries;
advice_rule_fn advice_vector_store;
advice_rule_fn advice_database;
advice_rule_fn advice_tools;
advice_rule_fn advice_cost_projection;
advice_rule_fn advice_cost_model;
advice_rule_fn advice_cost_caching;
advice_rule_fn advice_cost_answers;
advice_rule_fn advice_cost_missed;
