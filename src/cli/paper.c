#include "cli/paper.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/dialect.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json_scan.h"
#include "engine/virtual_world.h"
#include "net/transport.h"
#include "plan/plan.h"

#define MAX_ANSWER_BYTES ((size_t)16 << 20)
#define MAX_EVENTS 3

/* How an API says a text: what stands before it and behind it. */
struct form {
    const char *before;
    const char *behind;
};

/* How it answers: in one piece, or with one delta and the events that end a stream. */
struct manner {
    struct form whole;
    struct form delta;
    const char *ends[MAX_EVENTS - 1];
};

/* What is asked, as far as answers differ in it. */
struct question {
    const struct manner *manner;
    bool streams;
    uint64_t number; /* texts to embed, or the id of an MCP call */
    struct dry_answer wanted;
};

struct paper_answer {
    struct paper_answer *next;
    struct question question;
    char *text; /* owned */
    struct virtual_event events[MAX_EVENTS];
    size_t event_count;
};

static const struct manner chat = {
    .whole = {"{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
              "\"content\":\"",
              "\"},\"finish_reason\":\"stop\"}]}"},
    .delta = {"{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"", "\"}}]}"},
    .ends = {"{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}",
             "[DONE]"},
};

static const struct manner completion = {
    .whole = {"{\"choices\":[{\"index\":0,\"text\":\"",
              "\",\"finish_reason\":\"stop\"}]}"},
    .delta = {"{\"choices\":[{\"index\":0,\"text\":\"", "\"}]}"},
    .ends = {"{\"choices\":[{\"index\":0,\"text\":\"\",\"finish_reason\":\"stop\"}]}",
             "[DONE]"},
};

static const struct manner responses = {
    .whole = {"{\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":["
              "{\"type\":\"output_text\",\"text\":\"",
              "\"}]}]}"},
    .delta = {"{\"type\":\"response.output_text.delta\",\"delta\":\"", "\"}"},
    .ends = {"{\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}"},
};

static const struct manner messages = {
    .whole = {"{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"",
              "\"}],\"stop_reason\":\"end_turn\"}"},
    .delta = {"{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\","
              "\"text\":\"",
              "\"}}"},
    .ends = {"{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}",
             "{\"type\":\"message_stop\"}"},
};

/* Of these the number decides what stands before. */
static const struct manner embeddings = {.whole = {NULL, "]}"}};
static const struct manner call = {.whole = {NULL, "\"}]}}"}};

/* The session that a server of MCP begins. */
static const struct transfer_header session = {"Mcp-Session-Id", "{{session}}"};

/* Plain http: whatever is there. */
static const struct manner plain = {.whole = {"{\"answer\":\"", "\"}"}};

static const struct manner *const manners[][PLAN_STEP_THINK + 1] = {
    [PLAN_API_OPENAI] = {[PLAN_STEP_CHAT] = &chat,
                         [PLAN_STEP_COMPLETION] = &completion,
                         [PLAN_STEP_RESPONSES] = &responses,
                         [PLAN_STEP_EMBEDDINGS] = &embeddings,
                         [PLAN_STEP_MCP] = &call},
    [PLAN_API_ANTHROPIC] = {[PLAN_STEP_CHAT] = &messages, [PLAN_STEP_MCP] = &call},
};

/* Whether a URL is the one of a path behind the prefix of the target's API. */
static bool is_at(const char *url, const struct plan_target *target, const char *path)
{
    const char *const parts[] = {target->origin, target->api_prefix, path};

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        const size_t len = strlen(parts[i]);

        if (strncmp(url, parts[i], len) != 0)
            return false;
        url += len;
    }
    return *url == '\0';
}

const struct api_dialect *paper_dialect(const struct plan *plan,
                                        const struct transfer_request *request)
{
    static const char call_head[] = "{\"jsonrpc\":";
    const struct plan_target *target = &plan->targets[request->target];

    for (int kind = 0; kind <= PLAN_STEP_THINK; kind++) {
        const struct api_dialect *dialect =
            api_dialect_of(target->api, (enum plan_step_kind)kind);

        if (dialect && dialect->path && is_at(request->url, target, dialect->path))
            return dialect;
    }
    if (request->body_len >= sizeof(call_head) &&
        memcmp(request->body, call_head, sizeof(call_head) - 1) == 0)
        return api_dialect_of(target->api, PLAN_STEP_MCP);
    return NULL;
}

static const struct manner *manner_of(enum plan_api api,
                                      const struct api_dialect *dialect)
{
    for (int kind = 0; dialect && kind <= PLAN_STEP_THINK; kind++)
        if (api_dialect_of(api, (enum plan_step_kind)kind) == dialect)
            return manners[api][kind];
    return &plain;
}

/* How many values a list has; 1 of what is no list. */
static uint64_t count_values(struct json_scan list)
{
    uint64_t count = 0;

    if (!list.at || json_scan_peek(&list) != '[')
        return 1;
    for (bool more = json_scan_enter(&list, '['); more;
         more = json_scan_next(&list, ']')) {
        json_scan_skip(&list);
        count++;
    }
    return count;
}

static struct question read_question(const struct plan *plan,
                                     const struct transfer_request *request,
                                     const struct dry_answer *wanted)
{
    static const char *const keys[] = {"stream", "input", "id"};
    struct json_scan values[COUNT_OF(keys)] = {{0}};
    struct question question = {.manner = manner_of(plan->targets[request->target].api,
                                                    paper_dialect(plan, request)),
                                .wanted = *wanted};

    if (question.manner == &plain)
        return question;
    struct json_scan scan = json_scan_begin(request->body, request->body_len);

    json_scan_members(&scan, keys, COUNT_OF(keys), values);
    question.streams = question.manner->delta.before && values[0].at &&
                       json_scan_peek(&values[0]) == 't';
    if (question.manner == &embeddings)
        question.number = count_values(values[1]);
    if (question.manner == &call)
        question.number = json_scan_amount(&values[2]);
    return question;
}

/* "{{answer}}", or as many words as make so many bytes. */
static void append_words(struct buf *text, size_t bytes)
{
    static const char word[] = "word ";

    if (bytes == 0)
        buf_append_str(text, "{{answer}}");
    for (size_t i = 0; i < bytes; i++)
        buf_append_char(text, word[i % (sizeof(word) - 1)]);
}

static void append_text(struct buf *text, const struct question *question)
{
    const struct form *form =
        question->streams ? &question->manner->delta : &question->manner->whole;

    if (question->manner == &embeddings) {
        buf_append_str(text, "{\"data\":[");
        for (uint64_t i = 0; i < question->number; i++)
            buf_printf(text, "%s{\"embedding\":[0.5,0.5]}", i > 0 ? "," : "");
    } else if (question->manner == &call) {
        buf_printf(text,
                   "{\"jsonrpc\":\"2.0\",\"id\":%" PRIu64
                   ",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"",
                   question->number);
        append_words(text, question->wanted.answer_bytes);
    } else {
        buf_append_str(text, form->before);
        append_words(text, question->wanted.answer_bytes);
    }
    buf_append_str(text, form->behind);
}

static struct paper_answer *answer_new(const struct question *question)
{
    struct paper_answer *answer = calloc(1, sizeof(*answer));
    struct buf text = BUF_INIT(MAX_ANSWER_BYTES);

    if (!answer)
        return NULL;
    append_text(&text, question);
    if (buf_error(&text) < 0) {
        buf_deinit(&text);
        free(answer);
        return NULL;
    }
    answer->question = *question;
    answer->text = buf_take(&text);
    answer->events[answer->event_count++] = (struct virtual_event){
        .delay_ns = question->wanted.first_token_ns +
                    (question->streams ? 0 : question->wanted.rest_ns),
        .data = answer->text};
    for (size_t i = 0; question->streams && i < COUNT_OF(question->manner->ends); i++)
        if (question->manner->ends[i])
            answer->events[answer->event_count++] =
                (struct virtual_event){.delay_ns = i == 0 ? question->wanted.rest_ns : 0,
                                       .data = question->manner->ends[i]};
    return answer;
}

static bool is_alike(const struct question *one, const struct question *other)
{
    return one->manner == other->manner && one->streams == other->streams &&
           one->number == other->number &&
           one->wanted.first_token_ns == other->wanted.first_token_ns &&
           one->wanted.rest_ns == other->wanted.rest_ns &&
           one->wanted.answer_bytes == other->wanted.answer_bytes;
}

void paper_answer(struct paper *paper, const struct plan *plan,
                  const struct transfer_request *request, const struct dry_answer *wanted,
                  struct virtual_answer *ret_answer)
{
    const struct question question = read_question(plan, request, wanted);
    struct paper_answer *answer = paper->answers;

    while (answer && !is_alike(&answer->question, &question))
        answer = answer->next;
    if (!answer) {
        answer = answer_new(&question);
        if (!answer)
            return;
        answer->next = paper->answers;
        paper->answers = answer;
    }
    ret_answer->content_type =
        question.streams ? "text/event-stream" : "application/json";
    if (question.manner == &call) {
        ret_answer->headers = &session;
        ret_answer->header_count = 1;
    }
    ret_answer->events = answer->events;
    ret_answer->event_count = answer->event_count;
}

void paper_deinit(struct paper *paper)
{
    while (paper->answers) {
        struct paper_answer *next = paper->answers->next;

        free(paper->answers->text);
        free(paper->answers);
        paper->answers = next;
    }
}
