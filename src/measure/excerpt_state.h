/*
 * What a recorder writes into its excerpt. Each does nothing where there is none, or where the label set is
 * of another phase.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "measure/excerpt.h"
#include "measure/metric.h"

struct observation;
struct operation;
struct sample;
struct series;
struct user_counts;

/* An attempt with what was observed of it: `count` observations, and `part_count` of its parts. */
struct excerpt_attempt {
    const struct sample *sample;
    const struct observation *observations;
    size_t count;
    const struct observation *parts;
    size_t part_count;
};

/* Adds something to one series. Returns whether there was memory for it. */
typedef bool series_add_fn(const struct recorder *recorder, struct series *series,
                           const void *what);

void excerpt_started(struct excerpt *excerpt, uint32_t labels);
void excerpt_gap(struct excerpt *excerpt, uint32_t labels, uint64_t gap_ns);
void excerpt_sample(struct excerpt *excerpt, const struct excerpt_attempt *attempt);
void excerpt_operation(struct excerpt *excerpt, const struct operation *operation,
                       const struct observation *observation);
/* check: of what is one, else NULL. */
void excerpt_add(struct excerpt *excerpt, uint32_t labels, const char *check,
                 series_add_fn *add, const void *what);
/* What belongs to no request: lag, delays and widths of the program itself, until the excerpt is closed. */
void excerpt_client(struct excerpt *excerpt, enum metric metric, uint64_t value_ns);
void excerpt_stall(struct excerpt *excerpt, uint64_t from_ns, uint64_t to_ns);
void excerpt_users(struct excerpt *excerpt, const struct user_counts *users);
