#include "result/summary_isolation.h"

#include <math.h>

#include "base/buf.h"
#include "base/clock.h"
#include "measure/isolation.h"
#include "result/facts.h"

#define MAX_SENTENCE_BYTES ((size_t)16384)

static double since_start_s(const struct run_facts *facts, uint64_t moment_ns)
{
    return moment_ns > 0
               ? (double)(moment_ns - facts->view->started_ns) / (double)NS_PER_S
               : (double)NAN;
}

static void put_stretch(struct json_tree *tree, json_t *part, const char *name,
                        const struct isolation_stretch *from)
{
    json_t *stretch = json_tree_put_object(tree, part, name);

    json_tree_put_count(tree, stretch, "requests", from->requests);
    json_tree_put_count(tree, stretch, "failed", from->failed);
    json_tree_put_number(
        tree, stretch, "mean_ms",
        from->answers > 0 ? from->sum_ms / (double)from->answers : (double)NAN, 3);
}

static void put_part(struct json_tree *tree, json_t *parts, const struct run_facts *facts,
                     const struct isolation_part *from)
{
    json_t *part = json_tree_put_object(tree, parts, from->organization);

    json_tree_put_count(tree, part, "throttled", from->throttled);
    json_tree_put_number(tree, part, "throttled_from_s",
                         since_start_s(facts, from->first_ns), 3);
    json_tree_put_money(tree, part, "cost", from->cost_pusd);
    if (from->budget_pusd > 0) {
        json_tree_put_money(tree, part, "budget", from->budget_pusd);
    } else {
        json_tree_put_null(tree, part, "budget_usd");
        json_tree_put_null(tree, part, "budget_pusd");
    }
    put_stretch(tree, part, "before", &from->times[ISOLATION_BEFORE]);
    put_stretch(tree, part, "after", &from->times[ISOLATION_AFTER]);
    json_tree_put_bool(tree, part, "leaked", from->leaked);
    json_tree_put_bool(tree, part, "fails_more", from->fails_more);
    json_tree_put_bool(tree, part, "slower", from->is_slower);
}

void summary_put_isolation(struct json_tree *tree, json_t *summary,
                           const struct run_facts *facts)
{
    struct buf sentence = BUF_INIT(MAX_SENTENCE_BYTES);
    struct isolation isolation;
    json_t *object = NULL;
    json_t *parts = NULL;

    isolation_of(facts->view->recorder, &isolation);
    if (!isolation.is_known) {
        json_tree_put_null(tree, summary, "isolation");
        return;
    }
    object = json_tree_put_object(tree, summary, "isolation");
    isolation_say(&isolation, facts->view->started_ns, &sentence);
    json_tree_put_text(tree, object, "sentence", buf_str(&sentence));
    json_tree_put_count(tree, object, "throttled", isolation.throttled);
    json_tree_put_count(tree, object, "harmed", isolation.harmed);
    json_tree_put_number(tree, object, "share", isolation.share, 6);
    parts = json_tree_put_object(tree, object, "by_org_id");
    for (size_t i = 0; i < isolation.count; i++)
        put_part(tree, parts, facts, &isolation.parts[i]);
    if (buf_error(&sentence) < 0)
        tree->error = buf_error(&sentence);
    buf_deinit(&sentence);
}
