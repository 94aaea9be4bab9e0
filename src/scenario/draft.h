/*
 * A scenario in the making, as text: its parts are written in any order and come together in the
 * order in which people read them. Mistakes of memory stick, and are told at the end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "config/node.h"

struct arena;

enum draft_part {
    DRAFT_HEAD, /* scenario, description, seed */
    DRAFT_TARGET,
    DRAFT_ENVIRONMENTS,
    DRAFT_TAGS,
    DRAFT_VARS,
    DRAFT_DATA,
    DRAFT_SETUP,
    DRAFT_USERS,
    DRAFT_LOAD,
    DRAFT_LIMITS,
    DRAFT_THRESHOLDS,
    DRAFT_PARTS,
};

struct draft {
    struct buf parts[DRAFT_PARTS];
    struct buf notes;
    struct arena *arena; /* of the texts that draft functions return */
    int error;           /* 0 or -ENOMEM */
};

/* Returns 0 or -ENOMEM. */
int draft_init(struct draft *draft);
void draft_deinit(struct draft *draft);

/* A line of a part, `level` steps of two blanks in. */
__attribute__((format(printf, 4, 5))) void draft_line(struct draft *draft,
                                                      enum draft_part part,
                                                      unsigned level, const char *format,
                                                      ...);

/* Says once what was not carried over or changed: a sentence without its full stop. */
__attribute__((format(printf, 2, 3))) void draft_note(struct draft *draft,
                                                      const char *format, ...);

/* A text as a YAML scalar; in_flow: between braces or brackets. Lives as long as the draft. */
const char *draft_text(struct draft *draft, const char *text, bool in_flow);

/* Any node as YAML on one line. */
const char *draft_value(struct draft *draft, const struct config_node *node);

/* Formatted, as long as the draft. */
__attribute__((format(printf, 2, 3))) const char *draft_printf(struct draft *draft,
                                                               const char *format, ...);

/* Zeroed memory that lives as long as the draft; NULL when memory is out. */
void *draft_alloc(struct draft *draft, size_t count, size_t size);

/* The text of a buffer, as long as the draft; releases the buffer. */
const char *draft_take(struct draft *draft, struct buf *text);

/* A time in seconds as a duration: "1m30s". */
const char *draft_duration(struct draft *draft, double seconds);

/* The whole, with `source` and the notes at its head. Returns 0; -ENOMEM; errors of buf. */
int draft_write(const struct draft *draft, const char *source, struct buf *out);
