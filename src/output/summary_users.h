/*
 * Who fared worst, as tables: the users with most failures and those who waited longest.
 */
#pragma once

#include <jansson.h>

#include "output/terminal.h"

struct buf;
struct run_facts;

/* Of the terminal's summary; nothing where there is one user alone. */
void summary_users(const struct run_facts *facts, struct terminal_style style,
                   struct buf *out);

/* Of summary.md; likewise. */
void markdown_users(const json_t *summary, struct buf *out);
