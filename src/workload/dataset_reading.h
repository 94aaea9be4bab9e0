/*
 * A dataset while it is read: entries of its file → rows. The messages of the row at hand are added one
 * by one; then the row is closed, or dropped.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json_scan.h"
#include "workload/dataset.h"
#include "workload/row_file.h"

#define DATASET_SKIP_HINT "mend it, or set 'on_bad_row: skip' to leave such entries out"

struct dataset_reading {
    struct row_file file;
    struct dataset *dataset;
    uint32_t first; /* message of the row at hand */
    uint32_t end;   /* behind its last message of a user; `first`: there is none */
};

/* Adds a message. Returns 0; -EMSGSIZE; -ENOMEM. */
int dataset_add_text(struct dataset_reading *reading, enum message_role role,
                     struct json_piece text);
int dataset_add_json(struct dataset_reading *reading, enum message_role role,
                     const char *bytes, size_t len);

/*
 * Closes the row behind its last message of a user, of which there must be one. Returns 0; -EMSGSIZE;
 * -ENOMEM.
 */
int dataset_close_row(struct dataset_reading *reading, uint32_t output_tokens);

/* Forgets the messages of the row at hand. */
void dataset_drop_row(struct dataset_reading *reading);

/*
 * Makes a row of an entry, a well-formed object that begins on this line. What is bad is told, or left
 * out. Returns 0 or -ENOMEM.
 */
typedef int dataset_entry_fn(struct dataset_reading *reading, struct json_scan entry,
                             uint64_t line);

/* {"conversations": [{"from": "human", "value": "…"}, …]}, as ShareGPT has it. */
dataset_entry_fn dataset_read_recorded;

/* {"prompt": "…"} or {"messages": [{"role": "user", "content": "…"}, …]}, with "output_tokens" beside. */
dataset_entry_fn dataset_read_prompt;
