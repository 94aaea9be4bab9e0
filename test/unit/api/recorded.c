#include "recorded.h"

#include "api/reader.h"
#include "base/cleanup.h"

#define DATA(json) "data: " json "\n\n"
#define EVENT(type, rest) "event: " type "\ndata: {\"type\":\"" type "\"" rest "}\n\n"

#define CHAT(delta, finish)                                                              \
    DATA("{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,"    \
         "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":" delta                    \
         ",\"logprobs\":null,\"finish_reason\":" finish "}],\"usage\":null}")

static const char chat[] = CHAT("{\"role\":\"assistant\",\"content\":\"\"}", "null") CHAT(
    "{\"content\":\"Grüße\"}",
    "null") ": keep-alive\n\n" CHAT("{\"content\":\", \\\"Welt\\\"\"}",
                                    "null") CHAT("{}", "\"stop\"")
    DATA("{\"id\":\"chatcmpl-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,"
         "\"completion_tokens\":12,\"total_tokens\":21,\"prompt_tokens_details\":"
         "{\"cached_tokens\":4},\"completion_tokens_details\":{\"reasoning_tokens\":3}}}")
        DATA("[DONE]");

#define COMPLETION(text, finish)                                                         \
    DATA("{\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":1,"              \
         "\"choices\":[{\"text\":\"" text "\",\"index\":0,\"logprobs\":null,"            \
         "\"finish_reason\":" finish "}],\"model\":\"m\"}")

static const char completion[] = COMPLETION("Once", "null")
    COMPLETION(" upon\\na", "null") COMPLETION("", "\"length\"")
        DATA("{\"id\":\"cmpl-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":5,"
             "\"completion_tokens\":3,\"total_tokens\":8}}") DATA("[DONE]");

/* OpenAI API reference, "Streaming events" of responses, with a summary of what was thought. */
#define RESPONSE(status, usage)                                                          \
    ",\"response\":{\"id\":\"resp_1\",\"object\":\"response\",\"created_at\":1,"         \
    "\"status\":\"" status "\",\"error\":null,\"incomplete_details\":null,"              \
    "\"instructions\":null,\"model\":\"m\",\"output\":[],\"tools\":[],\"usage\":" usage  \
    ",\"metadata\":{}}"
#define TEXT_DELTA(number, text)                                                         \
    EVENT("response.output_text.delta",                                                  \
          ",\"sequence_number\":" number ",\"item_id\":\"msg_1\",\"output_index\":1,"    \
          "\"content_index\":0,\"delta\":\"" text                                        \
          "\",\"logprobs\":[],\"obfuscation\":\"x" number "\"")
#define RESPONSES_USAGE                                                                  \
    "{\"input_tokens\":36,\"input_tokens_details\":{\"cached_tokens\":16},"              \
    "\"output_tokens\":87,\"output_tokens_details\":{\"reasoning_tokens\":64},"          \
    "\"total_tokens\":123}"

static const char responses[] = EVENT(
    "response.created",
    ",\"sequence_number\":0" RESPONSE(
        "in_progress",
        "null")) EVENT("response.in_progress",
                       ",\"sequence_number\":1" RESPONSE(
                           "in_progress",
                           "null")) EVENT("response.output_item.added",
                                          ",\"sequence_number\":2,\"output_index\":0,"
                                          "\"item\":{\"id\":\"rs_1\","
                                          "\"type\":\"reasoning\",\"summary\":[]}")
    EVENT(
        "response.reasoning_summary_part.added",
        ",\"sequence_number\":3,\"item_id\":\"rs_1\",\"part\":{\"type\":\"summary_text\","
        "\"text\":\"\"}") EVENT("response.reasoning_summary_text.delta",
                                ",\"sequence_number\":4,\"item_id\":\"rs_1\",\"output_"
                                "index\":0,"
                                "\"summary_index\":0,\"delta\":\"**Greeting**\"")
        EVENT("response.reasoning_summary_text.done",
              ",\"sequence_number\":5,\"item_id\":\"rs_1\",\"text\":\"**Greeting**\"")
            EVENT("response.output_item.added",
                  ",\"sequence_number\":6,\"output_index\":1,\"item\":{\"id\":\"msg_1\","
                  "\"type\":\"message\",\"status\":\"in_progress\",\"content\":[]}")
                EVENT("response.content_part.added",
                      ",\"sequence_number\":7,\"item_id\":\"msg_1\",\"part\":{\"type\":"
                      "\"output_text\","
                      "\"text\":\"\"}") TEXT_DELTA("8", "Hi")
                    TEXT_DELTA("9", " th\\u00e9re") TEXT_DELTA("10", "!")
                        EVENT("response.output_text.done",
                              ",\"sequence_number\":11,\"item_id\":\"msg_1\",\"text\":"
                              "\"Hi thére!\"") EVENT("response.completed",
                                                     ",\"sequence_number\":12" RESPONSE(
                                                         "completed", RESPONSES_USAGE));

static const char responses_call[] =
    EVENT("response.created", ",\"sequence_number\":0" RESPONSE("in_progress", "null"))
        EVENT("response.output_item.added",
              ",\"sequence_number\":1,\"output_index\":0,\"item\":{\"id\":\"fc_1\","
              "\"type\":\"function_call\",\"status\":\"in_progress\",\"arguments\":\"\","
              "\"call_id\":\"call_1\",\"name\":\"get_weather\"}")
            EVENT("response.function_call_arguments.delta",
                  ",\"sequence_number\":2,\"item_id\":\"fc_1\",\"output_index\":0,"
                  "\"delta\":\"{\\\"city\\\":\"")
                EVENT("response.function_call_arguments.delta",
                      ",\"sequence_number\":3,\"item_id\":\"fc_1\",\"output_index\":0,"
                      "\"delta\":\"\\\"Paris\\\"}\"")
                    EVENT("response.incomplete", ",\"sequence_number\":4" RESPONSE(
                                                     "incomplete", RESPONSES_USAGE));

/* Anthropic, "Streaming messages": the examples with text, with a tool and with thinking in one. */
#define BLOCK_DELTA(index, delta)                                                        \
    EVENT("content_block_delta", ",\"index\":" index ",\"delta\":" delta)

static const char messages[] = EVENT(
    "message_start",
    ",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","
    "\"content\":[],\"model\":\"m\",\"stop_reason\":null,\"stop_sequence\":null,"
    "\"usage\":{\"input_tokens\":25,\"cache_creation_input_tokens\":7,"
    "\"cache_read_input_tokens\":10,\"output_tokens\":1}}")
    EVENT("content_block_start",
          ",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}")
        BLOCK_DELTA("0", "{\"type\":\"thinking_delta\",\"thinking\":\"Let me see\"}")
            BLOCK_DELTA("0",
                        "{\"type\":\"signature_delta\",\"signature\":\"EqQBCgIYAhIM\"}")
                EVENT("content_block_stop", ",\"index\":0") EVENT(
                    "content_block_start",
                    ",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\"}")
                    EVENT("ping", "") BLOCK_DELTA(
                        "1", "{\"type\":\"text_delta\",\"text\":\"Hello\"}")
                        BLOCK_DELTA(
                            "1", "{\"type\":\"text_delta\",\"text\":\" \\ud83d\\ude00\"}")
                            BLOCK_DELTA("1", "{\"type\":\"text_delta\",\"text\":\"!\"}")
                                EVENT("content_block_stop", ",\"index\":1") EVENT(
                                    "content_block_start",
                                    ",\"index\":2,\"content_block\":{\"type\":\"tool_"
                                    "use\",\"id\":\"toolu_1\","
                                    "\"name\":\"get_weather\",\"input\":{}}")
                                    BLOCK_DELTA("2", "{\"type\":\"input_json_delta\","
                                                     "\"partial_json\":\"\"}")
                                        BLOCK_DELTA("2",
                                                    "{\"type\":\"input_json_delta\","
                                                    "\"partial_json\":\"{\\\"a\\\":1}\"}")
                                            EVENT("content_block_stop", ",\"index\":2")
                                                EVENT(
                                                    "message_delta",
                                                    ",\"delta\":{\"stop_reason\":\"tool_"
                                                    "use\",\"stop_sequence\":null},"
                                                    "\"usage\":{\"output_tokens\":89}")
                                                    EVENT("message_stop", "");

/* MCP, "Transports": other messages may come before the response to the request, whose id is 7. */
static const char tool[] = DATA(
    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":"
    "{\"progressToken\":1,\"progress\":50}}")
    DATA("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\"}") DATA(
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"content\":[{\"type\":\"text\","
        "\"text\":\"72°F\"},{\"type\":\"image\",\"data\":\"aGk=\"},{\"type\":\"text\","
        "\"text\":\", cloudy\"}],\"isError\":false}}");

const struct recorded_stream recorded_streams[] = {
    {.name = "chat",
     .kind = PLAN_STEP_CHAT,
     .bytes = chat,
     .text = "Grüße, \"Welt\"",
     .finish = "stop",
     .outputs = 2,
     .output = API_OUTPUT_CONTENT,
     .prompt_tokens = 9,
     .cached_tokens = 4,
     .completion_tokens = 12,
     .reasoning_tokens = 3},
    {.name = "completion",
     .kind = PLAN_STEP_COMPLETION,
     .bytes = completion,
     .text = "Once upon\na",
     .finish = "length",
     .outputs = 2,
     .output = API_OUTPUT_CONTENT,
     .prompt_tokens = 5,
     .completion_tokens = 3},
    {.name = "responses",
     .kind = PLAN_STEP_RESPONSES,
     .bytes = responses,
     .text = "Hi thére!",
     .finish = "completed",
     .outputs = 4,
     .output = API_OUTPUT_CONTENT | API_OUTPUT_REASONING,
     .prompt_tokens = 36,
     .cached_tokens = 16,
     .completion_tokens = 87,
     .reasoning_tokens = 64},
    {.name = "responses with a call",
     .kind = PLAN_STEP_RESPONSES,
     .bytes = responses_call,
     .text = "",
     .finish = "incomplete",
     .outputs = 3,
     .output = API_OUTPUT_TOOL_CALL,
     .prompt_tokens = 36,
     .cached_tokens = 16,
     .completion_tokens = 87,
     .reasoning_tokens = 64},
    {.name = "messages",
     .api = PLAN_API_ANTHROPIC,
     .kind = PLAN_STEP_CHAT,
     .bytes = messages,
     .text = "Hello \U0001F600!",
     .finish = "tool_use",
     .outputs = 6,
     .output = API_OUTPUT_CONTENT | API_OUTPUT_REASONING | API_OUTPUT_TOOL_CALL,
     .prompt_tokens = 42,
     .cached_tokens = 10,
     .completion_tokens = 89},
    {.name = "mcp",
     .kind = PLAN_STEP_MCP,
     .bytes = tool,
     .text = "72°F, cloudy",
     .finish = "",
     .outputs = 1,
     .output = API_OUTPUT_CONTENT},
};
const size_t recorded_stream_count = COUNT_OF(recorded_streams);
