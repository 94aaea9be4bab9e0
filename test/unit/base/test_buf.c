#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/rng.h"
#include "torture.h"

static void an_empty_buffer_is_an_empty_string(void **state)
{
    struct buf buf = BUF_INIT(10);

    (void)state;
    assert_string_equal(buf_str(&buf), "");
    assert_null(buf_take(&buf));
    assert_int_equal(buf_error(&buf), 0);
    buf_deinit(&buf);
}

static void pieces_are_joined_and_terminated(void **state)
{
    struct buf buf = BUF_INIT(1000);

    (void)state;
    assert_int_equal(buf_append(&buf, "a\0b", 3), 0);
    assert_int_equal(buf_append_str(&buf, "cd"), 0);
    assert_int_equal(buf_append_char(&buf, 'e'), 0);
    assert_int_equal(buf_printf(&buf, "%d-%s", 42, "f"), 0);
    assert_int_equal(buf.len, 10);
    assert_memory_equal(buf.bytes, "a\0bcde42-f", 11);
    assert_int_equal(buf_append(&buf, NULL, 0), 0);
    assert_int_equal(buf.len, 10);
    buf_deinit(&buf);
    assert_string_equal(buf_str(&buf), "");
}

/* However a text is cut, and whatever room is left when it is printed, it arrives whole. */
static void any_sequence_of_appends_equals_one(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 0, 0, RNG_TEST);
    for (int round = 0; round < 200; round++) {
        struct buf buf = BUF_INIT(4096);
        char expected[4097];
        size_t len = 0;

        while (len < 3500) {
            char piece[300];
            const size_t n = rng_below(&rng, sizeof(piece));

            memset(piece, (int)('a' + rng_below(&rng, 26)), n);
            piece[n] = '\0';
            memcpy(expected + len, piece, n + 1);
            len += n;
            assert_int_equal(rng_below(&rng, 2) ? buf_printf(&buf, "%s", piece)
                                                : buf_append(&buf, piece, n),
                             0);
            assert_true(buf.cap <= 4097);
        }
        assert_int_equal(buf.len, len);
        assert_string_equal(buf_str(&buf), expected);
        buf_deinit(&buf);
    }
}

static void the_limit_is_exact_and_its_error_sticks(void **state)
{
    struct buf buf = BUF_INIT(5);

    (void)state;
    assert_int_equal(buf_append_str(&buf, "12345"), 0);
    assert_int_equal(buf_append(&buf, "", 0), 0);
    assert_int_equal(buf_append_char(&buf, '6'), -EMSGSIZE);
    assert_int_equal(buf_append(&buf, "", 0), -EMSGSIZE);
    assert_int_equal(buf_reserve(&buf, 0), -EMSGSIZE);
    assert_int_equal(buf_error(&buf), -EMSGSIZE);
    assert_string_equal(buf_str(&buf), "12345");

    buf_clear(&buf);
    assert_int_equal(buf_error(&buf), 0);
    assert_string_equal(buf_str(&buf), "");
    assert_int_equal(buf_append_str(&buf, "1234"), 0);
    assert_int_equal(buf_printf(&buf, "%s", "56"), -EMSGSIZE);
    assert_int_equal(buf_printf(&buf, "%s", ""), -EMSGSIZE);
    assert_string_equal(buf_str(&buf), "1234");
    buf_deinit(&buf);
}

static void what_cannot_fit_fails_before_memory_is_touched(void **state)
{
    struct buf buf = BUF_INIT(SIZE_MAX - 1);

    (void)state;
    assert_int_equal(buf_append_str(&buf, "1"), 0);
    assert_int_equal(buf_reserve(&buf, SIZE_MAX), -EMSGSIZE);
    assert_string_equal(buf_str(&buf), "1");
    buf_deinit(&buf);
}

static void clearing_keeps_the_memory(void **state)
{
    struct buf buf = BUF_INIT(1000);

    (void)state;
    buf_reserve(&buf, 500);
    char *bytes = buf.bytes;

    for (int i = 0; i < 10; i++) {
        buf_printf(&buf, "%0500d", i);
        buf_clear(&buf);
    }
    assert_ptr_equal(buf.bytes, bytes);
    buf_deinit(&buf);
}

static void taken_bytes_are_the_callers(void **state)
{
    struct buf buf = BUF_INIT(100);

    (void)state;
    buf_append_str(&buf, "mine");
    char *bytes = buf_take(&buf);

    assert_string_equal(bytes, "mine");
    assert_string_equal(buf_str(&buf), "");
    assert_int_equal(buf_append_str(&buf, "new"), 0);
    assert_string_equal(buf_str(&buf), "new");
    buf_deinit(&buf);
    free(bytes);
}

static void bytes_are_taken_out_where_they_stand(void **state)
{
    struct buf buf = BUF_INIT(100);

    (void)state;
    buf_erase(&buf, 0, 0);
    buf_append_str(&buf, "one two three");
    buf_erase(&buf, 3, 4);
    assert_string_equal(buf_str(&buf), "one three");
    buf_erase(&buf, 0, 4);
    assert_string_equal(buf_str(&buf), "three");
    buf_erase(&buf, 2, 3);
    assert_string_equal(buf_str(&buf), "th");
    assert_int_equal(buf.len, 2);
    buf_deinit(&buf);
}

static int write_a_little(void)
{
    struct buf buf = BUF_INIT(1000);

    buf_append_str(&buf, "a little");
    buf_printf(&buf, "%0200d", 7);
    const int r = buf_error(&buf);

    buf_deinit(&buf);
    return r;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    assert_int_equal(torture(write_a_little, -ENOMEM), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_buffer_is_an_empty_string),
        cmocka_unit_test(pieces_are_joined_and_terminated),
        cmocka_unit_test(any_sequence_of_appends_equals_one),
        cmocka_unit_test(the_limit_is_exact_and_its_error_sticks),
        cmocka_unit_test(what_cannot_fit_fails_before_memory_is_touched),
        cmocka_unit_test(clearing_keeps_the_memory),
        cmocka_unit_test(taken_bytes_are_the_callers),
        cmocka_unit_test(bytes_are_taken_out_where_they_stand),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
