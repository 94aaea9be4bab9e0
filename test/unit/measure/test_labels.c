#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "measure/labels.h"

static struct labels *make(size_t max_sets)
{
    struct labels *labels = NULL;

    assert_int_equal(labels_new(max_sets, &labels), 0);
    return labels;
}

static uint32_t intern(struct labels *labels, const struct label *set, size_t count)
{
    uint32_t id = UINT32_MAX;

    assert_int_equal(labels_intern(labels, set, count, &id), 0);
    return id;
}

static uint32_t extend(struct labels *labels, uint32_t base, const char *key,
                       const char *value)
{
    uint32_t id = UINT32_MAX;

    assert_int_equal(labels_extend(labels, base, key, value, &id), 0);
    return id;
}

static void the_same_labels_in_any_order_are_one_set(void **state)
{
    const struct label set[] = {{"model", "m"}, {"step", "ask"}, {"class", "asker"}};
    const struct label turned[] = {{"class", "asker"}, {"model", "m"}, {"step", "ask"}};
    struct labels *labels = make(10);
    const uint32_t id = intern(labels, set, 3);
    const struct label *sorted;
    size_t count;

    (void)state;
    assert_int_not_equal(id, LABELS_OTHER);
    assert_int_equal(intern(labels, turned, 3), id);
    assert_int_equal(labels_count(labels), 2);
    sorted = labels_of(labels, id, &count);
    assert_int_equal(count, 3);
    assert_string_equal(sorted[0].key, "class");
    assert_string_equal(sorted[1].key, "model");
    assert_string_equal(sorted[2].key, "step");
    labels_free(labels);
}

static void texts_are_copied(void **state)
{
    char value[] = "gpt";
    const struct label set[] = {{"model", value}};
    struct labels *labels = make(10);
    const uint32_t id = intern(labels, set, 1);

    (void)state;
    value[0] = 'x';
    assert_string_equal(labels_value(labels, id, "model"), "gpt");
    assert_null(labels_value(labels, id, "step"));
    labels_free(labels);
}

static void empty_values_are_left_out(void **state)
{
    const struct label set[] = {{"model", "m"}, {"region", ""}, {"org_id", NULL}};
    struct labels *labels = make(10);
    const uint32_t id = intern(labels, set, 3);

    (void)state;
    assert_int_equal(intern(labels, set, 1), id);
    assert_null(labels_value(labels, id, "region"));
    labels_free(labels);
}

static void the_empty_set_is_not_other(void **state)
{
    struct labels *labels = make(10);
    const uint32_t id = intern(labels, NULL, 0);

    (void)state;
    assert_int_not_equal(id, LABELS_OTHER);
    assert_int_equal(intern(labels, NULL, 0), id);
    labels_free(labels);
}

static void a_key_and_its_value_cannot_be_shifted(void **state)
{
    const struct label one[] = {{"ab", "c"}};
    const struct label two[] = {{"a", "bc"}};
    struct labels *labels = make(10);

    (void)state;
    assert_int_not_equal(intern(labels, one, 1), intern(labels, two, 1));
    labels_free(labels);
}

static void sets_past_the_limit_become_other_and_are_counted(void **state)
{
    struct labels *labels = make(3);
    const struct label a[] = {{"model", "a"}};
    const struct label b[] = {{"model", "b"}};
    const struct label c[] = {{"model", "c"}};
    const uint32_t id = intern(labels, a, 1);

    (void)state;
    assert_int_not_equal(intern(labels, b, 1), LABELS_OTHER);
    assert_int_equal(labels_overflown(labels), 0);
    assert_int_equal(intern(labels, c, 1), LABELS_OTHER);
    assert_int_equal(extend(labels, id, "backend", "x"), LABELS_OTHER);
    assert_int_equal(extend(labels, LABELS_OTHER, "backend", "x"), LABELS_OTHER);
    assert_int_equal(labels_overflown(labels), 3);
    assert_int_equal(labels_count(labels), 3);
    assert_int_equal(intern(labels, a, 1), id);
    labels_free(labels);
}

static void extending_is_interning_with_one_label_more(void **state)
{
    const struct label base[] = {{"model", "m"}};
    const struct label both[] = {{"backend", "b1"}, {"model", "m"}};
    struct labels *labels = make(10);
    const uint32_t base_id = intern(labels, base, 1);
    const uint32_t id = extend(labels, base_id, "backend", "b1");

    (void)state;
    assert_int_equal(intern(labels, both, 2), id);
    assert_int_equal(extend(labels, base_id, "backend", "b1"), id);
    assert_int_not_equal(extend(labels, base_id, "backend", "b2"), id);
    assert_int_equal(extend(labels, id, "backend", "b2"),
                     extend(labels, base_id, "backend", "b2"));
    assert_int_equal(extend(labels, id, "backend", ""), base_id);
    labels_free(labels);
}

static void thousands_of_sets_keep_their_ids(void **state)
{
    enum { BASES = 50, VALUES = 100 };
    struct labels *labels = make(BASES * VALUES + BASES + 1);
    uint32_t bases[BASES];
    uint32_t ids[BASES][VALUES];
    char text[16];

    (void)state;
    for (size_t i = 0; i < BASES; i++) {
        const struct label set[] = {{"step", text}};

        snprintf(text, sizeof(text), "step-%zu", i);
        bases[i] = intern(labels, set, 1);
    }
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < BASES * VALUES; i++) {
            const size_t base = i % BASES;
            const size_t value = i / BASES;
            uint32_t id;

            snprintf(text, sizeof(text), "pod-%zu", value);
            id = extend(labels, bases[base], "backend", text);
            assert_int_not_equal(id, LABELS_OTHER);
            if (round == 0)
                ids[base][value] = id;
            assert_int_equal(ids[base][value], id);
            assert_string_equal(labels_value(labels, id, "backend"), text);
        }
    }
    assert_int_equal(labels_count(labels), BASES * VALUES + BASES + 1);
    assert_int_equal(labels_overflown(labels), 0);
    labels_free(labels);
}

/* Labels added lately are remembered in few places: what shares a place must not be mixed up. */
static void what_was_added_lately_is_not_taken_for_something_else(void **state)
{
    enum { MANY = 2000 };
    const struct label set[] = {{"model", "m"}};
    struct labels *labels = make(4 * MANY);
    const uint32_t model = intern(labels, set, 1);
    char text[16];

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        const struct label step[] = {{"step", text}};
        uint32_t base, id;

        snprintf(text, sizeof(text), "step-%zu", i);
        base = intern(labels, step, 1);
        id = extend(labels, base, "backend", "pod");
        assert_string_equal(labels_value(labels, id, "step"), text);
        assert_int_not_equal(extend(labels, model, "backend", text), model);
        assert_int_equal(extend(labels, model, "model", "m"), model);
    }
    labels_free(labels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_labels_in_any_order_are_one_set),
        cmocka_unit_test(texts_are_copied),
        cmocka_unit_test(empty_values_are_left_out),
        cmocka_unit_test(the_empty_set_is_not_other),
        cmocka_unit_test(a_key_and_its_value_cannot_be_shifted),
        cmocka_unit_test(sets_past_the_limit_become_other_and_are_counted),
        cmocka_unit_test(extending_is_interning_with_one_label_more),
        cmocka_unit_test(thousands_of_sets_keep_their_ids),
        cmocka_unit_test(what_was_added_lately_is_not_taken_for_something_else),
    };

    return cmocka_run_group_tests_name("labels", tests, NULL, NULL);
}
