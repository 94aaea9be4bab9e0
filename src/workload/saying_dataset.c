#include <assert.h>

#include "plan/program.h"
#include "workload/conversation.h"
#include "workload/data.h"
#include "workload/dataset.h"
#include "workload/saying.h"

static const struct dataset *dataset_of(const struct saying *saying)
{
    return data_dataset(saying->means->data, saying->chat->dataset);
}

static struct dataset_place *place_of(const struct saying *saying)
{
    return &saying->means->places[saying->chat->dataset];
}

static bool is_kept(const struct saying *saying)
{
    return saying->chat->conversation == PLAN_CONVERSATION_KEEP;
}

/* How many of a row's messages are a user's: turns, where they are asked one after the other. */
static uint32_t count_turns(const struct dataset *dataset, uint64_t row)
{
    uint32_t turns = 0;

    for (size_t i = 0; i < dataset_messages(dataset, row); i++)
        turns += dataset_message(dataset, row, i).role == MESSAGE_USER;
    return turns;
}

/* Whether the row that this conversation is about has another turn. */
static bool goes_on(const struct saying *saying, const struct dataset_place *place)
{
    return is_kept(saying) && place->conversation == saying->conversation->id &&
           place->turn + 1 < count_turns(dataset_of(saying), place->row);
}

/* The next row; where this conversation was about another one, it begins anew. */
static int take_row(struct saying *saying, struct dataset_place *place)
{
    struct conversation *conversation = saying->conversation;
    uint64_t row;
    const int r =
        row_order_take(&dataset_of(saying)->order, saying->key->user, place->takes, &row);

    if (r < 0)
        return r;
    if (is_kept(saying) && place->takes > 0 && place->conversation == conversation->id)
        conversation_reset(conversation, conversation->id + 1);
    place->row = row;
    place->turn = 0;
    place->takes++;
    return 0;
}

/*
 * Another attempt says what the first one said: the index tells. Of a batch, rows were taken one for each
 * index, so that which one it was can be counted back.
 */
static int say_again(struct saying *saying, const struct dataset_place *place)
{
    const uint64_t back = place->index - saying->key->index;

    assert(back < place->takes);
    saying->person = place->turn;
    return row_order_take(&dataset_of(saying)->order, saying->key->user,
                          place->takes - 1 - back, &saying->row);
}

static int begin(struct saying *saying)
{
    struct dataset_place *place = place_of(saying);
    const uint64_t index = saying->key->index;
    int r = 0;

    if (place->takes > 0 && index <= place->index) {
        r = say_again(saying, place);
    } else {
        if (goes_on(saying, place))
            place->turn++;
        else
            r = take_row(saying, place);
        if (r < 0)
            return r;
        place->index = index;
        saying->row = place->row;
        saying->person = place->turn;
    }
    place->conversation = saying->conversation->id;
    return r;
}

/* All that is said before the last message of a user, and that. */
static int append_row(struct saying *saying, const struct dataset *dataset)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < dataset_messages(dataset, saying->row); i++) {
        const struct message message = dataset_message(dataset, saying->row, i);

        r = saying_append(saying, &message);
    }
    return r;
}

/* One message of a user, the first one behind what the system says. */
static int append_turn(struct saying *saying, const struct dataset *dataset)
{
    uint32_t person = 0;
    int r = 0;

    for (size_t i = 0; r == 0 && i < dataset_messages(dataset, saying->row); i++) {
        const struct message message = dataset_message(dataset, saying->row, i);

        if (message.role == MESSAGE_USER && person++ == saying->person)
            return saying_append(saying, &message);
        if (message.role == MESSAGE_SYSTEM)
            r = saying_append(saying, &message);
    }
    return r;
}

static int append(struct saying *saying)
{
    const struct dataset *dataset = dataset_of(saying);

    saying->turn->output_tokens = dataset->rows[saying->row].output_tokens;
    return dataset->is_whole && !is_kept(saying) ? append_row(saying, dataset)
                                                 : append_turn(saying, dataset);
}

const struct saying_way saying_dataset = {.begin = begin, .append = append};
