#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "record/redacted_body.h"
#include "record/redaction.h"

#define KEY "sk-proj-0123456789abcdefXYZ"
#define COOKIE "c00kie-value-77"
#define PASSWORD "s3cret/of joe"
#define PAIR "am9lOnMzY3JldC9vZiBqb2U=" /* joe:PASSWORD */
#define ENCODED "q%2Fvalue%2Bq"
#define DECODED "q/value+q"

static const char *const more_names[] = {"user", "X-Tenant"};
static const char *const kept[] = {"x-token-budget"};
static const struct redaction rules = {
    .names = more_names, .name_count = 2, .kept_headers = kept, .kept_count = 1};

static void headers_of_secrets_are_known(void **state)
{
    static const char *const secret[] = {"Authorization",
                                         "cookie",
                                         "Set-Cookie",
                                         "x-api-key",
                                         "X-Auth-Token",
                                         "x-goog-api-key",
                                         "Proxy-Authorization",
                                         "x-tenant",
                                         "api-key",
                                         "Ocp-Apim-Subscription-Key",
                                         "x-csrf",
                                         "X-Amz-Security-Token"};
    static const char *const open[] = {"content-type", "accept",           "user-agent",
                                       "x-request-id", "x-token-budget",   "openai-beta",
                                       "keyboard",     "anthropic-version"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(secret); i++)
        assert_true(redaction_is_secret_header(&rules, secret[i], "x"));
    for (size_t i = 0; i < COUNT_OF(open); i++)
        assert_false(redaction_is_secret_header(&rules, open[i], "x"));
    assert_true(redaction_is_secret_header(&rules, "x-forwarded-by", "Bearer abc"));
    assert_false(redaction_is_secret_header(&rules, "X-Token-Budget", "Basic abc"));
}

/* What is made of a text by a function that redacts. */
static void check(size_t (*redact)(const struct redacting *by, const char *type,
                                   const char *text, size_t len, struct buf *out),
                  const char *type, const char *text, const char *wanted, size_t count)
{
    struct shown_secrets shown;
    const struct redacting by = {.rules = &rules, .shown = &shown};
    struct buf out = BUF_INIT(64 * 1024);

    shown_secrets_init(&shown);
    shown_secrets_note_header(&shown, "authorization", "Bearer " KEY);
    shown_secrets_note_header(&shown, "cookie", "a=" COOKIE "; b=1");
    shown_secrets_note_header(&shown, "x-basic", "BASIC " PAIR);
    redacted_note_query(&rules, "/a?key=" ENCODED, &shown);
    assert_int_equal(redact(&by, type, text, strlen(text), &out), count);
    assert_string_equal(buf_str(&out), wanted);
    buf_deinit(&out);
    shown_secrets_deinit(&shown);
}

static size_t redact_target(const struct redacting *by, const char *type,
                            const char *text, size_t len, struct buf *out)
{
    (void)type;
    return redacted_target(by, text, len, out);
}

static void targets_lose_values_named_like_secrets_and_shown_ones(void **state)
{
    (void)state;
    check(redact_target, NULL, "/v1/models", "/v1/models", 0);
    check(redact_target, NULL, "/v1?key=abc&page=2&api%5Fkey=x&b",
          "/v1?key=***&page=2&api%5Fkey=***&b", 2);
    check(redact_target, NULL, "/u/" KEY "/x?q=" COOKIE "&&=&user=7",
          "/u/***/x?q=***&&=&user=***", 3);
    check(redact_target, NULL, "/v1?", "/v1?", 0);
    check(redact_target, NULL, "/v1?token=", "/v1?token=", 0);
}

static void members_named_like_secrets_are_starred(void **state)
{
    (void)state;
    check(redacted_body, NULL,
          "{\"model\": \"m\", \"max_tokens\": 40, \"api_key\" : \"x\", \"n\": [1, 2]}",
          "{\"model\": \"m\", \"max_tokens\": 40, \"api_key\" : \"***\", \"n\": [1, 2]}",
          1);
    check(redacted_body, NULL, "{\"password\": 1234, \"a\": {\"secret\": -5}}",
          "{\"password\": \"***\", \"a\": {\"secret\": \"***\"}}", 2);
    check(redacted_body, NULL,
          "{\"tokens\": [\"a\", \"b\", {\"c\": \"d\"}], \"e\": \"f\"}",
          "{\"tokens\": [\"***\", \"***\", {\"c\": \"d\"}], \"e\": \"f\"}", 2);
    check(redacted_body, NULL, "{\"p\\u0061ssword\": \"x\"}",
          "{\"p\\u0061ssword\": \"***\"}", 1);
    check(redacted_body, NULL, "{\"thinking\": \"\", \"signature\": \"EqQBCg\"}",
          "{\"thinking\": \"\", \"signature\": \"EqQBCg\"}", 0);
    /* A tool's description names a password, and holds none. */
    check(redacted_body, NULL,
          "{\"properties\": {\"password\": {\"type\": \"string\"}}, \"token\": \"\"}",
          "{\"properties\": {\"password\": {\"type\": \"string\"}}, \"token\": \"\"}", 0);
}

static void json_within_strings_is_looked_into(void **state)
{
    (void)state;
    check(
        redacted_body, NULL,
        "{\"arguments\": \"{\\\"city\\\": \\\"Rome\\\", \\\"password\\\": \\\"x\\\"}\"}",
        "{\"arguments\": \"{\\\"city\\\": \\\"Rome\\\", \\\"password\\\": "
        "\\\"***\\\"}\"}",
        1);
    check(redacted_body, NULL, "{\"arguments\": \"{\\\"city\\\": \\\"R\\u00f6m\\\"}\"}",
          "{\"arguments\": \"{\\\"city\\\": \\\"R\\u00f6m\\\"}\"}", 0);
}

static void what_the_user_names_goes_with_all_that_it_holds(void **state)
{
    (void)state;
    check(redacted_body, NULL, "{\"user\": {\"a\": [1, \"b\"]}, \"c\": 1}",
          "{\"user\": \"***\", \"c\": 1}", 1);
    check(redacted_body, NULL, "{\"user\": {\"a\": [1, \"b\"}, \"c\": 1}",
          "{\"user\": \"***\"", 1);
    check(redacted_body, NULL, "{\"USER\": true}", "{\"USER\": \"***\"}", 1);
}

static void shown_secrets_and_shapes_of_keys_are_starred_anywhere(void **state)
{
    (void)state;
    check(redacted_body, NULL,
          "{\"content\": \"mine is " KEY ", his\\nsk-abcdefgh12345678\"}",
          "{\"content\": \"mine is ***, his\\n***\"}", 2);
    check(redacted_body, NULL, "plain " COOKIE " text", "plain *** text", 1);
    check(redacted_body, NULL,
          "\"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_X\"",
          "\"***\"", 1);
    check(redacted_body, NULL, "\"sk-learn and risk-taking-by-the-hundreds\"",
          "\"sk-learn and risk-taking-by-the-hundreds\"", 0);
}

static void forms_lose_fields_named_like_secrets(void **state)
{
    (void)state;
    check(redacted_body, "application/x-www-form-urlencoded",
          "a=1&client_secret=\"x\"&b=", "a=1&client_secret=***&b=", 1);
    check(redacted_body, "multipart/form-data; boundary=\"xY\"",
          "--xY\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nabc\r\n--xY\r\n"
          "Content-Disposition: form-data; name=\"file\"; "
          "filename=\"f\"\r\n\r\ndata\r\n--xY--"
          "\r\n",
          "--xY\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n***\r\n--xY\r\n"
          "Content-Disposition: form-data; name=\"file\"; "
          "filename=\"f\"\r\n\r\ndata\r\n--xY--"
          "\r\n",
          1);
}

static void shown_secrets_are_known_in_other_spellings(void **state)
{
    (void)state;
    check(redacted_body, NULL, "{\"q\": \"" PASSWORD ", joe:" PASSWORD "\"}",
          "{\"q\": \"***, ***\"}", 2);
    check(redacted_body, NULL, "{\"q\": \"s3cret\\/of joe\"}", "{\"q\": \"***\"}", 1);
    check(redacted_body, NULL, "{\"q\": \"\\u00733cret\\/of joe \\n\"}",
          "{\"q\": \"*** \\n\"}", 1);
    check(redact_target, NULL, "/v1?q=s3cret%2Fof%20joe", "/v1?q=***", 1);
    check(redacted_body, NULL, "{\"q\": \"" DECODED " " ENCODED "\"}",
          "{\"q\": \"*** ***\"}", 2);
}

static void words_that_say_what_is_a_secret_are_read(void **state)
{
    (void)state;
    check(redacted_body, NULL, "{\"q\": \"say \\\"token\\\": \\\"x\\\" \\u00e9\"}",
          "{\"q\": \"say \\\"token\\\": \\\"***\\\" \xc3\xa9\"}", 1);
    check(redacted_body, NULL, "{\"q\": \"say \\\"name\\\": \\\"x\\\" \\u00e9\"}",
          "{\"q\": \"say \\\"name\\\": \\\"x\\\" \\u00e9\"}", 0);
    check(redacted_body, NULL,
          "{\"name\": \"Authorization\", \"value\": \"bearer abc.def/0123456789==\"}",
          "{\"name\": \"Authorization\", \"value\": \"***\"}", 1);
    check(redacted_body, NULL, "\"a bearer of-responsibilities, basic understandings\"",
          "\"a bearer of-responsibilities, basic understandings\"", 0);
}

static void urls_lose_passwords_and_signatures(void **state)
{
    (void)state;
    check(redacted_body, NULL,
          "{\"u\": \"see (https://joe:pw@h:80/a?b=1&sig=x) and http://h/?token=y.\"}",
          "{\"u\": \"see (https://joe:***@h:80/a?b=1&sig=***) and "
          "http://h/?token=***\"}",
          3);
    check(redacted_body, NULL,
          "{\"u\": \"https:\\/\\/h\\/?a=1\\u0026X-Amz-Signature=f\"}",
          "{\"u\": \"https://h/?a=1&X-Amz-Signature=***\"}", 1);
    check(redacted_body, NULL, "{\"u\": \"https://joe@h:80/?a=b, ://@:@\"}",
          "{\"u\": \"https://joe@h:80/?a=b, ://@:@\"}", 0);
}

static void parts_of_a_form_may_be_json(void **state)
{
    (void)state;
    check(redacted_body, "multipart/form-data; boundary=xY",
          "--xY\r\nContent-Disposition: form-data;filename=name;Name=token\r\n\r\nabc"
          "\r\n--xY\r\nContent-Disposition: form-data; name=a\r\n\r\n"
          "{\"api_key\": \"x\"}\n{\"api_key\": \"y\"}\r\n--xY--\r\n",
          "--xY\r\nContent-Disposition: form-data;filename=name;Name=token\r\n\r\n***"
          "\r\n--xY\r\nContent-Disposition: form-data; name=a\r\n\r\n"
          "{\"api_key\": \"***\"}\n{\"api_key\": \"***\"}\r\n--xY--\r\n",
          3);
}

static void short_words_are_no_credentials(void **state)
{
    struct shown_secrets shown;

    (void)state;
    shown_secrets_init(&shown);
    shown_secrets_note_header(&shown, "authorization", "Bearer none");
    shown_secrets_note_header(&shown, "x-api-key", "EMPTY");
    assert_int_equal(shown.count, 0);
    for (unsigned i = 0; i < 2 * REDACTION_SHOWN_MAX; i++)
        shown_secrets_note_header(&shown, "x-api-key", "long-enough");
    assert_int_equal(shown.count, REDACTION_SHOWN_MAX);
    shown_secrets_deinit(&shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_of_secrets_are_known),
        cmocka_unit_test(targets_lose_values_named_like_secrets_and_shown_ones),
        cmocka_unit_test(members_named_like_secrets_are_starred),
        cmocka_unit_test(json_within_strings_is_looked_into),
        cmocka_unit_test(what_the_user_names_goes_with_all_that_it_holds),
        cmocka_unit_test(shown_secrets_and_shapes_of_keys_are_starred_anywhere),
        cmocka_unit_test(forms_lose_fields_named_like_secrets),
        cmocka_unit_test(shown_secrets_are_known_in_other_spellings),
        cmocka_unit_test(words_that_say_what_is_a_secret_are_read),
        cmocka_unit_test(urls_lose_passwords_and_signatures),
        cmocka_unit_test(parts_of_a_form_may_be_json),
        cmocka_unit_test(short_words_are_no_credentials),
    };

    return cmocka_run_group_tests_name("redaction", tests, NULL, NULL);
}
