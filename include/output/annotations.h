/*
 * Annotations: what speaks against a run → commands that GitHub Actions shows as marks of a job
 * ("Workflow commands for GitHub Actions": error and notice).
 */
#pragma once

#include <jansson.h>

struct buf;

/*
 * Appends a line for each verdict of a summary, as an error where it has an exit code of its own. Texts from
 * elsewhere stay in their line. Returns buf_error.
 */
int annotations_write(const json_t *summary, struct buf *out);
