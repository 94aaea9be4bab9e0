#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "transcript.h"

static const struct transcript_setup plain = {0};

static void check(const char *text, const struct transcript_setup *setup,
                  const char *expected)
{
    char *seen = transcript_of(text, strlen(text), setup);

    assert_string_equal(seen, expected);
    free(seen);
}

static void check_mentions(const char *text, size_t len, const char *expected)
{
    char *seen = transcript_of(text, len, &plain);

    if (!strstr(seen, expected))
        fail_msg("'%s' is not in:\n%s", expected, seen);
    free(seen);
}

static void yaml_becomes_nodes(void **state)
{
    (void)state;
    check("a: 1\nb: [x, 'true', true, null, 01]\nc: {d: ~}\n", &plain,
          "{\"a\":1,\"b\":[\"x\",\"true\",true,null,\"01\"],\"c\":{\"d\":null}}");
}

static void aliases_and_merge_keys_are_followed(void **state)
{
    (void)state;
    check("base: &base {a: 1, b: 2}\nown: {b: 3, <<: *base}\nagain: *base\n", &plain,
          "{\"base\":{\"a\":1,\"b\":2},\"own\":{\"b\":3,\"a\":1},\"again\":{\"a\":1,"
          "\"b\":2}}");
    check("x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz:\n  <<: [*x, *y]\n", &plain,
          "{\"x\":{\"a\":1},\"y\":{\"a\":2,\"b\":2},\"z\":{\"a\":1,\"b\":2}}");
    check(
        "a:\n  <<: 5\n", &plain,
        "a.yaml:2:7: error: '<<' merges a map or a list of maps, and this is a single "
        "value\n    2 |   <<: 5\n      |       ^\n      = hint: write '<<: *anchor', or "
        "'<<: [*one, *two]'\n1 error\n");
}

static void variables_are_expanded_once(void **state)
{
    static const char *const environment[] = {
        "URL", "http://h", "TRICK", "${URL} {a: b}", "EMPTY", "", NULL};
    const struct transcript_setup setup = {.environment = environment};

    (void)state;
    check("a: ${URL}/v1\nb: \"${NONE:-x:y}\"\nc: $$5 $x ${EMPTY:-e}\n", &setup,
          "{\"a\":\"http://h/v1\",\"b\":\"x:y\",\"c\":\"$5 $x e\"}");
    check("a: ${TRICK}\n", &setup, "{\"a\":\"${URL} {a: b}\"}");
    check("${URL}: a\n", &setup, "{\"${URL}\":\"a\"}");
}

static void missing_variables_are_told_at_their_place(void **state)
{
    (void)state;
    check("a: x ${ONE} y\nb: [\"${TWO}\"]\nc: ${3}\n", &plain,
          "a.yaml:1:6: error: there is no environment variable 'ONE'\n"
          "    1 | a: x ${ONE} y\n"
          "      |      ^~~~~~\n"
          "      = hint: set it, or write a default: ${ONE:-…}\n"
          "a.yaml:2:5: error: there is no environment variable 'TWO'\n"
          "    2 | b: [\"${TWO}\"]\n"
          "      |     ^~~~~~~~\n"
          "      = hint: set it, or write a default: ${TWO:-…}\n"
          "a.yaml:3:4: error: '${' without a variable's name and a '}'\n"
          "    3 | c: ${3}\n"
          "      |    ^~\n"
          "      = hint: write ${NAME} or ${NAME:-default}; $$ stands for a dollar sign\n"
          "3 errors\n");
}

static void duplicate_keys_are_refused(void **state)
{
    (void)state;
    check("a: 1\nb: 2\na: 3\n", &plain,
          "a.yaml:3:1: error: duplicate key 'a'\n"
          "    3 | a: 3\n"
          "      | ^\n"
          "      = hint: it was already given in line 1; keep one of them\n"
          "1 error\n");
}

static void bare_templates_get_a_hint_to_quote_them(void **state)
{
    (void)state;
    check_mentions("a: {{ user.id }}\n", 17, "quote a text that starts with a template");
    check_mentions("a: {{ user.id }}/x\n", 19,
                   "quote a text that starts with a template");
}

static void syntax_errors_say_what_is_wrong(void **state)
{
    static const char *const cases[][2] = {
        {"a:\n\tb: 1\n", "a.yaml:2:1: error: a tab indents this line"},
        {"a: b: c\n", "a.yaml:1:5: error: a ':' where no key can stand"},
        {"a: [1, 2\nb: 3\n", "error: this '[' is not closed properly"},
        {"a: {b: 1\nc: 3\n", "error: this '{' is not closed properly"},
        {"a: \"x\nb: 3\n", "a.yaml:1:4: error: this quote is not closed"},
        {"a: *x\n", "a.yaml:1:4: error: an alias without its anchor"},
        {"a: 1\n b: 2\n", "a.yaml:2:"},
        {"a: [${X}]\n", "error: a '${' that YAML takes for the start of a map"},
        {"a: !x 1\n", "the tag '!x' has no meaning here"},
        {"a: 1\n---\nb: 1\n", "a.yaml:2:1: error: a second document"},
        {"a: \xff\n", "a.yaml:1: error: a byte that is no UTF-8 text"},
        {"a: \"\\0\"\n", "a text that holds a NUL character"},
        {"", "error: an empty file where a map should be"},
        {"- 1\n", "a.yaml:1:1: error: a list where a map should be"},
        {"? [1]\n: 2\n", "a list where a key should be"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_mentions(cases[i][0], strlen(cases[i][0]), cases[i][1]);
}

static void encodings_other_than_utf8_are_refused(void **state)
{
    (void)state;
    check_mentions("\xff\xfe"
                   "a\0:\0",
                   6, "save the file as UTF-8");
    check_mentions("\xfe\xff\0a\0:", 6, "save the file as UTF-8");
    check_mentions("a\0:\0 \0", 6, "save the file as UTF-8");
    check("\xef\xbb\xbf"
          "a: 1\r\nb: 2\r\n",
          &plain, "{\"a\":1,\"b\":2}");
}

/* fault_02: a billion laughs, 1e5 levels, 100 MB. */
static void fault_02_monstrous_texts_are_refused_at_once(void **state)
{
    static const char laughs[] = "a: &a [x,x,x,x,x,x,x,x,x]\n"
                                 "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                                 "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                                 "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                                 "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
                                 "f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
                                 "g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n"
                                 "h: &h [*g,*g,*g,*g,*g,*g,*g,*g,*g]\n"
                                 "i: &i [*h,*h,*h,*h,*h,*h,*h,*h,*h]\n";
    const size_t deep_len = 100000;
    const size_t large_len = (size_t)100 * 1000 * 1000;
    char *text = malloc(large_len);
    uint64_t start_ns = clock_mono_ns();

    (void)state;
    assert_non_null(text);
    check_mentions(laughs, sizeof(laughs) - 1, "too large");
    check_mentions("a: &a [*a]\n", 11, "a value that contains itself");
    memset(text, '[', deep_len);
    check_mentions(text, deep_len, "a.yaml:1:65: error: too deep: over 64 levels");
    memset(text, ' ', large_len);
    for (size_t i = 0; i + 3 < deep_len; i += 2)
        memcpy(text + i, "- ", 2);
    check_mentions(text, deep_len, "a.yaml:1:129: error: too deep: over 64 levels");
    assert_true(clock_mono_ns() - start_ns < 1000 * NS_PER_MS);
    start_ns = clock_mono_ns();
    check_mentions(text, large_len, "too large");
    assert_true(clock_mono_ns() - start_ns < 1000 * NS_PER_MS);
    free(text);
}

static void wide_texts_are_bounded_too(void **state)
{
    const size_t len = CONFIG_MAX_BYTES;
    char *text = malloc(len);

    (void)state;
    assert_non_null(text);
    memcpy(text, "a: [", 4);
    for (size_t i = 4; i + 1 < len; i += 2)
        memcpy(text + i, "1,", 2);
    check_mentions(text, len, "too large: over 100000 values");
    for (size_t i = 0; i < 2000; i++)
        (void)snprintf(text + i * 8, 9, "k%05zu:\n", i);
    check_mentions(text, (size_t)2000 * 8, "too large: over 1000 keys in one map");
    free(text);
}

static void overrides_are_set_by_path(void **state)
{
    static const char *const overrides[] = {"load.1.users=7", "new.deep.key={x: [1]}",
                                            "\"a.b\"=yes", "load.0=", "price=$${HOME}"};
    const struct transcript_setup setup = {.overrides = overrides, .override_count = 5};

    (void)state;
    check("load: [{users: 1}, {users: 2, over: 3s}]\nprice: 1\n", &setup,
          "{\"load\":[null,{\"users\":7,\"over\":\"3s\"}],\"price\":\"$${HOME}\","
          "\"new\":{\"deep\":{\"key\":{\"x\":[1]}}},\"a.b\":\"yes\"}");
}

static void bad_overrides_are_named_by_their_option(void **state)
{
    static const char *const overrides[] = {"load.2.users=7", "seed", "seed.x=1",
                                            "a..b=1", "seed=[1"};
    const struct transcript_setup setup = {.overrides = overrides, .override_count = 5};

    (void)state;
    check("load: [{}, {}]\nseed: 3\n", &setup,
          "--set a..b: error: not a key with a value\n"
          "      = hint: write KEY=VALUE with a path such as load.0.users=50\n"
          "--set load.2.users: error: a list of 2 has no item '2'\n"
          "      = hint: items are counted from 0\n"
          "--set seed: error: not a key with a value\n"
          "      = hint: write KEY=VALUE with a path such as load.0.users=50\n"
          "--set seed:1:1: error: this '[' is not closed properly\n"
          "    1 | [1\n"
          "      | ^\n"
          "      = hint: separate items by ',' and close with ']'\n"
          "--set seed.x: error: 'seed' is a single value there, which has no 'x'\n"
          "      = hint: set the whole of it: KEY={one: …, two: …}\n"
          "5 errors\n");
}

/* A folder of files for one test, removed at its end. */
struct folder {
    char path[64];
};

static void folder_write(const struct folder *folder, const char *name, const char *text)
{
    char path[128];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", folder->path, name);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static char *folder_read(const struct folder *folder, const char *name)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", folder->path, name);
    return transcript_of_file(path, &plain);
}

static void folder_make(struct folder *folder)
{
    (void)snprintf(folder->path, sizeof(folder->path), "/tmp/throng-config-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
}

static void folder_remove(const struct folder *folder, const char *const *names)
{
    char path[128];

    for (; *names; names++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder->path, *names);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(folder->path), 0);
}

static void includes_are_merged_below_the_including_file(void **state)
{
    static const char *const names[] = {"main.yaml", "one.yaml", "two.yaml", NULL};
    struct folder folder;
    char *seen;

    (void)state;
    folder_make(&folder);
    folder_write(&folder, "main.yaml", "include: [one.yaml, two.yaml]\na: {x: main}\n");
    folder_write(&folder, "one.yaml", "a: {x: one, y: one, z: one}\nlist: [1, 2]\n");
    folder_write(&folder, "two.yaml", "a: {z: two}\nlist: [3]\n");
    seen = folder_read(&folder, "main.yaml");
    assert_string_equal(
        seen, "{\"a\":{\"x\":\"main\",\"y\":\"one\",\"z\":\"two\"},\"list\":[3],"
              "\"include\":[\"one.yaml\",\"two.yaml\"]}");
    free(seen);
    folder_remove(&folder, names);
}

static void includes_in_a_circle_and_missing_files_are_refused(void **state)
{
    static const char *const names[] = {"main.yaml", "one.yaml", NULL};
    struct folder folder;
    char *seen;

    (void)state;
    folder_make(&folder);
    folder_write(&folder, "main.yaml", "include: [one.yaml, none.yaml, {}]\n");
    folder_write(&folder, "one.yaml", "include: main.yaml\n");
    seen = folder_read(&folder, "main.yaml");
    assert_non_null(strstr(seen, "one.yaml:1:10: error: 'main.yaml' includes itself\n"));
    assert_non_null(strstr(seen, "main.yaml:1:21: error: cannot include 'none.yaml': "
                                 "No such file or directory\n"));
    assert_non_null(strstr(seen, "main.yaml:1:32: error: include: a map where"));
    free(seen);
    folder_remove(&folder, names);
}

static void files_that_cannot_be_read_are_told(void **state)
{
    char *seen = transcript_of_file("/nonexistent/a.yaml", &plain);

    (void)state;
    assert_string_equal(seen,
                        "/nonexistent/a.yaml: error: cannot read "
                        "'/nonexistent/a.yaml': No such file or directory\n1 error\n");
    free(seen);
    seen = transcript_of_file("/tmp", &plain);
    assert_string_equal(seen,
                        "/tmp: error: cannot read '/tmp': Is a directory\n1 error\n");
    free(seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yaml_becomes_nodes),
        cmocka_unit_test(aliases_and_merge_keys_are_followed),
        cmocka_unit_test(variables_are_expanded_once),
        cmocka_unit_test(missing_variables_are_told_at_their_place),
        cmocka_unit_test(duplicate_keys_are_refused),
        cmocka_unit_test(bare_templates_get_a_hint_to_quote_them),
        cmocka_unit_test(syntax_errors_say_what_is_wrong),
        cmocka_unit_test(encodings_other_than_utf8_are_refused),
        cmocka_unit_test(fault_02_monstrous_texts_are_refused_at_once),
        cmocka_unit_test(wide_texts_are_bounded_too),
        cmocka_unit_test(overrides_are_set_by_path),
        cmocka_unit_test(bad_overrides_are_named_by_their_option),
        cmocka_unit_test(includes_are_merged_below_the_including_file),
        cmocka_unit_test(includes_in_a_circle_and_missing_files_are_refused),
        cmocka_unit_test(files_that_cannot_be_read_are_told),
    };

    return cmocka_run_group_tests_name("config/load", tests, NULL, NULL);
}
