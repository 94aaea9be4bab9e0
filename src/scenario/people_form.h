/*
 * Forms of how people take what they get: pauses, retries, patience, slow reading, faults on purpose, and
 * how fast it ought to be.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "config/field.h"
#include "plan/slo.h"
#include "scenario/row.h"

struct pause_form {
    struct config_form form;
    const char *pause; /* "none", "3s" or "2s..5s"; NULL: the long form */
    uint64_t base_ns;
    uint64_t variance_ns;
    uint32_t distribution; /* index into pause_words */
    uint64_t min_ns;
    uint64_t max_ns;
};

struct retry_form {
    struct config_form form;
    uint64_t attempts;
    uint64_t base_ns;
    uint64_t max_ns;
    struct config_items on; /* const char *: outcomes and statuses */
    bool retry_after;
    uint64_t max_retry_after_ns;
};

struct patience_form {
    struct config_form form;
    struct pause_form first_token;
    struct pause_form total;
    double mid_stream;
    const char *chunks; /* "3..40" or "5" */
    uint32_t then;      /* 0: next, 1: leave */
};

struct chaos_form {
    struct config_form form;
    double drop;
    double reset;
    double late;
    struct pause_form late_by;
    struct pause_form after;
};

struct breaker_form {
    struct config_form form;
    double above;
    uint64_t over_ns;
    uint64_t min_requests;
    uint64_t open_for_ns;
    uint64_t probes;
};

struct slo_form {
    struct config_form form;
    uint64_t limit_ns[PLAN_SLO_COUNT]; /* 0: none */
};

/* What the scenario, a class or a step says of all this; each is not written where form.node is NULL. */
struct manners_form {
    struct retry_form retry;
    struct patience_form patience;
    uint64_t reads_per_s; /* bytes; 0: not written */
    struct chaos_form chaos;
    struct slo_form slo;
};

extern const struct field_table pause_table;
extern const struct field_table retry_table;
extern const struct field_table patience_table;
extern const struct field_table chaos_table;
extern const struct field_table slo_table;

/* Rows of a table whose struct has `manners`. */
#define MANNERS_ROWS(form_type)                                                          \
    {ROW("retry", FIELD_MAP, form_type, manners.retry), .table = &retry_table,           \
     .help =                                                                             \
         "what is tried again: where it is not said here, as scenario or target say"},   \
        {ROW("patience", FIELD_MAP, form_type, manners.patience),                        \
         .table = &patience_table, .help = "when people give up waiting"},               \
        {ROW("reads", FIELD_SPEED, form_type, manners.reads_per_s), .min = "1B/s",       \
         .help = "how fast they take what comes; as it comes without it"},               \
        {ROW("chaos", FIELD_MAP, form_type, manners.chaos), .table = &chaos_table,       \
         .help = "faults on purpose"},                                                   \
        {ROW("slo", FIELD_MAP, form_type, manners.slo), .table = &slo_table,             \
         .help = "how long it may take: what met all of it is the goodput"}
