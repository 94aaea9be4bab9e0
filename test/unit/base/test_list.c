#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/list.h"

struct item {
    int number;
    struct list link;
};

/* The numbers as decimal digits. */
static int digits_of(struct list *head)
{
    int digits = 0;

    LIST_FOR_EACH(link, next, head)
    digits = digits * 10 + LIST_ENTRY(link, struct item, link)->number;
    return digits;
}

static void elements_stay_in_order_of_appending(void **state)
{
    struct item items[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
    struct list head;

    (void)state;
    list_init(&head);
    assert_true(list_is_empty(&head));
    assert_int_equal(digits_of(&head), 0);
    for (size_t i = 0; i < 3; i++)
        list_append(&head, &items[i].link);
    assert_false(list_is_empty(&head));
    assert_int_equal(digits_of(&head), 123);
}

static void any_element_can_be_removed_even_twice(void **state)
{
    struct item items[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
    struct list head;

    (void)state;
    list_init(&head);
    for (size_t i = 0; i < 3; i++)
        list_append(&head, &items[i].link);
    list_remove(&items[1].link);
    assert_int_equal(digits_of(&head), 13);
    list_remove(&items[1].link);
    list_append(&head, &items[1].link);
    assert_int_equal(digits_of(&head), 132);
    list_remove(&items[0].link);
    list_remove(&items[2].link);
    assert_int_equal(digits_of(&head), 2);
    list_remove(&items[1].link);
    assert_true(list_is_empty(&head));
}

static void the_element_in_hand_may_be_removed(void **state)
{
    struct item items[4] = {{.number = 1}, {.number = 2}, {.number = 3}, {.number = 4}};
    struct list head;

    (void)state;
    list_init(&head);
    for (size_t i = 0; i < 4; i++)
        list_append(&head, &items[i].link);
    LIST_FOR_EACH(link, next, &head)
    if (LIST_ENTRY(link, struct item, link)->number % 2 == 0)
        list_remove(link);
    assert_int_equal(digits_of(&head), 13);
}

static void all_elements_move_in_order_behind_those_that_are_there(void **state)
{
    struct item items[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
    struct list from;
    struct list head;

    (void)state;
    list_init(&from);
    list_init(&head);
    list_append(&head, &items[0].link);
    list_move_all(&head, &from);
    assert_int_equal(digits_of(&head), 1);
    list_append(&from, &items[1].link);
    list_append(&from, &items[2].link);
    list_move_all(&head, &from);
    assert_int_equal(digits_of(&head), 123);
    assert_true(list_is_empty(&from));
    list_remove(&items[2].link);
    assert_int_equal(digits_of(&head), 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_stay_in_order_of_appending),
        cmocka_unit_test(any_element_can_be_removed_even_twice),
        cmocka_unit_test(the_element_in_hand_may_be_removed),
        cmocka_unit_test(all_elements_move_in_order_behind_those_that_are_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
