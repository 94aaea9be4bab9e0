#include "result/summary_stream.h"

#include <math.h>

#include "measure/recorder.h"
#include "measure/stream.h"
#include "result/facts.h"

#define RATIO_DECIMALS 3

static void put_ratio(struct json_tree *tree, json_t *object, const char *key,
                      uint64_t part, uint64_t whole)
{
    json_tree_put_number(tree, object, key,
                         whole > 0 ? (double)part / (double)whole : (double)NAN,
                         RATIO_DECIMALS);
}

void summary_put_stream(struct json_tree *tree, json_t *summary,
                        const struct run_facts *facts)
{
    const struct counters all = recorder_counters(facts->view->recorder, RECORDER_ALL);
    json_t *stream = json_tree_put_object(tree, summary, "stream");

    put_ratio(tree, stream, "tokens_per_chunk", all.stream_tokens, all.stream_chunks);
    put_ratio(tree, stream, "chunks_per_read", all.chunks, all.reads);
    json_tree_put_count(tree, stream, "judged_answers", all.judged_streams);
    json_tree_put_count(tree, stream, "bunched_answers", all.bunched_streams);
    json_tree_put_text(tree, stream, "verdict",
                       stream_verdict_name(stream_verdict_of(&all)));
}
