#include "result/summary_workload.h"

#include "base/clock.h"
#include "measure/lengths.h"
#include "measure/recorder.h"
#include "measure/slo.h"
#include "plan/plan.h"
#include "result/facts.h"

static void put_length(struct json_tree *tree, json_t *workload, const char *key,
                       struct lengths lengths)
{
    json_t *length;

    if (lengths.requests == 0) {
        json_tree_put_null(tree, workload, key);
        return;
    }
    length = json_tree_put_object(tree, workload, key);
    json_tree_put_count(tree, length, "requests", lengths.requests);
    json_tree_put_count(tree, length, "asked_tokens", lengths.asked_tokens);
    json_tree_put_count(tree, length, "told_tokens", lengths.told_tokens);
    json_tree_put_number(tree, length, "mean_error", lengths_mean_error(&lengths), 6);
}

/* SLOs on what no answer had. */
static void put_ignored(struct json_tree *tree, json_t *workload,
                        const struct run_view *view)
{
    const struct counters counters = recorder_counters(view->recorder, RECORDER_WINDOW);
    const uint32_t ignored = slo_ignored(view->plan, &counters);
    json_t *names = json_tree_array(tree);

    for (enum plan_slo_metric metric = 0; metric < PLAN_SLO_COUNT; metric++)
        if (ignored >> metric & 1)
            json_tree_append(tree, names,
                             json_string(metric_info(slo_metric(metric))->name));
    json_tree_put(tree, workload, "slo_ignored", names);
}

static const char *distribution_name(enum plan_arrival_kind kind)
{
    switch (kind) {
    case PLAN_ARRIVALS_NONE:
        break;
    case PLAN_ARRIVALS_CONSTANT:
        return "constant";
    case PLAN_ARRIVALS_POISSON:
        return "poisson";
    case PLAN_ARRIVALS_GAMMA:
        return "gamma";
    case PLAN_ARRIVALS_TRACE:
        return "trace";
    }
    return "";
}

/* What the open loop was; null for a closed one. */
static void put_arrivals(struct json_tree *tree, json_t *workload,
                         const struct plan *plan)
{
    const struct plan_arrivals *arrivals = &plan->arrivals;
    json_t *object = NULL;

    if (!plan_is_open(plan)) {
        json_tree_put_null(tree, workload, "arrivals");
        return;
    }
    object = json_tree_put_object(tree, workload, "arrivals");
    json_tree_put_text(tree, object, "distribution", distribution_name(arrivals->kind));
    json_tree_put_number(tree, object, "burstiness", arrivals->burstiness, 6);
    json_tree_put_count(tree, object, "users", arrivals->users);
    json_tree_put_number(tree, object, "max_wait_s",
                         (double)arrivals->max_wait_ns / (double)NS_PER_S, 3);
}

void summary_put_workload(struct json_tree *tree, json_t *summary,
                          const struct run_facts *facts)
{
    const struct run_view *view = facts->view;
    const struct recorder *recorder = view->recorder;
    json_t *workload = json_tree_put_object(tree, summary, "workload");

    put_arrivals(tree, workload, view->plan);
    json_tree_put_count(tree, workload, "rows_skipped", facts->rows_skipped);
    json_tree_put_count(tree, workload, "unset_uses", view->unset_uses);
    json_tree_put_text(tree, workload, "unset_name",
                       view->unset_name ? view->unset_name : "");
    put_ignored(tree, workload, view);
    json_tree_put_count(tree, workload, "setups_failed", view->setups_failed);
    json_tree_put_count(tree, workload, "users_out_of_rows", view->users_retired);
    put_length(tree, workload, "prompt_length",
               recorder_lengths(recorder, LENGTH_OF_PROMPTS));
    put_length(tree, workload, "answer_length",
               recorder_lengths(recorder, LENGTH_OF_ANSWERS));
}
