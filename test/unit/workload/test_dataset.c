#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/diag.h"
#include "paper.h"
#include "plan/plan.h"
#include "workload/conversation.h"
#include "workload/data.h"
#include "workload/dataset.h"
#include "workload/turn.h"

/* A dataset over a file of the test's, what came of loading it, and a user who asks from it. */
struct fixture {
    struct paper paper;
    struct plan_dataset plan_dataset;
    struct plan_phase phase;
    struct plan plan;
    struct diag_list *diags;
    struct data *data;
    struct buf said;

    struct conversation conversation;
    struct buf scratch;
    struct dataset_place place;
    struct turn_means means;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.said = BUF_INIT(65536), .scratch = BUF_INIT(65536)};
    fixture.plan_dataset = (struct plan_dataset){.name = "chats",
                                                 .format = PLAN_DATASET_SHAREGPT,
                                                 .order = PLAN_ORDER_SEQUENTIAL,
                                                 .file = "shop.yaml",
                                                 .line = 7,
                                                 .column = 3};
    fixture.phase =
        (struct plan_phase){.kind = PLAN_PHASE_SUSTAINED, .from_users = 1, .users = 1};
    fixture.plan = (struct plan){.seed = 42,
                                 .datasets = &fixture.plan_dataset,
                                 .dataset_count = 1,
                                 .phases = &fixture.phase,
                                 .phase_count = 1};
    fixture.means = (struct turn_means){
        .plan = &fixture.plan, .places = &fixture.place, .scratch = &fixture.scratch};
    conversation_init(&fixture.conversation, 1, 10000, 0);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    data_free(fixture->data);
    diag_list_free(fixture->diags);
    buf_deinit(&fixture->said);
    buf_deinit(&fixture->scratch);
    conversation_deinit(&fixture->conversation);
    paper_remove(&fixture->paper);
    return 0;
}

/* Loads a file of this text, in which ' stands for ". */
static int load(struct fixture *fixture, const char *text)
{
    char *json = strdup(text);
    int r;

    assert_non_null(json);
    for (char *at = json; (at = strchr(at, '\''));)
        *at = '"';
    paper_write(&fixture->paper, json, strlen(json));
    free(json);
    fixture->plan_dataset.path = fixture->paper.path;
    fixture->data = data_free(fixture->data);
    fixture->diags = diag_list_free(fixture->diags);
    assert_int_equal(diag_list_new(20, &fixture->diags), 0);
    r = data_load(&fixture->plan, fixture->diags, &fixture->data);
    fixture->means.data = fixture->data;
    buf_clear(&fixture->said);
    assert_int_equal(diag_print(fixture->diags, 0, &fixture->said), 0);
    return r;
}

static void append_message(struct buf *out, const struct message *message)
{
    buf_append_char(out, "suat"[message->role]);
    buf_append_char(out, message->is_json ? '*' : ':');
    buf_append(out, message->content, message->len);
    buf_append_char(out, ' ');
}

/* "u:one u:two (99); …", with the role before each message and the tokens behind a row. */
static const char *rows(struct fixture *fixture)
{
    const struct dataset *dataset = data_dataset(fixture->data, 0);

    buf_clear(&fixture->said);
    for (uint64_t row = 0; row < dataset->row_count; row++) {
        for (size_t i = 0; i < dataset_messages(dataset, row); i++) {
            const struct message message = dataset_message(dataset, row, i);

            append_message(&fixture->said, &message);
        }
        buf_printf(&fixture->said, "(%u); ", dataset->rows[row].output_tokens);
    }
    return buf_str(&fixture->said);
}

/* Asks the question of this index; all that the conversation holds then. */
static const char *ask(struct fixture *fixture, enum plan_conversation kind,
                       uint64_t index)
{
    const struct plan_chat chat = {.say = PLAN_SAY_DATASET, .conversation = kind};
    const struct turn_key key = {.seed = 42, .index = index};
    struct turn turn;

    if (kind == PLAN_CONVERSATION_NONE)
        conversation_reset(&fixture->conversation, 100 + index);
    assert_int_equal(
        turn_begin(&fixture->conversation, &chat, &key, &fixture->means, &turn), 0);
    buf_clear(&fixture->said);
    for (size_t i = 0; i < conversation_count(&fixture->conversation); i++) {
        const struct message message = conversation_at(&fixture->conversation, i);

        append_message(&fixture->said, &message);
    }
    return buf_str(&fixture->said);
}

static void answer(struct fixture *fixture)
{
    assert_int_equal(
        conversation_append_assistant_delta(&fixture->conversation, "yes", 3), 0);
}

static void expect_said(const struct fixture *fixture, const char *words)
{
    if (!strstr(buf_str(&fixture->said), words))
        fail_msg("'%s' is not in:\n%s", words, buf_str(&fixture->said));
}

static void of_recorded_conversations_what_people_said_is_kept(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, "\xEF\xBB\xBF [{'id':'x','conversations':["
                                   "{'from':'human','value':'one'},"
                                   "{'value':'un','from':'gpt'},"
                                   "{'from':'human','value':'tw\\u00f6'},"
                                   "{'from':'gpt','value':'deux'}]},\n"
                                   "{'conversations':["
                                   "{'from':'system','value':'brief'},"
                                   "{'from':'user','value':'a'},"
                                   "{'from':'chatgpt','value':'b'}]}]\n"),
                     0);
    assert_string_equal(rows(fixture), "u:one u:twö (0); s:brief u:a (0); ");
}

static void
conversations_that_no_person_begins_or_nobody_answers_are_left_out(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, "[{'conversations':[{'from':'gpt','value':'x'},"
                                   "{'from':'human','value':'y'}]},"
                                   "{'conversations':[{'from':'human','value':'alone'}]},"
                                   "{'conversations':[]},"
                                   "{'conversations':[{'from':'human','value':''},"
                                   "{'from':'gpt','value':'x'}]},"
                                   "{'conversations':[{'from':'human','value':'a'},"
                                   "{'from':'gpt','value':'b'}]}]"),
                     0);
    assert_string_equal(rows(fixture), "u:a (0); ");
    assert_int_equal(data_dataset(fixture->data, 0)->unfit, 4);
    assert_int_equal(data_skipped(fixture->data), 0);
}

static void recorded_conversations_may_stand_one_a_line(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, "{'conversations':[{'from':'human','value':'a'},"
                                   "{'from':'gpt','value':'b'}]}\n"
                                   "{'conversations':[{'from':'human','value':'c'},"
                                   "{'from':'gpt','value':'d'}]}\n"),
                     0);
    assert_string_equal(rows(fixture), "u:a (0); u:c (0); ");
}

static void mistakes_of_a_list_are_told_with_the_line_of_their_entry(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, "[\n{'conversations':[{'from':'human','value':'a'},\n"
                                   "{'from':'gpt','value':'b'}]},\n"
                                   "17,\n"
                                   "{'talks':[]},\n"
                                   "{'conversations':{'sesame':1}},\n"
                                   "{'conversations':[{'from':'human'}]},\n"
                                   "{'a':'\xFFsesame'}\n]"),
                     -EINVAL);
    expect_said(fixture, "rows:4: error: no JSON object");
    expect_said(fixture, "rows:5: error: no 'conversations'");
    expect_said(fixture, "rows:6: error: a conversation that is no list");
    expect_said(fixture, "rows:7: error: a conversation that is no list");
    expect_said(fixture, "rows:8: error: bytes that are not UTF-8");
    assert_null(strstr(buf_str(&fixture->said), "sesame"));
}

static void
a_list_that_breaks_off_is_refused_even_where_bad_rows_are_left_out(void **state)
{
    struct fixture *fixture = *state;

    fixture->plan_dataset.skip_bad_rows = true;
    assert_int_equal(load(fixture, "[17,\n{'conversations':[{'fr"), -EINVAL);
    expect_said(fixture, "rows:2: error: not well-formed JSON");
    assert_int_equal(load(fixture, "[17] more"), -EINVAL);
    expect_said(fixture, "rows:1: error: not well-formed JSON");
    assert_int_equal(load(fixture, "[17]"), -EINVAL);
    expect_said(fixture, "no rows");
}

static void lines_hold_prompts_or_messages_and_how_long_answers_are(void **state)
{
    struct fixture *fixture = *state;

    fixture->plan_dataset.format = PLAN_DATASET_JSONL;
    assert_int_equal(
        load(fixture, "{'prompt':'one','output_tokens': 99 }\n"
                      "{'output_tokens':5,'messages':[{'role':'developer','content':'s'},"
                      "{'role':'user','content':'u','name':'x'},"
                      "{'content':'a','role':'assistant'},"
                      "{'role':'user','content':[{'type':'text','text':'p'}]},"
                      "{'role':'assistant','content':'dropped'}]}\n"),
        0);
    assert_string_equal(
        rows(fixture),
        "u:one (99); s:s u:u a:a u*[{\"type\":\"text\",\"text\":\"p\"}] (5); ");
}

static void all_mistakes_of_lines_are_told(void **state)
{
    struct fixture *fixture = *state;

    fixture->plan_dataset.format = PLAN_DATASET_JSONL;
    assert_int_equal(load(fixture,
                          "{'prompt':'fine'}\n"
                          "{'prompt':7}\n"
                          "{'prompt':''}\n"
                          "{}\n"
                          "{'prompt':'a','messages':[{'role':'user','content':'b'}]}\n"
                          "{'messages':[{'role':'butler','content':'b'}]}\n"
                          "{'messages':[{'role':'user','content':null}]}\n"
                          "{'messages':[{'role':'assistant','content':'b'}]}\n"
                          "{'prompt':'a','output_tokens':1.5}\n"
                          "{'messages':[{'role':'user','content':'a'},"
                          "{'role':'system','content':'b'}]}\n"
                          "nonsense\n"),
                     -EINVAL);
    expect_said(fixture, "rows:2: error: a 'prompt' that is no text");
    expect_said(fixture, "rows:3: error: an empty 'prompt'");
    expect_said(fixture, "rows:4: error: neither 'prompt' nor 'messages'");
    expect_said(fixture, "rows:5: error: both 'prompt' and 'messages'");
    expect_said(fixture, "rows:6: error: a message whose 'role'");
    expect_said(fixture, "rows:7: error: a message whose 'content'");
    expect_said(fixture, "rows:8: error: messages without one of a user");
    expect_said(fixture, "rows:9: error: 'output_tokens'");
    expect_said(fixture, "rows:10: error: a system message that is not the first");
    expect_said(fixture, "rows:11: error: no JSON object");
    fixture->plan_dataset.skip_bad_rows = true;
    assert_int_equal(load(fixture, "{}\n{'prompt':'fine'}\n{'messages':[]}\n"), 0);
    assert_string_equal(rows(fixture), "u:fine (0); ");
    assert_int_equal(data_skipped(fixture->data), 2);
}

/* Two conversations, of two turns and of one. */
static void load_two_talks(struct fixture *fixture)
{
    assert_int_equal(load(fixture, "[{'conversations':["
                                   "{'from':'human','value':'a1'},"
                                   "{'from':'gpt','value':'b'},"
                                   "{'from':'human','value':'a2'},"
                                   "{'from':'gpt','value':'b'}]},"
                                   "{'conversations':["
                                   "{'from':'system','value':'s'},"
                                   "{'from':'human','value':'c1'},"
                                   "{'from':'gpt','value':'d'}]}]"),
                     0);
}

static void
a_kept_conversation_goes_through_a_row_turn_by_turn_and_then_another_begins(void **state)
{
    const enum plan_conversation keep = PLAN_CONVERSATION_KEEP;
    struct fixture *fixture = *state;
    uint64_t first_id;

    load_two_talks(fixture);
    first_id = fixture->conversation.id;
    assert_string_equal(ask(fixture, keep, 0), "u:a1 ");
    answer(fixture);
    assert_string_equal(ask(fixture, keep, 1), "u:a1 a:yes u:a2 ");
    answer(fixture);
    assert_string_equal(ask(fixture, keep, 2), "s:s u:c1 ");
    assert_true(fixture->conversation.id != first_id);
    answer(fixture);
    assert_string_equal(ask(fixture, keep, 3), "u:a1 ");
}

static void another_attempt_says_the_same_again(void **state)
{
    const enum plan_conversation keep = PLAN_CONVERSATION_KEEP;
    struct fixture *fixture = *state;

    load_two_talks(fixture);
    ask(fixture, keep, 0);
    answer(fixture);
    ask(fixture, keep, 1);
    conversation_drop_turn(&fixture->conversation); /* it failed */
    assert_string_equal(ask(fixture, keep, 1), "u:a1 a:yes u:a2 ");
    conversation_reset(&fixture->conversation, 77); /* it grew too long */
    assert_string_equal(ask(fixture, keep, 1), "u:a2 ");
}

static void a_new_conversation_takes_the_next_row(void **state)
{
    const enum plan_conversation keep = PLAN_CONVERSATION_KEEP;
    struct fixture *fixture = *state;

    load_two_talks(fixture);
    ask(fixture, keep, 0);
    conversation_reset(&fixture->conversation, 77);
    assert_string_equal(ask(fixture, keep, 1), "s:s u:c1 ");
}

static void alone_a_recorded_conversation_gives_its_first_turn(void **state)
{
    const enum plan_conversation alone = PLAN_CONVERSATION_NONE;
    struct fixture *fixture = *state;

    load_two_talks(fixture);
    assert_string_equal(ask(fixture, alone, 0), "u:a1 ");
    assert_string_equal(ask(fixture, alone, 1), "s:s u:c1 ");
    assert_string_equal(ask(fixture, alone, 2), "u:a1 ");
}

static void alone_a_line_of_messages_is_said_whole(void **state)
{
    struct fixture *fixture = *state;

    fixture->plan_dataset.format = PLAN_DATASET_JSONL;
    assert_int_equal(load(fixture, "{'messages':[{'role':'user','content':'a'},"
                                   "{'role':'assistant','content':'b'},"
                                   "{'role':'user','content':'c'}]}"),
                     0);
    assert_string_equal(ask(fixture, PLAN_CONVERSATION_NONE, 0), "u:a a:b u:c ");
    assert_int_equal(conversation_turns(&fixture->conversation), 1);
    conversation_reset(&fixture->conversation, 77);
    assert_string_equal(ask(fixture, PLAN_CONVERSATION_KEEP, 1), "u:a ");
    answer(fixture);
    assert_string_equal(ask(fixture, PLAN_CONVERSATION_KEEP, 2), "u:a a:yes u:c ");
}

/* As embeddings ask: several rows in one request, and the same again when it is tried again. */
static void a_batch_that_is_tried_again_has_the_same_rows(void **state)
{
    const enum plan_conversation alone = PLAN_CONVERSATION_NONE;
    struct fixture *fixture = *state;

    fixture->plan_dataset.format = PLAN_DATASET_JSONL;
    assert_int_equal(load(fixture, "{'prompt':'a'}\n{'prompt':'b'}\n"
                                   "{'prompt':'c'}\n{'prompt':'d'}\n"),
                     0);
    for (int attempt = 0; attempt < 2; attempt++) {
        assert_string_equal(ask(fixture, alone, 10), "u:a ");
        assert_string_equal(ask(fixture, alone, 11), "u:b ");
        assert_string_equal(ask(fixture, alone, 12), "u:c ");
    }
    assert_string_equal(ask(fixture, alone, 13), "u:d ");
}

static void who_has_no_unique_row_left_is_told_so(void **state)
{
    struct fixture *fixture = *state;
    const struct plan_chat chat = {.say = PLAN_SAY_DATASET};
    const struct turn_key key = {.index = 2};
    struct turn turn;

    fixture->plan_dataset.order = PLAN_ORDER_UNIQUE;
    load_two_talks(fixture);
    ask(fixture, PLAN_CONVERSATION_NONE, 0);
    ask(fixture, PLAN_CONVERSATION_NONE, 1);
    conversation_reset(&fixture->conversation, 77);
    assert_int_equal(
        turn_begin(&fixture->conversation, &chat, &key, &fixture->means, &turn),
        -ENODATA);
    assert_int_equal(conversation_count(&fixture->conversation), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(of_recorded_conversations_what_people_said_is_kept),
        TEST(conversations_that_no_person_begins_or_nobody_answers_are_left_out),
        TEST(recorded_conversations_may_stand_one_a_line),
        TEST(mistakes_of_a_list_are_told_with_the_line_of_their_entry),
        TEST(a_list_that_breaks_off_is_refused_even_where_bad_rows_are_left_out),
        TEST(lines_hold_prompts_or_messages_and_how_long_answers_are),
        TEST(all_mistakes_of_lines_are_told),
        TEST(a_kept_conversation_goes_through_a_row_turn_by_turn_and_then_another_begins),
        TEST(another_attempt_says_the_same_again),
        TEST(a_new_conversation_takes_the_next_row),
        TEST(alone_a_recorded_conversation_gives_its_first_turn),
        TEST(alone_a_line_of_messages_is_said_whole),
        TEST(a_batch_that_is_tried_again_has_the_same_rows),
        TEST(who_has_no_unique_row_left_is_told_so),
    };

    return cmocka_run_group_tests_name("dataset", tests, NULL, NULL);
}
