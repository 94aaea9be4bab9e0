#include "workload/conversation.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * A block grows by a sixteenth: a big conversation wastes at most 6% of its memory, and a byte
 * is moved at most 16 times on average. Small ones grow by a step that holds a usual message.
 */
#define GROWTH_SHARE 16
#define GROWTH_STEP_BYTES 256
#define GROWTH_STEP_MARKS 4

/* What a reset keeps: enough for a question and a short answer. */
#define KEPT_BYTES 4096

void conversation_init(struct conversation *conversation, uint64_t id, size_t max_bytes,
                       uint32_t window)
{
    assert(max_bytes <= UINT32_MAX);
    *conversation = (struct conversation){
        .id = id,
        .max_bytes = (uint32_t)max_bytes,
        .window = window,
    };
}

void conversation_deinit(struct conversation *conversation)
{
    free(conversation->bytes);
    free(conversation->marks);
    *conversation = (struct conversation){.max_bytes = conversation->max_bytes,
                                          .window = conversation->window};
}

void conversation_reset(struct conversation *conversation, uint64_t id)
{
    if (conversation->cap > KEPT_BYTES)
        conversation_deinit(conversation);
    conversation->id = id;
    conversation->len = 0;
    conversation->mark_count = 0;
    conversation->forgotten = 0;
}

static uint32_t grown(uint64_t need, uint32_t step, uint64_t most)
{
    const uint64_t share = need / GROWTH_SHARE;
    const uint64_t cap = need + (share > step ? share : step);

    return (uint32_t)(cap < most ? cap : most);
}

static int reserve_bytes(struct conversation *conversation, size_t extra)
{
    uint64_t need;
    uint32_t cap;
    char *bytes;

    if (extra > conversation->max_bytes - conversation->len)
        return -EMSGSIZE;

    need = (uint64_t)conversation->len + extra;
    if (need <= conversation->cap)
        return 0;

    cap = grown(need, GROWTH_STEP_BYTES, conversation->max_bytes);
    bytes = realloc(conversation->bytes, cap);
    if (!bytes)
        return -ENOMEM;
    conversation->bytes = bytes;
    conversation->cap = cap;
    return 0;
}

static int reserve_mark(struct conversation *conversation)
{
    uint32_t cap;
    struct conversation_mark *marks;

    if (conversation->mark_count < conversation->mark_cap)
        return 0;

    cap = grown((uint64_t)conversation->mark_count + 1, GROWTH_STEP_MARKS, UINT32_MAX);
    marks = realloc(conversation->marks, cap * sizeof(*marks));
    if (!marks)
        return -ENOMEM;
    conversation->marks = marks;
    conversation->mark_cap = cap;
    return 0;
}

/* Moves the end of the last message, so that it holds len more bytes. */
static void extend_last(struct conversation *conversation, const char *content,
                        size_t len)
{
    if (len > 0)
        memcpy(conversation->bytes + conversation->len, content, len);
    conversation->len += (uint32_t)len;
    conversation->marks[conversation->mark_count - 1].end = conversation->len;
}

static int append(struct conversation *conversation, const struct message *message,
                  bool begins_turn)
{
    int r = reserve_bytes(conversation, message->len);

    if (r == 0)
        r = reserve_mark(conversation);
    if (r < 0)
        return r;

    conversation->marks[conversation->mark_count++] =
        (struct conversation_mark){.end = conversation->len,
                                   .role = (uint8_t)message->role,
                                   .is_json = message->is_json,
                                   .begins_turn = begins_turn};
    extend_last(conversation, message->content, message->len);
    return 0;
}

static bool has_system(const struct conversation *conversation)
{
    return conversation->mark_count > 0 && conversation->marks[0].role == MESSAGE_SYSTEM;
}

static uint32_t start_of(const struct conversation *conversation, size_t index)
{
    return index == 0 ? 0 : conversation->marks[index - 1].end;
}

/* Forgets the messages first … first + count − 1 and closes the gap. */
static void forget(struct conversation *conversation, size_t first, size_t count)
{
    const uint32_t from = start_of(conversation, first);
    const uint32_t to = start_of(conversation, first + count);
    const size_t behind = conversation->mark_count - first - count;

    if (conversation->len > to)
        memmove(conversation->bytes + from, conversation->bytes + to,
                conversation->len - to);
    memmove(conversation->marks + first, conversation->marks + first + count,
            behind * sizeof(*conversation->marks));
    for (size_t i = first; i < first + behind; i++)
        conversation->marks[i].end -= to - from;
    conversation->len -= to - from;
    conversation->mark_count -= (uint32_t)count;
}

/*
 * Forgets the oldest turns beyond the window. Only when a new turn comes in: were it done when one
 * ends, then a turn that fails and is dropped would have cost one that was good.
 */
static void slide_window(struct conversation *conversation)
{
    const size_t first = has_system(conversation) ? 1 : 0;
    size_t over = conversation_turns(conversation);
    size_t next = first;

    if (conversation->window == 0 || over <= conversation->window)
        return;

    over -= conversation->window;
    conversation->forgotten += (uint32_t)over;
    while (next < conversation->mark_count) {
        if (conversation->marks[next].begins_turn && over-- == 0)
            break;
        next++;
    }
    forget(conversation, first, next - first);
}

int conversation_append_system(struct conversation *conversation, const char *content,
                               size_t len)
{
    assert(conversation->mark_count == 0);
    return append(
        conversation,
        &(struct message){.role = MESSAGE_SYSTEM, .content = content, .len = len}, false);
}

int conversation_append_user(struct conversation *conversation, const char *content,
                             size_t len)
{
    return conversation_append_message(
        conversation,
        &(struct message){.role = MESSAGE_USER, .content = content, .len = len}, true);
}

int conversation_append_message(struct conversation *conversation,
                                const struct message *message, bool begins_turn)
{
    if (begins_turn)
        slide_window(conversation);
    return append(conversation, message, begins_turn);
}

int conversation_append_assistant_delta(struct conversation *conversation,
                                        const char *delta, size_t len)
{
    int r;

    assert(conversation_turns(conversation) > 0);
    if (conversation->marks[conversation->mark_count - 1].role != MESSAGE_ASSISTANT)
        return append(
            conversation,
            &(struct message){.role = MESSAGE_ASSISTANT, .content = delta, .len = len},
            false);

    r = reserve_bytes(conversation, len);
    if (r < 0)
        return r;
    extend_last(conversation, delta, len);
    return 0;
}

void conversation_drop_turn(struct conversation *conversation)
{
    for (size_t i = conversation->mark_count; i-- > 0;) {
        if (!conversation->marks[i].begins_turn)
            continue;
        forget(conversation, i, conversation->mark_count - i);
        return;
    }
}

size_t conversation_count(const struct conversation *conversation)
{
    return conversation->mark_count;
}

struct message conversation_at(const struct conversation *conversation, size_t index)
{
    uint32_t start;

    assert(index < conversation->mark_count);
    start = start_of(conversation, index);
    return (struct message){
        .role = (enum message_role)conversation->marks[index].role,
        .is_json = conversation->marks[index].is_json,
        .content = conversation->bytes ? conversation->bytes + start : "",
        .len = conversation->marks[index].end - start,
    };
}

bool conversation_begins_turn(const struct conversation *conversation, size_t index)
{
    assert(index < conversation->mark_count);
    return conversation->marks[index].begins_turn;
}

size_t conversation_turns(const struct conversation *conversation)
{
    size_t turns = 0;

    for (size_t i = 0; i < conversation->mark_count; i++)
        turns += conversation->marks[i].begins_turn;
    return turns;
}

uint32_t conversation_turn(const struct conversation *conversation)
{
    return conversation->forgotten + (uint32_t)conversation_turns(conversation);
}

size_t conversation_bytes(const struct conversation *conversation)
{
    return conversation->len;
}

size_t conversation_memory_bytes(const struct conversation *conversation)
{
    return conversation->cap + conversation->mark_cap * sizeof(*conversation->marks);
}
