/*
 * Whether this machine has what the run needs: descriptors, local ports and addresses, memory,
 * processors, and room for the results.
 */
#pragma once

struct plan;
struct preflight_report;

/* Raises the limit of descriptors too. out: where results go; NULL: the usual folder. */
void preflight_machine(const struct plan *plan, const char *out,
                       struct preflight_report *report);
