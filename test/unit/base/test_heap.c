#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/heap.h"
#include "base/rng.h"
#include "torture.h"

#define COUNT 300

struct timer {
    struct heap_node node;
    uint64_t order; /* of its last insertion or move */
    bool is_in;
};

static void equal_keys_come_out_as_they_were_put_in(void **state)
{
    struct timer timers[50] = {0};
    struct heap heap = {0};

    (void)state;
    for (size_t i = 0; i < 50; i++)
        assert_int_equal(heap_insert(&heap, &timers[i].node, 7), 0);
    for (size_t i = 0; i < 50; i++) {
        assert_ptr_equal(HEAP_ENTRY(heap_first(&heap), struct timer, node), &timers[i]);
        heap_remove(&heap, &timers[i].node);
    }
    assert_null(heap_first(&heap));
    heap_deinit(&heap);
}

/* The first by a plain walk: what the heap has to agree with. */
static struct timer *first_of(struct timer *timers)
{
    struct timer *first = NULL;

    for (size_t i = 0; i < COUNT; i++) {
        struct timer *timer = &timers[i];

        if (timer->is_in &&
            (!first || timer->node.key < first->node.key ||
             (timer->node.key == first->node.key && timer->order < first->order)))
            first = timer;
    }
    return first;
}

static void the_first_is_the_least_after_any_change(void **state)
{
    static struct timer timers[COUNT];
    struct heap heap = {0};
    uint64_t order = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 0, 0, RNG_TEST);
    for (int round = 0; round < 50000; round++) {
        struct timer *timer = &timers[rng_below(&rng, COUNT)];
        const uint64_t key = rng_below(&rng, 100);

        if (!timer->is_in) {
            assert_int_equal(heap_insert(&heap, &timer->node, key), 0);
            timer->is_in = true;
            timer->order = order++;
        } else if (rng_below(&rng, 2)) {
            heap_move(&heap, &timer->node, key);
            timer->order = order++;
        } else {
            heap_remove(&heap, &timer->node);
            heap_remove(&heap, &timer->node);
            timer->is_in = false;
        }
        struct timer *first = first_of(timers);

        assert_ptr_equal(heap_first(&heap), first ? &first->node : NULL);
    }
    heap_deinit(&heap);
}

static int insert_a_hundred(void)
{
    struct heap_node nodes[100] = {0};
    struct heap heap = {0};
    int r = 0;

    for (size_t i = 0; i < 100 && r == 0; i++)
        r = heap_insert(&heap, &nodes[i], i);
    heap_deinit(&heap);
    return r;
}

static int insert_a_hundred_reserved(void)
{
    struct heap_node nodes[100] = {0};
    struct heap heap = {0};
    const int r = heap_reserve(&heap, 100);

    for (size_t i = 0; i < 100 && r == 0; i++)
        assert_int_equal(heap_insert(&heap, &nodes[i], i), 0);
    heap_deinit(&heap);
    return r;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    assert_int_equal(torture(insert_a_hundred, -ENOMEM), 4);
    assert_int_equal(torture(insert_a_hundred_reserved, -ENOMEM), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_keys_come_out_as_they_were_put_in),
        cmocka_unit_test(the_first_is_the_least_after_any_change),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
