/* What a plan asks of its trace, which only the trace tells whether it can be had. */
#pragma once

struct diag_list;
struct plan;
struct trace;

/*
 * Whether something is left to be measured beside warm-up and cool-down, and whether there is a model to
 * ask. Returns 0; -EINVAL with the mistakes added; -ENOMEM.
 */
int trace_check_plan(const struct plan *plan, const struct trace *trace,
                     struct diag_list *diags);
