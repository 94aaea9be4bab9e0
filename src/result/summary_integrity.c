#include "result/summary_integrity.h"

#include "measure/integrity.h"
#include "measure/recorder.h"
#include "result/facts.h"

void summary_put_integrity(struct json_tree *tree, json_t *summary,
                           const struct run_facts *facts)
{
    const struct counters all = recorder_counters(facts->view->recorder, RECORDER_ALL);
    json_t *integrity = json_tree_put_object(tree, summary, "integrity");

    json_tree_put_count(tree, integrity, "unsound_answers", all.unsound);
    for (enum integrity kind = 0; kind < INTEGRITY_COUNT; kind++)
        json_tree_put_count(tree, integrity, integrity_name(kind), all.integrity[kind]);
}
