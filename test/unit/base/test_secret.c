#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/secret.h"

static void a_secret_is_revealed_but_printed_masked(void **state)
{
    struct secret *secret = NULL;

    (void)state;
    assert_int_equal(secret_new("sk-\u00e9 1", &secret), 0);
    assert_string_equal(secret_reveal(secret), "sk-\u00e9 1");
    assert_string_equal(secret_mask(secret), "***");
    assert_string_equal(secret_mask(NULL), "***");
    assert_null(secret_reveal(NULL));
    assert_null(secret_free(secret));
    assert_null(secret_free(NULL));
}

static void empty_text_and_control_characters_are_refused(void **state)
{
    static const char *const bad[] = {"",       "sk-1\n", "sk\r\nX-Evil: 1", "\t",
                                      "sk\x7F", "\x01",   "sk\x1F"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct secret *secret = NULL;

        assert_int_equal(secret_new(bad[i], &secret), -EINVAL);
        assert_null(secret);
    }
}

static void a_secret_may_be_longer_than_a_page(void **state)
{
    struct secret *secret = NULL;
    char text[10000];

    (void)state;
    memset(text, 'k', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(secret_new(text, &secret), 0);
    assert_string_equal(secret_reveal(secret), text);
    secret_free(secret);
}

static void a_child_does_not_inherit_it(void **state)
{
    struct secret *secret = NULL;
    int status = 0;

    (void)state;
    assert_int_equal(secret_new("sk-1", &secret), 0);
    const pid_t child = fork();

    if (child == 0)
        _exit(*secret_reveal(secret) == '\0' ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_string_equal(secret_reveal(secret), "sk-1");
    secret_free(secret);
}

static void thousands_of_secrets_are_kept_apart(void **state)
{
    static struct secret *secrets[5000];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        char text[] = {'s',
                       'k',
                       (char)('A' + i % 26),
                       (char)('A' + i / 26 % 26),
                       (char)('A' + i / 676),
                       '\0'};

        assert_int_equal(secret_new(text, &secrets[i]), 0);
    }
    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        assert_int_equal(secret_reveal(secrets[i])[2], 'A' + i % 26);
        secret_free(secrets[i]);
    }
}

static void wiped_memory_is_zero(void **state)
{
    char bytes[] = "sk-1";
    const char zeros[sizeof(bytes)] = {0};

    (void)state;
    secret_wipe(bytes, sizeof(bytes));
    assert_memory_equal(bytes, zeros, sizeof(bytes));
}

static void stars_stand_in_place_of_words_even_where_a_text_was_cut(void **state)
{
    char text[] = "key sk-live-1 and sk-live-1, then sk-li";
    char none[] = "nothing of it, sk";

    (void)state;
    secret_star_out(text, "sk-live-1");
    assert_string_equal(text, "key ********* and *********, then *****");
    secret_star_out(none, "sk-live-1"); /* three letters or less tell nothing */
    assert_string_equal(none, "nothing of it, sk");
    secret_star_out(none, "");
    assert_string_equal(none, "nothing of it, sk");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_revealed_but_printed_masked),
        cmocka_unit_test(empty_text_and_control_characters_are_refused),
        cmocka_unit_test(a_secret_may_be_longer_than_a_page),
        cmocka_unit_test(a_child_does_not_inherit_it),
        cmocka_unit_test(thousands_of_secrets_are_kept_apart),
        cmocka_unit_test(wiped_memory_is_zero),
        cmocka_unit_test(stars_stand_in_place_of_words_even_where_a_text_was_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
