/*
 * What templates write into a request: its path, headers, token and body.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "words.h"

static void templates_stand_in_paths_headers_tokens_and_bodies(void **state)
{
    struct words words;
    struct plan_step *step;
    struct plan_pair headers[2];

    (void)state;
    words_init(&words);
    words.stage.plan.assignments =
        (struct plan_assignment[]){words_assign(&words, "q", "a\"b")};
    step = words_step(&words, 0, "PUT /{{ vars.q | length }}?x=1");
    headers[0] = words_pair(&words, "X-Plain", "as it is");
    headers[1] = words_pair(&words, "X-Made", "<{{ vars.q }}>");
    step->headers = headers;
    step->header_count = 2;
    step->auth = words_text(&words, "t-{{ user.ordinal }}");
    step->http.body = words_json(&words, "{\"q\":\"{{ vars.q }}\"}");
    step->http.content_type = "application/json";
    words_do(&words, PLAN_OP_SET, 0, 0);
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(5));
    words_assert_heard(
        &words, 0,
        "PUT /3?x=1 | Authorization: Bearer t-0 | Content-Type: application/json "
        "| X-Plain: as it is | X-Made: <a\"b> | {\"q\":\"a\\\"b\"}");
    words_free(&words);
}

static void a_header_that_would_inject_another_is_never_sent(void **state)
{
    struct words words;
    struct plan_step *step;
    struct plan_pair header;

    (void)state;
    words_init(&words);
    words.stage.plan.assignments =
        (struct plan_assignment[]){words_assign(&words, "q", "a\r\nX-Evil: 1")};
    step = words_step(&words, 0, "GET /");
    header = words_pair(&words, "X-Made", "{{ vars.q }}");
    step->headers = &header;
    step->header_count = 1;
    words_do(&words, PLAN_OP_SET, 0, 0);
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, S(2));
    assert_int_equal(words.heard_count, 0);
    assert_int_equal(words.stage.outcomes[OUTCOME_LOCAL_RESOURCE], 2);
    assert_string_equal(words.stage.detail,
                        "a control character came into the value of a header");
    words_free(&words);
}

/* What a step that asks for {{ vars.next | raw }} does where the variable is that. */
static void play_next(struct words *words, const char *next)
{
    words_init(words);
    words->stage.plan.assignments =
        (struct plan_assignment[]){words_assign(words, "next", next)};
    words_step(words, 0, "GET {{ vars.next | raw }}");
    words_do(words, PLAN_OP_SET, 0, 0);
    words_do(words, PLAN_OP_REQUEST, 0, 0);
    words_do(words, PLAN_OP_END, 0, 0);
    words_play(words, MS(5));
}

static void an_address_of_the_targets_own_is_a_path(void **state)
{
    struct words words;

    (void)state;
    play_next(&words, "http://virtual:80/list?page=2");
    words_assert_heard(&words, 0, "GET /list?page=2");
    words_free(&words);
    play_next(&words, "http://virtual/list?page=3");
    words_assert_heard(&words, 0, "GET /list?page=3");
    words_free(&words);
}

static void on_paper_a_name_may_stand_for_a_whole_path(void **state)
{
    struct words words;

    (void)state;
    words_init(&words);
    words.stage.is_on_paper = true;
    words_step(&words, 0, "GET {{ vars.next | raw }}")->extracts =
        &(struct plan_extract){.variable = words_variable(&words, "next"),
                               .query = words_query(&words, ".next")};
    words.steps[0].extract_count = 1;
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(15));
    words_assert_heard(&words, 1, "GET {{vars.next}}");
    words_free(&words);
}

static void no_path_leads_to_another_server(void **state)
{
    static const char *const others[] = {"@evil.example/",
                                         ":81/",
                                         ".evil.example/",
                                         "http://evil.example/",
                                         "http://virtual.evil.example/",
                                         "http://virtual:8080/",
                                         "list"};
    struct words words;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        play_next(&words, others[i]);
        assert_int_equal(words.heard_count, 0);
        assert_int_equal(words.stage.outcomes[OUTCOME_LOCAL_RESOURCE], 1);
        assert_non_null(strstr(words.stage.detail, "does not begin with /"));
        words_free(&words);
    }
}

static void forms_are_encoded_behind_their_templates(void **state)
{
    struct words words;
    struct plan_step *step;
    struct plan_pair fields[2];

    (void)state;
    words_init(&words);
    step = words_step(&words, 0, "POST /");
    fields[0] = words_pair(&words, "a b", "{{ user.class }} & co");
    fields[1] = words_pair(&words, "c", "1+1=2~");
    step->http.form = fields;
    step->http.form_count = 2;
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(5));
    words_assert_heard(&words, 0,
                       "POST / | Content-Type: application/x-www-form-urlencoded | "
                       "a+b=asker+%26+co&c=1%2B1%3D2%7E");
    words_free(&words);
}

static void a_multipart_body_parts_its_fields(void **state)
{
    struct words words;
    struct plan_step *step;
    struct plan_part parts[2] = {
        {.name = "t\"itle"},
        {.name = "file",
         .value = PLAN_LITERAL("\x01{{"),
         .file_name = "a.bin",
         .content_type = "image/png"},
    };

    (void)state;
    words_init(&words);
    step = words_step(&words, 0, "POST /");
    parts[0].value = words_text(&words, "of {{ user.ordinal }}");
    step->http.parts = parts;
    step->http.part_count = 2;
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(5));
    words_assert_heard(
        &words, 0,
        "POST / | Content-Type: multipart/form-data; "
        "boundary=throng-1f0d6c9be27a4835-part | --throng-1f0d6c9be27a4835-part\r\n"
        "Content-Disposition: form-data; name=\"t%22itle\"\r\n\r\nof 0\r\n"
        "--throng-1f0d6c9be27a4835-part\r\n"
        "Content-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n"
        "Content-Type: image/png\r\n\r\n\x01{{\r\n"
        "--throng-1f0d6c9be27a4835-part--\r\n");
    words_free(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates_stand_in_paths_headers_tokens_and_bodies),
        cmocka_unit_test(a_header_that_would_inject_another_is_never_sent),
        cmocka_unit_test(an_address_of_the_targets_own_is_a_path),
        cmocka_unit_test(on_paper_a_name_may_stand_for_a_whole_path),
        cmocka_unit_test(no_path_leads_to_another_server),
        cmocka_unit_test(forms_are_encoded_behind_their_templates),
        cmocka_unit_test(a_multipart_body_parts_its_fields),
    };

    return cmocka_run_group_tests_name("wording", tests, NULL, NULL);
}
