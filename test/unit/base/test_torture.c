#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "torture.h"

/* Blocks here are volatile: compilers leave out an allocation whose only use is to be freed. */

/* Makes one of each kind that is seen. */
static int allocate_in_every_way(void)
{
    char *volatile blocks[6] = {
        malloc(1),   calloc(2, 3),        realloc(NULL, 4), reallocarray(NULL, 5, 6),
        strdup("a"), strndup("abcde", 3),
    };
    int r = 0;

    for (size_t i = 0; i < 6; i++) {
        if (!blocks[i])
            r = -ENOMEM;
        free(blocks[i]);
    }
    return r;
}

static int grow_a_block(void)
{
    char *volatile block = malloc(1);
    char *volatile grown = block ? realloc(block, 100000) : NULL;

    if (!grown) {
        free(block);
        return -ENOMEM;
    }
    free(grown);
    return 0;
}

static int do_without_a_cache(void)
{
    void *volatile cache = malloc(10);

    free(cache);
    return 0;
}

static void each_allocation_is_refused_once(void **state)
{
    (void)state;
    assert_int_equal(torture(allocate_in_every_way, -ENOMEM), 6);
    assert_int_equal(torture(grow_a_block, -ENOMEM), 2);
}

static void a_function_may_do_without(void **state)
{
    (void)state;
    assert_int_equal(torture(do_without_a_cache, 0), 1);
}

static void outside_of_it_nothing_is_refused(void **state)
{
    char *copy = NULL;

    (void)state;
    torture(do_without_a_cache, 0);
    copy = strdup("copy");
    assert_string_equal(copy, "copy");
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_is_refused_once),
        cmocka_unit_test(a_function_may_do_without),
        cmocka_unit_test(outside_of_it_nothing_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
