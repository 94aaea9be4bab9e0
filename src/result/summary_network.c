#include "result/summary_network.h"

#include <math.h>

#include "measure/balance.h"
#include "measure/metric.h"
#include "measure/recorder.h"
#include "net/kernel_counters.h"
#include "result/facts.h"
#include "result/summary_metric.h"

#define SHARE_DECIMALS 6
#define PER_1000_DECIMALS 3

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : (double)NAN;
}

static void put_connections(struct json_tree *tree, json_t *network,
                            const struct series_view *all)
{
    const struct counters *counters = all->counters;
    const struct histogram *rtt = all->histograms[METRIC_RTT];
    const double requests = (double)counters->on_wire;

    json_tree_put_count(tree, network, "requests", counters->on_wire);
    json_tree_put_count(tree, network, "reused", counters->reused);
    json_tree_put_number(tree, network, "reused_share",
                         ratio((double)counters->reused, requests), SHARE_DECIMALS);
    json_tree_put_count(tree, network, "resent", counters->resent);
    json_tree_put_count(tree, network, "resets", counters->outcomes[OUTCOME_RESET]);
    json_tree_put_count(tree, network, "retransmits", counters->retransmits);
    json_tree_put_number(tree, network, "retransmits_per_1000",
                         ratio(1000 * (double)counters->retransmits, requests),
                         PER_1000_DECIMALS);
    json_tree_put(tree, network, "rtt",
                  rtt ? summary_latency_short(tree, rtt) : json_null());
}

struct peer_list {
    struct json_tree *tree;
    json_t *peers;
};

static void put_peer(void *ctx, const struct peer_view *from)
{
    const struct peer_list *list = ctx;
    json_t *peer = json_tree_object(list->tree);

    json_tree_put_text(list->tree, peer, "peer", from->peer ? from->peer : "other");
    json_tree_put_count(list->tree, peer, "requests", from->requests);
    json_tree_put_count(list->tree, peer, "connections", from->connections);
    json_tree_put_count(list->tree, peer, "failed", from->failed);
    json_tree_put_count(list->tree, peer, "retransmits", from->retransmits);
    json_tree_append(list->tree, list->peers, peer);
}

static void put_balance(struct json_tree *tree, json_t *network,
                        const struct recorder *recorder)
{
    const struct balance from = balance_of(recorder);
    json_t *balance = json_tree_put_object(tree, network, "balance");

    json_tree_put_count(tree, balance, "backends", from.backends);
    json_tree_put_text(tree, balance, "busiest", from.busiest ? from.busiest : "");
    json_tree_put_count(tree, balance, "most", from.most);
    json_tree_put_count(tree, balance, "least", from.least);
    json_tree_put_number(tree, balance, "most_share",
                         ratio((double)from.most, (double)from.requests), SHARE_DECIMALS);
    json_tree_put_bool(tree, balance, "uneven", from.uneven);
}

static void put_system(struct json_tree *tree, json_t *network,
                       const struct kernel_counters *counters)
{
    const struct kernel_counter *counter = NULL;
    json_t *system = NULL;

    if (!counters) {
        json_tree_put_null(tree, network, "system");
        return;
    }
    system = json_tree_put_object(tree, network, "system");
    for (size_t i = 0; (counter = kernel_counter_at(i)) != NULL; i++)
        json_tree_put_count(tree, system, counter->name,
                            kernel_counter_load(counter, counters));
}

void summary_put_network(struct json_tree *tree, json_t *summary,
                         const struct run_facts *facts)
{
    const struct recorder *recorder = facts->view->recorder;
    const struct series_view all = recorder_total(recorder, RECORDER_ALL);
    json_t *network = json_tree_put_object(tree, summary, "network");
    struct peer_list list = {.tree = tree, .peers = json_tree_array(tree)};

    put_connections(tree, network, &all);
    recorder_each_peer(recorder, put_peer, &list);
    json_tree_put(tree, network, "peers", list.peers);
    put_balance(tree, network, recorder);
    put_system(tree, network, facts->kernel);
}
