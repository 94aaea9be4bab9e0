/*
 * junit.xml: a summary as a suite of test cases, for what shows the results of tests: one for each
 * threshold and one for each verdict of another kind.
 */
#pragma once

#include <jansson.h>

struct buf;

/* Appends the document of a summary (result/summary.h). Returns buf_error. */
int junit_write(const json_t *summary, struct buf *out);
