#include "plan/program.h"
#include "scenario/step_form.h"

const char *const question_words[] = {
    "historical", "mathematical", "geographical", "hypothetical", "technical", "mixed",
    NULL};

static const char *const conversation_words[] = {
    [PLAN_CONVERSATION_NONE] = "none", [PLAN_CONVERSATION_KEEP] = "keep", NULL};

static const char *const role_words[] = {"system", "user", "assistant", "tool", NULL};

static const struct field message_fields[] = {
    {ROW("role", FIELD_CHOICE, struct message_form, role), .words = role_words,
     .preset = "user", .help = "who says it"},
    {ROW("content", FIELD_NODE, struct message_form, content),
     .unit = "a text, or a list of parts", .flags = FIELD_REQUIRED,
     .help =
         "what is said; a part is a text, `{image: FILE}` (PNG, JPEG, GIF, WebP), or a "
         "map that is sent as it is"},
};

static const struct field_table message_table = {
    TABLE_OF("message", message_fields, struct message_form,
             "A message of a chat, as the scenario words it."),
    .example = "- chat:\n"
               "    model: gpt-4o\n"
               "    messages:\n"
               "      - {role: system, content: You are brief.}\n"
               "      - {role: user, content: \"Hello, I am {{ user.name }}\"}\n"};

/* Rows that several kinds share: what is said, to whom, how it is answered, what is sent along. */
#define MODEL_ROW                                                                        \
    {ROW("model", FIELD_TEXT, struct chat_form, model),                                  \
     .help = "by default the class's `model`, else the only one under `models`"}
#define SYSTEM_ROW                                                                       \
    {ROW("system", FIELD_TEXT, struct chat_form, system),                                \
     .help = "the system message; none by default"}
#define SAYING_ROWS                                                                      \
    {ROW("question", FIELD_TEXT, struct chat_form, question), .words = question_words,   \
     .unit = "or a name under `questions`", .preset = "mixed",                           \
     .help = "what is asked: the strategy that makes up the questions, each of them "    \
             "unique; or the scenario's own"},                                           \
        {ROW("prompt", FIELD_TEXT, struct chat_form, prompt),                            \
         .help = "instead of `question`: this text"},                                    \
        {ROW("dataset", FIELD_TEXT, struct chat_form, dataset),                          \
         .unit = "a name under `datasets`",                                              \
         .help = "instead of `question`: its next row"},                                 \
        {ROW("synthetic", FIELD_MAP, struct chat_form, synthetic),                       \
         .table = &synthetic_table, .help = "instead of `question`: words to a length"}, \
        {ROW("prefix", FIELD_MAP, struct chat_form, prefix), .table = &prefix_table,     \
         .help = "a beginning that prompts share, to test prefix caches"}
#define CONVERSATION_ROWS                                                                \
    {ROW("conversation", FIELD_CHOICE, struct chat_form, conversation),                  \
     .words = conversation_words, .preset = "none",                                      \
     .help = "`keep`: what was said before is sent along, until the innermost `repeat` " \
             "ends, or else the flow"},                                                  \
        {ROW("window", FIELD_COUNT, struct chat_form, window), .unit = "turns",          \
         .max = "100000", .preset = "0",                                                 \
         .help = "how many turns before this one are sent along; 0: all"}
#define LENGTH_ROW                                                                       \
    {ROW("max_tokens", FIELD_COUNT, struct chat_form, max_tokens), .unit = "tokens",     \
     .min = "1", .max = "10000000",                                                      \
     .help = "longest answer; not sent by default (but 1024 to `api: anthropic`, which " \
             "wants one). A cost limit is exact only with it"}
#define STREAM_ROW                                                                       \
    {ROW("stream", FIELD_BOOL, struct chat_form, stream), .preset = "true",              \
     .help = "whether the answer is streamed"}
#define USAGE_ROW                                                                        \
    {ROW("include_usage", FIELD_BOOL, struct chat_form, include_usage),                  \
     .preset = "true",                                                                   \
     .help = "ask for token counts at the end of a stream "                              \
             "(`stream_options.include_usage`)"}
#define SAMPLING_ROWS                                                                    \
    {ROW("temperature", FIELD_NUMBER, struct chat_form, temperature), .min = "0",        \
     .max = "2", .help = "not sent by default"},                                         \
        {ROW("top_p", FIELD_NUMBER, struct chat_form, top_p), .min = "0", .max = "1",    \
         .help = "not sent by default"}
#define DECODING_ROWS                                                                    \
    {ROW("seed", FIELD_COUNT, struct chat_form, seed),                                   \
     .help = "of the server's draws; not sent by default"},                              \
        {ROW("stop", FIELD_NODE, struct chat_form, stop), .unit = "a text or a list",    \
         .help = "where the answer ends; not sent by default"}
#define TOOL_ROWS                                                                        \
    {ROW("tools", FIELD_NODE, struct chat_form, tools), .unit = "a list",                \
     .help = "sent as it is"},                                                           \
        {ROW("tool_choice", FIELD_NODE, struct chat_form, tool_choice),                  \
         .unit = "a text or a map", .help = "sent as it is"}
#define EXTRA_ROW                                                                        \
    {ROW("extra_body", FIELD_NODE, struct chat_form, extra_body), .unit = "a map",       \
     .help = "merged into the request last, as JSON with templates in its strings"}

static const struct field chat_fields[] = {
    MODEL_ROW,
    SYSTEM_ROW,
    SAYING_ROWS,
    {ROW("messages", FIELD_LIST, struct chat_form, messages), .table = &message_table,
     .help = "instead of `question`: these messages, one after the other"},
    LENGTH_ROW,
    {ROW("max_completion_tokens", FIELD_COUNT, struct chat_form, max_completion_tokens),
     .unit = "tokens", .min = "1", .max = "10000000",
     .help = "the same for models that reason, which refuse `max_tokens`"},
    CONVERSATION_ROWS,
    STREAM_ROW,
    USAGE_ROW,
    SAMPLING_ROWS,
    DECODING_ROWS,
    TOOL_ROWS,
    {ROW("response_format", FIELD_NODE, struct chat_form, response_format),
     .unit = "a map", .help = "sent as it is"},
    EXTRA_ROW,
};

const struct field_table chat_table = {
    TABLE_OF("chat", chat_fields, struct chat_form,
             "One turn with a model: a question is sent, the answer is read to its end. "
             "For a target of\n`api: anthropic` it becomes a request of that API."),
    .example = "- chat: {model: gpt-4o, question: historical, max_tokens: 200, "
               "conversation: keep}\n"
               "- chat: {model: gpt-4o, prompt: \"Sum up order {{ vars.order }}\", stop: "
               "[END]}\n"};

static const struct field completion_fields[] = {
    MODEL_ROW, SAYING_ROWS,   LENGTH_ROW,    STREAM_ROW,
    USAGE_ROW, SAMPLING_ROWS, DECODING_ROWS, EXTRA_ROW,
};

const struct field_table completion_table = {
    TABLE_OF("completion", completion_fields, struct chat_form,
             "A text that a model goes on with (`POST /v1/completions`)."),
    .example =
        "- completion: {model: gpt-4o, prompt: Once upon a time, max_tokens: 50}\n"};

static const struct field responses_fields[] = {
    MODEL_ROW,  SYSTEM_ROW,    SAYING_ROWS, LENGTH_ROW, CONVERSATION_ROWS,
    STREAM_ROW, SAMPLING_ROWS, TOOL_ROWS,   EXTRA_ROW,
};

const struct field_table responses_table = {
    TABLE_OF("responses", responses_fields, struct chat_form,
             "One turn by way of `POST /v1/responses`; `system` is sent as its "
             "`instructions`, `max_tokens` as\n`max_output_tokens`."),
    .example = "- responses: {model: gpt-4o, question: technical, conversation: keep}\n"};

static const struct field embeddings_fields[] = {
    MODEL_ROW,
    SAYING_ROWS,
    {ROW("batch", FIELD_COUNT, struct chat_form, batch), .unit = "texts", .min = "1",
     .max = "10000", .preset = "1", .help = "how many are sent in one request"},
    EXTRA_ROW,
};

const struct field_table embeddings_table = {
    TABLE_OF("embeddings", embeddings_fields, struct chat_form,
             "Texts that become vectors (`POST /v1/embeddings`)."),
    .example = "- embeddings: {model: text-embedding-3-small, batch: 8}\n"};
