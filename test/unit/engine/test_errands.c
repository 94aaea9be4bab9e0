/*
 * Errands that somebody gives: how many at once, in whose name, and what is told of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/secret.h"
#include "engine/errand.h"
#include "engine/variables.h"
#include "plan/roster.h"
#include "words.h"

#define ERRANDS 6

static const struct roster_user people[ERRANDS] = {
    {.org_name = "a", .index = 1}, {.org_name = "b", .index = 2},
    {.org_name = "c", .index = 3}, {.org_name = "d", .index = 4},
    {.org_name = "e", .index = 5}, {.org_name = "f", .index = 6},
};

struct play {
    struct words words; /* first: the server's ctx */
    struct errand_giver giver;
    struct plan_instruction instructions[2];
    struct plan_extract extract;
    size_t given;
    size_t given_most;
    size_t waits_for; /* no other is given before so many are over */
    size_t over;
    size_t failed;
    size_t cut;
    size_t uncertain;
    uint64_t longest_ns;
    size_t in_flight;
    size_t in_flight_most;
    char found[100];
    char problem[200];
};

static bool next(void *ctx, struct errand *ret_errand)
{
    struct play *play = ctx;

    if (play->given == play->given_most ||
        (play->given > 0 && play->over < play->waits_for))
        return false;
    *ret_errand = (struct errand){.program = &play->words.programs[1],
                                  .who = &people[play->given],
                                  .number = play->given};
    play->given++;
    play->in_flight++;
    if (play->in_flight > play->in_flight_most)
        play->in_flight_most = play->in_flight;
    return true;
}

static void over(void *ctx, const struct errand *errand,
                 const struct errand_result *result)
{
    struct play *play = ctx;
    struct variable value;

    assert_ptr_equal(errand->who, &people[errand->number]);
    play->in_flight--;
    play->over++;
    play->failed += result->failed;
    play->cut += result->is_cut;
    play->uncertain += result->was_uncertain;
    if (result->duration_ns > play->longest_ns)
        play->longest_ns = result->duration_ns;
    if (variables_get(result->found, play->extract.variable, &value))
        (void)snprintf(play->found + strlen(play->found),
                       sizeof(play->found) - strlen(play->found), "%s ", value.text);
    (void)snprintf(play->problem, sizeof(play->problem), "%s", result->problem);
}

/* Answers after 100 ms with what was asked for. */
static void echo(struct words *words, const struct virtual_request *request,
                 struct virtual_answer *ret_answer)
{
    static char bodies[WORDS_REQUESTS][64];
    static struct virtual_event events[WORDS_REQUESTS];
    const uint64_t at = request->serial % WORDS_REQUESTS;

    (void)words;
    (void)snprintf(bodies[at], sizeof(bodies[at]), "{\"id\":\"%.40s\"}",
                   strrchr(request->request->url, '/') + 1);
    events[at] = (struct virtual_event){.data = bodies[at]};
    ret_answer->content_type = "application/json";
    ret_answer->headers_ns = MS(100);
    ret_answer->events = &events[at];
    ret_answer->event_count = 1;
}

static void begin(struct play *play, uint64_t at_once)
{
    struct words *words = &play->words;

    *play = (struct play){.given_most = ERRANDS};
    words_init(words);
    words->answer = echo;
    words_step(words, 0, "GET /work");
    words_do(words, PLAN_OP_REQUEST, 0, 0);
    words_do(words, PLAN_OP_END, 0, 0);
    words_step(words, 1, "POST /orgs/{{ org.name }}/{{ user.index }}");
    words->steps[1].unmeasured = true;
    play->extract = (struct plan_extract){.variable = words_variable(words, "id"),
                                          .query = words_query(words, ".id")};
    words->steps[1].extracts = &play->extract;
    words->steps[1].extract_count = 1;
    play->instructions[0] = (struct plan_instruction){.op = PLAN_OP_REQUEST, .a = 1};
    play->instructions[1] = (struct plan_instruction){.op = PLAN_OP_END};
    words->programs[1] =
        (struct plan_program){.instructions = play->instructions, .instruction_count = 2};
    words->stage.plan.program_count = 2;
    words->stage.classes[0].setup = PLAN_NONE;
    words->stage.classes[0].teardown = PLAN_NONE;
    words->stage.engine_stage = ENGINE_MAKE;
    words->stage.plan.platform.bootstrap_timeout_ns = S(30);
    play->giver = (struct errand_giver){.ctx = play, .next = next, .over = over};
    words->stage.giver = &play->giver;
    words->stage.errands_at_once = at_once;
}

static void so_many_go_on_at_once_each_in_its_name(void **state)
{
    struct play play;

    (void)state;
    begin(&play, 2);
    words_play(&play.words, S(100));
    assert_int_equal(play.over, ERRANDS);
    assert_int_equal(play.in_flight_most, 2);
    assert_int_equal(play.failed + play.cut + play.uncertain, 0);
    assert_string_equal(play.found, "1 2 3 4 5 6 ");
    words_assert_heard(&play.words, 0, "POST /orgs/a/1");
    words_assert_heard(&play.words, 5, "POST /orgs/f/6");
    assert_int_equal(play.words.heard[5].sent_ns - play.words.heard[0].sent_ns, MS(200));
    assert_int_equal(play.longest_ns, MS(100));
    assert_int_equal(play.words.stage.done_ns, MS(300));
    assert_int_equal(engine_view(play.words.stage.engine)->stop_reason, STOP_COMPLETED);
    assert_null(engine_problem(play.words.stage.engine));
    words_free(&play.words);
}

static void what_waits_for_others_is_asked_for_again(void **state)
{
    struct play play;

    (void)state;
    begin(&play, 4);
    play.waits_for = 1;
    words_play(&play.words, S(100));
    assert_int_equal(play.over, ERRANDS);
    assert_int_equal(play.words.heard[1].sent_ns - play.words.heard[0].sent_ns, MS(100));
    assert_int_equal(play.in_flight_most, 4);
    assert_int_equal(play.words.stage.done_ns, MS(300));
    words_free(&play.words);
}

static void refuse(struct words *words, const struct virtual_request *request,
                   struct virtual_answer *ret_answer)
{
    (void)request;
    words_say(words, ret_answer,
              "{\"error\":{\"message\":\"not you\",\"key\":\"sk-1\"}}");
    ret_answer->status = 403;
}

static void one_that_fails_says_why_and_others_go_on(void **state)
{
    struct play play;

    (void)state;
    begin(&play, 3);
    play.words.answer = refuse;
    words_play(&play.words, S(100));
    assert_int_equal(play.over, ERRANDS);
    assert_int_equal(play.failed, ERRANDS);
    assert_non_null(strstr(play.problem, "unauthorized (status 403)"));
    assert_null(strstr(play.problem, "sk-1"));
    assert_non_null(engine_problem(play.words.stage.engine));
    words_free(&play.words);
}

/* The first time the connection breaks, behind the request. */
static void break_first(struct words *words, const struct virtual_request *request,
                        struct virtual_answer *ret_answer)
{
    if (request->serial > 0) {
        echo(words, request, ret_answer);
        return;
    }
    *ret_answer = (struct virtual_answer){.headers_ns = MS(1), .end = TRANSFER_RESET};
}

static void what_was_tried_twice_may_have_been_done_the_first_time(void **state)
{
    static const struct plan_retry retry = {.attempts = 2,
                                            .outcomes = UINT64_C(1) << OUTCOME_RESET};
    struct play play;

    (void)state;
    begin(&play, 1);
    play.given_most = 2;
    play.words.answer = break_first;
    play.words.steps[1].retry = &retry;
    words_play(&play.words, S(100));
    assert_int_equal(play.over, 2);
    assert_int_equal(play.failed, 0);
    assert_int_equal(play.uncertain, 1);
    words_free(&play.words);
}

static void when_time_is_up_what_is_in_flight_may_end(void **state)
{
    struct play play;

    (void)state;
    begin(&play, 2);
    play.words.stage.plan.platform.bootstrap_timeout_ns = MS(250);
    words_play(&play.words, S(100));
    assert_int_equal(engine_view(play.words.stage.engine)->stop_reason, STOP_DURATION);
    assert_int_equal(play.given, ERRANDS);
    assert_int_equal(play.over, ERRANDS);
    assert_int_equal(play.cut, 2);
    assert_string_equal(play.found, "1 2 3 4 5 6 ");
    assert_int_equal(play.words.stage.done_ns, MS(300));
    words_free(&play.words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_go_on_at_once_each_in_its_name),
        cmocka_unit_test(what_waits_for_others_is_asked_for_again),
        cmocka_unit_test(one_that_fails_says_why_and_others_go_on),
        cmocka_unit_test(what_was_tried_twice_may_have_been_done_the_first_time),
        cmocka_unit_test(when_time_is_up_what_is_in_flight_may_end),
    };

    return cmocka_run_group_tests_name("errands", tests, NULL, NULL);
}
