#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "expr/query.h"

/* What libjq loses: the memory of evaluations that were ended, and some in its parser. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libjq\n";
}

static const char *const kinds[] = {"nothing", "null", "false", "true", "", "", ""};

/* Appends what a query gives: its text, the name of its kind, or ! where it failed. */
static void append_result(struct query_runner *runner, uint32_t index,
                          const struct query_root *roots, size_t count, struct buf *out)
{
    struct query_result result;
    const int r = query_run(runner, index, roots, count, out, &result);

    if (r == -EINVAL)
        buf_append_char(out, '!');
    else
        assert_int_equal(r, 0);
    buf_append_str(out, r == 0 ? kinds[result.kind] : "");
}

static void assert_over_roots(const char *text, const struct query_root *roots,
                              size_t count, const char *expected)
{
    struct query_runner *runner = NULL;
    struct query_error error = {0};
    struct buf out = BUF_INIT(10000);

    assert_int_equal(query_check(text, &error), 0);
    assert_int_equal(query_runner_new(&text, 1, &runner), 0);
    append_result(runner, 0, roots, count, &out);
    assert_string_equal(buf_str(&out), expected);
    query_runner_free(runner);
    buf_deinit(&out);
}

static void assert_gives(const char *text, const char *json, const char *expected)
{
    const struct query_root root = {
        .path = "", .kind = QUERY_JSON, .text = json, .len = strlen(json)};

    assert_over_roots(text, &root, 1, expected);
}

static void a_path_leads_to_a_value(void **state)
{
    static const char body[] =
        "{\"a\":{\"b\":[10,{\"x "
        "y\":\"é\\n\\u00e9\"}],\"n\":null},\"t\":true,\"a2\":-0.50}";

    (void)state;
    assert_gives(".a.b[0]", body, "10");
    assert_gives(".a.b[1].\"x y\"", body, "é\né");
    assert_gives(".a[\"b\"][1][\"x y\"]", body, "é\né");
    assert_gives(".t", body, "true");
    assert_gives(".a2", body, "-0.5");
    assert_gives(".missing.more[3]", body, "null");
    assert_gives(".a.b[7]", body, "null");
    assert_gives(".a.b", body, "[10,{\"x y\":\"é\\né\"}]");
    assert_gives(".a.b.c", body, "!");
    assert_gives(".a[0]", body, "!");
    assert_gives(".t.x", body, "!");
    assert_gives(". ", " [1, 2] ", "[1,2]");
    assert_gives(".[1]", "[1,2]", "2");
    assert_gives(".a", "{\"a\":1,\"a\":2}", "2");
    assert_gives(".a", "{\"\\u0061\":1}", "1");
}

static void broken_json_is_null(void **state)
{
    static const char *const texts[] = {
        "",    "{\"a\":1",   "{\"a\":1} x", "<html>", "[1,]", "{\"a\":tru}",
        "nan", "{\"a\":1,}", "{'a':1}",     "\"a"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_gives(".a", texts[i], "null");
        assert_gives("[.a]", texts[i], "[null]"); /* by libjq */
    }
}

static void comparisons_and_logic_are_jqs(void **state)
{
    static const char body[] =
        "{\"n\":3,\"s\":\"b\",\"l\":[1,2,3],\"o\":{\"k\":0},\"z\":null}";

    (void)state;
    assert_gives(".n > 2 and .s == \"b\"", body, "true");
    assert_gives(".n >= 4 or (.z | not)", body, "true");
    assert_gives(".l | length == 3", body, "true");
    assert_gives("(.l | length) - 1", body, "2"); /* by libjq */
    assert_gives(".z // .n", body, "3");
    assert_gives(".z // false // \"none\"", body, "none");
    assert_gives(".s < [] and .n < .s and .z < false", body, "true");
    assert_gives(".l == [1,2,3]", body, "true"); /* by libjq */
    assert_gives(".o == .o and .o > .l", body, "true");
    assert_gives(".n != -3", body, "true");
    assert_gives(".o | length", body, "1");
    assert_gives(".s | length", body, "1");
    assert_gives("true | length", body, "!");
    assert_gives(".n | not | not", body, "true");
    assert_gives("empty", body, "nothing");
    assert_gives("error(\"x\")", body, "!");
    assert_gives(".l[]", body, "1"); /* the first of several */
}

static void only_what_is_evaluated_here_is_plain(void **state)
{
    static const char *const plain[] = {".",         ".a",           " .a.b[0].\"x y\" ",
                                        ".[0]",      ".[\"a\"]",     ".a | length > 3",
                                        "-1.5e3",    "\"a\\nb\"",    "not",
                                        "null",      ".and",         ".a//1|not",
                                        "(.a) == 1", ".a and.b or.c"};
    static const char *const others[] = {
        "..",        ".[]",     ".a?",        ".[1:2]", ".a | map(.b)", "1 + 1",
        ".a[-1]",    "(.a).b",  "\"\\(.a)\"", "[.a]",   "{a: 1}",       ".a == 1 == true",
        "$x",        "",        ". # note",   ".a .b",  "..a",          "not(1)",
        "length.a",  ".a,.b",   ".a |= 1",    ".[1.5]", "1 as $x | 2",  "-.a",
        ".a // = 1", "@base64", "\"a\"[0]"};

    (void)state;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        assert_true(query_is_plain(plain[i]));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_false(query_is_plain(others[i]));
}

static const struct query_root several[] = {
    {.path = "vars.n", .kind = QUERY_NUMBER, .number = 2},
    {.path = "vars.s", .kind = QUERY_TEXT, .text = "a\\n\"b", .len = 5},
    {.path = "vars.unset", .kind = QUERY_NOTHING},
    {.path = "last.status", .kind = QUERY_NUMBER, .number = 200},
    {.path = "last.json", .kind = QUERY_JSON, .text = "{\"id\":[7]}", .len = 10},
    {.path = "last.text", .kind = QUERY_TEXT, .text = "{}", .len = 2},
    {.path = "vars.n", .kind = QUERY_NUMBER, .number = 3},
    {.path = "failed", .kind = QUERY_FALSE},
};

static void the_input_is_made_of_its_roots(void **state)
{
    static const struct {
        const char *query;
        const char *expected;
    } table[] = {
        {".vars.n", "3"},
        {".vars.s", "a\\n\"b"},
        {".vars.s | length", "5"},
        {".last.json.id[0]", "7"},
        {".last.text.x", "!"},
        {".last.status == 200 and (.failed | not)", "true"},
        {".vars.unset", "null"},
        {".other", "null"},
        {".[0]", "!"},
        {".last | length", "3"},
        {".last == .last", "true"},
        {".last.json", "{\"id\":[7]}"},
        {".vars", "{\"n\":3,\"s\":\"a\\\\n\\\"b\",\"unset\":null}"},
        /* The same by libjq. */
        {"[.vars.n, .vars.s, .last.json.id[0]]", "[3,\"a\\\\n\\\"b\",7]"},
        {".last | keys", "[\"json\",\"status\",\"text\"]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        assert_over_roots(table[i].query, several, sizeof(several) / sizeof(several[0]),
                          table[i].expected);
}

static void a_later_root_wins_inside_of_an_earlier_one(void **state)
{
    static const struct query_root roots[] = {
        {.path = "", .kind = QUERY_JSON, .text = "{\"a\":{\"b\":1,\"c\":2}}", .len = 19},
        {.path = "a.b", .kind = QUERY_TEXT, .text = "new", .len = 3},
    };

    (void)state;
    assert_over_roots(".a.b", roots, 2, "new");
    assert_over_roots(".a.c", roots, 2, "2");
    assert_over_roots(".a", roots, 2, "{\"b\":\"new\",\"c\":2}");
    assert_over_roots(".a | .b", roots, 2, "new");
    assert_over_roots(".a", NULL, 0, "null");
}

static void many_queries_are_one_program(void **state)
{
    static const char *const texts[] = {
        ".a",
        "[.[]] | add",
        "def f: .a + 1; f # note",
        ".b | test(\"^x\")",
        ".b == \"x\"",
        ".a as $x | $x * 2",
        "error(\"no\")",
        "try error(\"no\") catch .",
        "empty",
        ". | tojson",
        "reduce range(5) as $i (0; . + $i)",
    };
    static const char *const expected[] = {
        "1", "!", "2", "true", "true", "2", "!", "no", "nothing", "{\"a\":1,\"b\":\"x\"}",
        "10"};
    const struct query_root root = {
        .path = "", .kind = QUERY_JSON, .text = "{\"a\":1,\"b\":\"x\"}", .len = 15};
    struct query_runner *runner = NULL;

    (void)state;
    assert_int_equal(query_runner_new(texts, 11, &runner), 0);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 11; i++) {
            struct buf out = BUF_INIT(1000);

            append_result(runner, i, &root, 1, &out);
            assert_string_equal(buf_str(&out), expected[i]);
            buf_deinit(&out);
        }
    }
    query_runner_free(runner);
    assert_null(query_runner_free(NULL));
}

static void mistakes_are_told(void **state)
{
    static const struct {
        const char *text;
        const char *problem;
        size_t offset;
    } table[] = {
        {".a | foo", "foo/0 is not defined", 0},
        {". + ", "syntax error, unexpected $end", 0},
        {"1; def y: 2", "syntax error, unexpected ';', expecting $end", 0},
        {".a)", "unexpected ')'", 2},
        {"{a: [1}", "unexpected '}'", 6},
        {"(.a", "'(' is not closed", 3},
        {"\"a", "'\"' is not closed", 2},
        {"def f: 1;", "it says nothing but definitions", 0},
        {"", "it says nothing but definitions", 0},
        {"$ENV.HOME", "$ENV is not allowed in a query", 0},
        {".a | env.HOME", "env is not allowed in a query", 5},
        {"\"\\(input)\"", "input is not allowed in a query", 3},
        {"[inputs]", "inputs is not allowed in a query", 1},
        {"include \"x\"; .", "include is not allowed in a query", 0},
        {"import \"x\" as y; .", "import is not allowed in a query", 0},
        {"debug", "debug is not allowed in a query", 0},
        {"halt_error", "halt_error is not allowed in a query", 0},
        {"def f: if . > 9 then . else . + 1 | f end; f",
         "f calls itself, and may never come back", 36},
        {"def f(g): def h: f(.); h; f(.)", "f calls itself, and may never come back", 17},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct query_runner *runner = NULL;
        struct query_error error = {0};

        assert_int_equal(query_check(table[i].text, &error), -EINVAL);
        assert_string_equal(error.problem, table[i].problem);
        assert_int_equal(error.offset, table[i].offset);
        assert_int_equal(query_runner_new(&table[i].text, 1, &runner), -EINVAL);
        assert_null(runner);
    }
}

static void words_are_refused_only_where_they_are_functions(void **state)
{
    static const char body[] = "{\"env\":1,\"input\":{\"debug\":2}}";

    (void)state;
    assert_gives("{env: .env, debug: .input.debug}", body, "{\"env\":1,\"debug\":2}");
    assert_gives("\"env \" + (.env | tostring) # input", body, "env 1");
    assert_gives("def f(x): x + 1; f(1) | f(.)", body, "3");
    assert_gives("def f: 1; def g: f + 1; g", body, "2");
}

/* Each of these would keep libjq busy for hours. */
static void no_query_runs_for_ever(void **state)
{
    static const char *const texts[] = {
        "[range(1e12)]",
        "last(repeat(1))",
        "try [range(1e12)] catch 1",
        "until(false; .)",
        "[limit(1e12; repeat(1))] | length",
        "[.[] as $a | .[] as $b | .[] as $c | .[] as $d | 1] | length",
        "reduce range(1e12) as $i (0; . + 1)",
        "last(recurse(. + [1]))",
    };
    struct query_runner *runner = NULL;
    struct buf body = BUF_INIT(10000);

    (void)state;
    buf_append_str(&body, "[0");
    for (int i = 0; i < 2000; i++)
        buf_append_str(&body, ",0");
    buf_append_char(&body, ']');
    const struct query_root root = {
        .path = "", .kind = QUERY_JSON, .text = buf_str(&body), .len = body.len};

    assert_int_equal(query_runner_new(texts, 8, &runner), 0);
    for (uint32_t i = 0; i < 8; i++) {
        struct buf out = BUF_INIT(1000);
        struct query_result result;

        assert_int_equal(query_run(runner, i, &root, 1, &out, &result), -ETIME);
        assert_int_equal(result.kind, QUERY_NOTHING);
        assert_int_equal(out.len, 0);
        buf_deinit(&out);
    }
    query_runner_free(runner);
    buf_deinit(&body);
}

/* libjq aborts where it is started anew, or torn down, in the middle of a path. */
static void what_was_ended_in_the_middle_of_paths_does_no_harm(void **state)
{
    static const char *const texts[] = {
        "paths",
        "[paths(last(range(1e12)))]",
        "last(path(repeat(.a)) | last(range(1e12)))",
        "first(paths | select(. == [\"b\"]))",
    };
    const struct query_root root = {
        .path = "", .kind = QUERY_JSON, .text = "{\"a\":{\"x\":1},\"b\":2}", .len = 19};
    struct query_runner *runner = NULL;
    uint64_t ended_ns = 0; /* what it takes until one is ended */

    (void)state;
    assert_int_equal(query_runner_new(texts, 4, &runner), 0);
    for (uint32_t round = 0; round < 5; round++) {
        for (uint32_t i = 0; i < 4; i++) {
            struct buf out = BUF_INIT(1000);
            struct query_result result;
            const uint64_t started_ns = clock_mono_ns();

            assert_int_equal(query_run(runner, i, &root, 1, &out, &result),
                             i == 1 || i == 2 ? -ETIME : 0);
            if (i == 0 || i == 3)
                assert_string_equal(buf_str(&out), i == 0 ? "[\"a\"]" : "[\"b\"]");
            else if (round == 0)
                ended_ns = clock_mono_ns() - started_ns;
            else if (round >= 3) /* it is not tried again */
                assert_true(clock_mono_ns() - started_ns < ended_ns);
            buf_deinit(&out);
        }
    }
    query_runner_free(runner);
}

static void what_is_no_time_is_no_date(void **state)
{
    (void)state;
    assert_gives(".t | todate", "{\"t\":1795255740}", "2026-11-21T10:09:00Z");
    assert_gives(".t | strftime(\"%Y\")", "{\"t\":1795255740}", "2026");
    assert_gives(".t | todate", "{\"t\":1e300}", "!");
    assert_gives(".t | todateiso8601", "{\"t\":-1e300}", "!");
    assert_gives(".t | todate", "{\"t\":\"now\"}", "!");
    assert_gives(".t | strftime(.)", "{\"t\":7}", "!");
    assert_gives(".t | strflocaltime(.)", "{\"t\":7}", "!");
    assert_gives("[.t, 1, 1, 0, 0, 0, 0, 0] | todate", "{\"t\":2020}",
                 "2020-02-01T00:00:00Z");
    assert_gives("[.t, 1, 1, 0, 0, 0, 0, 0] | todate", "{\"t\":\"x\"}", "!");
}

static void a_body_of_any_depth_is_read_or_is_null(void **state)
{
    (void)state;
    for (size_t depth = 254; depth <= 258; depth++) {
        char body[600];

        memset(body, '[', depth);
        memset(body + depth, ']', depth);
        body[2 * depth] = '\0';
        assert_gives("length", body, depth > 256 ? "0" : "1");
        assert_gives("[length] | .[0]", body, depth > 256 ? "0" : "1");
        assert_gives(".[0] | length", body, depth > 256 ? "0" : "1");
    }
}

static void a_large_body_is_refused(void **state)
{
    static const char *const texts[] = {".a", "[.a]"};
    char *body = malloc(QUERY_MAX_BYTES + 1);
    struct query_runner *runner = NULL;

    (void)state;
    assert_non_null(body);
    memset(body, ' ', QUERY_MAX_BYTES + 1);
    memcpy(body, "{\"a\":5}", 7);
    assert_int_equal(query_runner_new(texts, 2, &runner), 0);
    for (uint32_t i = 0; i < 2; i++) {
        struct query_root root = {
            .path = "", .kind = QUERY_JSON, .text = body, .len = QUERY_MAX_BYTES + 1};
        struct query_result result;
        struct buf out = BUF_INIT(1000);

        assert_int_equal(query_run(runner, i, &root, 1, &out, &result), -E2BIG);
        root.len--;
        assert_int_equal(query_run(runner, i, &root, 1, &out, &result), 0);
        assert_string_equal(buf_str(&out), i == 0 ? "5" : "[5]");
        buf_deinit(&out);
    }
    query_runner_free(runner);
    free(body);
}

static void truth_is_jqs(void **state)
{
    (void)state;
    for (int kind = QUERY_NOTHING; kind <= QUERY_JSON; kind++) {
        const struct query_result result = {.kind = (enum query_kind)kind};

        assert_int_equal(query_is_true(&result), kind >= QUERY_TRUE);
    }
}

static void the_examples_give_what_they_say(void **state)
{
    struct query_example example;

    (void)state;
    for (size_t i = 0; query_example_at(i, &example); i++)
        assert_gives(example.query, example.input, example.gives);
}

static void every_prefix_is_checked_cleanly(void **state)
{
    static const char text[] = "def f(x): x|.\"a\\(1)\"; (.a[0].\"b c\" // \"\\u00e9\") "
                               "as [$x] | {env: 1, (\"k\"): $x}#x";

    (void)state;
    for (size_t len = 0; len < sizeof(text); len++) {
        char prefix[sizeof(text)] = "";
        struct query_error error = {0};

        memcpy(prefix, text, len);
        const int r = query_check(prefix, &error);

        assert_true(r == 0 || (r == -EINVAL && strlen(error.problem) > 0));
        assert_true(error.offset <= len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_leads_to_a_value),
        cmocka_unit_test(broken_json_is_null),
        cmocka_unit_test(comparisons_and_logic_are_jqs),
        cmocka_unit_test(only_what_is_evaluated_here_is_plain),
        cmocka_unit_test(the_input_is_made_of_its_roots),
        cmocka_unit_test(a_later_root_wins_inside_of_an_earlier_one),
        cmocka_unit_test(many_queries_are_one_program),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(words_are_refused_only_where_they_are_functions),
        cmocka_unit_test(no_query_runs_for_ever),
        cmocka_unit_test(what_was_ended_in_the_middle_of_paths_does_no_harm),
        cmocka_unit_test(what_is_no_time_is_no_date),
        cmocka_unit_test(a_body_of_any_depth_is_read_or_is_null),
        cmocka_unit_test(a_large_body_is_refused),
        cmocka_unit_test(truth_is_jqs),
        cmocka_unit_test(the_examples_give_what_they_say),
        cmocka_unit_test(every_prefix_is_checked_cleanly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
