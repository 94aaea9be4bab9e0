#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "scenario/making.h"

#define SETTING(setting_key, form_in_words, setting_help)                                \
    {ROW(setting_key, FIELD_NODE, struct simulator_form, setting),                       \
     .unit = (form_in_words), .help = (setting_help)}

#define OF_TIMES                                                                         \
    "`200ms`, `uniform(100ms,300ms)`, `gaussian(200ms,50ms)`, `exponential(200ms)`, "    \
    "`lognormal(200ms,0.5)` or `quantiles(100ms,200ms,900ms)`"
#define OF_COUNTS                                                                        \
    "`100`, `uniform(50,150)`, `gaussian(100,20)`, `exponential(100)`, "                 \
    "`lognormal(100,0.5)` or `quantiles(1,100,900)`"

#define OF_SHARES "a fraction, or one of a service or several: `[1%, web=5%]`"

/* The one that is a path. */
#define LIKE "like"

/* test_scenario_vocabulary compares the names with the simulator's own. */
static const struct field simulator_fields[] = {
    {ROW(LIKE, FIELD_NODE, struct simulator_form, setting), .flags = FIELD_PATH,
     .unit = "a results folder, or its summary.json",
     .help = "answers as what was measured there did; other settings go before it"},
    SETTING("models", "a list of names", "the models that exist; by default any"),
    SETTING("seed", "a whole number", "the same seed and requests give the same answers"),
    SETTING("ttft", OF_TIMES, "from the turn of a request to its first token"),
    SETTING("prefill", "a duration", "added to `ttft` for each token of the prompt"),
    SETTING("gap", OF_TIMES, "from one chunk to the next"),
    SETTING("tokens", OF_COUNTS, "of an answer, before max_tokens cuts it"),
    SETTING("reasoning_tokens", OF_COUNTS, "thought before the answer"),
    SETTING("tokens_per_chunk", "a number from 1", "that one event carries, on average"),
    SETTING("cached", "a fraction", "of the prompt that usage reports as cached"),
    SETTING(
        "preamble", "`head`, `role` or `none`",
        "what goes out when a request's turn has come: the head; the head and an event "
        "without content; or nothing before the first token"),
    SETTING("capacity", "a whole number or `unlimited`",
            "requests served at the same time; the others wait in order of arrival"),
    SETTING("queue", "a whole number or `unlimited`", "requests that may wait"),
    SETTING("queue_full_status", "a status", "the answer when the queue is full"),
    SETTING("embedding", OF_TIMES, "that embeddings take"),
    SETTING("rag_query", OF_TIMES, "that a question to the RAG stack takes"),
    SETTING("rag_index", OF_TIMES, "that indexing documents takes"),
    SETTING("vector_timeout_rate", "a fraction",
            "RAG requests whose vector store does not answer in time"),
    SETTING("vector_timeout", "a duration", "the time that the vector store is given"),
    SETTING("vector_timeout_status", "a status", "what such a request is answered"),
    SETTING("tool", OF_TIMES, "that a call of an MCP tool takes"),
    SETTING("tool_error_rate", "a fraction", "MCP tool calls whose result is an error"),
    SETTING("mcp_answer", "`json` or `stream`", "how MCP's answers come"),
    SETTING("web", OF_TIMES, "that a request of the web API takes"),
    SETTING("tenant_keys", "`optional` or `required`",
            "whether the models answer to keys of the tenant API alone"),
    SETTING("tenants", OF_TIMES, "that a request of the tenant API takes"),
    SETTING("price_prompt", "an amount of US dollars",
            "what an organization is charged for a million tokens of prompts"),
    SETTING("price_completion", "an amount of US dollars", "likewise, of completions"),
    SETTING("requests_per_minute", "a whole number or `unlimited`",
            "what one key may ask of the models; past it 429"),
    SETTING("tokens_per_minute", "a whole number or `unlimited`",
            "likewise, in tokens: the larger of the prompt and `max_tokens`"),
    SETTING("limits_per", "`key` or `organization`",
            "whose limits these are: each key's, or those of an organization's keys "
            "together"),
    SETTING("error_rate", OF_SHARES, "requests answered with an error status"),
    SETTING("error_status", "a status or a list, also with weights: `[503=3, 429=1]`",
            "those statuses"),
    SETTING("retry_after", "a duration", "told with 429 and 503"),
    SETTING("reset_rate", OF_SHARES, "answers broken off with a reset"),
    SETTING("truncate_rate", OF_SHARES, "answers that end in the middle"),
    SETTING("stall_rate", OF_SHARES, "answers that stop for `stall_for`"),
    SETTING("stall_for", "a duration or `forever`", "how long they stop"),
    SETTING("malformed_rate", OF_SHARES, "streams with an event whose JSON is cut short"),
    SETTING("stream_error_rate", OF_SHARES, "streams ended by an event with an error"),
    SETTING("drip_rate", OF_SHARES, "answers that leave byte by byte"),
    SETTING("drip_bytes_per_s", "a whole number",
            "how fast they leave; 0: a byte each `gap`"),
    SETTING("late_rate", OF_SHARES, "answers that come later than they would"),
    SETTING("late_by", OF_TIMES, "how much later"),
    SETTING("no_finish_rate", OF_SHARES, "whole answers without a finish reason"),
    SETTING("no_done_rate", OF_SHARES, "whole streams without `[DONE]`"),
    SETTING("after_done_rate", OF_SHARES, "whole streams with an event behind `[DONE]`"),
    SETTING("wrong_usage_rate", OF_SHARES, "whole answers whose usage does not add up"),
    SETTING("crossed_rate", OF_SHARES, "answers to the request before, under its ids"),
    SETTING("mixed_rate", OF_SHARES,
            "streams that take over the id of the request before"),
    SETTING("fault_after", OF_COUNTS, "chunks before one of these faults strikes"),
    SETTING("outage", "`30s..45s`, `30s..45s every 2m`, `rag=30s..45s` or a list",
            "times since the start in which it is down"),
    SETTING("outage_status", "a status or `reset`", "what a request meets then"),
    SETTING("ground_truth", "a file", "log of what was written and when"),
};

const struct field_table simulator_table = {
    TABLE_OF(
        "simulator", simulator_fields, struct simulator_form,
        "How the built-in simulator behaves, where a target is `simulator`. Without, it "
        "behaves like\na small model on one GPU. The defaults are those of `throng "
        "simulate --help`."),
    .example = "simulator: {ttft: \"lognormal(250ms,0.4)\", gap: 15ms, capacity: 64}\n"};

/* The words of a setting: a list is joined by commas. Returns 0, or -EINVAL for a map. */
static int join(const struct config_node *node, struct buf *out)
{
    if (node->kind == CONFIG_SCALAR)
        return buf_append_str(out, node->text);
    if (node->kind != CONFIG_LIST || node->count == 0)
        return -EINVAL;
    for (size_t i = 0; i < node->count; i++) {
        if (node->items[i]->kind != CONFIG_SCALAR)
            return -EINVAL;
        if (i > 0)
            buf_append_char(out, ',');
        buf_append_str(out, node->items[i]->text);
    }
    return buf_error(out);
}

/* The path as it is opened: from the file that names it. */
static int make_path(struct making *making, const struct config_node *node,
                     const char **ret_path)
{
    struct buf path = BUF_INIT(4096);
    int r = config_beside(node, &path);

    if (r == -EMSGSIZE)
        r = MAKING_REFUSE(making, node, NULL, "a path of more than 4096 bytes");
    else if (r == 0)
        r = making_copy(making, buf_str(&path), ret_path);
    buf_deinit(&path);
    return r;
}

static int make_setting(struct making *making, const struct config_entry *entry,
                        struct plan_setting *setting)
{
    struct buf value = BUF_INIT(65536);
    int r = join(entry->value, &value);

    if (r == -EINVAL)
        r = MAKING_REFUSE(making, entry->value, "write a single value, or a list of them",
                          "%s: %s where a single value should be", entry->key->written,
                          config_kind_name(entry->value->kind));
    else if (r == 0 && strcmp(entry->key->text, LIKE) == 0)
        r = make_path(making, entry->value, &setting->value);
    else if (r == 0)
        r = making_copy(making, buf_str(&value), &setting->value);
    buf_deinit(&value);
    return r < 0 ? r : making_copy(making, entry->key->text, &setting->key);
}

int make_simulator(struct making *making)
{
    const struct config_node *node = making->form->simulator.form.node;
    const size_t count = node && node->kind == CONFIG_MAP ? node->count : 0;
    struct plan_setting *settings = making_array(making, count, sizeof(*settings));
    int r = settings ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < count; i++)
        r = make_setting(making, &node->entries[i], &settings[i]);
    if (r < 0)
        return r;
    making->plan->simulator = settings;
    making->plan->simulator_count = count;
    return 0;
}
