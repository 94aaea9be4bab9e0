/* What is evaluated without libjq gives what libjq gives, for queries and bodies of all kinds. */
#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/rng.h"
#include "expr/query.h"
#include "expr/query_jq.h"

#define QUERIES 400
#define BODIES 150

static const char *pick(struct rng *rng, const char *const *texts, size_t count)
{
    return texts[rng_below(rng, count)];
}

#define PICK(rng, list) pick(rng, list, sizeof(list) / sizeof((list)[0]))

static void add_json(struct rng *rng, struct buf *out, unsigned depth)
{
    static const char *const keys[] = {"a",       "b", "c d", "\\u0061",
                                       "\\u00e9", "é", "",    "a"};
    static const char *const scalars[] = {"null",
                                          "true",
                                          "false",
                                          "0",
                                          "-0",
                                          "1",
                                          "1.0",
                                          "1e3",
                                          "2",
                                          "-1.5",
                                          "0.1",
                                          "1e-7",
                                          "12345678901234567890",
                                          "1e308",
                                          "123456789012345678901234567890",
                                          "3.0000000000000001",
                                          "100000000000000000",
                                          "1E+2",
                                          "\"\"",
                                          "\"a\"",
                                          "\"b\\n\"",
                                          "\"\\u00e9\"",
                                          "\"é\"",
                                          "\"\\ud83d\\ude00\"",
                                          "\"\\ud800x\"",
                                          "\"\\\"\\\\\\/\"",
                                          "\"\\u0000\"",
                                          "\"aa\""};
    const uint64_t kind = depth == 0 ? 0 : rng_below(rng, 4);

    if (kind < 2) {
        buf_append_str(out, PICK(rng, scalars));
        return;
    }
    buf_append_str(out, kind == 2 ? " [" : "{ ");
    for (uint64_t i = 0, count = rng_below(rng, 5); i < count; i++) {
        buf_append_str(out, i > 0 ? " , " : "");
        if (kind == 3)
            buf_printf(out, "\"%s\" : ", PICK(rng, keys));
        add_json(rng, out, depth - 1);
    }
    buf_append_str(out, kind == 2 ? "]" : "\t}\n");
}

/* Now and then it is no JSON: a byte is lost, or changed. */
static void break_json(struct rng *rng, struct buf *out)
{
    if (out->len == 0 || rng_below(rng, 4) > 0)
        return;
    const size_t at = rng_below(rng, out->len);

    if (rng_below(rng, 2))
        buf_erase(out, at, 1);
    else
        out->bytes[at] = "{}[]\":,1e\\u"[rng_below(rng, 11)];
}

static void add_query(struct rng *rng, struct buf *out, unsigned depth);

static void add_path(struct rng *rng, struct buf *out)
{
    static const char *const firsts[] = {".",    ".a",       ".b",    ".\"c d\"",
                                         ".[0]", ".[\"a\"]", ".\"é\""};
    static const char *const nexts[] = {".a",        ".b",           "[0]",   "[1]",
                                        "[\"c d\"]", ".\"\\u00e9\"", "[\"\"]"};
    const char *first = PICK(rng, firsts);

    buf_append_str(out, first);
    for (uint64_t i = rng_below(rng, 3); i > 0 && first[1]; i--)
        buf_append_str(out, PICK(rng, nexts));
}

static void add_term(struct rng *rng, struct buf *out, unsigned depth)
{
    static const char *const words[] = {
        "length", "not", "null",  "true",        "false", "0", "-1",
        "1.0",    "1e3", "\"a\"", "\"\\u00e9\"", "\"\"",  "2", "12345678901234567890"};

    switch (rng_below(rng, depth > 0 ? 4 : 3)) {
    case 0:
        buf_append_str(out, PICK(rng, words));
        break;
    case 3:
        buf_append_char(out, '(');
        add_query(rng, out, depth - 1);
        buf_append_char(out, ')');
        break;
    default:
        add_path(rng, out);
        break;
    }
}

static void add_query(struct rng *rng, struct buf *out, unsigned depth)
{
    static const char *const operators[] = {" and ", " or ", " // ",     "//", " | ",
                                            "|",     " == ", "!=",       "<",  " <= ",
                                            ">",     ">=",   " | not | "};

    add_term(rng, out, depth);
    for (uint64_t i = rng_below(rng, 3); i > 0; i--) {
        buf_append_str(out, PICK(rng, operators));
        add_term(rng, out, depth);
    }
}

/* Queries that jq takes, all of the plain kind. */
static void make_queries(struct rng *rng, char *texts[QUERIES])
{
    for (size_t i = 0; i < QUERIES;) {
        struct buf out = BUF_INIT(2000);

        add_query(rng, &out, 2);
        texts[i] = buf_take(&out);
        if (query_is_plain(texts[i]))
            i++; /* two comparisons in a row are not */
        else
            free(texts[i]);
    }
}

static void assert_same(int plain, const struct query_result *plain_result,
                        const struct buf *plain_text, int jq,
                        const struct query_result *jq_result, const struct buf *jq_text,
                        const char *query, const char *body)
{
    if (plain == jq &&
        (plain < 0 || (plain_result->kind == jq_result->kind &&
                       strcmp(buf_str(plain_text), buf_str(jq_text)) == 0)))
        return;
    print_error("%s\nover %s\ngives %d, kind %d: %s\nby jq %d, kind %d: %s\n", query,
                body, plain, (int)plain_result->kind, buf_str(plain_text), jq,
                (int)jq_result->kind, buf_str(jq_text));
    fail();
}

static void plain_queries_say_what_libjq_says(void **state)
{
    char *texts[QUERIES];
    struct query_runner *runner = NULL;
    struct query_jq *jq = NULL;
    struct rng rng;
    size_t values = 0;

    (void)state;
    rng_init(&rng, 4, 0, 0, RNG_TEST);
    make_queries(&rng, texts);
    const char *const *queries = (const char *const *)texts;

    assert_int_equal(query_runner_new(queries, QUERIES, &runner), 0);
    assert_int_equal(query_jq_new(queries, QUERIES, &jq), 0);
    for (int round = 0; round < BODIES; round++) {
        struct buf body = BUF_INIT(100000);

        add_json(&rng, &body, 4);
        break_json(&rng, &body);
        const struct query_root root = {
            .path = "", .kind = QUERY_JSON, .text = buf_str(&body), .len = body.len};

        for (uint32_t i = 0; i < QUERIES; i++) {
            struct query_result results[2] = {0};
            struct buf out[2] = {BUF_INIT(100000), BUF_INIT(100000)};
            const int plain = query_run(runner, i, &root, 1, &out[0], &results[0]);
            const int other = query_jq_run(jq, i, &root, 1, &out[1], &results[1]);

            assert_same(plain, &results[0], &out[0], other, &results[1], &out[1],
                        texts[i], buf_str(&body));
            values += results[0].kind > QUERY_NULL;
            buf_deinit(&out[0]);
            buf_deinit(&out[1]);
        }
        buf_deinit(&body);
    }
    assert_true(values > (size_t)QUERIES * BODIES / 4); /* it is not all null */
    query_runner_free(runner);
    query_jq_free(jq);
    for (size_t i = 0; i < QUERIES; i++)
        free(texts[i]);
}

/* Bytes that the program holds in all. */
static size_t allocated(void)
{
    return mallinfo2().uordblks;
}

static void evaluations_leave_nothing_behind(void **state)
{
    static const char *const texts[] = {".a.b[1]",
                                        ".a",
                                        "[.a.b[] | . * 2]",
                                        ".a | tojson",
                                        "error(\"x\")",
                                        ".a.x.y",
                                        ".a.b.x",
                                        "{x: .a}",
                                        ".vars",
                                        "first(range(10; 20))",
                                        ".a.b | length"};
    static const struct query_root roots[] = {
        {.path = "a", .kind = QUERY_JSON, .text = "{\"b\":[1,2,3]}", .len = 13},
        {.path = "vars.x", .kind = QUERY_TEXT, .text = "some text", .len = 9},
    };
    struct query_runner *runner = NULL;
    struct buf out = BUF_INIT(1000);
    size_t before = 0;

    (void)state;
    assert_int_equal(query_runner_new(texts, 11, &runner), 0);
    for (uint32_t i = 0; i < 110000; i++) {
        struct query_result result;

        buf_clear(&out);
        (void)query_run(runner, i % 11, roots, 2, &out, &result);
        if (i == 9999)
            before = allocated();
    }
    assert_true(allocated() < before + 2000);
    buf_deinit(&out);
    query_runner_free(runner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_queries_say_what_libjq_says),
        cmocka_unit_test(evaluations_leave_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
