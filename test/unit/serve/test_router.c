#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "serve/router.h"

/* Entries are longer than a serve_route, as a server's own are. */
struct entry {
    struct serve_route route;
    int number;
};

static const struct entry table[] = {
    {{"GET", "/v1/models"}, 0},
    {{"GET", "/v1/models/{id}"}, 1},
    {{"DELETE", "/v1/orgs/{org}/users/{user}"}, 2},
    {{"POST", "/v1/models"}, 3},
};

static enum serve_route_result find(const char *method, const char *path,
                                    struct serve_route_match *match)
{
    return serve_route_find(&table[0].route, 4, sizeof(table[0]), method, path,
                            strlen(path), match);
}

static void a_route_is_found_by_method_and_path(void **state)
{
    struct serve_route_match match;

    (void)state;
    assert_int_equal(find("GET", "/v1/models", &match), SERVE_ROUTE_FOUND);
    assert_int_equal(table[match.index].number, 0);
    assert_int_equal(find("POST", "/v1/models", &match), SERVE_ROUTE_FOUND);
    assert_int_equal(table[match.index].number, 3);
    assert_int_equal(find("HEAD", "/v1/models", &match), SERVE_ROUTE_FOUND);
    assert_int_equal(table[match.index].number, 0);
}

static void names_in_the_path_are_given(void **state)
{
    struct serve_route_match match;

    (void)state;
    assert_int_equal(find("DELETE", "/v1/orgs/acme/users/7", &match), SERVE_ROUTE_FOUND);
    assert_int_equal(match.param_count, 2);
    assert_int_equal(match.params[0].len, 4);
    assert_memory_equal(match.params[0].text, "acme", 4);
    assert_int_equal(match.params[1].len, 1);
    assert_memory_equal(match.params[1].text, "7", 1);
}

static void unknown_paths_and_methods_are_told_apart(void **state)
{
    static const char *const unknown[] = {"/",
                                          "/v1",
                                          "/v1/models/",
                                          "/v1/modelss",
                                          "/models",
                                          "/v1/models/a/b",
                                          "/v1/orgs//users/7",
                                          ""};
    struct serve_route_match match;

    (void)state;
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_int_equal(find("GET", unknown[i], &match), SERVE_ROUTE_NO_PATH);
    assert_int_equal(find("PUT", "/v1/models/a", &match), SERVE_ROUTE_NO_METHOD);
}

static void escapes_are_decoded(void **state)
{
    char out[8];

    (void)state;
    assert_int_equal(serve_percent_decode("a%2Fb", 5, out, sizeof(out)), 3);
    assert_string_equal(out, "a/b");
    assert_int_equal(serve_percent_decode("%4", 2, out, sizeof(out)), -EINVAL);
    assert_int_equal(serve_percent_decode("%4x", 3, out, sizeof(out)), -EINVAL);
    assert_int_equal(serve_percent_decode("%00", 3, out, sizeof(out)), -EINVAL);
    assert_int_equal(serve_percent_decode("12345678", 8, out, sizeof(out)), -ENOSPC);
    assert_int_equal(serve_percent_decode("", 0, out, sizeof(out)), 0);
}

static void a_path_tells_its_methods(void **state)
{
    static const struct serve_route few[] = {
        {"GET", "/a/{id}"}, {"POST", "/a"}, {"DELETE", "/a/{id}"}};
    char out[32];

    (void)state;
    serve_route_methods(few, 3, sizeof(few[0]), "/a/7", 4, out, sizeof(out));
    assert_string_equal(out, "GET, DELETE");
    serve_route_methods(few, 3, sizeof(few[0]), "/b", 2, out, sizeof(out));
    assert_string_equal(out, "");
}

static void parameters_of_a_query_are_found_and_decoded(void **state)
{
    static const char query[] = "page=2&time_range=last+24%2Bh&empty=&pages=9";
    char out[16];

    (void)state;
    assert_int_equal(serve_query_find(query, "page", out, sizeof(out)), 1);
    assert_string_equal(out, "2");
    assert_int_equal(serve_query_find(query, "time_range", out, sizeof(out)), 9);
    assert_string_equal(out, "last 24+h");
    assert_int_equal(serve_query_find(query, "empty", out, sizeof(out)), 0);
    assert_int_equal(serve_query_find(query, "pages", out, sizeof(out)), 1);
    assert_string_equal(out, "9");
    assert_int_equal(serve_query_find(query, "pag", out, sizeof(out)), -ENOENT);
    assert_int_equal(serve_query_find("", "page", out, sizeof(out)), -ENOENT);
    assert_int_equal(serve_query_find("page=%zz", "page", out, sizeof(out)), -EINVAL);
    assert_int_equal(serve_query_find(query, "time_range", out, 4), -ENOSPC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_is_found_by_method_and_path),
        cmocka_unit_test(names_in_the_path_are_given),
        cmocka_unit_test(unknown_paths_and_methods_are_told_apart),
        cmocka_unit_test(escapes_are_decoded),
        cmocka_unit_test(a_path_tells_its_methods),
        cmocka_unit_test(parameters_of_a_query_are_found_and_decoded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
