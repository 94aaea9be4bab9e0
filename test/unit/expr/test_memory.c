/* Compiling and evaluating survive every refused allocation of our own. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/rng.h"
#include "expr/query.h"
#include "expr/regex.h"
#include "expr/template.h"
#include "torture.h"

static int find_name(void *ctx, const char *name, size_t len, uint32_t *ret_ref,
                     const char **reterr_hint)
{
    (void)ctx;
    (void)name;
    (void)len;
    (void)reterr_hint;
    *ret_ref = 0;
    return 0;
}

static int write_name(void *ctx, uint32_t ref, struct buf *out, bool *ret_json)
{
    (void)ctx;
    (void)ref;
    (void)ret_json;
    return buf_append_str(out, "a \"value\"");
}

static int compile_and_render(void)
{
    static const char text[] = "{\"a\":\"{{ vars.x | json }}\",\"b\":\"{{ words(200) | "
                               "base64 }} {{ vars.y | url }}\"}";
    const struct template *template = NULL;
    struct template_error error;
    struct arena *arena = NULL;
    struct buf out = BUF_INIT(100000);
    struct rng rng;
    const struct template_scope scope = {write_name, NULL, &rng, 1};
    uint32_t ref = 0;
    int r = arena_new(&arena);

    rng_init(&rng, 1, 0, 0, RNG_TEST);
    if (r == 0)
        r = template_compile(text, strlen(text), TEMPLATE_JSON, find_name, NULL, arena,
                             &template, &error);
    if (r == 0)
        r = template_render(template, &scope, &out, &ref);
    buf_deinit(&out);
    arena_free(arena);
    return r;
}

static int evaluate_plain_queries(void)
{
    static const char *const texts[] = {".a.\"b c\"[0] // \"none\"",
                                        ".a | length > 3 and (.b | not)"};
    static const struct query_root root = {
        .path = "", .kind = QUERY_JSON, .text = "{\"a\":[\"x\"]}", .len = 11};
    struct query_runner *runner = NULL;
    struct query_result result;
    struct buf out = BUF_INIT(1000);
    int r = query_runner_new(texts, 2, &runner);

    for (uint32_t i = 0; i < 2 && r == 0; i++) {
        r = query_run(runner, i, &root, 1, &out, &result);
        if (r == -EINVAL) /* `.a."b c"` of a list */
            r = buf_append_str(&out, "failed");
    }
    buf_deinit(&out);
    query_runner_free(runner);
    return r;
}

static int match(void)
{
    struct regex_error error;
    struct regex *regex = NULL;
    struct regex_span span;
    int r = regex_new("a(b+)", &regex, &error);

    if (r == 0)
        r = regex_match(regex, "abbb", 4, 1, &span) == 1 ? 0 : -EINVAL;
    regex_free(regex);
    return r;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    assert_true(torture(compile_and_render, -ENOMEM) >= 3);
    assert_true(torture(evaluate_plain_queries, -ENOMEM) >= 3);
    assert_int_equal(torture(match, -ENOMEM), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failed_allocation_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
