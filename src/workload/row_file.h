/*
 * A file of rows while it is read: its bytes, what is kept of them, and what is wrong with it. Rows may
 * hold passwords: messages say where and what kind, and never quote.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"
#include "workload/private_pages.h"
#include "workload/texts.h"

/* A file is at most so long: TEXTS_MAX_BYTES. */
#define ROW_FILE_MAX_WORDS "2 GiB"

struct row_file {
    const char *path;        /* borrowed, like all of the scenario's */
    struct diag_place named; /* where the scenario names it */
    bool skip_bad_rows;
    struct diag_list *diags; /* borrowed */

    struct private_pages pages; /* what is in it */
    const char *bytes;          /* of them, behind a byte order mark */
    size_t len;
    struct buf scratch; /* a text whose escapes are being undone; wiped at the end */

    uint64_t skipped; /* bad rows that were left out */
    bool failed;      /* mistakes were added, and reading went on for more */
};

/*
 * Reads it. Returns 0; -EINVAL with the mistake added; -ENOMEM. To be closed in each case.
 */
int row_file_open(struct row_file *file);
void row_file_close(struct row_file *file);

/*
 * The row on this line (0: the file as a whole) is bad: counts it, or adds a mistake. Returns 0 or
 * -ENOMEM.
 */
int row_file_bad_row(struct row_file *file, uint64_t line, const char *problem,
                     const char *hint);

/* The file is bad beyond its rows: adds a mistake. Returns -EINVAL or -ENOMEM. */
__attribute__((format(printf, 4, 5))) int row_file_refuse(struct row_file *file,
                                                          uint64_t line, const char *hint,
                                                          const char *format, ...);

struct json_piece;

/* Appends a JSON string to the text that is open. Returns as texts_append. */
int row_file_append_string(struct row_file *file, struct json_piece piece,
                           struct texts *texts);
