#include "result/summary_timeline.h"

#include "base/clock.h"
#include "result/summary_metric.h"
#include "result/timeline.h"

#define DECIMALS 3

static double seconds_of(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

static json_t *point_of(struct json_tree *tree, const struct timeline_point *from)
{
    json_t *point = json_tree_object(tree);

    json_tree_put_number(tree, point, "start_s", seconds_of(from->start_ns), DECIMALS);
    json_tree_put_number(tree, point, "end_s", seconds_of(from->end_ns), DECIMALS);
    json_tree_put_count(tree, point, "users_wanted", from->users_wanted);
    json_tree_put_count(tree, point, "users_active", from->users_active);
    json_tree_put_number(tree, point, "in_flight", from->in_flight, DECIMALS);
    json_tree_put_count(tree, point, "requests", from->requests);
    json_tree_put_count(tree, point, "failed", from->failed);
    json_tree_put_count(tree, point, "completion_tokens", from->completion_tokens);
    summary_put_quantile(tree, point, "ttft_p50", from->ttft_p50);
    summary_put_quantile(tree, point, "ttft_p95", from->ttft_p95);
    summary_put_quantile(tree, point, "e2e_p50", from->e2e_p50);
    summary_put_quantile(tree, point, "e2e_p95", from->e2e_p95);
    return point;
}

void summary_put_timeline(struct json_tree *tree, json_t *summary,
                          const struct timeline *timeline)
{
    json_t *object = NULL;
    json_t *list = NULL;
    size_t count = 0;

    if (!timeline) {
        json_tree_put_null(tree, summary, "timeline");
        return;
    }
    const struct timeline_point *points = timeline_points(timeline, &count);

    object = json_tree_put_object(tree, summary, "timeline");
    json_tree_put_number(tree, object, "step_s", seconds_of(timeline_step_ns(timeline)),
                         DECIMALS);
    json_tree_put_bool(tree, object, "cut", timeline_is_cut(timeline));
    list = json_tree_array(tree);
    for (size_t i = 0; i < count; i++)
        json_tree_append(tree, list, point_of(tree, &points[i]));
    json_tree_put(tree, object, "points", list);
}
