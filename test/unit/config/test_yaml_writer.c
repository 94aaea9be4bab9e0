#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/diag.h"
#include "config/yaml_writer.h"
#include "transcript.h"

#define MAX_TEXT ((size_t)1 << 20)

static const char *const environment[] = {
    "PLAIN", "5s", "KEY", "sekrit-key", "ODD", "a: #", "EMPTY", "", "MODEL", "m", NULL};
static const struct transcript_setup setup = {.environment = environment};

static const struct field leaf_fields[] = {
    {.key = "url", .type = FIELD_TEXT, .help = ""},
    {.key = "key", .type = FIELD_SECRET, .help = ""},
    {.key = "headers", .type = FIELD_PAIRS, .flags = FIELD_GUARDED, .help = ""},
    {.key = "json", .type = FIELD_NODE, .help = ""},
    {.key = "raw", .type = FIELD_TEXT, .flags = FIELD_GUARDED, .help = ""},
    {.key = "auth", .type = FIELD_TEXT, .flags = FIELD_KEY, .help = ""},
    {.key = "file", .type = FIELD_TEXT, .flags = FIELD_PATH, .help = ""},
    {.key = "vars", .type = FIELD_NODE, .flags = FIELD_KEY, .help = ""},
};

static const struct field_table leaf_table = {.name = "leaf",
                                              .fields = leaf_fields,
                                              .count = COUNT_OF(leaf_fields),
                                              .short_key = "url"};

static const struct field root_fields[] = {
    {.key = "include", .type = FIELD_NODE, .help = ""},
    {.key = "text", .type = FIELD_TEXT, .help = ""},
    {.key = "one", .type = FIELD_MAP, .table = &leaf_table, .help = ""},
    {.key = "list", .type = FIELD_LIST, .table = &leaf_table, .help = ""},
    {.key = "named",
     .type = FIELD_KEYED,
     .table = &leaf_table,
     .flags = FIELD_LISTS,
     .help = ""},
};

static const struct field_table root_table = {
    .name = "root", .fields = root_fields, .count = COUNT_OF(root_fields)};

static bool is_public(const char *key)
{
    return strcmp(key, "Accept") == 0;
}

/* What a text is written as; the caller's. */
static char *written(const char *text)
{
    const char *const *variables = environment;
    const struct config_options options = {.lookup = transcript_lookup,
                                           .lookup_ctx = &variables};
    struct diag_list *diags = NULL;
    struct config_tree *tree = NULL;
    struct buf out = BUF_INIT(MAX_TEXT);

    assert_int_equal(diag_list_new(10, &diags), 0);
    assert_int_equal(
        config_load_text("a.yaml", text, strlen(text), &options, diags, &tree), 0);
    assert_int_equal(config_write_yaml(tree, &root_table, is_public, &out), 0);
    config_tree_free(tree);
    diag_list_free(diags);
    return buf_take(&out);
}

static void assert_written(const char *text, const char *expected)
{
    char *seen = written(text);

    assert_string_equal(seen, expected);
    free(seen);
}

/* The text that was written loads to the same tree, in an environment without any variables. */
static void assert_same(const char *text)
{
    static const char *const nothing[] = {NULL};
    static const struct transcript_setup bare = {.environment = nothing};
    char *again = written(text);
    char *before = transcript_of(text, strlen(text), &setup);
    char *after = transcript_of(again, strlen(again), &bare);

    assert_string_equal(after, before);
    free(again);
    free(before);
    free(after);
}

static void what_is_written_loads_to_the_same(void **state)
{
    (void)state;
    assert_same(
        "a: 1\nb: [x, 'true', true, null, 01, 1e3, '5']\nc: {d: ~, e: [], f: {}}\n");
    assert_same("x: &x {a: [1, [2, [3, {b: {c: [d]}}]]]}\ny: *x\nz: {<<: *x, b: 2}\n");
    assert_same("t: ${PLAIN}\nu: \"${ODD}\"\nv: a $$ b $c ${MODEL}\nw: ${NONE:-x}\n");
    assert_same("a: \"- x\"\nb: '# no'\nc: 'x: y'\nd: ' lead'\ne: 'null'\nf: '~'\ng: ''\n"
                "h: '%'\ni: '&a'\nj: '*a'\nk: '!t'\nl: '@'\nm: 'a #b'\nn: '-'\no: '?'\n"
                "p: ':'\nq: 'a:'\nr: '<<'\n\"<<\": {x: y}\n? 'k: #'\n: v\n");
    assert_same("a: |\n  two\n  lines\n\nb: \"tab\\t bell\\a nul-free \\u2028 \\u0085 "
                "\\uFEFF x\"\n"
                "c: \"\\u00e9\\U0001F600 \\x7f\"\nd: >\n  folded\n  text\n");
}

static void of_a_secret_the_name_of_its_variable_stays(void **state)
{
    (void)state;
    assert_written("one: {key: \"${KEY}\"}\n", "one:\n  key: ${KEY}\n");
    assert_written("one:\n  key: ${EMPTY:-}\n", "one:\n  key: ${EMPTY:-}\n");
    assert_written("one: {key: \"${KEY:-other}\"}\n",
                   "one:\n  key: ${KEY}  # left out: it is a secret\n");
    assert_written("one: {key: literal}\n",
                   "one:\n  key: \"***\"  # left out: it is a secret\n");
    assert_written("one: {key: \"x${KEY}\"}\n",
                   "one:\n  key: \"***\"  # left out: it is a secret\n");
    assert_written("one: {key: {file: /dev/null}}\n",
                   "one:\n  key: {file: \"/dev/null\"}\n");
}

static void headers_are_shown_under_public_names_alone(void **state)
{
    (void)state;
    assert_written("one: {headers: {Accept: a/b, X-Own: v, X-Env: \"${KEY}\"}}\n",
                   "one:\n  headers:\n    Accept: a/b\n"
                   "    X-Own: \"***\"  # left out: it is a secret\n    X-Env: ${KEY}\n");
}

static void bodies_keep_the_names_of_variables(void **state)
{
    (void)state;
    assert_written("one: {json: {a: \"${MODEL}\", b: 1, c: [x]}, raw: \"r ${MODEL}\"}\n",
                   "one:\n  json:\n    a: \"${MODEL}\"\n    b: 1\n    c:\n      - x\n"
                   "  raw: \"r ${MODEL}\"\n");
}

static void a_url_has_no_password(void **state)
{
    (void)state;
    assert_written("one: http://u:sekrit@h:1/p\n",
                   "one: \"http://***@h:1/p\"  # left out: it is a secret\n");
    assert_written("list:\n  - http://h/p?q=${MODEL}\n",
                   "list:\n  - \"http://h/p?q=${MODEL}\"\n");
    assert_written("named: {a: [http://h, {url: \"http://${MODEL}/v1\"}]}\n",
                   "named:\n  a:\n    - http://h\n    - url: \"http://m/v1\"\n");
}

/* A variable whose name tells of a key is not put in, wherever it stands. */
static void the_name_of_a_variable_can_tell(void **state)
{
    (void)state;
    assert_written("text: ask ${KEY} ${MODEL}\n", "text: ask ${KEY} ${MODEL}\n");
    assert_written("text: ask ${MODEL}\n", "text: ask m\n");
}

static void whatever_a_secret_stands_in_its_value_is_not_written(void **state)
{
    static const char *const texts[] = {
        "one: {key: \"${KEY}\"}\n",
        "one: {key: sekrit-key}\n",
        "one: {headers: {A: \"Bearer ${KEY}\", B: sekrit-key}}\n",
        "one: {raw: \"${KEY}\", json: [{a: \"${KEY}\"}]}\n",
        "one: \"http://x:${KEY}@h\"\n",
        "list: [{key: sekrit-key}, {url: \"http://a:sekrit-key@h\"}]\n",
        "named: {a: {key: sekrit-key}, b: [{key: \"-${KEY}-\"}]}\n",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char *seen = written(texts[i]);

        if (strstr(seen, "sekrit"))
            fail_msg("%s", seen);
        free(seen);
    }
}

static void tokens_are_shown_where_they_are_templates_or_short_words(void **state)
{
    (void)state;
    assert_written("one: {auth: 'Bearer {{ vars.token }}'}\n",
                   "one:\n  auth: \"Bearer {{ vars.token }}\"\n");
    assert_written("one: {auth: none}\n", "one:\n  auth: none\n");
    assert_written("one: {auth: sk-live-123}\n",
                   "one:\n  auth: \"***\"  # left out: it is a secret\n");
    assert_written("one: {auth: 'sk-live-1{{ vars.rest }}'}\n",
                   "one:\n  auth: \"***\"  # left out: it is a secret\n");
    assert_written("one: {auth: '${KEY}'}\n", "one:\n  auth: ${KEY}\n");
    assert_written("one: {headers: {X-Own: '{{ vars.token }}'}}\n",
                   "one:\n  headers:\n    X-Own: \"{{ vars.token }}\"\n");
    assert_written("one: {vars: {a: b, c: {secret: abc}}}\n",
                   "one:\n  vars:\n    a: b\n    c:\n      secret: \"***\"  # left out: "
                   "it is a secret\n");
}

static void paths_of_files_are_written_absolute(void **state)
{
    (void)state;
    assert_written("one: {file: /tmp/../tmp}\n", "one:\n  file: \"/tmp\"\n");
    assert_written("one: {file: no-such-file}\n", "one:\n  file: \"no-such-file\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_shown_where_they_are_templates_or_short_words),
        cmocka_unit_test(paths_of_files_are_written_absolute),
        cmocka_unit_test(what_is_written_loads_to_the_same),
        cmocka_unit_test(of_a_secret_the_name_of_its_variable_stays),
        cmocka_unit_test(headers_are_shown_under_public_names_alone),
        cmocka_unit_test(bodies_keep_the_names_of_variables),
        cmocka_unit_test(a_url_has_no_password),
        cmocka_unit_test(the_name_of_a_variable_can_tell),
        cmocka_unit_test(whatever_a_secret_stands_in_its_value_is_not_written),
    };

    return cmocka_run_group_tests_name("yaml_writer", tests, NULL, NULL);
}
