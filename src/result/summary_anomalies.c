#include "result/summary_anomalies.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "measure/anomaly.h"
#include "result/facts.h"

#define SECONDS_DECIMALS 3
#define VALUE_DECIMALS 6
#define MAX_SENTENCE_BYTES 400

#define ROOM (ANOMALIES_MAX + ANOMALY_SIGNALS)

static int sooner_first(const void *a, const void *b)
{
    const struct anomaly *one = a;
    const struct anomaly *other = b;

    if (one->start_ns != other->start_ns)
        return one->start_ns < other->start_ns ? -1 : 1;
    return (int)one->signal - (int)other->signal;
}

static double seconds_of(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

static json_t *anomaly_json(struct json_tree *tree, const struct anomaly *from)
{
    json_t *anomaly = json_tree_object(tree);
    struct buf sentence = BUF_INIT(MAX_SENTENCE_BYTES);

    json_tree_put_number(tree, anomaly, "start_s", seconds_of(from->start_ns),
                         SECONDS_DECIMALS);
    json_tree_put_number(tree, anomaly, "end_s", seconds_of(from->end_ns),
                         SECONDS_DECIMALS);
    json_tree_put_text(tree, anomaly, "kind",
                       anomaly_kind_name(anomaly_signal_kind(from->signal)));
    json_tree_put_text(tree, anomaly, "metric", anomaly_signal_name(from->signal));
    json_tree_put_number(tree, anomaly, "value", from->value, VALUE_DECIMALS);
    json_tree_put_number(tree, anomaly, "expected", from->expected, VALUE_DECIMALS);
    buf_printf(&sentence, "From %.0f s to %.0f s ", seconds_of(from->start_ns),
               seconds_of(from->end_ns));
    anomaly_say(from, &sentence);
    buf_append_char(&sentence, '.');
    json_tree_put_text(tree, anomaly, "sentence", buf_str(&sentence));
    if (buf_error(&sentence) < 0)
        tree->error = buf_error(&sentence);
    buf_deinit(&sentence);
    return anomaly;
}

void summary_put_anomalies(struct json_tree *tree, json_t *summary,
                           const struct run_facts *facts)
{
    const struct anomaly_view *view = &facts->anomalies;
    json_t *list = json_tree_array(tree);
    struct anomaly all[ROOM];
    size_t count = view->ended_count;

    if (count > 0)
        memcpy(all, view->ended, count * sizeof(all[0]));
    for (size_t i = 0; i < view->active_count; i++)
        all[count++] = view->active[i];
    qsort(all, count, sizeof(all[0]), sooner_first);
    for (size_t i = 0; i < count; i++)
        json_tree_append(tree, list, anomaly_json(tree, &all[i]));
    json_tree_put(tree, summary, "anomalies", list);
}
