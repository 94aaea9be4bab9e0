#include "workload/turn.h"

#include <assert.h>
#include <errno.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "plan/program.h"
#include "workload/conversation.h"
#include "workload/prefix.h"
#include "workload/question.h"
#include "workload/saying.h"
#include "workload/uniqueness.h"

static const struct saying_way *const ways[] = {
    [PLAN_SAY_QUESTION] = &saying_question,   [PLAN_SAY_PROMPT] = &saying_prompt,
    [PLAN_SAY_MESSAGES] = &saying_messages,   [PLAN_SAY_DATASET] = &saying_dataset,
    [PLAN_SAY_SYNTHETIC] = &saying_synthetic, [PLAN_SAY_TRACE] = &saying_trace,
};

/* Questions that one of so many arrivals may ask. */
#define ASKED_BITS 20

struct saying_opener saying_opener(const struct turn_key *key)
{
    const uint64_t beyond = key->user >> QUESTION_USER_BITS;
    struct saying_opener opener = {.user = key->user, .index = key->index};

    if (beyond == 0)
        return opener;
    opener.user &= QUESTION_MAX_USERS - 1;
    opener.index =
        key->index >> ASKED_BITS ? UINT64_MAX : beyond << ASKED_BITS | key->index;
    return opener;
}

/* A user's text behind the prefix, of which there is one. */
static int append_behind_prefix(struct saying *saying, const struct message *message)
{
    struct buf *scratch = saying->means->scratch;
    struct message whole = *message;
    int r = buf_append(scratch, message->content, message->len);

    if (r < 0)
        return r;
    whole.content = scratch->bytes;
    whole.len = scratch->len;
    r = conversation_append_message(saying->conversation, &whole, !saying->is_begun);
    buf_clear(scratch);
    return r;
}

int saying_append(struct saying *saying, const struct message *message)
{
    int r;

    if (message->role == MESSAGE_SYSTEM)
        return conversation_count(saying->conversation) > 0
                   ? 0
                   : conversation_append_message(saying->conversation, message, false);
    if (saying->means->scratch->len > 0 && message->role == MESSAGE_USER &&
        !message->is_json)
        r = append_behind_prefix(saying, message);
    else
        r = conversation_append_message(saying->conversation, message, !saying->is_begun);
    saying->is_begun |= r == 0;
    return r;
}

/* One text, whatever makes it. */
static int write_text(struct saying *saying, const struct saying_way *way)
{
    struct buf *scratch = saying->means->scratch;
    int r = way->write(saying, scratch);

    if (r < 0)
        return r;
    r = conversation_append_user(saying->conversation, scratch->bytes, scratch->len);
    if (r == 0)
        saying->turn->hash = uniqueness_hash(scratch->bytes, scratch->len);
    return r;
}

static int append_messages(struct saying *saying, const struct saying_way *way)
{
    const int r = way->append(saying);

    if (r < 0 && saying->is_begun)
        conversation_drop_turn(saying->conversation);
    return r == 0 && !saying->is_begun ? -EINVAL : r;
}

/* Whether nothing was said before what is said now: of a batch, each text is for itself. */
static bool begins_anew(const struct saying *saying)
{
    return saying->chat->conversation == PLAN_CONVERSATION_NONE ||
           conversation_count(saying->conversation) == 0;
}

int turn_begin(struct conversation *conversation, const struct plan_chat *chat,
               const struct turn_key *key, const struct turn_means *means,
               struct turn *ret_turn)
{
    struct saying saying = {.conversation = conversation,
                            .chat = chat,
                            .key = key,
                            .means = means,
                            .turn = ret_turn};
    const struct saying_way *way;
    int r = 0;

    assert((size_t)chat->say < COUNT_OF(ways));
    way = ways[chat->say];
    *ret_turn = (struct turn){0};
    buf_clear(means->scratch);
    if (way->begin)
        r = way->begin(&saying);
    if (r == 0 && begins_anew(&saying))
        r = prefix_write(&chat->prefix, key, means->scratch);
    if (r < 0)
        return r;
    return way->write ? write_text(&saying, way) : append_messages(&saying, way);
}
