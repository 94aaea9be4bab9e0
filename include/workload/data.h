/*
 * Data beside the scenario: the files that a plan names → rows that users take. All files are read
 * before the load starts, and kept in memory that core files and children do not get, since rows may
 * hold passwords; nothing here is ever printed but by the one who asked for it.
 *
 * Which row a user takes depends on the seed, the user's ordinal and how many they took before, and on
 * nothing else: so it is the same for any number of workers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/data.h"

struct data;
struct dataset;
struct diag_list;
struct plan;
struct trace;

/*
 * Reads the files of all feeders and datasets of the plan and its trace, which is borrowed for the data's life.
 * Returns 0; -EINVAL with all mistakes added, each with file and line; -ENOMEM.
 */
int data_load(const struct plan *plan, struct diag_list *reterr_diags,
              struct data **ret_data);

/* Releases it; NULL is allowed. Returns NULL. */
struct data *data_free(struct data *data);

/* How many rows a feeder has, at least 1. */
uint64_t data_rows(const struct data *data, size_t feeder);

/*
 * The row that a user (by ordinal) gets when they take one for the `take`th time, from 0, counted over
 * the whole run. Returns 0; -ENODATA when each row is to be taken once and there is none left for this
 * user, whose number also may lie beyond the plan's peak.
 */
int data_row(const struct data *data, size_t feeder, uint64_t user, uint64_t take,
             uint64_t *ret_row);

/* A value of a row: borrowed for the data's life, not NUL-terminated. */
struct data_value {
    const char *bytes;
    size_t len;
    bool is_json; /* a JSON value that is no text, as it stands in the file */
};

/* column: index into the plan's columns of the feeder. row must be below data_rows. */
struct data_value data_value(const struct data *data, size_t feeder, uint64_t row,
                             size_t column);

/* A dataset, for those who say what is in it (workload/dataset.h). */
const struct dataset *data_dataset(const struct data *data, size_t dataset);

/* The trace of the plan's replay; NULL: it has none. */
const struct trace *data_trace(const struct data *data);

/* What was found in a file. */
struct data_file {
    const char *name; /* as the scenario names it */
    bool is_dataset;  /* else a feeder */
    enum plan_order order;
    uint64_t rows;
    uint64_t skipped; /* bad rows, left out */
    uint64_t
        unfit; /* recorded conversations that no person begins or nobody answers, left out */
};

/* Each file but the trace, in the plan's order, feeders first. False from the end on. */
bool data_file_at(const struct data *data, size_t index, struct data_file *ret_file);

/* Rows of all files that were bad and left out. */
uint64_t data_skipped(const struct data *data);

/*
 * Of all that datasets and the trace say: equal for equal files. Feeders are left out: their rows are often
 * secrets.
 */
uint64_t data_hash(const struct data *data);
