/*
 * What steps find in their answers: variables, checks, and what makes a request a failed one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "words.h"

/* Two requests: the first finds something, the second shows what. */
static void show(struct words *words, const char *text)
{
    words_step(words, 1, "POST /show")->http.body = words_text(words, text);
    words_do(words, PLAN_OP_REQUEST, 0, 0);
    words_do(words, PLAN_OP_REQUEST, 1, 0);
    words_do(words, PLAN_OP_END, 0, 0);
}

static void answer_login(struct words *words, const struct virtual_request *request,
                         struct virtual_answer *ret_answer)
{
    static const struct transfer_header headers[] = {{"Location", "/orders/17"}};

    (void)request;
    words_say(words, ret_answer,
              "{\"token\":\"t-1\",\"n\":2.5,\"ok\":true,\"list\":[1,2],\"none\":null}");
    ret_answer->headers = headers;
    ret_answer->header_count = 1;
}

static void queries_headers_patterns_and_the_status_are_taken(void **state)
{
    struct words words;
    struct plan_step *step;
    struct plan_extract extracts[7];
    static const char *const patterns[] = {"\"n\":(\\d)\\.(\\d)"};

    (void)state;
    words_init(&words);
    words.answer = answer_login;
    words.stage.plan.patterns = patterns;
    words.stage.plan.pattern_count = 1;
    memset(extracts, 0, sizeof(extracts));
    extracts[0] = (struct plan_extract){.variable = words_variable(&words, "token"),
                                        .query = words_query(&words, ".token")};
    extracts[1] = (struct plan_extract){.variable = words_variable(&words, "n"),
                                        .query = words_query(&words, ".n")};
    extracts[2] = (struct plan_extract){.variable = words_variable(&words, "ok"),
                                        .query = words_query(&words, ".ok")};
    extracts[3] = (struct plan_extract){.variable = words_variable(&words, "list"),
                                        .query = words_query(&words, ".list")};
    extracts[4] = (struct plan_extract){.variable = words_variable(&words, "where"),
                                        .kind = PLAN_EXTRACT_HEADER,
                                        .header = "location"};
    extracts[5] = (struct plan_extract){.variable = words_variable(&words, "digit"),
                                        .kind = PLAN_EXTRACT_PATTERN,
                                        .group = 2};
    extracts[6] = (struct plan_extract){.variable = words_variable(&words, "status"),
                                        .kind = PLAN_EXTRACT_STATUS};
    step = words_step(&words, 0, "POST /login");
    step->extracts = extracts;
    step->extract_count = COUNT_OF(extracts);
    show(&words, "{{ vars.token }} {{ vars.n }} {{ vars.ok }} {{ vars.list }} "
                 "{{ vars.where }} {{ vars.digit }} {{ vars.status }}");
    words_play(&words, MS(15));
    words_assert_heard(&words, 1, "POST /show | t-1 2.5 true [1,2] /orders/17 5 200");
    words_free(&words);
}

static void what_is_not_found_keeps_its_value_or_falls_back(void **state)
{
    struct words words;
    struct plan_step *step;
    struct plan_extract extracts[3];

    (void)state;
    words_init(&words);
    words.answer = answer_login;
    words.stage.plan.assignments =
        (struct plan_assignment[]){{.variable = words_variable(&words, "kept"),
                                    .kind = PLAN_VALUE_TEXT,
                                    .text = words_text(&words, "old")}};
    extracts[0] = (struct plan_extract){.variable = words_variable(&words, "kept"),
                                        .query = words_query(&words, ".none")};
    extracts[1] = (struct plan_extract){.variable = words_variable(&words, "fallen"),
                                        .query = words_query(&words, ".missing.deep"),
                                        .fallback = "back"};
    extracts[2] = (struct plan_extract){.variable = words_variable(&words, "header"),
                                        .kind = PLAN_EXTRACT_HEADER,
                                        .header = "X-Missing",
                                        .fallback = ""};
    step = words_step(&words, 0, "POST /login");
    step->extracts = extracts;
    step->extract_count = COUNT_OF(extracts);
    words_do(&words, PLAN_OP_SET, 0, 0);
    show(&words, "{{ vars.kept }} {{ vars.fallen }} {{ vars.header }}.");
    words_play(&words, MS(15));
    words_assert_heard(&words, 1, "POST /show | old back .");
    assert_int_equal(words.stage.outcomes[OUTCOME_OK], words.stage.samples);
    words_free(&words);
}

static void what_is_required_and_not_found_fails_the_request(void **state)
{
    struct words words;
    struct plan_step *step;
    struct plan_extract extract;

    (void)state;
    words_init(&words);
    extract = (struct plan_extract){.variable = words_variable(&words, "token"),
                                    .query = words_query(&words, ".token"),
                                    .required = true};
    step = words_step(&words, 0, "POST /login");
    step->extracts = &extract;
    step->extract_count = 1;
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(15));
    assert_int_equal(words.stage.outcomes[OUTCOME_CHECK_FAILED], 2);
    assert_string_equal(words.stage.detail, "nothing was found to extract: token");
    words_free(&words);
}

/* How often a check held and did not, over the whole run. */
struct tally {
    uint64_t passes;
    uint64_t fails;
};

static void count_check(void *ctx, const struct check_view *check)
{
    struct tally *tally = ctx;

    tally->passes += check->passed;
    tally->fails += check->failed;
}

static struct tally tally_of(const struct words *words)
{
    struct tally tally = {0};

    recorder_each_check(words->stage.recorder, RECORDER_ALL, count_check, &tally);
    return tally;
}

static void checks_count_and_stop_nothing(void **state)
{
    static const uint16_t good[] = {200, 201};
    static const uint16_t bad[] = {404};
    static const char *const patterns[] = {"t-\\d", "t-\\D"};
    struct plan_check checks[] = {
        {.name = "status",
         .kind = PLAN_CHECK_STATUS,
         .statuses = good,
         .status_count = 2},
        {.name = "other status",
         .kind = PLAN_CHECK_STATUS,
         .statuses = bad,
         .status_count = 1},
        {.name = "header", .kind = PLAN_CHECK_HEADER, .header = "LOCATION"},
        {.name = "no header", .kind = PLAN_CHECK_HEADER, .header = "X-Missing"},
        {.name = "its value",
         .kind = PLAN_CHECK_HEADER,
         .header = "Location",
         .text = PLAN_LITERAL("/orders/17")},
        {.name = "another value",
         .kind = PLAN_CHECK_HEADER,
         .header = "Location",
         .text = PLAN_LITERAL("/orders/1")},
        {.name = "contains", .kind = PLAN_CHECK_CONTAINS, .text = PLAN_LITERAL("t-1")},
        {.name = "contains not",
         .kind = PLAN_CHECK_CONTAINS,
         .text = PLAN_LITERAL("t-2")},
        {.name = "matches", .kind = PLAN_CHECK_MATCHES, .pattern = 0},
        {.name = "matches not", .kind = PLAN_CHECK_MATCHES, .pattern = 1},
        {.name = "fast", .kind = PLAN_CHECK_LATENCY, .latency_ns = MS(11)},
        {.name = "too slow", .kind = PLAN_CHECK_LATENCY, .latency_ns = MS(10)},
        {.name = "query", .kind = PLAN_CHECK_QUERY},
        {.name = "other query", .kind = PLAN_CHECK_QUERY},
    };
    struct words words;
    struct plan_step *step;

    (void)state;
    words_init(&words);
    words.answer = answer_login;
    words.stage.plan.patterns = patterns;
    words.stage.plan.pattern_count = 2;
    checks[12].query = words_query(&words, ".list | length == 2");
    checks[13].query = words_query(&words, ".list | length > 2");
    step = words_step(&words, 0, "GET /");
    step->checks = checks;
    step->check_count = COUNT_OF(checks);
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(5));
    assert_int_equal(words.stage.samples, 1);
    assert_int_equal(words.stage.outcomes[OUTCOME_OK], 1);
    assert_int_equal(tally_of(&words).passes, COUNT_OF(checks) / 2);
    assert_int_equal(tally_of(&words).fails, COUNT_OF(checks) / 2);
    words_free(&words);
}

static void refuse(struct words *words, const struct virtual_request *request,
                   struct virtual_answer *ret_answer)
{
    (void)words;
    (void)request;
    *ret_answer = (struct virtual_answer){.end = TRANSFER_CONNECT};
}

static void nothing_holds_of_an_answer_that_never_came(void **state)
{
    static const uint16_t good[] = {200};
    struct plan_check checks[] = {
        {.name = "status",
         .kind = PLAN_CHECK_STATUS,
         .statuses = good,
         .status_count = 1},
        {.name = "fast", .kind = PLAN_CHECK_LATENCY, .latency_ns = S(1)},
        {.name = "query", .kind = PLAN_CHECK_QUERY},
        {.name = "empty", .kind = PLAN_CHECK_CONTAINS, .text = PLAN_LITERAL("")},
    };
    struct words words;
    struct plan_step *step;

    (void)state;
    words_init(&words);
    words.answer = refuse;
    checks[2].query = words_query(&words, "true");
    step = words_step(&words, 0, "GET /");
    step->checks = checks;
    step->check_count = COUNT_OF(checks);
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_THINK, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words.stage.classes[0].think = (struct plan_pause){
        .kind = PLAN_PAUSE_CONSTANT, .base_ns = S(1), .max_ns = UINT64_MAX};
    words_play(&words, MS(5));
    assert_int_equal(tally_of(&words).passes, 0);
    assert_int_equal(tally_of(&words).fails, COUNT_OF(checks));
    words_free(&words);
}

static void no_answer_contains_what_has_no_value(void **state)
{
    struct plan_check check = {.name = "named", .kind = PLAN_CHECK_CONTAINS};
    struct words words;

    (void)state;
    words_init(&words);
    check.text = words_text(&words, "{{ vars.name }}");
    words_step(&words, 0, "GET /");
    words.steps[0].checks = &check;
    words.steps[0].check_count = 1;
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(5));
    assert_int_equal(tally_of(&words).passes, 0);
    assert_int_equal(tally_of(&words).fails, 1);
    words_free(&words);
}

static void nothing_is_looked_for_where_a_person_or_throng_itself_ended_it(void **state)
{
    const struct plan_pause at_once = {
        .kind = PLAN_PAUSE_CONSTANT, .base_ns = MS(1), .max_ns = UINT64_MAX};
    const struct plan_patience patience = {.total = at_once};
    const struct plan_chaos drops = {.drop = 1, .after = at_once};
    const struct plan_chaos resets = {.reset = 1, .after = at_once};
    const struct plan_chaos *const chaos[] = {NULL, &drops, &resets};
    struct plan_check check = {.name = "query", .kind = PLAN_CHECK_QUERY};
    struct words words;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(chaos); i++) {
        words_init(&words);
        check.query = words_query(&words, "true");
        words_step(&words, 0, "GET /");
        words.steps[0].checks = &check;
        words.steps[0].check_count = 1;
        words.steps[0].patience = chaos[i] ? NULL : &patience;
        words.steps[0].chaos = chaos[i];
        words_do(&words, PLAN_OP_REQUEST, 0, 0);
        words_do(&words, PLAN_OP_END, 0, 0);
        words_play(&words, MS(15));
        assert_true(words.stage.samples > 0);
        assert_int_equal(
            words.stage.outcomes[chaos[i] ? OUTCOME_SABOTAGED : OUTCOME_ABANDONED],
            words.stage.samples);
        assert_int_equal(tally_of(&words).passes + tally_of(&words).fails, 0);
        words_free(&words);
    }
}

static void an_expected_body_makes_the_request_a_failed_one_and_is_no_check(void **state)
{
    struct plan_check checks[] = {
        {.name = ".list | length > 2", .kind = PLAN_CHECK_QUERY, .expected = true}};
    struct words words;
    struct plan_step *step;

    (void)state;
    words_init(&words);
    words.answer = answer_login;
    checks[0].query = words_query(&words, checks[0].name);
    step = words_step(&words, 0, "GET /");
    step->checks = checks;
    step->check_count = 1;
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(5));
    assert_int_equal(words.stage.outcomes[OUTCOME_CHECK_FAILED], 1);
    assert_string_equal(words.stage.detail,
                        "the answer is not what was expected: .list | length > 2");
    assert_int_equal(tally_of(&words).fails, 0);
    words_free(&words);
}

static void the_words_of_a_stream_are_what_is_looked_at(void **state)
{
    struct plan_check checks[] = {
        {.name = "words", .kind = PLAN_CHECK_CONTAINS, .text = PLAN_LITERAL("two three")},
        {.name = "no json", .kind = PLAN_CHECK_CONTAINS, .text = PLAN_LITERAL("choices")},
        {.name = "query", .kind = PLAN_CHECK_QUERY},
    };
    struct plan_extract extract;
    struct words words;
    struct plan_step *chat;

    (void)state;
    words_init(&words);
    words.stage.server = stage_serve;
    checks[2].query = words_query(&words, ".text == \"one two three\" and "
                                          ".usage.completion_tokens == 3 and .finished");
    extract = (struct plan_extract){.variable = words_variable(&words, "said"),
                                    .query = words_query(&words, ".text")};
    chat = &words.steps[0];
    *chat = words.stage.steps[0];
    chat->checks = checks;
    chat->check_count = COUNT_OF(checks);
    chat->extracts = &extract;
    chat->extract_count = 1;
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(5));
    assert_int_equal(tally_of(&words).passes, 2);
    assert_int_equal(tally_of(&words).fails, 1);
    words_free(&words);
}

static void set_cookie(struct words *words, const struct virtual_request *request,
                       struct virtual_answer *ret_answer)
{
    static const struct transfer_header headers[] = {{"Set-Cookie", "a=1; Path=/"},
                                                     {"Set-Cookie", "b=2; Path=/deep"}};

    (void)request;
    if (words->heard_count > 1)
        return;
    ret_answer->headers = headers;
    ret_answer->header_count = 2;
}

static void cookies_come_back_where_the_class_keeps_them(void **state)
{
    (void)state;
    for (int keeps = 0; keeps < 2; keeps++) {
        struct words words;

        words_init(&words);
        words.answer = set_cookie;
        words.stage.classes[0].keeps_cookies = keeps;
        words.stage.classes[0].iterations = 2;
        words_step(&words, 0, "GET /deep/er");
        words_step(&words, 1, "GET /");
        words_do(&words, PLAN_OP_REQUEST, 0, 0);
        words_do(&words, PLAN_OP_REQUEST, 1, 0);
        words_do(&words, PLAN_OP_END, 0, 0);
        words_play(&words, MS(45));
        words_assert_heard(&words, 0, "GET /deep/er");
        words_assert_heard(&words, 1, keeps ? "GET / | Cookie: a=1" : "GET /");
        words_assert_heard(&words, 2,
                           keeps ? "GET /deep/er | Cookie: b=2; a=1" : "GET /deep/er");
        words_assert_heard(&words, 4, "GET /deep/er"); /* another person */
        words_free(&words);
    }
}

static void echo_secret(struct words *words, const struct virtual_request *request,
                        struct virtual_answer *ret_answer)
{
    (void)request;
    words_say(words, ret_answer,
              words->heard_count == 1
                  ? "{\"token\":\"s3cr3t-token\"}"
                  : "no such thing as s3cr3t-token or cook1e-value here");
    ret_answer->status = words->heard_count == 1 ? 200 : 400;
    if (words->heard_count == 1) {
        static const struct transfer_header headers[] = {
            {"Set-Cookie", "s=cook1e-value; Path=/"}};

        ret_answer->headers = headers;
        ret_answer->header_count = 1;
    }
}

static void secrets_that_were_found_are_starred_out_of_what_is_told(void **state)
{
    struct plan_extract extract;
    struct words words;
    struct plan_step *step;

    (void)state;
    words_init(&words);
    words.answer = echo_secret;
    words.stage.classes[0].keeps_cookies = true;
    extract = (struct plan_extract){.variable = words_variable(&words, "token"),
                                    .query = words_query(&words, ".token")};
    words.variables[0].secret = true;
    step = words_step(&words, 0, "GET /");
    step->extracts = &extract;
    step->extract_count = 1;
    words_step(&words, 1, "GET /{{ vars.token }}");
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_REQUEST, 1, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(15));
    words_assert_heard(&words, 1, "GET /s3cr3t-token | Cookie: s=cook1e-value");
    assert_string_equal(words.stage.detail,
                        "no such thing as ************ or ************ here");
    words_free(&words);
}

static void on_paper_what_would_be_found_has_a_name(void **state)
{
    struct plan_extract extract;
    struct plan_check check = {.name = "x", .kind = PLAN_CHECK_QUERY, .expected = true};
    struct words words;
    struct plan_step *step;

    (void)state;
    words_init(&words);
    words.stage.is_on_paper = true;
    extract = (struct plan_extract){.variable = words_variable(&words, "token"),
                                    .query = words_query(&words, ".token"),
                                    .required = true};
    check.query = words_query(&words, "false");
    step = words_step(&words, 0, "POST /login");
    step->extracts = &extract;
    step->extract_count = 1;
    step->checks = &check;
    step->check_count = 1;
    show(&words, "{{ vars.token }}");
    words_play(&words, MS(15));
    words_assert_heard(&words, 1, "POST /show | {{vars.token}}");
    assert_int_equal(words.stage.outcomes[OUTCOME_OK], words.stage.samples);
    words_free(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queries_headers_patterns_and_the_status_are_taken),
        cmocka_unit_test(what_is_not_found_keeps_its_value_or_falls_back),
        cmocka_unit_test(what_is_required_and_not_found_fails_the_request),
        cmocka_unit_test(checks_count_and_stop_nothing),
        cmocka_unit_test(nothing_holds_of_an_answer_that_never_came),
        cmocka_unit_test(no_answer_contains_what_has_no_value),
        cmocka_unit_test(nothing_is_looked_for_where_a_person_or_throng_itself_ended_it),
        cmocka_unit_test(an_expected_body_makes_the_request_a_failed_one_and_is_no_check),
        cmocka_unit_test(the_words_of_a_stream_are_what_is_looked_at),
        cmocka_unit_test(cookies_come_back_where_the_class_keeps_them),
        cmocka_unit_test(secrets_that_were_found_are_starred_out_of_what_is_told),
        cmocka_unit_test(on_paper_what_would_be_found_has_a_name),
    };

    return cmocka_run_group_tests_name("findings", tests, NULL, NULL);
}
