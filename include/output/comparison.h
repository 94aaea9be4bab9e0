/*
 * A comparison (result/comparison.h) as people read it: in a terminal, in a comment on a change, on a page.
 */
#pragma once

#include <jansson.h>

#include "output/terminal.h"

struct buf;

/* Verdict, figures of all requests, those of parts that differ, and what speaks against it. Returns buf_error. */
int comparison_terminal(const json_t *comparison, struct terminal_style style,
                        struct buf *out);

/* The same for a comment on GitHub or GitLab: all other figures are folded. Returns buf_error. */
int comparison_markdown(const json_t *comparison, struct buf *out);

/* One page that needs nothing else (output/page.h). Returns buf_error or -ENOMEM. */
int comparison_html(const json_t *comparison, struct buf *out);
