/*
 * Datasets: a file of prompts or conversations → rows of messages that users say. Of conversations that
 * were recorded with their answers only what people said is kept: the server under test answers anew.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workload/conversation.h"
#include "workload/row_order.h"
#include "workload/texts.h"

struct diag_list;
struct plan_dataset;

struct dataset_row {
    uint32_t first;         /* its first message; the next row's is behind its last */
    uint32_t output_tokens; /* asked for; 0: the file says nothing */
};

/* All zero: empty. Written while it is read only. */
struct dataset {
    struct texts texts;       /* messages: a byte for the role, then the content */
    struct dataset_row *rows; /* owned */
    uint32_t row_count;
    uint32_t row_cap;
    bool is_whole; /* a request that stands alone says a whole row; else its first turn */
    uint64_t unfit;   /* conversations left out: well-formed, but they begin otherwise */
    uint64_t skipped; /* bad rows left out */
    struct row_order order; /* by `data` */
};

/*
 * Reads all of it; what was read is the caller's in each case. Returns 0; -EINVAL with the mistakes
 * added; -ENOMEM.
 */
int dataset_read(struct dataset *dataset, const struct plan_dataset *plan,
                 struct diag_list *diags);

/* Of all that is said in it. */
uint64_t dataset_hash(const struct dataset *dataset);

/* Releases the memory. */
void dataset_deinit(struct dataset *dataset);

/* How many messages a row has, at least 1; the last is a user's. */
size_t dataset_messages(const struct dataset *dataset, uint64_t row);

/* A message of a row: borrowed for the dataset's life. */
struct message dataset_message(const struct dataset *dataset, uint64_t row, size_t index);
