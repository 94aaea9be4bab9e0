#include "scenario/form.h"

static const struct field expect_fields[] = {
    {ROW("status", FIELD_LIST, struct expect_form, status), .element = FIELD_COUNT,
     .min = "100", .max = "599",
     .help = "the statuses that are success; by default every 2xx"},
    {ROW("degraded", FIELD_LIST, struct expect_form, degraded), .element = FIELD_COUNT,
     .min = "100", .max = "599",
     .help = "the statuses that are success, but counted as `degraded` too"},
};

static const struct field_table expect_table = {
    TABLE_OF("expect", expect_fields, struct expect_form,
             "What counts as success. Everything else is a failed request."),
    .short_key = "status"};

static const struct field branch_fields[] = {
    {ROW("weight", FIELD_COUNT, struct branch_form, weight), .max = "1000000",
     .preset = "1", .help = "how often it is picked, in proportion to the others"},
    {ROW("steps", FIELD_LIST, struct branch_form, steps), .table = &step_table,
     .flags = FIELD_REQUIRED, .help = "what is done then"},
};

static const struct field_table branch_table = {TABLE_OF(
    "branch", branch_fields, struct branch_form, "One of the branches of a `pick`.")};

static const struct field step_fields[] = {
    {ROW("chat", FIELD_MAP, struct step_form, chat), .flags = FIELD_ALTERNATIVE,
     .table = &chat_table, .help = "asks a model and reads its answer"},
    {ROW("http", FIELD_MAP, struct step_form, http), .flags = FIELD_ALTERNATIVE,
     .table = &http_table, .help = "sends any HTTP request"},
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
    {ROW("steps", FIELD_LIST, struct step_form, steps), .table = &step_table,
     .help = "of `repeat`: what is done again and again"},
    {ROW("name", FIELD_TEXT, struct step_form, name),
     .help = "what its figures are called; by default its kind, or method and path"},
    {ROW("target", FIELD_TEXT, struct step_form, target),
     .help = "the target that it goes to, where it is not that of the model or class"},
    {ROW("expect", FIELD_MAP, struct step_form, expect), .table = &expect_table,
     .help = "what counts as success"},
    {ROW("headers", FIELD_PAIRS, struct step_form, headers), .flags = FIELD_GUARDED,
     .help = "sent along, over those of class and target"},
    {ROW("tags", FIELD_PAIRS, struct step_form, tags), .help = "labels of its figures"},
    {ROW("timeout", FIELD_DURATION, struct step_form, timeout_ns), .min = "1ms",
     .max = "24h", .help = "for the request as a whole, instead of the target's"},
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
               "  - repeat: 10\n"
               "    steps:\n"
               "      - chat: {question: mixed, conversation: keep}\n"
               "      - think\n"
               "  - http: GET /v1/models\n"
               "    name: list_models\n"};
