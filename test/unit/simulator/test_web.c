/* The web API under /api/v1. */
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
#include "base/clock.h"
#include "rig.h"
#include "simulator/shelf.h"

#define CREDENTIALS "{\"email\":\"a@b.test\",\"password\":\"long enough\"}"
#define GRAPH                                                                            \
    "\"nodes\":[{\"id\":\"in\",\"type\":\"input\"},{\"id\":\"llm\",\"type\":\"model\"}]" \
    ","                                                                                  \
    "\"edges\":[{\"from\":\"in\",\"to\":\"llm\"}]"

static void start(struct rig *rig)
{
    rig_set(rig, "web", "0");
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

/* Registers an account and logs it in; the header line with its token. */
static void log_in(struct rig *rig, const char *credentials, char headers[static 128])
{
    json_t *json;

    expect(rig, "POST", "/api/v1/auth/register", "", credentials, 201);
    json = call(rig, "POST", "/api/v1/auth/login", "", credentials, 200);
    (void)snprintf(headers, 128, "Authorization: Bearer %s\r\n",
                   rig_text_at(json, "access_token"));
    assert_string_equal(rig_text_at(json, "token_type"), "bearer");
    json_decref(json);
}

static void an_account_is_registered_logged_in_shown_and_logged_out(void **state)
{
    struct rig *rig = *state;
    char headers[128];
    json_t *json;

    start(rig);
    log_in(rig, CREDENTIALS, headers);
    expect(rig, "POST", "/api/v1/auth/register", "", CREDENTIALS, 409);
    json = call(rig, "GET", "/api/v1/auth/me", headers, NULL, 200);
    assert_string_equal(rig_text_at(json, "email"), "a@b.test");
    assert_null(json_object_get(json, "password"));
    json_decref(json);
    expect(rig, "POST", "/api/v1/auth/login", "",
           "{\"email\":\"a@b.test\",\"password\":\"not the one\"}", 401);
    expect(rig, "POST", "/api/v1/auth/login", "",
           "{\"email\":\"other@b.test\",\"password\":\"long enough\"}", 401);
    expect(rig, "POST", "/api/v1/auth/logout", headers, NULL, 204);
    expect(rig, "GET", "/api/v1/auth/me", headers, NULL, 401);
    expect(rig, "GET", "/api/v1/auth/me", "", NULL, 401);
}

static void bad_credentials_are_refused_with_their_place(void **state)
{
    static const struct {
        const char *json;
        const char *field;
    } cases[] = {
        {"{\"password\":\"long enough\"}", "email"},
        {"{\"email\":\"a.test\",\"password\":\"long enough\"}", "email"},
        {"{\"email\":\"@a.test\",\"password\":\"long enough\"}", "email"},
        {"{\"email\":\"a@b.test\",\"password\":\"short\"}", "password"},
        {"{\"email\":\"a@b.test\"}", "password"},
        {"{\"email\":\"a@b.test\",\"password\":\"long enough\",\"name\":7}", "name"},
    };
    struct rig *rig = *state;

    start(rig);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_t *json = call(rig, "POST", "/api/v1/auth/register", "", cases[i].json, 422);

        assert_string_equal(rig_text_at(json, "detail.0.loc.1"), cases[i].field);
        json_decref(json);
    }
    expect(rig, "POST", "/api/v1/auth/register", "", "no JSON", 400);
}

static void an_agent_is_made_shown_changed_and_removed(void **state)
{
    struct rig *rig = *state;
    char headers[128];
    char path[128];
    json_t *json;

    start(rig);
    log_in(rig, CREDENTIALS, headers);
    json = call(rig, "POST", "/api/v1/agents", headers,
                "{\"name\":\"Ann\",\"config\":{\"a\":1}}", 201);
    (void)snprintf(path, sizeof(path), "/api/v1/agents/%s", rig_text_at(json, "id"));
    json_decref(json);
    json = call(rig, "GET", path, headers, NULL, 200);
    assert_string_equal(rig_text_at(json, "name"), "Ann");
    assert_int_equal(rig_count_at(json, "config.a"), 1);
    json_decref(json);
    json = call(rig, "PUT", path, headers, "{\"description\":\"helps\"}", 200);
    assert_string_equal(rig_text_at(json, "name"), "Ann");
    assert_string_equal(rig_text_at(json, "description"), "helps");
    json_decref(json);
    expect(rig, "PUT", path, headers, "{\"name\":\"\"}", 422);
    expect(rig, "DELETE", path, headers, NULL, 204);
    expect(rig, "GET", path, headers, NULL, 404);
    expect(rig, "PUT", path, headers, "{}", 404);
    expect(rig, "DELETE", path, headers, NULL, 404);
    expect(rig, "POST", "/api/v1/agents", "", "{\"name\":\"Ann\"}", 401);
    expect(rig, "POST", "/api/v1/agents", headers, "{}", 422);
    expect(rig, "PATCH", path, headers, "{}", 405);
}

static void lists_have_pages(void **state)
{
    struct rig *rig = *state;
    char headers[128];
    json_t *json;

    start(rig);
    log_in(rig, CREDENTIALS, headers);
    for (int i = 0; i < 7; i++) {
        char body[64];

        (void)snprintf(body, sizeof(body), "{\"name\":\"agent %d\"}", i);
        expect(rig, "POST", "/api/v1/agents", headers, body, 201);
    }
    json = call(rig, "GET", "/api/v1/agents?page=2&page_size=3", headers, NULL, 200);
    assert_int_equal(rig_count_at(json, "total"), 7);
    assert_int_equal(rig_count_at(json, "pages"), 3);
    assert_int_equal(json_array_size(rig_at(json, "items")), 3);
    assert_string_equal(rig_text_at(json, "items.0.name"), "agent 3");
    json_decref(json);
    json = call(rig, "GET", "/api/v1/agents?page=9", headers, NULL, 200);
    assert_int_equal(json_array_size(rig_at(json, "items")), 0);
    json_decref(json);
    expect(rig, "GET", "/api/v1/agents?page=0", headers, NULL, 422);
    json = call(rig, "GET", "/api/v1/agents?page_size=101", headers, NULL, 422);
    assert_string_equal(rig_text_at(json, "detail.0.msg"),
                        "a number from 1 to 100 is required");
    json_decref(json);
    json = call(rig, "GET", "/api/v1/pipelines", headers, NULL, 200);
    assert_int_equal(rig_count_at(json, "total"), 0);
    json_decref(json);
}

static void accounts_do_not_see_each_other(void **state)
{
    struct rig *rig = *state;
    char ann[128];
    char bob[128];
    char path[128];
    json_t *json;

    start(rig);
    log_in(rig, CREDENTIALS, ann);
    log_in(rig, "{\"email\":\"b@b.test\",\"password\":\"long enough\"}", bob);
    json = call(rig, "POST", "/api/v1/agents", ann, "{\"name\":\"hers\"}", 201);
    (void)snprintf(path, sizeof(path), "/api/v1/agents/%s", rig_text_at(json, "id"));
    json_decref(json);
    expect(rig, "GET", path, bob, NULL, 404);
    expect(rig, "GET", path, ann, NULL, 200);
}

static void the_graph_of_a_pipeline_is_checked(void **state)
{
    static const char *const bodies[] = {
        "{\"name\":\"p\"}",
        "{\"name\":\"p\",\"nodes\":[],\"edges\":[]}",
        "{\"name\":\"p\",\"nodes\":[{\"type\":\"x\"}],\"edges\":[]}",
        "{\"name\":\"p\",\"nodes\":[{\"id\":\"a\"},{\"id\":\"a\"}],\"edges\":[]}",
        "{\"name\":\"p\",\"nodes\":[{\"id\":\"a\"}]}",
        "{\"name\":\"p\",\"nodes\":[{\"id\":\"a\"}],\"edges\":[{\"from\":\"a\",\"to\":"
        "\"b\"}]}",
        "{" GRAPH "}",
    };
    struct rig *rig = *state;
    char headers[128];

    start(rig);
    log_in(rig, CREDENTIALS, headers);
    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        expect(rig, "POST", "/api/v1/pipelines", headers, bodies[i], 422);
    expect(rig, "POST", "/api/v1/pipelines", headers, "{\"name\":\"p\"," GRAPH "}", 201);
    expect(rig, "POST", "/api/v1/pipelines", headers,
           "{\"name\":\"p\",\"nodes\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"edges\":[{"
           "\"source\":"
           "\"a\",\"target\":\"b\"}]}",
           201);
}

static void only_what_one_owns_can_be_deployed(void **state)
{
    struct rig *rig = *state;
    char headers[128];
    char body[128];
    json_t *json;

    start(rig);
    log_in(rig, CREDENTIALS, headers);
    json = call(rig, "POST", "/api/v1/pipelines", headers, "{\"name\":\"p\"," GRAPH "}",
                201);
    (void)snprintf(body, sizeof(body), "{\"pipeline_id\":\"%s\"}",
                   rig_text_at(json, "id"));
    json_decref(json);
    json = call(rig, "POST", "/api/v1/deployments", headers, body, 201);
    assert_string_equal(rig_text_at(json, "status"), "running");
    json_decref(json);
    expect(rig, "POST", "/api/v1/deployments", headers, "{\"agent_id\":\"agent-1\"}",
           404);
    expect(rig, "POST", "/api/v1/deployments", headers, "{}", 422);
    expect(rig, "POST", "/api/v1/deployments", "", body, 401);
}

static void metrics_cover_a_range_of_time(void **state)
{
    struct rig *rig = *state;
    char headers[128];
    json_t *json;

    start(rig);
    log_in(rig, CREDENTIALS, headers);
    json = call(rig, "GET", "/api/v1/metrics?time_range=24h", headers, NULL, 200);
    assert_string_equal(rig_text_at(json, "time_range"), "24h");
    assert_int_equal(json_array_size(rig_at(json, "series")), 12);
    json_decref(json);
    expect(rig, "GET", "/api/v1/metrics", headers, NULL, 200);
    expect(rig, "GET", "/api/v1/metrics?time_range=ever", headers, NULL, 422);
    expect(rig, "GET", "/api/v1/metrics", "", NULL, 401);
    expect(rig, "GET", "/api/v1/health", "", NULL, 200);
}

static void its_time_is_an_option(void **state)
{
    struct rig *rig = *state;
    const uint64_t begin_ns = clock_mono_ns();

    rig_set(rig, "web", "30ms");
    rig_start(rig);
    expect(rig, "POST", "/api/v1/auth/register", "", CREDENTIALS, 201);
    assert_true(clock_mono_ns() - begin_ns >= 30 * NS_PER_MS);
}

/* What is remembered is bounded: the oldest goes. */
static void a_full_shelf_drops_the_oldest(void **state)
{
    json_t *shelf = json_object();
    json_t *page;

    (void)state;
    assert_int_equal(shelf_put(shelf, 3, "zebra", json_integer(1)), 0);
    assert_int_equal(shelf_put(shelf, 3, "ant", json_integer(2)), 0);
    assert_int_equal(shelf_put(shelf, 3, "cow", json_integer(3)), 0);
    assert_int_equal(shelf_put(shelf, 3, "zebra", json_integer(4)), 0);
    assert_int_equal(shelf_put(shelf, 3, "bee", json_integer(5)), 0);
    assert_null(json_object_get(shelf, "zebra"));
    page = shelf_page(shelf, 1, 9);
    assert_int_equal(json_array_size(page), 2);
    assert_int_equal(json_integer_value(json_array_get(page, 0)), 3);
    assert_int_equal(json_integer_value(json_array_get(page, 1)), 5);
    json_decref(page);
    json_decref(shelf);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(an_account_is_registered_logged_in_shown_and_logged_out),
        WITH_RIG(bad_credentials_are_refused_with_their_place),
        WITH_RIG(an_agent_is_made_shown_changed_and_removed),
        WITH_RIG(lists_have_pages),
        WITH_RIG(accounts_do_not_see_each_other),
        WITH_RIG(the_graph_of_a_pipeline_is_checked),
        WITH_RIG(only_what_one_owns_can_be_deployed),
        WITH_RIG(metrics_cover_a_range_of_time),
        WITH_RIG(its_time_is_an_option),
        cmocka_unit_test(a_full_shelf_drops_the_oldest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
