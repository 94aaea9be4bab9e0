/*
 * Feeders: a file of rows → the texts of the columns that templates use, row by row, in the order that
 * the plan lists them.
 */
#pragma once

#include <stdint.h>

#include "workload/row_file.h"

struct plan_feeder;

struct feeder_reading {
    const struct plan_feeder *feeder; /* borrowed */
    struct row_file file;
    struct texts texts; /* row × column */
    uint64_t rows;
};

/*
 * Reads all of it; texts are the caller's, in each case. Returns 0; -EINVAL with the mistakes added;
 * -ENOMEM.
 */
int feeder_read(struct feeder_reading *reading, const struct plan_feeder *feeder,
                struct diag_list *diags);

/* The two forms; file is open. Bad rows are told, or left out. Return as feeder_read. */
int feeder_read_csv(struct feeder_reading *reading);
int feeder_read_json_lines(struct feeder_reading *reading);
