#include "result/summary_conversations.h"

#include <math.h>

#include "measure/recorder.h"
#include "result/facts.h"
#include "result/summary_metric.h"

static struct histogram_quantile quantile_of(const struct histogram *histogram, double q)
{
    return histogram ? histogram_quantile(histogram, q) : (struct histogram_quantile){0};
}

static json_t *turn_json(struct json_tree *tree, uint32_t number,
                         const struct turn_view *view)
{
    json_t *turn = json_tree_object(tree);
    json_t *ttft = NULL;

    json_tree_put_count(tree, turn, "turn", number);
    json_tree_put_count(tree, turn, "requests", view->requests);
    json_tree_put_number(tree, turn, "prompt_tokens_mean",
                         view->prompts > 0
                             ? (double)view->prompt_tokens / (double)view->prompts
                             : (double)NAN,
                         1);
    ttft = json_tree_put_object(tree, turn, "ttft");
    summary_put_quantile(tree, ttft, "p50", quantile_of(view->ttft, 0.50));
    summary_put_quantile(tree, ttft, "p95", quantile_of(view->ttft, 0.95));
    return turn;
}

void summary_put_conversations(struct json_tree *tree, json_t *summary,
                               const struct run_facts *facts)
{
    json_t *turns = json_tree_array(tree);
    struct turn_view view;

    for (uint32_t turn = 1; turn <= RECORDER_TURNS; turn++)
        if (recorder_turn(facts->view->recorder, turn, &view))
            json_tree_append(tree, turns, turn_json(tree, turn, &view));
    json_tree_put(tree, json_tree_put_object(tree, summary, "conversations"), "turns",
                  turns);
}
