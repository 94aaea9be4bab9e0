#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/rng.h"
#include "expr/template.h"

/* 2026-11-21T10:09:00.123Z */
#define MOMENT_NS (UINT64_C(1795255740123) * NS_PER_MS)

/* The names of these tests, and what they stand for. */
static const struct {
    const char *name;
    const char *value; /* NULL: none */
    bool json;
} world[] = {
    {"vars.token", "a\"b c", false},
    {"vars.count", "3", true},
    {"vars.tags", "[\"a\",\"b\"]", true},
    {"vars.unset", NULL, false},
    {"data.people.first-name", "  Ada \n", false},
    {"user.id", "Zoë & 𝒜da", false},
    {"user.code", "aB-é", false},
    {"empty", "", false},
};

static int find_name(void *ctx, const char *name, size_t len, uint32_t *ret_ref,
                     const char **reterr_hint)
{
    (void)ctx;
    for (uint32_t i = 0; i < sizeof(world) / sizeof(world[0]); i++) {
        if (strlen(world[i].name) == len && memcmp(world[i].name, name, len) == 0) {
            *ret_ref = i;
            return 0;
        }
    }
    *reterr_hint = "ask somebody";
    return -ENOENT;
}

static int write_name(void *ctx, uint32_t ref, struct buf *out, bool *ret_json)
{
    (void)ctx;
    if (!world[ref].value) {
        buf_append_str(out, "half a val");
        return -ENOENT;
    }
    *ret_json = world[ref].json;
    return buf_append_str(out, world[ref].value);
}

static int compile(struct arena *arena, enum template_form form, const char *text,
                   size_t len, const struct template **ret, struct template_error *error)
{
    return template_compile(text, len, form, find_name, NULL, arena, ret, error);
}

/* Renders at the moment with the given seed; returns what template_render() does. */
static int render_at(const char *text, enum template_form form, uint64_t wall_ns,
                     uint64_t seed, struct buf *out, uint32_t *reterr_ref)
{
    struct arena *arena = NULL;
    const struct template *template = NULL;
    struct template_error error = {0};
    struct rng rng;
    const struct template_scope scope = {write_name, NULL, &rng, wall_ns};

    rng_init(&rng, seed, 0, 0, RNG_TEST);
    assert_int_equal(arena_new(&arena), 0);
    const int r = compile(arena, form, text, strlen(text), &template, &error);

    if (r < 0)
        print_error("%s: %s\n", text, error.problem);
    assert_int_equal(r, 0);
    const int rendered = template_render(template, &scope, out, reterr_ref);

    arena_free(arena);
    return rendered;
}

static void assert_writes(enum template_form form, const char *text, const char *expected)
{
    struct buf out = BUF_INIT(10000);
    uint32_t ref = 0;

    assert_int_equal(render_at(text, form, MOMENT_NS, 1, &out, &ref), 0);
    assert_string_equal(buf_str(&out), expected);
    buf_deinit(&out);
}

static void assert_text(const char *text, const char *expected)
{
    assert_writes(TEMPLATE_TEXT, text, expected);
}

static void assert_path(const char *text, const char *expected)
{
    assert_writes(TEMPLATE_PATH, text, expected);
}

static void assert_json(const char *text, const char *expected)
{
    assert_writes(TEMPLATE_JSON, text, expected);
}

static void names_and_literals_stand_in_a_text(void **state)
{
    (void)state;
    assert_text("no template { at } all }}", "no template { at } all }}");
    assert_text("Bearer {{ vars.token }}!", "Bearer a\"b c!");
    assert_text("{{vars.count}}{{vars.count}}", "33");
    assert_text("{{ data.people.first-name|trim }}", "Ada");
    assert_text("{{ \"{{\" }} and {{ '}}' }}", "{{ and }}");
    assert_text("{{ \"a\\\"b\\\\c\\n\" }}", "a\"b\\c\n");
    assert_text("{{ 12 }} {{ -1.5e3 }}", "12 -1.5e3");
    assert_text("", "");
    assert_false(template_is_one("a { b } }}", 10));
    assert_true(template_is_one("a {{", 4));
}

static void filters_change_what_stands_before_them(void **state)
{
    (void)state;
    assert_text("{{ vars.token | url }}", "a%22b%20c");
    assert_text("{{ user.id | url }}", "Zo%C3%AB%20%26%20%F0%9D%92%9Cda");
    assert_text(
        "{{ '' | base64 }}{{ 'f' | base64 }} {{ 'fo' | base64 }} {{ 'foo' | base64 }} "
        "{{ 'foob' | base64 }}",
        "Zg== Zm8= Zm9v Zm9vYg=="); /* RFC 4648 section 10 */
    assert_text("{{ user.code | upper }} {{ user.code | lower }}", "AB-é ab-é");
    assert_text("<{{ data.people.first-name | trim | lower }}>", "<ada>");
    assert_text("{{ user.id | length }}{{ empty | length }}", "90");
    assert_text("{{ user.id | slice(2, 7) }}|{{ user.id | slice(-3) }}|{{ user.id | "
                "slice(5, 2) }}|"
                "{{ user.id | slice(0, -6) }}|{{ user.id | slice(20, 30) }}",
                "ë & 𝒜|𝒜da||Zoë|");
    assert_text("{{ vars.token | json }} {{ vars.count | json }} {{ vars.tags | json }}",
                "\"a\\\"b c\" 3 [\"a\",\"b\"]");
    assert_text(
        "{{ vars.count | trim | json }} {{ user.id | length | json }} {{ 1.5 | json }}",
        "\"3\" 9 1.5");
    assert_text("{{ vars.token | json | json }}", "\"a\\\"b c\"");
}

static void a_default_stands_where_a_name_has_no_value(void **state)
{
    struct buf out = BUF_INIT(1000);
    uint32_t ref = 0;

    (void)state;
    assert_text("{{ vars.unset | default('x') }}{{ vars.count | default('x') }}", "x3");
    assert_text("{{ vars.unset | url | default('a b') | upper }}", "A B");
    assert_text(
        "{{ vars.unset | default(7) | json }} {{ vars.unset | default(\"7\") | json }}",
        "7 \"7\"");

    assert_int_equal(render_at("a{{ vars.unset | upper }}b{{ vars.count }}",
                               TEMPLATE_TEXT, MOMENT_NS, 1, &out, &ref),
                     -ENOENT);
    assert_string_equal(world[ref].name, "vars.unset");
    assert_string_equal(buf_str(&out), "ab3");
    buf_clear(&out);
    assert_int_equal(
        render_at("{\"a\":\"{{ vars.unset | json }}\",\"b\":\"{{ vars.unset }}\"}",
                  TEMPLATE_JSON, MOMENT_NS, 1, &out, &ref),
        -ENOENT);
    assert_string_equal(buf_str(&out), "{\"a\":null,\"b\":\"\"}");
    buf_deinit(&out);
}

static void what_is_written_into_a_path_is_encoded(void **state)
{
    struct buf out = BUF_INIT(1000);
    uint32_t ref = 0;

    (void)state;
    assert_path("/a b/{{ vars.token }}?x={{ \"1&2\" }}", "/a b/a%22b%20c?x=1%262");
    assert_path("/{{ vars.token | url }}", "/a%22b%20c");
    assert_path("/{{ vars.token | raw }}", "/a\"b c");
    assert_path("/{{ vars.token | raw | upper }}", "/A%22B%20C");
    assert_int_equal(render_at("/{{ now }}", TEMPLATE_PATH, 0, 1, &out, &ref), 0);
    assert_string_equal(buf_str(&out), "/{{now}}");
    buf_deinit(&out);
}

static void json_stays_json_whatever_is_written_into_it(void **state)
{
    (void)state;
    assert_json("{\"a\":\"x {{ vars.token }} y\"}", "{\"a\":\"x a\\\"b c y\"}");
    assert_json("{\"a\":\"{{ vars.token }}\"}", "{\"a\":\"a\\\"b c\"}");
    assert_json("{\"a\":\"{{ vars.count }}\"}", "{\"a\":\"3\"}");
    assert_json("{\"a\":\"{{ vars.count | json }}\",\"b\":[\"{{ vars.tags | json }}\"]}",
                "{\"a\":3,\"b\":[[\"a\",\"b\"]]}");
    assert_json("{\"a\":\"{{ vars.token | json }}\"}", "{\"a\":\"a\\\"b c\"}");
    assert_json("{\"a\":\"is {{ vars.tags | json }}\"}",
                "{\"a\":\"is [\\\"a\\\",\\\"b\\\"]\"}");
    assert_json("{\"a\":\"{{ vars.count | json }} \"}", "{\"a\":\"3 \"}");
    assert_json("{\"{{ user.code }}\":1}", "{\"aB-é\":1}");
    assert_json("[\"{{ user.code | json }}\" , 1]", "[\"aB-é\" , 1]");
    assert_json("{\"a\":{\"b\":{}}}", "{\"a\":{\"b\":{}}}");
    assert_json("\"\\\"{{ vars.count }}\\\\\"", "\"\\\"3\\\\\"");
}

/* A YAML body arrives as JSON text: the quotes between its braces are escaped. */
static void escaped_quotes_between_braces_are_quotes(void **state)
{
    (void)state;
    assert_json("{\"a\":\"{{ vars.unset | default(\\\"x\\\\\\\"y\\\") }}\",\"b\":2}",
                "{\"a\":\"x\\\"y\",\"b\":2}");
    assert_json("[\"\\u00e9{{ \\\"{{\\\" }}\\u00e9{{ \\\"\\u00e9\\n\\\" }}\\n\"]",
                "[\"\\u00e9{{\\u00e9é\\n\\n\"]");
    assert_json("\"{{ '\\\"' | json }}\"", "\"\\\"\"");
}

static void texts_longer_than_the_scratch_are_escaped_whole(void **state)
{
    char text[2000];
    char expected[4000];
    size_t at = 0;
    size_t to = 0;

    (void)state;
    for (size_t shift = 0; shift < 5; shift++) {
        at = (size_t)snprintf(text, sizeof(text), "{{ \"%.*s", (int)shift, "aaaaa");
        to = (size_t)snprintf(expected, sizeof(expected), "\"%.*s", (int)shift, "aaaaa");
        for (int i = 0; i < 200; i++) {
            at += (size_t)snprintf(text + at, sizeof(text) - at, "é𝒜\t");
            to += (size_t)snprintf(expected + to, sizeof(expected) - to, "é𝒜\\t");
        }
        (void)snprintf(text + at, sizeof(text) - at, "\" | json }}");
        (void)snprintf(expected + to, sizeof(expected) - to, "\"");
        assert_text(text, expected);
    }
}

static void the_clock_is_the_callers(void **state)
{
    struct buf out = BUF_INIT(1000);
    uint32_t ref = 0;

    (void)state;
    assert_text(
        "{{ now }} {{ now.iso }} {{ now.unix }} {{ now.unix_ms }}",
        "2026-11-21T10:09:00.123Z 2026-11-21T10:09:00.123Z 1795255740 1795255740123");
    assert_text("{{ date }} {{ date('%d %b %Y, %a %H:%M:%S, %j%%') }}",
                "2026-11-21 21 Nov 2026, Sat 10:09:00, 325%");
    assert_text("{{ now.unix | json }} {{ now | json }}",
                "1795255740 \"2026-11-21T10:09:00.123Z\"");

    assert_int_equal(
        render_at("{\"t\":\"{{ now.unix | json }}\",\"d\":\"{{ date('%Y') }}\"}",
                  TEMPLATE_JSON, 0, 1, &out, &ref),
        0);
    assert_string_equal(buf_str(&out), "{\"t\":\"{{now.unix}}\",\"d\":\"{{date}}\"}");
    buf_deinit(&out);
}

static void what_is_drawn_is_in_its_bounds_and_reaches_both_ends(void **state)
{
    unsigned seen[4] = {0};

    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct buf out = BUF_INIT(1000);
        uint32_t ref = 0;
        char *end = NULL;

        render_at("{{ random.int(-1, 2) }} {{ random.float(0.5, 0.75) }} {{ "
                  "random.choice('x', 2) }}",
                  TEMPLATE_TEXT, 0, seed, &out, &ref);
        const long whole = strtol(buf_str(&out), &end, 10);
        const double real = strtod(end, &end);

        assert_in_range(whole + 1, 0, 3);
        seen[whole + 1]++;
        assert_true(real >= 0.5 && real < 0.75000001);
        assert_true(strcmp(end, " x") == 0 || strcmp(end, " 2") == 0);
        buf_deinit(&out);
    }
    for (size_t i = 0; i < 4; i++)
        assert_true(seen[i] > 20);
}

static void a_uuid_is_of_version_4(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct buf out = BUF_INIT(1000);
        uint32_t ref = 0;

        render_at("{{ uuid }}", TEMPLATE_TEXT, 0, seed, &out, &ref);
        assert_int_equal(out.len, 36);
        for (size_t i = 0; i < 36; i++)
            if (i == 8 || i == 13 || i == 18 || i == 23)
                assert_int_equal(out.bytes[i], '-');
            else
                assert_non_null(strchr("0123456789abcdef", out.bytes[i]));
        assert_int_equal(out.bytes[14], '4');
        assert_non_null(strchr("89ab", out.bytes[19]));
        buf_deinit(&out);
    }
}

/* The longest usage, with braces around it. */
static void as_template(const struct template_word *word, char text[static 200])
{
    (void)snprintf(text, 200, "{{ %s }}", word->usage);
}

static void every_function_writes_something_and_the_same_with_the_same_seed(void **state)
{
    struct template_word word;
    size_t count = 0;

    (void)state;
    for (; template_function_at(count, &word); count++) {
        struct buf first = BUF_INIT(10000);
        struct buf again = BUF_INIT(10000);
        char text[200];
        uint32_t ref = 0;

        as_template(&word, text);
        assert_non_null(strstr(word.usage, word.name));
        assert_true(strlen(word.help) > 0 && word.help[strlen(word.help) - 1] != '.');
        assert_int_equal(render_at(text, TEMPLATE_TEXT, MOMENT_NS, 5, &first, &ref), 0);
        assert_int_equal(render_at(text, TEMPLATE_TEXT, MOMENT_NS, 5, &again, &ref), 0);
        assert_true(first.len > 0);
        assert_string_equal(buf_str(&first), buf_str(&again));
        buf_deinit(&first);
        buf_deinit(&again);
    }
    assert_true(count > 20);
}

static void different_seeds_make_different_people(void **state)
{
    struct buf out[3] = {BUF_INIT(1000), BUF_INIT(1000), BUF_INIT(1000)};
    uint32_t ref = 0;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        render_at("{{ name }} {{ email }} {{ phone }} {{ ip }} {{ words(5) }}",
                  TEMPLATE_TEXT, 0, i, &out[i], &ref);
    assert_string_not_equal(buf_str(&out[0]), buf_str(&out[1]));
    assert_string_not_equal(buf_str(&out[1]), buf_str(&out[2]));
    assert_non_null(strstr(buf_str(&out[0]), ".invalid "));
    assert_non_null(strstr(buf_str(&out[0]), "-555-01"));
    assert_non_null(strstr(buf_str(&out[0]), " 198.1"));
    for (size_t i = 0; i < 3; i++)
        buf_deinit(&out[i]);
}

static void words_and_sentences_have_the_length_asked_for(void **state)
{
    static const struct {
        const char *text;
        size_t blanks;
    } table[] = {{"{{ word }}", 0},        {"{{ words(5) }}", 4},
                 {"{{ sentence }}", 7},    {"{{ sentence(3) }}", 2},
                 {"{{ lorem(100) }}", 99}, {"{{ words(1) }}", 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct buf out = BUF_INIT(10000);
        uint32_t ref = 0;
        size_t blanks = 0;

        render_at(table[i].text, TEMPLATE_TEXT, 0, 3, &out, &ref);
        for (size_t at = 0; at < out.len; at++)
            blanks += out.bytes[at] == ' ';
        assert_int_equal(blanks, table[i].blanks);
        buf_deinit(&out);
    }
    struct buf out = BUF_INIT(100);
    uint32_t ref = 0;

    render_at("{{ random.string(20) }}{{ random.hex(30) }}", TEMPLATE_TEXT, 0, 3, &out,
              &ref);
    assert_int_equal(out.len, 50);
    assert_int_equal(strspn(out.bytes + 20, "0123456789abcdef"), 30);
    buf_deinit(&out);
}

static void mistakes_are_told_with_place_and_hint(void **state)
{
    static const struct {
        const char *text;
        enum template_form form;
        size_t offset;
        const char *problem;
    } table[] = {
        {"a {{ vars.tokn }}", TEMPLATE_TEXT, 5, "unknown name 'vars.tokn'"},
        {"{{ uiid() }}", TEMPLATE_TEXT, 3, "unknown function 'uiid'"},
        {"{{ uuid | uper }}", TEMPLATE_TEXT, 10, "unknown filter 'uper'"},
        {"{{ random.int(1) }}", TEMPLATE_TEXT, 3, "random.int has too few arguments"},
        {"{{ random.int }}", TEMPLATE_TEXT, 3, "random.int has too few arguments"},
        {"{{ random.int(1,2,3) }}", TEMPLATE_TEXT, 3,
         "random.int has too many arguments"},
        {"{{ random.int(9, 1) }}", TEMPLATE_TEXT, 3,
         "random.int: its first number is greater than its second"},
        {"{{ random.int(1.5, 9) }}", TEMPLATE_TEXT, 14, "a whole number is wanted here"},
        {"{{ random.int('1', 9) }}", TEMPLATE_TEXT, 14, "a number is wanted here"},
        {"{{ date(7) }}", TEMPLATE_TEXT, 8, "a text is wanted here, in quotes"},
        {"{{ date('%Q') }}", TEMPLATE_TEXT, 3,
         "date: its format has other letters than %Y %m %d %H %M %S %j %a %b and %%"},
        {"{{ words(0) }}", TEMPLATE_TEXT, 3, "words: its number is not from 1 to 100000"},
        {"{{ words(vars.count) }}", TEMPLATE_TEXT, 9, "a name cannot be an argument"},
        {"{{ uuid(1) }}", TEMPLATE_TEXT, 3, "uuid has too many arguments"},
        {"{{ }}", TEMPLATE_TEXT, 3, "an expression is missing before '}'"},
        {"{{ uuid | }}", TEMPLATE_TEXT, 10, "a filter is missing before '}'"},
        {"{{ uuid } }", TEMPLATE_TEXT, 8, "'}}' is missing before '}'"},
        {"{{ uuid", TEMPLATE_TEXT, 7, "'{{' without its '}}'"},
        {"x {{", TEMPLATE_TEXT, 4, "'{{' without its '}}'"},
        {"{{ 'abc }}", TEMPLATE_TEXT, 3, "a text without its closing quote"},
        {"{{ 1.2.3 }}", TEMPLATE_TEXT, 3, "'1.2.3' is not a number"},
        {"{{ vars.count + 1 }}", TEMPLATE_TEXT, 14, "unexpected '+'"},
        {"{{ vars['a'] }}", TEMPLATE_TEXT, 3, "unknown name 'vars'"},
        {"{\"a\":\"\\u00e9{{ x }}\"}", TEMPLATE_JSON, 15, "unknown name 'x'"},
        {"[\"{{ 'a\\\"b' | c }}\"]", TEMPLATE_JSON, 14, "unknown filter 'c'"},
        {"[\"{{ uuid\", \"}}\"]", TEMPLATE_JSON, 9, "'{{' without its '}}'"},
        {"{\"{{ uuid | json }}\" : 1}", TEMPLATE_JSON, 2,
         "a key of a JSON object cannot be other than text: leave the filter 'json' out"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct arena *arena = NULL;
        const struct template *template = NULL;
        struct template_error error = {0};

        assert_int_equal(arena_new(&arena), 0);
        assert_int_equal(compile(arena, table[i].form, table[i].text,
                                 strlen(table[i].text), &template, &error),
                         -EINVAL);
        assert_string_equal(error.problem, table[i].problem);
        assert_int_equal(error.offset, table[i].offset);
        assert_null(template);
        arena_free(arena);
    }
}

static void the_hint_of_an_unknown_name_is_the_callers(void **state)
{
    struct arena *arena = NULL;
    const struct template *template = NULL;
    struct template_error error = {0};

    (void)state;
    assert_int_equal(arena_new(&arena), 0);
    assert_int_equal(compile(arena, TEMPLATE_TEXT, "{{ x }}", 7, &template, &error),
                     -EINVAL);
    assert_string_equal(error.hint, "ask somebody");
    assert_int_equal(
        compile(arena, TEMPLATE_TEXT, "{{ words() }}", 13, &template, &error), -EINVAL);
    assert_string_equal(error.hint, "words(3)");
    arena_free(arena);
}

static void a_buffer_that_is_full_is_told(void **state)
{
    static const char *const texts[] = {"{{ words(100) }}", "{{ vars.token | json }}",
                                        "{{ user.id | url }}", "{{ user.id | base64 }}"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct buf out = BUF_INIT(6);
        uint32_t ref = 0;

        assert_int_equal(render_at(texts[i], TEMPLATE_TEXT, 0, 1, &out, &ref), -EMSGSIZE);
        buf_deinit(&out);
    }
}

/* Compiles a text, each time as a piece of memory of its own, and renders what compiles. */
static void try_all_prefixes(const char *text, enum template_form form)
{
    for (size_t len = 0; len <= strlen(text); len++) {
        struct arena *arena = NULL;
        const struct template *template = NULL;
        struct template_error error = {0};
        struct buf out = BUF_INIT(10000);
        struct rng rng;
        const struct template_scope scope = {write_name, NULL, &rng, MOMENT_NS};
        uint32_t ref = 0;
        char *copy = malloc(len + 1);

        assert_non_null(copy);
        memcpy(copy, text, len);
        rng_init(&rng, 1, 0, 0, RNG_TEST);
        assert_int_equal(arena_new(&arena), 0);
        const int r = compile(arena, form, copy, len, &template, &error);

        free(copy);
        if (r == 0) {
            const int rendered = template_render(template, &scope, &out, &ref);

            assert_true(rendered == 0 || rendered == -ENOENT);
        } else {
            assert_int_equal(r, -EINVAL);
            assert_true(strlen(error.problem) > 0);
            assert_true(error.offset <= len);
        }
        buf_deinit(&out);
        arena_free(arena);
    }
}

static void every_prefix_compiles_or_fails_cleanly(void **state)
{
    static const char *const texts[] = {
        "a {{ vars.token | default(\"x\\\"\") | url | slice(0,-1) }}{{'{{'}}",
        ("{\"k\\\"\":\"\\u00e9{{ random.choice(\\\"a\\\", 1.5) | json }}\",\"{{ uuid "
         "}}\":[\"{{ vars.tags | json }}\"]}"),
        "{{ vars.unset | json }}{{ sentence( 3 ) | base64 | length }}{{ \xff }}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        try_all_prefixes(texts[i], TEMPLATE_TEXT);
        try_all_prefixes(texts[i], TEMPLATE_JSON);
    }
}

/* As a fuzzer would: bytes of the language in any order. */
static void any_bytes_compile_or_fail_cleanly(void **state)
{
    static const char alphabet[] = "{{}}\"'\\|(),.-1a u\xc3\xa9";
    struct rng rng;

    (void)state;
    rng_init(&rng, 7, 0, 0, RNG_TEST);
    for (int round = 0; round < 3000; round++) {
        char text[24] = "{{";

        for (size_t i = 2; i < sizeof(text) - 1; i++)
            text[i] = alphabet[rng_below(&rng, sizeof(alphabet) - 1)];
        try_all_prefixes(text, round % 2 ? TEMPLATE_JSON : TEMPLATE_TEXT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_literals_stand_in_a_text),
        cmocka_unit_test(filters_change_what_stands_before_them),
        cmocka_unit_test(a_default_stands_where_a_name_has_no_value),
        cmocka_unit_test(what_is_written_into_a_path_is_encoded),
        cmocka_unit_test(json_stays_json_whatever_is_written_into_it),
        cmocka_unit_test(escaped_quotes_between_braces_are_quotes),
        cmocka_unit_test(texts_longer_than_the_scratch_are_escaped_whole),
        cmocka_unit_test(the_clock_is_the_callers),
        cmocka_unit_test(what_is_drawn_is_in_its_bounds_and_reaches_both_ends),
        cmocka_unit_test(a_uuid_is_of_version_4),
        cmocka_unit_test(every_function_writes_something_and_the_same_with_the_same_seed),
        cmocka_unit_test(different_seeds_make_different_people),
        cmocka_unit_test(words_and_sentences_have_the_length_asked_for),
        cmocka_unit_test(mistakes_are_told_with_place_and_hint),
        cmocka_unit_test(the_hint_of_an_unknown_name_is_the_callers),
        cmocka_unit_test(a_buffer_that_is_full_is_told),
        cmocka_unit_test(every_prefix_compiles_or_fails_cleanly),
        cmocka_unit_test(any_bytes_compile_or_fail_cleanly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
