#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "made_entry.h"
#include "record/sessions.h"

static uint64_t number_of(struct sessions *sessions, const char *credential,
                          uint64_t connection)
{
    const char *const headers[] = {credential ? "Authorization" : "Accept",
                                   credential ? credential : "*/*", NULL};
    struct trace_entry *entry = made_entry("GET", "/", headers, "", 0);
    const uint64_t number = sessions_number(sessions, entry, connection);

    trace_entry_free(entry);
    return number;
}

static void a_credential_is_a_session_and_so_is_a_connection_without(void **state)
{
    struct sessions sessions = {0};

    (void)state;
    assert_int_equal(number_of(&sessions, "Bearer a", 1), 1);
    assert_int_equal(number_of(&sessions, "Bearer a", 2), 1);
    assert_int_equal(number_of(&sessions, NULL, 2), 2);
    assert_int_equal(number_of(&sessions, "Bearer b", 2), 3);
    assert_int_equal(number_of(&sessions, NULL, 2), 2);
    assert_int_equal(number_of(&sessions, NULL, 3), 4);
    assert_int_equal(sessions.count, 4);
    sessions_deinit(&sessions);
}

static void many_are_kept_apart(void **state)
{
    struct sessions sessions = {0};

    (void)state;
    for (unsigned turn = 0; turn < 2; turn++)
        for (uint64_t i = 1; i <= 5000; i++)
            assert_int_equal(number_of(&sessions, NULL, i), i);
    sessions_deinit(&sessions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_credential_is_a_session_and_so_is_a_connection_without),
        cmocka_unit_test(many_are_kept_apart),
    };

    return cmocka_run_group_tests_name("sessions", tests, NULL, NULL);
}
