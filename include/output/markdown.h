/*
 * summary.md: a summary as Markdown for the page of a CI job or a comment: the verdict first, then
 * what it rests on.
 */
#pragma once

#include <jansson.h>

struct buf;

/*
 * Appends the page of a summary (result/summary.h). results_path: the folder that holds the rest.
 * Texts in it are shown as they are, never as markup. Returns buf_error.
 */
int markdown_write(const json_t *summary, const char *results_path, struct buf *out);
