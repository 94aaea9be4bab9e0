#include "result/summary_workload.h"

#include "measure/lengths.h"
#include "measure/recorder.h"
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

void summary_put_workload(struct json_tree *tree, json_t *summary,
                          const struct run_facts *facts)
{
    const struct run_view *view = facts->view;
    const struct recorder *recorder = view->recorder;
    json_t *workload = json_tree_put_object(tree, summary, "workload");

    json_tree_put_count(tree, workload, "rows_skipped", facts->rows_skipped);
    json_tree_put_count(tree, workload, "unset_uses", view->unset_uses);
    json_tree_put_text(tree, workload, "unset_name",
                       view->unset_name ? view->unset_name : "");
    json_tree_put_count(tree, workload, "setups_failed", view->setups_failed);
    put_length(tree, workload, "prompt_length",
               recorder_lengths(recorder, LENGTH_OF_PROMPTS));
    put_length(tree, workload, "answer_length",
               recorder_lengths(recorder, LENGTH_OF_ANSWERS));
}
