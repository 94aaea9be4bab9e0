#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/secret.h"

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
    struct arena *arena = NULL;
    char *last = NULL;

    (void)state;
    assert_int_equal(arena_new(&arena), 0);
    for (size_t size = 1; size < 40000; size = size * 3 + 1) {
        char *piece = arena_alloc(arena, 1, size);

        assert_non_null(piece);
        assert_int_equal((uintptr_t)piece % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(piece[i], 0);
        memset(piece, 'x', size);
        assert_ptr_not_equal(piece, last);
        last = piece;
    }
    assert_null(arena_free(arena));
}

static void a_count_that_would_overflow_is_refused(void **state)
{
    struct arena *arena = NULL;

    (void)state;
    assert_int_equal(arena_new(&arena), 0);
    assert_null(arena_alloc(arena, SIZE_MAX / 2, 16));
    arena_free(arena);
}

static void copies_and_secrets_live_as_long_as_the_arena(void **state)
{
    struct arena *arena = NULL;
    struct secret *secret = NULL;

    (void)state;
    assert_int_equal(arena_new(&arena), 0);
    assert_string_equal(arena_copy(arena, "ramp-up"), "ramp-up");
    assert_int_equal(secret_new("sk-test", &secret), 0);
    assert_int_equal(arena_own_secret(arena, secret), 0);
    arena_free(arena);
    assert_null(arena_free(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(a_count_that_would_overflow_is_refused),
        cmocka_unit_test(copies_and_secrets_live_as_long_as_the_arena),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
