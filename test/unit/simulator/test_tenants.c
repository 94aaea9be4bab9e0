/* The tenant API: organizations, users, keys, and what they may do and spend. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "rig.h"

#define CHAT "/v1/chat/completions"
#define QUESTION                                                                         \
    "{\"model\":\"m\",\"max_tokens\":30,\"messages\":[{\"role\":\"user\",\"content\":"   \
    "\"Hi\"}]}"
#define PATH_BYTES 256

static void start(struct rig *rig)
{
    rig_set(rig, "tenants", "0");
    rig_start(rig);
}

/* Calls and compares the status; the answer's JSON is the caller's. */
static json_t *call(struct rig *rig, const char *method, const char *path,
                    const char *headers, const char *json, int status)
{
    struct rig_answer answer;

    rig_call(rig, method, path, headers, json, &answer);
    if (answer.status != status)
        fail_msg("%s %s is answered %d", method, path, answer.status);
    return answer.json;
}

static void expect(struct rig *rig, const char *method, const char *path,
                   const char *headers, const char *json, int status)
{
    json_decref(call(rig, method, path, headers, json, status));
}

/* Expects a refusal with this code. */
static void expect_code(struct rig *rig, const char *method, const char *path,
                        const char *json, int status, const char *code)
{
    json_t *answer = call(rig, method, path, "", json, status);

    assert_string_equal(rig_text_at(answer, "error.code"), code);
    json_decref(answer);
}

/* Expects a refusal of this member. */
static void expect_param(struct rig *rig, const char *method, const char *path,
                         const char *json, const char *param)
{
    json_t *answer = call(rig, method, path, "", json, 400);

    assert_string_equal(rig_text_at(answer, "error.param"), param);
    json_decref(answer);
}

/* Puts a path together: "/v1/orgs" and what stands behind it. */
__attribute__((format(printf, 2, 3))) static const char *
path_of(char path[static PATH_BYTES], const char *format, ...)
{
    const size_t len = (size_t)snprintf(path, PATH_BYTES, "/v1/orgs");
    va_list args;

    va_start(args, format);
    (void)vsnprintf(path + len, PATH_BYTES - len, format, args);
    va_end(args);
    return path;
}

static void add_organization(struct rig *rig, const char *name)
{
    char json[128];

    (void)snprintf(json, sizeof(json), "{\"name\":\"%s\"}", name);
    expect(rig, "POST", "/v1/orgs", "", json, 201);
}

/* A user, and the header line with a key of theirs. */
struct person {
    char id[64];
    char key_id[64];
    char headers[128];
};

static struct person add_person(struct rig *rig, const char *slug, const char *email)
{
    struct person person;
    char path[PATH_BYTES];
    char body[256];
    json_t *json;

    (void)snprintf(body, sizeof(body), "{\"email\":\"%s\",\"role\":\"member\"}", email);
    json = call(rig, "POST", path_of(path, "/%s/invites", slug), "", body, 201);
    assert_string_equal(rig_text_at(json, "status"), "accepted");
    (void)snprintf(person.id, sizeof(person.id), "%s", rig_text_at(json, "id"));
    json_decref(json);
    json = call(rig, "POST", path_of(path, "/%s/users/%s/keys", slug, person.id), "",
                "{\"name\":\"k\"}", 201);
    (void)snprintf(person.key_id, sizeof(person.key_id), "%s", rig_text_at(json, "id"));
    (void)snprintf(person.headers, sizeof(person.headers), "Authorization: Bearer %s\r\n",
                   rig_text_at(json, "key"));
    json_decref(json);
    return person;
}

static void an_organization_is_made_shown_changed_and_removed(void **state)
{
    struct rig *rig = *state;
    json_t *json;

    start(rig);
    json = call(rig, "POST", "/v1/orgs", "", "{\"name\":\"Load Test_1\"}", 201);
    assert_string_equal(rig_text_at(json, "slug"), "load-test-1");
    assert_string_equal(rig_text_at(json, "name"), "Load Test_1");
    assert_memory_equal(rig_text_at(json, "id"), "org-", 4);
    assert_true(json_is_null(rig_at(json, "budget_usd")));
    assert_true(json_real_value(rig_at(json, "spent_usd")) == 0);
    json_decref(json);
    expect_code(rig, "POST", "/v1/orgs", "{\"name\":\"load-test-1\"}", 409, "org_exists");
    json = call(rig, "PATCH", "/v1/orgs/load-test-1", "", "{\"budget_usd\":2}", 200);
    assert_true(json_real_value(rig_at(json, "budget_usd")) == 2);
    json_decref(json);
    json = call(rig, "GET", "/v1/orgs/load-test-1", "", NULL, 200);
    assert_true(json_real_value(rig_at(json, "budget_usd")) == 2);
    json_decref(json);
    expect(rig, "DELETE", "/v1/orgs/load-test-1", "", NULL, 204);
    expect_code(rig, "GET", "/v1/orgs/load-test-1", NULL, 404, "org_not_found");
    expect_code(rig, "DELETE", "/v1/orgs/load-test-1", NULL, 404, "org_not_found");
    add_organization(rig, "load-test-1");
}

static void what_a_body_lacks_is_named(void **state)
{
    struct rig *rig = *state;
    char name[160];

    start(rig);
    expect_param(rig, "POST", "/v1/orgs", "{}", "name");
    expect_param(rig, "POST", "/v1/orgs", "{\"name\":\"\"}", "name");
    (void)snprintf(name, sizeof(name), "{\"name\":\"%0101d\"}", 7);
    expect_param(rig, "POST", "/v1/orgs", name, "name");
    expect_param(rig, "POST", "/v1/orgs", "{\"name\":\"a\",\"budget_usd\":-1}",
                 "budget_usd");
    expect(rig, "POST", "/v1/orgs", "", "[]", 400);
    expect(rig, "POST", "/v1/orgs", "", "{\"name\"", 400);
    expect(rig, "GET", "/v1/orgs/a", "", NULL, 404);
    add_organization(rig, "a");
    expect_param(rig, "PATCH", "/v1/orgs/a", "{}", "budget_usd");
    expect_param(rig, "POST", "/v1/orgs/a/invites", "{\"email\":\"no address\"}",
                 "email");
    expect_param(rig, "GET", "/v1/orgs?limit=101", NULL, "limit");
    expect_param(rig, "GET", "/v1/orgs?after=org-0", NULL, "after");
}

static void users_and_keys_are_made_found_and_removed(void **state)
{
    struct rig *rig = *state;
    struct person person;
    char path[PATH_BYTES];
    json_t *json;

    start(rig);
    add_organization(rig, "a");
    add_organization(rig, "b");
    person = add_person(rig, "a", "one@a.invalid");
    expect_code(rig, "POST", "/v1/orgs/a/invites", "{\"email\":\"one@a.invalid\"}", 409,
                "user_exists");
    (void)add_person(rig, "b", "one@a.invalid"); /* who may be a member of both */

    json = call(rig, "GET", "/v1/orgs/a/users?email=one%40a.invalid", "", NULL, 200);
    assert_int_equal(json_array_size(rig_at(json, "data")), 1);
    assert_string_equal(rig_text_at(json, "data.0.id"), person.id);
    assert_false(json_is_true(rig_at(json, "has_more")));
    json_decref(json);
    json = call(rig, "GET", "/v1/orgs/a/users?email=two%40a.invalid", "", NULL, 200);
    assert_int_equal(json_array_size(rig_at(json, "data")), 0);
    assert_true(json_is_null(rig_at(json, "first_id")));
    json_decref(json);

    path_of(path, "/a/users/%s/keys", person.id);
    json = call(rig, "GET", path, "", NULL, 200);
    assert_string_equal(rig_text_at(json, "data.0.id"), person.key_id);
    assert_int_equal(strlen(rig_text_at(json, "data.0.prefix")), 5);
    assert_null(json_object_get(rig_at(json, "data.0"), "key")); /* it was told once */
    json_decref(json);

    expect_code(rig, "DELETE", "/v1/orgs/a", NULL, 409, "org_not_empty");
    path_of(path, "/b/users/%s", person.id);
    expect_code(rig, "DELETE", path, NULL, 404, "user_not_found");
    path_of(path, "/a/users/%s/keys/%s", person.id, person.key_id);
    expect(rig, "DELETE", path, "", NULL, 204);
    expect_code(rig, "DELETE", path, NULL, 404, "key_not_found");
    path_of(path, "/a/users/%s", person.id);
    expect(rig, "DELETE", path, "", NULL, 204);
    expect_code(rig, "DELETE", path, NULL, 404, "user_not_found");
    expect(rig, "DELETE", "/v1/orgs/a", "", NULL, 204);
}

/* Pages put together are the whole, in the order of making, whatever was removed in between. */
static void lists_come_in_pages(void **state)
{
    struct rig *rig = *state;
    char path[PATH_BYTES];
    char name[16];
    json_t *json;

    start(rig);
    for (int i = 0; i < 5; i++) {
        (void)snprintf(name, sizeof(name), "o%d", i);
        add_organization(rig, name);
    }
    expect(rig, "DELETE", "/v1/orgs/o1", "", NULL, 204);
    json = call(rig, "GET", "/v1/orgs?limit=2", "", NULL, 200);
    assert_string_equal(rig_text_at(json, "object"), "list");
    assert_string_equal(rig_text_at(json, "data.0.slug"), "o0");
    assert_string_equal(rig_text_at(json, "data.1.slug"), "o2");
    assert_string_equal(rig_text_at(json, "data.0.id"), rig_text_at(json, "first_id"));
    assert_true(json_is_true(rig_at(json, "has_more")));
    path_of(path, "?limit=2&after=%s", rig_text_at(json, "last_id"));
    json_decref(json);
    json = call(rig, "GET", path, "", NULL, 200);
    assert_string_equal(rig_text_at(json, "data.0.slug"), "o3");
    assert_string_equal(rig_text_at(json, "data.1.slug"), "o4");
    assert_false(json_is_true(rig_at(json, "has_more")));
    json_decref(json);
}

static void the_administrators_key_opens_the_api_and_nothing_else(void **state)
{
    struct rig *rig = *state;
    const char *admin = "Authorization: Bearer admin-1\r\n";

    assert_int_equal(setenv("TEST_ADMIN_KEY", "admin-1", 1), 0);
    assert_int_equal(setenv("TEST_MODEL_KEY", "model-1", 1), 0);
    rig_set(rig, "admin_key_env", "TEST_ADMIN_KEY");
    rig_set(rig, "api_key_env", "TEST_MODEL_KEY");
    start(rig);
    expect(rig, "GET", "/v1/orgs", "", NULL, 401);
    expect(rig, "GET", "/v1/orgs", "Authorization: Bearer model-1\r\n", NULL, 401);
    expect(rig, "GET", "/v1/orgs", admin, NULL, 200);
    expect(rig, "POST", CHAT, admin, QUESTION, 401);
    expect(rig, "POST", CHAT, "Authorization: Bearer model-1\r\n", QUESTION, 200);
}

static void a_key_dies_with_its_user(void **state)
{
    struct rig *rig = *state;
    struct person person;
    char path[PATH_BYTES];

    rig_set(rig, "tenant_keys", "required");
    start(rig);
    expect(rig, "POST", CHAT, "", QUESTION, 401);
    expect(rig, "POST", CHAT, "Authorization: Bearer sk-other\r\n", QUESTION, 401);
    add_organization(rig, "a");
    person = add_person(rig, "a", "one@a.invalid");
    expect(rig, "POST", CHAT, person.headers, QUESTION, 200);
    expect(rig, "DELETE", path_of(path, "/a/users/%s", person.id), "", NULL, 204);
    expect(rig, "POST", CHAT, person.headers, QUESTION, 401);
}

/* What an organization has of a figure. */
static double figure(struct rig *rig, const char *slug, const char *member)
{
    char path[PATH_BYTES];
    json_t *json = call(rig, "GET", path_of(path, "/%s", slug), "", NULL, 200);
    const double value = json_number_value(rig_at(json, member));

    json_decref(json);
    return value;
}

static void answers_are_paid_by_their_organization(void **state)
{
    struct rig *rig = *state;
    struct person person;
    json_t *json;
    double prompt;

    rig_set(rig, "price_prompt", "1000");
    rig_set(rig, "price_completion", "100000");
    start(rig);
    add_organization(rig, "a");
    person = add_person(rig, "a", "one@a.invalid");
    expect(rig, "POST", CHAT, "Authorization: Bearer other\r\n", QUESTION, 200);
    assert_true(figure(rig, "a", "spent_usd") == 0);
    json = call(rig, "POST", CHAT, person.headers, QUESTION, 200);
    prompt = json_number_value(rig_at(json, "usage.prompt_tokens"));
    json_decref(json);
    assert_true(fabs(figure(rig, "a", "spent_usd") - (prompt * 0.001 + 3 * 0.1)) < 1e-9);
    expect(rig, "POST", "/v1/embeddings", person.headers,
           "{\"model\":\"m\",\"input\":\"1234\",\"dimensions\":2}", 200);
    assert_true(fabs(figure(rig, "a", "spent_usd") - (prompt * 0.001 + 3 * 0.1 + 0.001)) <
                1e-9);
    assert_true(figure(rig, "a", "usage.completion_tokens") == 3);
}

static void an_exhausted_budget_stops_one_organization_alone(void **state)
{
    struct rig *rig = *state;
    struct person poor;
    struct person rich;
    struct rig_answer answer;

    rig_set(rig, "price_completion", "100000"); /* 0.30 USD for an answer */
    start(rig);
    expect(rig, "POST", "/v1/orgs", "", "{\"name\":\"poor\",\"budget_usd\":0.5}", 201);
    add_organization(rig, "rich");
    poor = add_person(rig, "poor", "one@poor.invalid");
    rich = add_person(rig, "rich", "one@rich.invalid");
    expect(rig, "POST", CHAT, poor.headers, QUESTION, 200);
    expect(rig, "POST", CHAT, poor.headers, QUESTION, 200);
    rig_call(rig, "POST", CHAT, poor.headers, QUESTION, &answer);
    assert_int_equal(answer.status, 429);
    assert_string_equal(rig_text_at(answer.json, "error.code"), "budget_exceeded");
    assert_string_equal(rig_text_at(answer.json, "error.type"), "insufficient_quota");
    assert_non_null(
        strstr(rig_text_at(answer.json, "error.message"), "Budget of poor exceeded: "));
    rig_expect_field(&answer, "x-should-retry: false");
    assert_null(strstr(answer.head, "retry-after"));
    rig_answer_deinit(&answer);
    expect(rig, "POST", CHAT, rich.headers, QUESTION, 200);
    assert_true(figure(rig, "poor", "usage.refused_for_budget") == 1);
    assert_true(figure(rig, "rich", "usage.refused_for_budget") == 0);
    expect(rig, "PATCH", "/v1/orgs/poor", "", "{\"budget_usd\":null}", 200);
    expect(rig, "POST", CHAT, poor.headers, QUESTION, 200);
}

/* Sends a question on a wire whose answer takes its time. */
static void ask(struct rig *rig, unsigned wire, const struct person *person)
{
    rig_post(rig, wire, CHAT, person->headers, QUESTION);
}

/* However many ask at once, one answer at most is begun past the budget. */
static void what_is_in_flight_counts(void **state)
{
    struct rig *rig = *state;
    struct person person;
    char path[PATH_BYTES];

    rig_set(rig, "price_completion", "100000");
    rig_set(rig, "ttft", "300ms");
    start(rig);
    expect(rig, "POST", "/v1/orgs", "", "{\"name\":\"a\",\"budget_usd\":0.5}", 201);
    person = add_person(rig, "a", "one@a.invalid");
    for (unsigned wire = 1; wire < RIG_WIRES; wire++)
        ask(rig, wire, &person);
    wire_await(&rig->wires[3], "budget_exceeded", 1);
    assert_true(figure(rig, "a", "spent_usd") == 0); /* and yet it was refused */
    for (unsigned wire = 1; wire < RIG_WIRES - 1; wire++)
        wire_await(&rig->wires[wire], "chat.completion", 1);
    assert_true(figure(rig, "a", "spent_usd") > 0.6 - 1e-9);
    assert_true(figure(rig, "a", "spent_usd") < 0.61);
    /* Who leaves early gives back what was not made. */
    expect(rig, "PATCH", "/v1/orgs/a", "", "{\"budget_usd\":0.7}", 200);
    rig_post(rig, 1, CHAT, person.headers,
             "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\","
             "\"content\":\"Hi\"}]}");
    wire_await(&rig->wires[1], "event-stream", 1);
    wire_close(&rig->wires[1], true);
    while (simulator_counts(rig->simulator).abandoned == 0)
        uv_run(&rig->loop, UV_RUN_ONCE);
    assert_true(figure(rig, "a", "spent_usd") < 0.61);
    /* An organization may go while it is being answered. */
    ask(rig, 2, &person);
    while (simulator_counts(rig->simulator).active == 0)
        uv_run(&rig->loop, UV_RUN_ONCE);
    expect(rig, "DELETE", path_of(path, "/a/users/%s", person.id), "", NULL, 204);
    expect(rig, "DELETE", "/v1/orgs/a", "", NULL, 204);
    wire_await(&rig->wires[2], "chat.completion\"", 2);
}

static void limits_are_shared_by_an_organization(void **state)
{
    struct rig *rig = *state;
    struct person one;
    struct person two;
    struct person other;

    rig_set(rig, "requests_per_minute", "2");
    rig_set(rig, "limits_per", "organization");
    start(rig);
    add_organization(rig, "a");
    add_organization(rig, "b");
    one = add_person(rig, "a", "one@a.invalid");
    two = add_person(rig, "a", "two@a.invalid");
    other = add_person(rig, "b", "one@b.invalid");
    expect(rig, "POST", CHAT, one.headers, QUESTION, 200);
    expect(rig, "POST", CHAT, two.headers, QUESTION, 200);
    expect(rig, "POST", CHAT, one.headers, QUESTION, 429);
    expect(rig, "POST", CHAT, other.headers, QUESTION, 200);
    assert_true(figure(rig, "a", "usage.refused_for_rate") == 1);
}

static void limits_of_keys_are_their_own(void **state)
{
    struct rig *rig = *state;
    struct person one;
    struct person two;

    rig_set(rig, "requests_per_minute", "1");
    start(rig);
    add_organization(rig, "a");
    one = add_person(rig, "a", "one@a.invalid");
    two = add_person(rig, "a", "two@a.invalid");
    expect(rig, "POST", CHAT, one.headers, QUESTION, 200);
    expect(rig, "POST", CHAT, one.headers, QUESTION, 429);
    expect(rig, "POST", CHAT, two.headers, QUESTION, 200);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(an_organization_is_made_shown_changed_and_removed),
        WITH_RIG(what_a_body_lacks_is_named),
        WITH_RIG(users_and_keys_are_made_found_and_removed),
        WITH_RIG(lists_come_in_pages),
        WITH_RIG(the_administrators_key_opens_the_api_and_nothing_else),
        WITH_RIG(a_key_dies_with_its_user),
        WITH_RIG(answers_are_paid_by_their_organization),
        WITH_RIG(an_exhausted_budget_stops_one_organization_alone),
        WITH_RIG(what_is_in_flight_counts),
        WITH_RIG(limits_are_shared_by_an_organization),
        WITH_RIG(limits_of_keys_are_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
