/*
 * A trace while it is read: rows of its file → entries. Each format is a function that goes through the
 * file and adds what it finds; order, window and scale are seen to behind them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json_scan.h"
#include "workload/row_file.h"
#include "workload/texts.h"
#include "workload/trace.h"

struct diag_list;

#define TRACE_SKIP_HINT "mend it, or set 'on_bad_row: skip' to leave such entries out"

/* An entry as it is kept. */
struct trace_row {
    uint64_t at_ns; /* as recorded, from any beginning; then as trace_entry has it */
    uint32_t input_tokens;
    uint32_t output_tokens;
    uint32_t first;      /* of its texts, where it has a request; else of its blocks */
    uint32_t line;       /* of the file; the order of entries with equal times */
    uint32_t count : 31; /* of its texts or blocks */
    uint32_t has_request : 1;
};

struct trace {
    struct trace_row *rows; /* owned */
    uint32_t row_count;
    uint32_t row_cap;
    uint64_t *blocks; /* owned */
    uint32_t block_count;
    uint32_t block_cap;
    /* Of each request: method, path, body, then name and value of each header; each with a NUL. */
    struct texts texts;
    char *origin; /* owned; NULL: none is known */
    struct trace_facts facts;
};

struct trace_reading {
    struct row_file file;
    const struct plan_replay *plan;
    struct trace *trace;
    uint32_t first_text; /* of the request at hand */
};

/* What is known of an entry before it is added. */
struct trace_draft {
    uint64_t at_ns;
    uint64_t input_tokens;
    uint64_t output_tokens;
    uint64_t line;
    uint32_t first_block; /* those that the trace has from here on are its */
    bool has_request;     /* the texts from `first_text` on are its */
};

/*
 * Adds an entry. Lengths have been looked at: they are at most TRACE_MAX_TOKENS. Returns 0; -EMSGSIZE:
 * there are too many; -ENOMEM.
 */
int trace_add(struct trace_reading *reading, const struct trace_draft *draft);

/* Adds a block to those of the entry at hand. Returns as trace_add. */
int trace_add_block(struct trace *trace, uint64_t id);

/* The entry on this line is bad: its texts and blocks are forgotten. Returns 0 or -ENOMEM. */
int trace_bad_row(struct trace_reading *reading, const struct trace_draft *draft,
                  const char *problem);

/* Orders entries, leaves out what lies outside, and scales the times. Returns 0; -EINVAL; -ENOMEM. */
int trace_arrange(struct trace_reading *reading);

/* Each reads the whole file. Returns 0, with bad rows told or left out; -EINVAL; -EMSGSIZE; -ENOMEM. */
typedef int trace_read_fn(struct trace_reading *reading);

trace_read_fn trace_read_lines; /* throng.trace/1 and Mooncake */
trace_read_fn trace_read_csv;   /* Azure and BurstGPT */
trace_read_fn trace_read_har;

/* The format of a file, from its name and first bytes; PLAN_TRACE_AUTO: it is none of them. */
enum plan_trace_format trace_format_of(const struct row_file *file);

/*
 * Reads the trace of a plan; what was read is the caller's in each case. Returns 0; -EINVAL with the
 * mistakes added; -ENOMEM.
 */
int trace_read(struct trace **ret_trace, const struct plan_replay *plan,
               struct diag_list *diags);

/* Releases it; NULL is allowed. Returns NULL. */
struct trace *trace_free(struct trace *trace);
