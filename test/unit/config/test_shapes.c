/*
 * Shapes that a value can have beside a map: lists and scalars in short, names that speak for themselves,
 * words without a value; and maps that are only a part of one.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "config/field.h"
#include "config/load.h"
#include "config/yaml_writer.h"
#include "transcript.h"

/* A band: a list of songs in short, rules that are their own names, instruments of one kind each. */
struct song {
    struct config_form form;
    const char *title;
    uint64_t bytes_per_s;
    const struct config_node *notes;
};

struct songs {
    struct config_form form;
    struct config_items list; /* struct song */
};

struct instrument {
    struct config_form form;
    bool drum;
    uint32_t strings;
};

struct band {
    struct config_form form;
    const char *name;
    struct songs songs;
    struct config_items rules;       /* struct song */
    struct config_items instruments; /* struct instrument */
    const struct config_node *places;
};

static const char *const string_words[] = {"steel", "nylon", NULL};

static const struct field song_fields[] = {
    {.key = "title",
     .type = FIELD_TEXT,
     .offset = offsetof(struct song, title),
     .help = ""},
    {.key = "tempo",
     .type = FIELD_SPEED,
     .offset = offsetof(struct song, bytes_per_s),
     .help = ""},
    {.key = "notes",
     .type = FIELD_PAIRS,
     .offset = offsetof(struct song, notes),
     .flags = FIELD_LONE,
     .help = ""},
};

static const struct field_table song_table = {.name = "song",
                                              .help = "",
                                              .fields = song_fields,
                                              .count = COUNT_OF(song_fields),
                                              .size = sizeof(struct song),
                                              .short_key = "title"};

static const struct field songs_fields[] = {
    {.key = "list",
     .type = FIELD_LIST,
     .offset = offsetof(struct songs, list),
     .table = &song_table,
     .flags = FIELD_REQUIRED,
     .help = ""},
};

static const struct field_table songs_table = {.name = "songs",
                                               .help = "",
                                               .fields = songs_fields,
                                               .count = COUNT_OF(songs_fields),
                                               .size = sizeof(struct songs),
                                               .short_key = "list"};

static const struct field instrument_fields[] = {
    {.key = "drum",
     .type = FIELD_BOOL,
     .offset = offsetof(struct instrument, drum),
     .preset = "true",
     .flags = FIELD_ALTERNATIVE | FIELD_BARE,
     .help = ""},
    {.key = "guitar",
     .type = FIELD_CHOICE,
     .words = string_words,
     .offset = offsetof(struct instrument, strings),
     .preset = "nylon",
     .flags = FIELD_ALTERNATIVE | FIELD_BARE,
     .help = ""},
};

static const struct field_table instrument_table = {.name = "instrument",
                                                    .help = "",
                                                    .fields = instrument_fields,
                                                    .count = COUNT_OF(instrument_fields),
                                                    .size = sizeof(struct instrument),
                                                    .alternatives = "instrument"};

static const struct field_table band_table;

static const struct field band_fields[] = {
    {.key = "name",
     .type = FIELD_TEXT,
     .offset = offsetof(struct band, name),
     .flags = FIELD_REQUIRED,
     .help = ""},
    {.key = "songs",
     .type = FIELD_MAP,
     .offset = offsetof(struct band, songs),
     .table = &songs_table,
     .help = ""},
    {.key = "rules",
     .type = FIELD_KEYED,
     .offset = offsetof(struct band, rules),
     .table = &song_table,
     .flags = FIELD_SELF_NAMED,
     .help = ""},
    {.key = "instruments",
     .type = FIELD_LIST,
     .offset = offsetof(struct band, instruments),
     .table = &instrument_table,
     .help = ""},
    {.key = "places",
     .type = FIELD_PARTS,
     .offset = offsetof(struct band, places),
     .table = &band_table,
     .help = ""},
};

static const struct field_table band_table = {.name = "band",
                                              .help = "",
                                              .fields = band_fields,
                                              .count = COUNT_OF(band_fields),
                                              .size = sizeof(struct band)};

struct reading {
    struct band band;
    struct config_tree *tree;
    struct diag_list *diags;
    struct buf messages;
    int result;
};

static void read_band(struct reading *reading, const char *text)
{
    static const struct config_options options = {.lookup = NULL};

    *reading = (struct reading){.messages = BUF_INIT((size_t)1 << 20)};
    assert_int_equal(diag_list_new(50, &reading->diags), 0);
    assert_int_equal(config_load_text("a.yaml", text, strlen(text), &options,
                                      reading->diags, &reading->tree),
                     0);
    reading->result = config_fill(reading->tree, config_root(reading->tree), &band_table,
                                  &reading->band, reading->diags);
    assert_int_equal(diag_print(reading->diags, 0, &reading->messages), 0);
}

static void reading_deinit(struct reading *reading)
{
    config_tree_free(reading->tree);
    diag_list_free(reading->diags);
    buf_deinit(&reading->messages);
}

static void check_refused(const char *text, const char *sentence)
{
    CLEANUP(reading_deinit) struct reading reading;

    read_band(&reading, text);
    assert_int_equal(reading.result, -EINVAL);
    if (!strstr(buf_str(&reading.messages), sentence))
        fail_msg("'%s' is not in:\n%s", sentence, buf_str(&reading.messages));
}

static void a_list_may_stand_for_the_map_that_it_is_the_short_of(void **state)
{
    CLEANUP(reading_deinit) struct reading in_short;
    CLEANUP(reading_deinit) struct reading in_full;

    (void)state;
    read_band(&in_short, "name: a\nsongs: [one, {title: two, tempo: 2KiB/s}]\n");
    read_band(&in_full, "name: a\nsongs: {list: [one, two]}\n");
    assert_int_equal(in_short.result, 0);
    assert_int_equal(in_full.result, 0);
    assert_int_equal(in_short.band.songs.list.count, 2);
    assert_int_equal(in_full.band.songs.list.count, 2);
    assert_int_equal(((const struct song *)in_short.band.songs.list.items)[1].bytes_per_s,
                     2048);
    check_refused("name: a\nsongs: one\n", "list: a single value where a list should be");
    check_refused("name: a\nsongs: {}\n", "this songs lacks 'list'");
}

static void a_list_of_texts_names_itself(void **state)
{
    CLEANUP(reading_deinit) struct reading reading;
    const struct song *rules;

    (void)state;
    read_band(&reading, "name: a\nrules: [be loud, {title: x}]\n");
    assert_int_equal(reading.result, -EINVAL);
    assert_non_null(strstr(buf_str(&reading.messages), "rules: a map where a text"));
    reading_deinit(&reading);
    read_band(&reading, "name: a\nrules: [be loud, be quiet]\n");
    assert_int_equal(reading.result, 0);
    rules = reading.band.rules.items;
    assert_int_equal(reading.band.rules.count, 2);
    assert_string_equal(rules[1].form.key->text, "be quiet");
    assert_string_equal(rules[1].title, "be quiet");
}

static void a_key_may_stand_alone_in_place_of_pairs(void **state)
{
    CLEANUP(reading_deinit) struct reading reading;
    const struct song *rules;

    (void)state;
    read_band(&reading, "name: a\nrules: {a: {notes: c}, b: {notes: {c: d}}}\n");
    assert_int_equal(reading.result, 0);
    rules = reading.band.rules.items;
    assert_int_equal(rules[0].notes->kind, CONFIG_SCALAR);
    assert_int_equal(rules[1].notes->kind, CONFIG_MAP);
}

static void a_bare_kind_has_its_preset(void **state)
{
    CLEANUP(reading_deinit) struct reading reading;
    const struct instrument *instruments;

    (void)state;
    read_band(&reading,
              "name: a\ninstruments: [drum, guitar, {guitar: steel}, {drum: }]\n");
    assert_string_equal(buf_str(&reading.messages), "");
    instruments = reading.band.instruments.items;
    assert_int_equal(reading.band.instruments.count, 4);
    assert_true(instruments[0].drum);
    assert_non_null(config_find_key(instruments[1].form.node, "guitar"));
    assert_int_equal(instruments[1].strings, 1);
    assert_int_equal(instruments[2].strings, 0);
    check_refused("name: a\ninstruments: [flute]\n",
                  "no kind of instrument named 'flute'");
}

static void a_part_lacks_nothing_but_may_be_wrong(void **state)
{
    CLEANUP(reading_deinit) struct reading reading;

    (void)state;
    read_band(&reading,
              "name: a\nplaces: {here: {songs: {}}, there: {instruments: [{}]}}\n");
    assert_string_equal(buf_str(&reading.messages), "");
    assert_int_equal(reading.band.places->count, 2);
    check_refused("name: a\nplaces: {here: {nmae: b}}\n", "unknown key 'nmae'");
    check_refused("name: a\nplaces: [a]\n", "places: a list where a map of names");
    /* What is no part of another lacks what it lacks. */
    check_refused("places: {here: {name: b}}\n", "this band lacks 'name'");
}

static const json_t *definition(const json_t *schema, const char *name)
{
    return json_object_get(json_object_get(schema, "$defs"), name);
}

static void the_schema_knows_the_shapes(void **state)
{
    struct buf out = BUF_INIT((size_t)1 << 20);
    const json_t *properties;
    const json_t *forms;
    json_t *schema;

    (void)state;
    assert_int_equal(config_write_schema(&band_table, "band", &out), 0);
    schema = json_loads(buf_str(&out), 0, NULL);
    assert_non_null(schema);
    forms = json_object_get(definition(schema, "songs"), "anyOf");
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(forms, 1), "type")), "array");
    forms = json_object_get(definition(schema, "instrument"), "anyOf");
    assert_int_equal(json_array_size(json_object_get(json_array_get(forms, 1), "enum")),
                     2);
    forms = json_object_get(definition(schema, "band"), "anyOf");
    properties = json_object_get(json_array_get(forms, 0), "properties");
    assert_int_equal(
        json_array_size(json_object_get(json_object_get(properties, "rules"), "anyOf")),
        2);
    properties =
        json_object_get(json_object_get(properties, "places"), "additionalProperties");
    assert_int_equal(json_array_size(json_object_get(properties, "anyOf")), 2);
    json_decref(schema);
    buf_deinit(&out);
}

static bool nothing_is_public(const char *key)
{
    (void)key;
    return false;
}

static void lists_in_short_are_written_as_they_were(void **state)
{
    CLEANUP(reading_deinit) struct reading reading;
    struct buf out = BUF_INIT((size_t)1 << 20);

    (void)state;
    read_band(&reading, "name: a\nsongs: [one, {title: two}]\nrules: [be loud]\n"
                        "env: here\nenvironments: {here: {name: b}}\n");
    assert_int_equal(
        config_write_yaml(reading.tree, &band_table, nothing_is_public, &out), 0);
    assert_string_equal(buf_str(&out),
                        "name: a\nsongs:\n  - one\n  - title: two\nrules:\n"
                        "  - be loud\n");
    buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_may_stand_for_the_map_that_it_is_the_short_of),
        cmocka_unit_test(a_list_of_texts_names_itself),
        cmocka_unit_test(a_key_may_stand_alone_in_place_of_pairs),
        cmocka_unit_test(a_bare_kind_has_its_preset),
        cmocka_unit_test(a_part_lacks_nothing_but_may_be_wrong),
        cmocka_unit_test(the_schema_knows_the_shapes),
        cmocka_unit_test(lists_in_short_are_written_as_they_were),
    };

    return cmocka_run_group_tests_name("config/shapes", tests, NULL, NULL);
}
