#include "result/summary_cost.h"

#include <math.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "measure/recorder.h"
#include "measure/spending.h"
#include "plan/plan.h"
#include "result/facts.h"

#define TOKENS_DECIMALS 3
#define PRICE_DECIMALS 6

/* Money as two members, both null where it is not known. */
static void put_unit(struct json_tree *tree, json_t *object, const char *name,
                     struct unit_cost cost)
{
    struct buf key = BUF_INIT(64);

    if (cost.known) {
        json_tree_put_money(tree, object, name, cost.pusd);
        return;
    }
    buf_printf(&key, "%s_usd", name);
    json_tree_put_null(tree, object, buf_str(&key));
    buf_clear(&key);
    buf_printf(&key, "%s_pusd", name);
    json_tree_put_null(tree, object, buf_str(&key));
    if (buf_error(&key) < 0)
        tree->error = buf_error(&key);
    buf_deinit(&key);
}

static void put_spending(struct json_tree *tree, json_t *object,
                         const struct counters *counters)
{
    const struct spending spending = spending_of(counters);

    json_tree_put_money(tree, object, "total", spending.total_pusd);
    put_unit(tree, object, "per_million_tokens", spending.per_million_tokens);
    put_unit(tree, object, "per_million_output_tokens",
             spending.per_million_output_tokens);
    put_unit(tree, object, "per_generation_second", spending.per_generation_second);
    put_unit(tree, object, "per_ok_request", spending.per_ok_request);
    json_tree_put_number(tree, object, "output_tokens_per_usd",
                         spending.output_tokens_per_usd, TOKENS_DECIMALS);
}

/* How fast money buys tokens: the rate of the load over what the load cost. */
static void put_speed(struct json_tree *tree, json_t *cost, const struct counters *all,
                      const struct run_facts *facts)
{
    const double seconds = run_span_s(run_facts_load(facts));

    json_tree_put_number(tree, cost, "output_tokens_per_second_per_usd",
                         seconds > 0 ? spending_of(all).output_tokens_per_usd / seconds
                                     : (double)NAN,
                         TOKENS_DECIMALS);
}

static void put_users(struct json_tree *tree, json_t *cost,
                      const struct recorder *recorder)
{
    struct spending_users from;
    json_t *users = json_tree_put_object(tree, cost, "users");
    json_t *dearest = json_tree_array(tree);

    spending_of_users(recorder, &from);
    json_tree_put_count(tree, users, "count", from.count);
    put_unit(tree, users, "mean", from.mean);
    for (size_t i = 0; i < from.dearest_count; i++) {
        const struct user_view *who = &from.dearest[i];
        json_t *user = json_tree_object(tree);

        json_tree_put_count(tree, user, "user", who->ordinal);
        json_tree_put_money(tree, user, "cost", who->cost_pusd);
        json_tree_put_count(tree, user, "questions", who->questions);
        json_tree_put_count(tree, user, "prompt_tokens", who->prompt_tokens);
        json_tree_put_count(tree, user, "completion_tokens", who->completion_tokens);
        json_tree_append(tree, dearest, user);
    }
    json_tree_put(tree, users, "dearest", dearest);
}

/* Those who pay, or what is paid for. */
struct division {
    struct json_tree *tree;
    json_t *parts;
};

static void put_part(void *ctx, const struct series_view *series)
{
    const struct division *division = ctx;

    put_spending(division->tree,
                 json_tree_put_object(division->tree, division->parts, series->value),
                 series->counters);
}

/* cost.by_<key>. */
static void put_division(struct json_tree *tree, json_t *cost,
                         const struct recorder *recorder, const char *key,
                         const char *name)
{
    struct division division = {.tree = tree,
                                .parts = json_tree_put_object(tree, cost, name)};

    recorder_each_count(recorder, RECORDER_ALL, key, put_part, &division);
}

static double per_million_usd(int64_t pusd)
{
    return (double)pusd * 1e6 / (double)PUSD_PER_USD;
}

/* What the scenario says that a million tokens of each model cost. */
static void put_prices(struct json_tree *tree, json_t *cost, const struct plan *plan)
{
    json_t *prices = json_tree_put_object(tree, cost, "prices");

    for (size_t i = 0; i < plan->model_count; i++) {
        const struct plan_model *model = &plan->models[i];
        json_t *price;

        if (!model->priced)
            continue;
        price = json_tree_put_object(tree, prices, model->name);
        json_tree_put_number(tree, price, "prompt_usd",
                             per_million_usd(model->prompt_pusd), PRICE_DECIMALS);
        json_tree_put_number(tree, price, "cached_usd",
                             per_million_usd(model->cached_pusd), PRICE_DECIMALS);
        json_tree_put_number(tree, price, "completion_usd",
                             per_million_usd(model->completion_pusd), PRICE_DECIMALS);
        json_tree_put_number(tree, price, "reasoning_usd",
                             per_million_usd(model->reasoning_pusd), PRICE_DECIMALS);
    }
}

void summary_put_cost(struct json_tree *tree, json_t *summary,
                      const struct run_facts *facts)
{
    const struct recorder *recorder = facts->view->recorder;
    const struct counters all = recorder_counters(recorder, RECORDER_ALL);
    json_t *cost = NULL;

    if (!spending_is_known(facts->view->plan)) {
        json_tree_put_null(tree, summary, "cost");
        return;
    }
    cost = json_tree_put_object(tree, summary, "cost");
    put_spending(tree, cost, &all);
    put_speed(tree, cost, &all, facts);
    put_users(tree, cost, recorder);
    put_prices(tree, cost, facts->view->plan);
    put_division(tree, cost, recorder, "model", "by_model");
    put_division(tree, cost, recorder, "org_id", "by_org_id");
}
