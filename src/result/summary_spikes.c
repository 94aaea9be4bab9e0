#include "result/summary_spikes.h"

#include <math.h>

#include "base/clock.h"
#include "measure/spike.h"
#include "plan/plan.h"
#include "result/facts.h"
#include "result/summary_metric.h"

static void put_stage(struct json_tree *tree, json_t *spike, const char *key,
                      const struct spike_stage *stage)
{
    json_t *object = NULL;
    json_t *ttft = NULL;

    if (!stage->phase) {
        json_tree_put_null(tree, spike, key);
        return;
    }
    object = json_tree_put_object(tree, spike, key);
    json_tree_put_text(tree, object, "phase", stage->phase);
    json_tree_put_count(tree, object, "requests", stage->requests);
    json_tree_put_count(tree, object, "failed", stage->failed);
    json_tree_put_number(tree, object, "error_rate", stage->error_rate, 6);
    ttft = json_tree_put_object(tree, object, "ttft");
    summary_put_quantile(tree, ttft, "p50", stage->ttft_p50);
    summary_put_quantile(tree, ttft, "p95", stage->ttft_p95);
    summary_put_quantile(tree, json_tree_put_object(tree, object, "e2e"), "p95",
                         stage->e2e_p95);
}

static json_t *spike_json(struct json_tree *tree, const struct spike_view *view,
                          const struct plan *plan)
{
    json_t *spike = json_tree_object(tree);

    json_tree_put_text(tree, spike, "phase", plan->phases[view->phase].name);
    json_tree_put_count(tree, spike, "users", view->users);
    json_tree_put_text(tree, spike, "metric", metric_info(view->metric)->name);
    put_stage(tree, spike, "before", &view->before);
    put_stage(tree, spike, "during", &view->during);
    put_stage(tree, spike, "after", &view->after);
    json_tree_put_text(tree, spike, "recovery", spike_recovery_name(view->recovery));
    json_tree_put_number(tree, spike, "recovery_s",
                         view->recovery == SPIKE_RECOVERED
                             ? (double)view->recovery_ns / (double)NS_PER_S
                             : (double)NAN,
                         1);
    return spike;
}

void summary_put_spikes(struct json_tree *tree, json_t *summary,
                        const struct run_facts *facts)
{
    const struct recorder *recorder = facts->view->recorder;
    json_t *spikes = json_tree_array(tree);

    for (size_t i = 0; i < spike_count(recorder); i++) {
        struct spike_view view;

        spike_of(recorder, i, run_facts_load(facts).end_ns, &view);
        json_tree_append(tree, spikes, spike_json(tree, &view, facts->view->plan));
    }
    json_tree_put(tree, summary, "spikes", spikes);
}
