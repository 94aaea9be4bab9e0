#include "result/summary_people.h"

#include "base/clock.h"
#include "measure/recorder.h"
#include "result/facts.h"

#define SECONDS_DECIMALS 3

static void put_retries(struct json_tree *tree, json_t *summary,
                        const struct counters *counters)
{
    struct failure_kind kinds[OUTCOME_COUNT];
    const size_t count = retry_kinds(counters, kinds);
    json_t *retries = json_tree_array(tree);

    for (size_t i = 0; i < count; i++) {
        json_t *retry = json_tree_object(tree);

        json_tree_put_text(tree, retry, "after", outcome_name(kinds[i].outcome));
        json_tree_put_count(tree, retry, "count", kinds[i].count);
        json_tree_append(tree, retries, retry);
    }
    json_tree_put(tree, summary, "retries", retries);
}

static void put_circuits(struct json_tree *tree, json_t *summary,
                         const struct run_view *view)
{
    json_t *circuits = json_tree_array(tree);

    for (size_t i = 0; i < view->circuit_count; i++) {
        const struct circuit_view *from = &view->circuits[i];
        json_t *circuit = json_tree_object(tree);

        json_tree_put_text(tree, circuit, "target", from->target);
        json_tree_put_text(tree, circuit, "state", from->state);
        json_tree_put_count(tree, circuit, "opened", from->opened);
        json_tree_put_number(tree, circuit, "open_s",
                             (double)from->open_ns / (double)NS_PER_S, SECONDS_DECIMALS);
        json_tree_put_count(tree, circuit, "not_sent", from->not_sent);
        json_tree_append(tree, circuits, circuit);
    }
    json_tree_put(tree, summary, "circuits", circuits);
}

void summary_put_people(struct json_tree *tree, json_t *summary,
                        const struct run_facts *facts)
{
    const struct series_view window =
        recorder_total(facts->view->recorder, RECORDER_WINDOW);

    put_retries(tree, summary, window.counters);
    put_circuits(tree, summary, facts->view);
}
