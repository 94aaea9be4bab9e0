#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/secret.h"
#include "config/field.h"
#include "config/load.h"
#include "transcript.h"

/* A small configuration language: a shop with animals that do things. */
struct deed {
    struct config_form form;
    uint64_t sleep_ns;
    uint64_t jump_count;
    struct config_items then; /* struct deed */
};

struct animal {
    struct config_form form;
    uint64_t legs;
    bool tame;
    struct config_items deeds; /* struct deed */
};

struct food {
    struct config_form form;
    int64_t price_pusd;
    double share;
};

struct shop {
    struct config_form form;
    const char *name;
    const char *motto;
    uint64_t open_ns;
    uint64_t store_bytes;
    double visitors_per_s;
    double temperature;
    uint32_t mood;
    const struct secret *key;
    struct food food;
    struct config_items animals; /* struct animal */
    struct config_items rooms;   /* uint64_t */
    const struct config_node *labels;
    const struct config_node *extra;
};

static const char *const moods[] = {"calm", "merry", "gloomy", NULL};

static const struct field_table deed_table;

static const struct field deed_fields[] = {
    {.key = "sleep",
     .type = FIELD_DURATION,
     .offset = offsetof(struct deed, sleep_ns),
     .help = "rests",
     .flags = FIELD_ALTERNATIVE},
    {.key = "jump",
     .type = FIELD_COUNT,
     .offset = offsetof(struct deed, jump_count),
     .help = "jumps",
     .flags = FIELD_ALTERNATIVE},
    {.key = "then",
     .type = FIELD_LIST,
     .offset = offsetof(struct deed, then),
     .table = &deed_table,
     .help = "what follows"},
    {.key = "fly", .type = FIELD_REFUSED, .help = "no animal here has wings"},
};

static const struct field_table deed_table = {.name = "deed",
                                              .help = "What an animal does.",
                                              .fields = deed_fields,
                                              .count = COUNT_OF(deed_fields),
                                              .size = sizeof(struct deed),
                                              .alternatives = "deed"};

static const struct field animal_fields[] = {
    {.key = "legs",
     .type = FIELD_COUNT,
     .offset = offsetof(struct animal, legs),
     .min = "2",
     .max = "8",
     .preset = "4",
     .help = "how many it walks on"},
    {.key = "tame",
     .type = FIELD_BOOL,
     .offset = offsetof(struct animal, tame),
     .preset = "true",
     .help = "whether it bites"},
    {.key = "deeds",
     .type = FIELD_LIST,
     .offset = offsetof(struct animal, deeds),
     .table = &deed_table,
     .help = "what it does"},
};

static const struct field_table animal_table = {.name = "animal",
                                                .help = "Who lives in the shop.",
                                                .fields = animal_fields,
                                                .count = COUNT_OF(animal_fields),
                                                .size = sizeof(struct animal)};

static const struct field food_fields[] = {
    {.key = "price",
     .type = FIELD_MONEY,
     .offset = offsetof(struct food, price_pusd),
     .preset = "2.50 USD",
     .help = "of a bag"},
    {.key = "share",
     .type = FIELD_FRACTION,
     .offset = offsetof(struct food, share),
     .max = "100%",
     .help = "of all costs"},
};

static const struct field_table food_table = {.name = "food",
                                              .help = "What they eat.",
                                              .fields = food_fields,
                                              .count = COUNT_OF(food_fields),
                                              .size = sizeof(struct food),
                                              .short_key = "price"};

static const struct field shop_fields[] = {
    {.key = "name",
     .type = FIELD_TEXT,
     .offset = offsetof(struct shop, name),
     .help = "what stands over the door",
     .flags = FIELD_REQUIRED},
    {.key = "motto",
     .type = FIELD_TEXT,
     .offset = offsetof(struct shop, motto),
     .preset = "come in",
     .help = "below it"},
    {.key = "open_for",
     .type = FIELD_DURATION,
     .offset = offsetof(struct shop, open_ns),
     .preset = "8h",
     .help = "each day"},
    {.key = "store",
     .type = FIELD_SIZE,
     .offset = offsetof(struct shop, store_bytes),
     .help = "room"},
    {.key = "visitors",
     .type = FIELD_RATE,
     .offset = offsetof(struct shop, visitors_per_s),
     .help = "who come"},
    {.key = "temperature",
     .type = FIELD_NUMBER,
     .offset = offsetof(struct shop, temperature),
     .help = "in °C"},
    {.key = "mood",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct shop, mood),
     .words = moods,
     .preset = "merry",
     .help = "of the keeper"},
    {.key = "key",
     .type = FIELD_SECRET,
     .offset = offsetof(struct shop, key),
     .help = "of the door"},
    {.key = "food",
     .type = FIELD_MAP,
     .offset = offsetof(struct shop, food),
     .table = &food_table,
     .help = "what they eat"},
    {.key = "animals",
     .type = FIELD_KEYED,
     .offset = offsetof(struct shop, animals),
     .table = &animal_table,
     .help = "by name"},
    {.key = "rooms",
     .type = FIELD_LIST,
     .offset = offsetof(struct shop, rooms),
     .element = FIELD_COUNT,
     .help = "beds in each"},
    {.key = "labels",
     .type = FIELD_PAIRS,
     .offset = offsetof(struct shop, labels),
     .help = "on the boxes | bags"},
    {.key = "extra",
     .type = FIELD_NODE,
     .offset = offsetof(struct shop, extra),
     .help = "whatever"},
};

static const struct field_table shop_table = {.name = "shop",
                                              .help = "A pet shop.",
                                              .example = "name: Paws\n",
                                              .fields = shop_fields,
                                              .count = COUNT_OF(shop_fields),
                                              .size = sizeof(struct shop)};

/* A shop that was read, with what has to be freed. */
struct reading {
    struct shop shop;
    struct config_tree *tree;
    struct diag_list *diags;
    struct buf messages;
    int result;
};

static void read_shop(struct reading *reading, const char *text)
{
    static const char *const variables[] = {"KEY",    "sk-secret", "LEGS", "six",
                                            "BLANK",  "",          "BAD",  "sk-a\nb",
                                            "COUNT6", "6",         NULL};
    const char *const *environment = variables;
    const struct config_options options = {.lookup = transcript_lookup,
                                           .lookup_ctx = &environment};

    *reading = (struct reading){.messages = BUF_INIT((size_t)1 << 20)};
    assert_int_equal(diag_list_new(50, &reading->diags), 0);
    assert_int_equal(config_load_text("a.yaml", text, strlen(text), &options,
                                      reading->diags, &reading->tree),
                     0);
    reading->result = config_fill(reading->tree, config_root(reading->tree), &shop_table,
                                  &reading->shop, reading->diags);
    assert_int_equal(diag_print(reading->diags, 0, &reading->messages), 0);
}

static void reading_deinit(struct reading *reading)
{
    config_tree_free(reading->tree);
    diag_list_free(reading->diags);
    buf_deinit(&reading->messages);
}

static void check_message(const char *text, const char *expected)
{
    CLEANUP(reading_deinit) struct reading reading;

    read_shop(&reading, text);
    assert_int_equal(reading.result, -EINVAL);
    assert_string_equal(buf_str(&reading.messages), expected);
}

/* The first line of the messages, and the hint's. */
static void check_sentence(const char *line, const char *sentence, const char *hint)
{
    CLEANUP(reading_deinit) struct reading reading;
    char text[256];

    (void)snprintf(text, sizeof(text), "name: a\n%s\n", line);
    read_shop(&reading, text);
    assert_int_equal(reading.result, -EINVAL);
    if (!strstr(buf_str(&reading.messages), sentence) ||
        !strstr(buf_str(&reading.messages), hint))
        fail_msg("'%s' and '%s' are not in:\n%s", sentence, hint,
                 buf_str(&reading.messages));
}

static void a_table_fills_a_struct(void **state)
{
    CLEANUP(reading_deinit) struct reading reading;
    const struct animal *animals;
    const struct deed *deeds;

    (void)state;
    read_shop(&reading, "name: Paws\nopen_for: 1h30m\nstore: 2KiB\nvisitors: 30/m\n"
                        "temperature: 20.5\nmood: gloomy\nkey: ${KEY}\n"
                        "food: {price: 1 USD, share: 5%}\nrooms: [1, 2]\n"
                        "labels: {a: b, c: 1}\nextra: [x]\n"
                        "animals:\n"
                        "  cat:\n"
                        "  spider: {legs: 8, tame: false, deeds: [jump: 3, {sleep: 2s, "
                        "then: [jump: 1]}]}\n");
    assert_string_equal(buf_str(&reading.messages), "");
    assert_int_equal(reading.result, 0);
    assert_string_equal(reading.shop.name, "Paws");
    assert_string_equal(reading.shop.motto, "come in");
    assert_int_equal(reading.shop.open_ns, UINT64_C(5400000000000));
    assert_int_equal(reading.shop.store_bytes, 2048);
    assert_true(reading.shop.visitors_per_s > 0.499 &&
                reading.shop.visitors_per_s < 0.501);
    assert_true(reading.shop.temperature > 20.4 && reading.shop.temperature < 20.6);
    assert_int_equal(reading.shop.mood, 2);
    assert_string_equal(secret_reveal(reading.shop.key), "sk-secret");
    assert_true(reading.shop.food.price_pusd == INT64_C(1000000000000));
    assert_true(reading.shop.food.share > 0.049 && reading.shop.food.share < 0.051);
    assert_int_equal(reading.shop.rooms.count, 2);
    assert_int_equal(((const uint64_t *)reading.shop.rooms.items)[1], 2);
    assert_string_equal(config_find(reading.shop.labels, "c")->text, "1");
    assert_int_equal(reading.shop.extra->kind, CONFIG_LIST);
    assert_int_equal(reading.shop.animals.count, 2);
    animals = reading.shop.animals.items;
    assert_string_equal(animals[0].form.key->text, "cat");
    assert_int_equal(animals[0].legs, 4);
    assert_true(animals[0].tame);
    assert_int_equal(animals[1].legs, 8);
    assert_int_equal(animals[1].deeds.count, 2);
    deeds = animals[1].deeds.items;
    assert_int_equal(deeds[0].jump_count, 3);
    assert_int_equal(deeds[1].then.count, 1);
}

static void what_is_not_written_has_its_default(void **state)
{
    CLEANUP(reading_deinit) struct reading reading;

    (void)state;
    read_shop(&reading,
              "name: Paws\nmotto: ${BLANK:-}\nkey: ${NONE:-}\nopen_for: ${NONE:-}\n");
    assert_int_equal(reading.result, 0);
    assert_string_equal(reading.shop.motto, "come in");
    assert_null(reading.shop.key);
    assert_int_equal(reading.shop.open_ns, UINT64_C(8) * 3600 * 1000000000);
    assert_int_equal(reading.shop.mood, 1);
    assert_true(reading.shop.food.price_pusd == INT64_C(2500000000000));
    assert_null(reading.shop.food.form.node);
    assert_non_null(reading.shop.form.node);
}

static void a_single_value_is_the_short_key(void **state)
{
    CLEANUP(reading_deinit) struct reading reading;

    (void)state;
    read_shop(&reading, "name: Paws\nfood: 3 USD\nrooms: 7\n");
    assert_int_equal(reading.result, 0);
    assert_true(reading.shop.food.price_pusd == INT64_C(3000000000000));
    assert_int_equal(reading.shop.rooms.count, 1);
}

static void all_mistakes_are_told_in_one_go(void **state)
{
    (void)state;
    check_message("nmae: Paws\nopen_for: 5 apples\nanimals:\n  cat: {legs: 9, tme: no}\n",
                  "a.yaml:1:1: error: unknown key 'nmae' in shop\n"
                  "    1 | nmae: Paws\n"
                  "      | ^~~~\n"
                  "      = hint: did you mean 'name'?\n"
                  "a.yaml:2:11: error: open_for: '5 apples' is not a duration\n"
                  "    2 | open_for: 5 apples\n"
                  "      |           ^~~~~~~~\n"
                  "      = hint: write one such as 500ms, 5s or 2m30s\n"
                  "a.yaml:4:15: error: legs: '9' is too large\n"
                  "    4 |   cat: {legs: 9, tme: no}\n"
                  "      |               ^\n"
                  "      = hint: write 8 or less\n"
                  "a.yaml:4:18: error: unknown key 'tme' in animal\n"
                  "    4 |   cat: {legs: 9, tme: no}\n"
                  "      |                  ^~~\n"
                  "      = hint: did you mean 'tame'?\n"
                  "4 errors\n");
}

static void a_mistake_that_aliases_share_is_told_once(void **state)
{
    (void)state;
    check_message("name: a\nanimals:\n  cat: &cat {legs: 9}\n  dog: *cat\n",
                  "a.yaml:3:20: error: legs: '9' is too large\n"
                  "    3 |   cat: &cat {legs: 9}\n"
                  "      |                    ^\n"
                  "      = hint: write 8 or less\n"
                  "1 error\n");
}

static void wrong_values_get_a_hint_of_the_right_ones(void **state)
{
    (void)state;
    check_sentence("animals: {a: {tame: no}}", "tame: 'no' is not true or false",
                   "write false");
    check_sentence("animals: {a: {legs: 010}}", "legs: '010' is not a whole number",
                   "write 10: a leading zero");
    check_sentence("rooms: [1e3]", "rooms: '1e3' is not a whole number", "write 1000");
    check_sentence("rooms: -1", "rooms: '-1' is not a whole number",
                   "it cannot be negative");
    check_sentence("rooms: 1,000", "rooms: '1,000' is not a whole number",
                   "without commas");
    check_sentence("open_for: 5", "open_for: '5' is not a duration", "write 5s or 5ms");
    check_sentence("open_for: .nan", "open_for: '.nan' is not a duration",
                   "write one such as");
    check_sentence("temperature: .inf", "temperature: '.inf' is not a number",
                   "such as 0.7");
    check_sentence("temperature: nan", "temperature: 'nan' is not a number",
                   "such as 0.7");
    check_sentence("mood: mery", "mood: 'mery' is not one of its words",
                   "did you mean 'merry'? there are calm, merry and gloomy");
    check_sentence("mood: zzz", "mood: 'zzz' is not one of its words",
                   "write one of calm, merry and gloomy");
    check_sentence("visitors: 5", "visitors: '5' is not a rate", "5/s or 300/m");
    check_sentence("food: {share: 200%}", "share: '200%' is too large",
                   "write 100% or less");
    check_sentence("motto:", "motto has no value", "leave the key out");
    check_sentence("motto: ''", "motto is empty", "leave the key out");
    check_sentence("motto: [a]", "motto: a list where a text should be", "write a text");
    check_sentence("animals: 5", "animals: a single value where a map of names",
                   "'name:'");
    check_sentence("animals: {cat: [1]}", "cat: a list where a map should be",
                   "key: value");
    check_sentence("animals: {cat: {deeds: 1}}", "deeds: a single value where a list",
                   "- item");
    check_sentence("labels: {a: [1]}", "a: a list where a text should be",
                   "write a text");
    check_sentence("colour: red", "unknown key 'colour' in shop",
                   "its keys are: name, motto");
}

static void kinds_that_do_not_exist_are_told_with_those_that_do(void **state)
{
    (void)state;
    check_sentence("animals: {a: {deeds: [walk]}}",
                   "there is no kind of deed named 'walk'",
                   "the kinds are: sleep and jump");
    check_sentence("animals: {a: {deeds: [{jmp: 3}]}}",
                   "there is no kind of deed named 'jmp'",
                   "did you mean 'jump'? the kinds");
    check_sentence("animals: {a: {deeds: [{then: []}]}}",
                   "this deed does not say its kind", "the kinds are");
    check_sentence("animals: {a: {deeds: [{jump: 1, sleep: 1s}]}}",
                   "a deed is either 'jump' or 'sleep'", "an item of its own");
    check_sentence("animals: {a: {deeds: [{fly: 1}]}}", "fly: no animal here has wings",
                   "");
    check_sentence("animals: {a: {deeds: [jump]}}", "jump has no value", "");
}

/* fault_05: empty keys, and keys that would inject a header. */
static void fault_05_bad_secrets_are_refused_and_never_shown(void **state)
{
    static const char *const lines[] = {
        "key: ${BAD}",  "key: ${BLANK}", "key: {file: nowhere}", "key: [\"${KEY}\"]",
        "mood: ${KEY}", "rooms: ${KEY}", "food: ${KEY}"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        CLEANUP(reading_deinit) struct reading reading;
        char text[64];

        (void)snprintf(text, sizeof(text), "name: a\n%s\n", lines[i]);
        read_shop(&reading, text);
        assert_int_equal(reading.result, -EINVAL);
        assert_int_equal(diag_count(reading.diags), 1);
        assert_null(strstr(buf_str(&reading.messages), "sk-"));
    }
    check_sentence("key: ${BAD}", "key: ${BAD} is empty, or holds a line break",
                   "one line");
    check_sentence("animals: {a: {legs: \"${LEGS}\"}}",
                   "legs: '${LEGS}' is not a whole number",
                   "the environment must hold a whole number such as 50");
}

static void a_secret_can_come_from_a_file(void **state)
{
    CLEANUP(reading_deinit) struct reading reading = {0};
    char path[] = "/tmp/throng-secret-XXXXXX";
    const int descriptor = mkstemp(path);
    char text[128];

    (void)state;
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, "sk-file\r\n", 9), 9);
    (void)snprintf(text, sizeof(text), "name: a\nkey: {file: %s}\n", path);
    read_shop(&reading, text);
    assert_int_equal(reading.result, 0);
    assert_string_equal(secret_reveal(reading.shop.key), "sk-file");
    reading_deinit(&reading);
    assert_int_equal(pwrite(descriptor, "sk-\nfile", 8, 0), 8);
    read_shop(&reading, text);
    assert_int_equal(reading.result, -EINVAL);
    assert_non_null(
        strstr(buf_str(&reading.messages), "key: the file is empty, or holds a"));
    assert_int_equal(close(descriptor), 0);
    assert_int_equal(unlink(path), 0);
}

static void the_table_itself_is_sound(void **state)
{
    static const struct field bad_fields[] = {
        {.key = "a", .type = FIELD_DURATION, .preset = "5", .help = "no unit"}};
    static const struct field_table bad = {
        .name = "bad", .fields = bad_fields, .count = 1, .size = 8};

    (void)state;
    assert_true(config_table_is_sound(&shop_table));
    assert_false(config_table_is_sound(&bad));
}

static void the_table_writes_a_schema(void **state)
{
    struct buf out = BUF_INIT((size_t)1 << 20);
    json_t *schema;
    const json_t *legs;

    (void)state;
    assert_int_equal(config_write_schema(&shop_table, "a shop", &out), 0);
    schema = json_loads(buf_str(&out), 0, NULL);
    assert_non_null(schema);
    assert_string_equal(json_string_value(json_object_get(schema, "$schema")),
                        "https://json-schema.org/draft/2020-12/schema");
    legs = json_object_get(schema, "$defs");
    legs = json_array_get(json_object_get(json_object_get(legs, "animal"), "anyOf"), 0);
    legs = json_object_get(json_object_get(legs, "properties"), "legs");
    assert_string_equal(json_string_value(json_object_get(legs, "default")), "4");
    legs = json_array_get(json_object_get(legs, "anyOf"), 0);
    assert_int_equal(json_integer_value(json_object_get(legs, "maximum")), 8);
    json_decref(schema);
    buf_deinit(&out);
}

static void the_table_writes_a_reference(void **state)
{
    struct buf out = BUF_INIT((size_t)1 << 20);

    (void)state;
    assert_int_equal(config_write_reference(&shop_table, &out), 0);
    assert_non_null(
        strstr(buf_str(&out), "## shop\n\nA pet shop.\n\n```yaml\nname: Paws\n```"));
    assert_non_null(
        strstr(buf_str(&out),
               "| `legs` | a whole number, 2 to 8 | `4` | how many it walks on |"));
    assert_non_null(strstr(buf_str(&out), "| ● `jump` | a whole number |  | jumps |"));
    assert_non_null(
        strstr(buf_str(&out), "| `animals` | names, each a [animal](#animal) |"));
    assert_non_null(strstr(buf_str(&out), "on the boxes \\| bags"));
    assert_null(strstr(buf_str(&out), "wings"));
    buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_fills_a_struct),
        cmocka_unit_test(what_is_not_written_has_its_default),
        cmocka_unit_test(a_single_value_is_the_short_key),
        cmocka_unit_test(all_mistakes_are_told_in_one_go),
        cmocka_unit_test(a_mistake_that_aliases_share_is_told_once),
        cmocka_unit_test(wrong_values_get_a_hint_of_the_right_ones),
        cmocka_unit_test(kinds_that_do_not_exist_are_told_with_those_that_do),
        cmocka_unit_test(fault_05_bad_secrets_are_refused_and_never_shown),
        cmocka_unit_test(a_secret_can_come_from_a_file),
        cmocka_unit_test(the_table_itself_is_sound),
        cmocka_unit_test(the_table_writes_a_schema),
        cmocka_unit_test(the_table_writes_a_reference),
    };

    return cmocka_run_group_tests_name("config/field", tests, NULL, NULL);
}
