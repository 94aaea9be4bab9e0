#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "engine/request.h"
#include "net/transport.h"
#include "stage.h"

static const char *header(const struct transfer_request *request, const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < request->header_count; i++) {
        if (strcmp(request->headers[i].name, name) == 0) {
            assert_null(value); /* a header stands once */
            value = request->headers[i].value;
        }
    }
    return value;
}

static void a_chat_goes_to_the_target_with_the_headers_of_an_api_client(void **state)
{
    const struct request_key key = {.user = 5, .operation = 12, .attempt = 1};
    struct request_maker maker;
    struct transfer_request request;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    assert_int_equal(request_maker_init(&maker, &stage.plan, "run-1", 7, 0), 0);
    assert_int_equal(request_make(&maker, &key, &request), 0);
    assert_string_equal(request.method, "POST");
    assert_string_equal(request.url, "http://virtual:80/v1/chat/completions");
    assert_string_equal(header(&request, "Content-Type"), "application/json");
    assert_string_equal(header(&request, "Accept"), "text/event-stream");
    assert_string_equal(header(&request, "X-Request-ID"), "run-1-0-12-1");
    assert_int_equal(strlen(header(&request, "traceparent")), 55);
    assert_null(header(&request, "Authorization"));
    assert_int_equal(request.user, 5);
    request_maker_deinit(&maker);
}

static void the_url_is_made_once(void **state)
{
    const struct request_key key = {0};
    struct request_maker maker;
    struct transfer_request one;
    struct transfer_request two;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    assert_int_equal(request_maker_init(&maker, &stage.plan, "run-1", 7, 0), 0);
    assert_int_equal(request_make(&maker, &key, &one), 0);
    assert_int_equal(request_make(&maker, &key, &two), 0);
    assert_ptr_equal(one.url, two.url);
    request_maker_deinit(&maker);
}

static void the_key_is_the_rosters_else_the_targets_and_is_forgotten(void **state)
{
    struct request_key key = {0};
    struct request_maker maker;
    struct transfer_request request;
    struct secret *own;
    struct secret *theirs;
    struct stage stage;
    const char *sent;

    (void)state;
    stage_init(&stage);
    assert_int_equal(secret_new("sk-own", &own), 0);
    assert_int_equal(secret_new("sk-theirs", &theirs), 0);
    stage.target.api_key = own;
    assert_int_equal(request_maker_init(&maker, &stage.plan, "run-1", 7, 0), 0);
    assert_int_equal(request_make(&maker, &key, &request), 0);
    assert_string_equal(header(&request, "Authorization"), "Bearer sk-own");
    key.key = theirs;
    assert_int_equal(request_make(&maker, &key, &request), 0);
    sent = header(&request, "Authorization");
    assert_string_equal(sent, "Bearer sk-theirs");
    request_forget(&maker);
    assert_null(memchr(maker.authorization.bytes, 'k', maker.authorization.cap));
    request_maker_deinit(&maker);
    secret_free(own);
    secret_free(theirs);
}

static void headers_of_step_class_and_target_win_in_that_order(void **state)
{
    static const struct plan_pair target[] = {{.key = "X-A", .value = "target"},
                                              {.key = "X-B", .value = "target"}};
    static const struct plan_pair class[] = {{.key = "x-b", .value = "class"},
                                             {.key = "X-C", .value = "class"}};
    static const struct plan_pair step[] = {{.key = "X-C", .value = "step"},
                                            {.key = "accept", .value = "step"}};
    const struct request_key key = {0};
    struct request_maker maker;
    struct transfer_request request;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.target.headers = target;
    stage.target.header_count = 2;
    stage.classes[0].headers = class;
    stage.classes[0].header_count = 2;
    stage.steps[0].headers = step;
    stage.steps[0].header_count = 2;
    assert_int_equal(request_maker_init(&maker, &stage.plan, "run-1", 7, 0), 0);
    assert_int_equal(request_make(&maker, &key, &request), 0);
    assert_string_equal(header(&request, "X-A"), "target");
    assert_string_equal(header(&request, "x-b"), "class");
    assert_null(header(&request, "X-B"));
    assert_string_equal(header(&request, "X-C"), "step");
    assert_string_equal(header(&request, "accept"), "step");
    assert_null(header(&request, "Accept"));
    request_maker_deinit(&maker);
}

static void an_http_step_goes_to_its_path_at_the_origin(void **state)
{
    const struct request_key key = {.step = 2};
    struct request_maker maker;
    struct transfer_request request;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.steps[2] = (struct plan_step){
        .kind = PLAN_STEP_HTTP,
        .name = "models",
        .target = PLAN_NONE,
        .timeout_ns = S(5),
        .http = {.method = "GET", .path = PLAN_LITERAL("/v1/models")},
    };
    stage.plan.step_count = 3;
    stage.target.timeouts.total_ns = S(60);
    assert_int_equal(request_maker_init(&maker, &stage.plan, "run-1", 7, 0), 0);
    assert_int_equal(request_make(&maker, &key, &request), 0);
    assert_string_equal(request.method, "GET");
    assert_string_equal(request.url, "http://virtual:80/v1/models");
    assert_null(header(&request, "Content-Type"));
    assert_int_equal(request.total_timeout_ns, S(5));
    request_maker_deinit(&maker);
}

static void step_and_model_may_name_a_target_of_their_own(void **state)
{
    struct plan_target targets[3] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.plan.targets = targets;
    stage.plan.target_count = 3;
    assert_int_equal(request_target(&stage.plan, 0, 0), 0);
    stage.model.target = 1;
    assert_int_equal(request_target(&stage.plan, 0, 0), 1);
    stage.steps[0].target = 2;
    assert_int_equal(request_target(&stage.plan, 0, 0), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chat_goes_to_the_target_with_the_headers_of_an_api_client),
        cmocka_unit_test(the_url_is_made_once),
        cmocka_unit_test(the_key_is_the_rosters_else_the_targets_and_is_forgotten),
        cmocka_unit_test(headers_of_step_class_and_target_win_in_that_order),
        cmocka_unit_test(an_http_step_goes_to_its_path_at_the_origin),
        cmocka_unit_test(step_and_model_may_name_a_target_of_their_own),
    };

    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
