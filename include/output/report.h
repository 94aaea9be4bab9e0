/*
 * report.html: runs → one page that needs nothing else (output/page.h). It shows summary.json, and of the results folder
 * the histograms and the scenario where they are there; doc/report.md says how to read it.
 */
#pragma once

#include <stddef.h>

#include <jansson.h>

struct buf;

/* A run to report, all borrowed. */
struct report_run {
    json_t *summary;
    const char *folder; /* of its other files; NULL: there are none */
};

/*
 * Appends a report of runs, at least one: of several, one page with a tab for each and their figures side by side. A file
 * of the folder that cannot be read is left out. Returns buf_error or -ENOMEM.
 */
int report_write(const struct report_run *runs, size_t count, struct buf *out);
