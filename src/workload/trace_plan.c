#include "workload/trace_plan.h"

#include <errno.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/quantity.h"
#include "plan/plan.h"
#include "workload/trace.h"

static struct diag_place place_of(const struct plan *plan)
{
    const struct plan_replay *replay = &plan->replay;

    return (struct diag_place){.file = replay->file ? replay->file : replay->path,
                               .line = replay->line,
                               .column = replay->column};
}

static int check_window(const struct plan *plan, const struct trace_facts *facts,
                        struct diag_list *diags)
{
    struct buf length = BUF_INIT(64);
    int r = 0;

    if (plan->warm_up_ns + plan->cool_down_out_ns < facts->duration_ns)
        return 0;
    quantity_format_duration(&length, facts->duration_ns);
    r = diag_add(diags, place_of(plan), "make them shorter than the replay",
                 "warm_up and cool_down_out leave nothing to be measured of the %s that "
                 "the replay lasts",
                 buf_str(&length));
    buf_deinit(&length);
    return r;
}

static int check_models(const struct plan *plan, const struct trace_facts *facts,
                        struct diag_list *diags)
{
    if (facts->entries == facts->requests)
        return 0;
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].kind == PLAN_STEP_REPLAY && plan->steps[i].chat.names_no_model)
            return diag_add(diags, place_of(plan), "write 'replay: {model: gpt-4o}'",
                            "the trace has lengths, and its step '%s' names no model to "
                            "ask",
                            plan->steps[i].name);
    return 0;
}

int trace_check_plan(const struct plan *plan, const struct trace *trace,
                     struct diag_list *diags)
{
    const struct trace_facts facts = trace_facts(trace);
    const int window = check_window(plan, &facts, diags);
    const int models = check_models(plan, &facts, diags);

    if (window == -ENOMEM || models == -ENOMEM)
        return -ENOMEM;
    return window < 0 ? window : models;
}
