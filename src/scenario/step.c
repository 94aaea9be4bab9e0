#include "scenario/step_form.h"

static const struct field stop_fields[] = {
    {ROW("iteration", FIELD_TEXT, struct stop_form, iteration),
     .flags = FIELD_ALTERNATIVE | FIELD_BARE, .unit = "a reason, or nothing",
     .help = "the rest of this time through the flow: the next begins"},
    {ROW("user", FIELD_TEXT, struct stop_form, user),
     .flags = FIELD_ALTERNATIVE | FIELD_BARE, .unit = "a reason, or nothing",
     .help = "the person goes, and somebody else takes their place"},
    {ROW("run", FIELD_TEXT, struct stop_form, run),
     .flags = FIELD_ALTERNATIVE | FIELD_BARE, .unit = "a reason, or nothing",
     .help = "the run, gracefully, as by a limit"},
    {ROW("failed", FIELD_BOOL, struct stop_form, failed), .preset = "false",
     .help = "of `run`: the run has failed (exit code 110)"},
};

static const struct field_table stop_table = {
    TABLE_OF("stop", stop_fields, struct stop_form, "What a step ends."),
    .alternatives = "stop",
    .example = "- if: .last.status == 402\n"
               "  steps:\n"
               "    - stop: {run: nothing left to pay with, failed: true}\n"
               "- stop: iteration\n"};

static const struct field branch_fields[] = {
    {ROW("weight", FIELD_COUNT, struct branch_form, weight), .max = "1000000",
     .preset = "1", .help = "how often it is picked, in proportion to the others"},
    {ROW("steps", FIELD_LIST, struct branch_form, steps), .table = &step_table,
     .flags = FIELD_REQUIRED, .help = "what is done then"},
};

static const struct field_table branch_table = {
    TABLE_OF("branch", branch_fields, struct branch_form,
             "One of the branches of a `pick`."),
    .example = "- pick:\n"
               "    - {weight: 7, steps: [{chat: {model: gpt-4o}}]}\n"
               "    - {weight: 3, steps: [{http: GET /v1/models}]}\n"};

static const struct field step_fields[] = {
    {ROW("chat", FIELD_MAP, struct step_form, chat), .flags = FIELD_ALTERNATIVE,
     .table = &chat_table, .help = "asks a model and reads its answer"},
    {ROW("http", FIELD_MAP, struct step_form, http), .flags = FIELD_ALTERNATIVE,
     .table = &http_table, .help = "sends any HTTP request"},
    {ROW("completion", FIELD_MAP, struct step_form, completion),
     .flags = FIELD_ALTERNATIVE, .table = &completion_table,
     .help = "has a model go on with a text"},
    {ROW("responses", FIELD_MAP, struct step_form, responses), .flags = FIELD_ALTERNATIVE,
     .table = &responses_table, .help = "asks a model by way of the Responses API"},
    {ROW("embeddings", FIELD_MAP, struct step_form, embeddings),
     .flags = FIELD_ALTERNATIVE, .table = &embeddings_table,
     .help = "has texts turned into vectors"},
    {ROW("mcp", FIELD_MAP, struct step_form, mcp), .flags = FIELD_ALTERNATIVE,
     .table = &mcp_table, .help = "calls a tool of an MCP server"},
    {ROW("replay", FIELD_MAP, struct step_form, replay), .flags = FIELD_ALTERNATIVE,
     .table = &replay_table,
     .help = "sends what the trace holds at this place: of a load that is a `replay`"},
    {ROW("think", FIELD_MAP, struct step_form, think), .flags = FIELD_ALTERNATIVE,
     .table = &pause_table,
     .help = "pauses: alone for the class's `think_time`, or with a pause of its own"},
    {ROW("repeat", FIELD_COUNT, struct step_form, repeat), .flags = FIELD_ALTERNATIVE,
     .unit = "times", .min = "1", .max = "1000000000",
     .help =
         "does the `steps` beside it so often; each time a new conversation would begin "
         "after the last round"},
    {ROW("pick", FIELD_LIST, struct step_form, pick), .flags = FIELD_ALTERNATIVE,
     .table = &branch_table, .help = "does one of several branches, drawn by weight"},
    {ROW("group", FIELD_TEXT, struct step_form, group), .flags = FIELD_ALTERNATIVE,
     .help = "does the `steps` beside it, and has a duration of its own "
             "(`group_duration`); the label `group` of what is in it is its path"},
    {ROW("if", FIELD_TEXT, struct step_form, condition), .flags = FIELD_ALTERNATIVE,
     .unit = "jq",
     .help = "does the `steps` beside it where that holds over `{vars, user, org, last, "
             "round}`, and else those of `else`"},
    {ROW("set", FIELD_NODE, struct step_form, set),
     .flags = FIELD_ALTERNATIVE | FIELD_KEY, .unit = "a map of names to anything",
     .help = "gives variables of the user a value: texts may be templates, `{jq: …}` is "
             "a query over the same, `{secret: text}` is starred out, `null` forgets"},
    {ROW("use", FIELD_TEXT, struct step_form, use), .flags = FIELD_ALTERNATIVE,
     .unit = "a name under `flows`", .help = "does the steps of a flow"},
    {ROW("feed", FIELD_TEXT, struct step_form, feed), .flags = FIELD_ALTERNATIVE,
     .unit = "a name under `data`", .help = "takes the feeder's next row"},
    {ROW("stop", FIELD_MAP, struct step_form, stop), .flags = FIELD_ALTERNATIVE,
     .table = &stop_table, .help = "ends something early"},
    {ROW("when", FIELD_TEXT, struct step_form, when), .unit = "jq",
     .help = "beside any step: it is done only where that holds, as of `if`"},
    {ROW("steps", FIELD_LIST, struct step_form, steps), .table = &step_table,
     .help = "of `repeat`, `group` and `if`: what is done"},
    {ROW("else", FIELD_LIST, struct step_form, else_steps), .table = &step_table,
     .help = "of `if`: what is done where it does not hold"},
    {ROW("while", FIELD_TEXT, struct step_form, loop_condition), .unit = "jq",
     .help =
         "of `repeat`: ends it where that does not hold, looked at before each round"},
    {ROW("with", FIELD_NODE, struct step_form, with), .flags = FIELD_KEY,
     .unit = "a map of names to anything",
     .help = "of `use`: variables that are set before, as `set` does"},
    {ROW("name", FIELD_TEXT, struct step_form, name),
     .help = "what its figures are called; by default its kind, or method and path"},
    {ROW("target", FIELD_TEXT, struct step_form, target),
     .help = "the target that it goes to, where it is not that of the model or class"},
    {ROW("expect", FIELD_MAP, struct step_form, expect), .table = &expect_table,
     .help = "what counts as success"},
    {ROW("check", FIELD_KEYED, struct step_form, checks), .table = &check_table,
     .flags = FIELD_SELF_NAMED, .help = "what is looked at in the answer, and counted"},
    {ROW("extract", FIELD_KEYED, struct step_form, extracts), .table = &extract_table,
     .help = "what is taken from the answer into variables"},
    {ROW("record", FIELD_PAIRS, struct step_form, record),
     .help = "what it adds to metrics: `true` adds 1, all else is jq over `{duration_ms, "
             "ttft_ms, ttfb_ms, tpot_ms, status, failed, degraded, outcome, attempts, "
             "prompt_tokens, completion_tokens, cost_usd, checks_failed, json, headers, "
             "text, vars, step}`; of a group over `{duration_ms, failed, vars}`"},
    {ROW("headers", FIELD_PAIRS, struct step_form, headers), .flags = FIELD_GUARDED,
     .help = "sent along, over those of class and target"},
    {ROW("tags", FIELD_PAIRS, struct step_form, tags), .help = "labels of its figures"},
    {ROW("timeout", FIELD_DURATION, struct step_form, timeout_ns), .min = "1ms",
     .max = "24h", .help = "for the request as a whole, instead of the target's"},
    {ROW("auth", FIELD_TEXT, struct step_form, auth), .flags = FIELD_KEY,
     .help = "bearer token in place of the target's key, as `{{ vars.token }}`; `none`: "
             "no key is sent"},
    MANNERS_ROWS(struct step_form),
    {.key = "websocket",
     .type = FIELD_REFUSED,
     .help =
         "throng speaks HTTP and does not speak WebSocket; test such a server with k6"},
    {.key = "grpc",
     .type = FIELD_REFUSED,
     .help =
         "throng speaks HTTP and JSON and does not speak gRPC; test such a server with "
         "ghz"},
};

const struct field_table step_table = {
    TABLE_OF("step", step_fields, struct step_form,
             "What a person does: one thing after the other."),
    .alternatives = "step",
    .example = "flow:\n"
               "  - group: morning\n"
               "    steps:\n"
               "      - http: GET /v1/models\n"
               "        name: list_models\n"
               "        extract: {model: '.data[0].id'}\n"
               "      - set: {asked: 0}\n"
               "      - repeat: 10\n"
               "        while: .vars.asked < 3\n"
               "        steps:\n"
               "          - chat: {model: gpt-4o, question: mixed, conversation: keep}\n"
               "            check: {is long: .text | length > 20}\n"
               "          - set: {asked: {jq: .vars.asked + 1}}\n"
               "          - think: 2s..5s\n"
               "  - if: .last.failed\n"
               "    steps: [{stop: user}]\n"
               "    else: [{http: GET /health}]\n"
               "  - http: DELETE /v1/files/{{ vars.file }}\n"
               "    when: .vars.file != null\n"};
