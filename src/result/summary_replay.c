#include "result/summary_replay.h"

#include "result/facts.h"
#include "result/replay.h"
#include "result/summary_metric.h"

void summary_put_replay(struct json_tree *tree, json_t *summary,
                        const struct run_facts *facts)
{
    const struct replay_facts *trace = &facts->replay;
    struct replay_fidelity fidelity;
    json_t *replay;

    if (!trace->format) {
        json_tree_put_null(tree, summary, "replay");
        return;
    }
    fidelity = replay_fidelity(facts);
    replay = json_tree_put_object(tree, summary, "replay");
    json_tree_put_text(tree, replay, "format", trace->format);
    json_tree_put_count(tree, replay, "entries", trace->entries);
    json_tree_put_count(tree, replay, "entries_of_worker", trace->entries_of_worker);
    json_tree_put_count(tree, replay, "requests", trace->requests);
    json_tree_put_count(tree, replay, "sent", fidelity.sent);
    json_tree_put_count(tree, replay, "dropped", fidelity.dropped);
    json_tree_put_count(tree, replay, "unsent", fidelity.unsent);
    json_tree_put_bool(tree, replay, "degraded", fidelity.is_degraded);
    if (fidelity.lateness)
        json_tree_put(tree, replay, "lateness",
                      summary_latency(tree, fidelity.lateness, "ms"));
    else
        json_tree_put_null(tree, replay, "lateness");
    json_tree_put_count(tree, replay, "bad", trace->bad);
    json_tree_put_count(tree, replay, "failed", trace->failed);
    json_tree_put_count(tree, replay, "elsewhere", trace->elsewhere);
    json_tree_put_count(tree, replay, "outside", trace->outside);
}
