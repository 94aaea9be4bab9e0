#include "result/summary_users.h"

#include "base/buf.h"
#include "measure/user_ranking.h"
#include "result/facts.h"
#include "result/summary_metric.h"

#define MAX_NAME_BYTES 1024

static void put_latency(struct json_tree *tree, json_t *user,
                        const struct ranked_user *ranked)
{
    json_t *latency = json_tree_put_object(tree, user, "latency");

    json_tree_put_text(tree, latency, "unit", "ms");
    summary_put_quantile(tree, latency, "p50", ranked->p50);
    summary_put_quantile(tree, latency, "p95", ranked->p95);
    summary_put_quantile(tree, latency, "max", ranked->max);
}

static json_t *user_of(struct json_tree *tree, const struct run_facts *facts,
                       const struct ranked_user *ranked)
{
    const struct user_view *from = &ranked->user;
    json_t *user = json_tree_object(tree);

    json_tree_put_count(tree, user, "ordinal", from->ordinal);
    json_tree_put_text(tree, user, "org_id",
                       run_facts_organization(facts, from->ordinal));
    json_tree_put_count(tree, user, "requests", from->requests);
    json_tree_put_count(tree, user, "questions", from->questions);
    json_tree_put_count(tree, user, "failed", from->failed);
    json_tree_put_count(tree, user, "prompt_tokens", from->prompt_tokens);
    json_tree_put_count(tree, user, "completion_tokens", from->completion_tokens);
    json_tree_put_money(tree, user, "cost", from->cost_pusd);
    put_latency(tree, user, ranked);
    return user;
}

/* Those of a list into by.user_id, and their names into an array. */
static json_t *put_list(struct json_tree *tree, json_t *by, const struct run_facts *facts,
                        const struct ranked_user *list, size_t count)
{
    json_t *names = json_tree_array(tree);

    for (size_t i = 0; i < count; i++) {
        struct buf name = BUF_INIT(MAX_NAME_BYTES);

        run_facts_user(facts, list[i].user.ordinal, &name);
        json_tree_append(tree, names, json_string(buf_str(&name)));
        json_tree_put(tree, by, buf_str(&name), user_of(tree, facts, &list[i]));
        if (buf_error(&name) < 0)
            tree->error = buf_error(&name);
        buf_deinit(&name);
    }
    return names;
}

void summary_put_users(struct json_tree *tree, json_t *summary,
                       const struct run_facts *facts)
{
    json_t *users = json_tree_put_object(tree, summary, "users");
    json_t *by = json_tree_put_object(tree, json_object_get(summary, "by"), "user_id");
    struct user_ranking ranking;

    user_ranking_of(facts->view->recorder, &ranking);
    json_tree_put_count(tree, users, "count", ranking.count);
    json_tree_put_count(tree, users, "failed", ranking.failed);
    json_tree_put(tree, users, "failing",
                  put_list(tree, by, facts, ranking.failing, ranking.failing_count));
    json_tree_put(tree, users, "slowest",
                  put_list(tree, by, facts, ranking.slowest, ranking.slowest_count));
}
