#include "cli/plan_arms.h"

#include <string.h>

#include "base/buf.h"
#include "base/json_scan.h"
#include "plan/plan.h"

#define MAX_LINE_BYTES ((size_t)16384)

/* "; " before all but the first. */
static void begin(struct buf *line)
{
    if (line->len > 0)
        buf_append_str(line, "; ");
}

/* "body top_k, min_p" */
static void put_members(const char *extra_body, struct buf *line)
{
    struct json_scan scan = json_scan_begin(extra_body, strlen(extra_body));
    const char *between = "body ";

    for (bool more = json_scan_enter(&scan, '{'); more;
         more = json_scan_next(&scan, '}')) {
        const struct json_piece key = json_scan_any_key(&scan);

        json_scan_skip(&scan);
        if (*between == 'b')
            begin(line);
        buf_append_str(line, between);
        (void)json_piece_append(key, line);
        between = ", ";
    }
}

/*
 * In what an arm differs from the scenario as it is written. Headers and members of the body may hold keys: their
 * names are told.
 */
static void put_differences(const struct plan *plan, const struct plan_arm *arm,
                            struct buf *line)
{
    if (arm->target != PLAN_NONE) {
        begin(line);
        buf_printf(line, "target %s", plan->targets[arm->target].name);
    }
    for (size_t i = 0; i < arm->model_count; i++) {
        begin(line);
        buf_printf(line, "%s in place of %s", plan->models[arm->models[i].to].name,
                   plan->models[arm->models[i].from].name);
    }
    for (size_t i = 0; i < arm->header_count; i++) {
        begin(line);
        buf_printf(line, "header %s", arm->headers[i].key);
    }
    if (arm->extra_body)
        put_members(arm->extra_body, line);
    if (line->len == 0)
        buf_append_str(line, "as the scenario has it");
}

static const char *dealt(const struct plan *plan)
{
    if (plan_is_open(plan))
        return "arrivals are dealt to them";
    return plan->ab.by == PLAN_AB_USER ? "users are dealt to them"
                                       : "iterations are dealt to them";
}

void plan_arms(const struct plan *plan, struct buf *out)
{
    const struct plan_ab *ab = &plan->ab;
    uint64_t weights = 0;

    if (ab->arm_count == 0)
        return;
    for (size_t i = 0; i < ab->arm_count; i++)
        weights += ab->arms[i].weight;
    buf_printf(out, "\nArms (%s%s)\n", dealt(plan),
               plan->replay.path ? "" : ", and each question is asked of all of them");
    for (size_t i = 0; i < ab->arm_count; i++) {
        const struct plan_arm *arm = &ab->arms[i];
        struct buf line = BUF_INIT(MAX_LINE_BYTES);

        put_differences(plan, arm, &line);
        buf_printf(out, "  %-16s %7.3g%%  %s%s\n", arm->name,
                   100.0 * arm->weight / (double)weights, buf_str(&line),
                   i == ab->base ? " (the base)" : "");
        buf_deinit(&line);
    }
}
