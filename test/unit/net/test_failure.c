#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "net/failure.h"

/* What was known when libcurl gave up. */
enum { WIRE = 1, RESOLVED = 2, SECURE = 4, PROXIED = 8, HEAD = 16 };

static const struct {
    CURLcode code;
    int os_errno;
    int known;
    enum transfer_end end;
} cases[] = {
    {CURLE_OK, 0, WIRE, TRANSFER_COMPLETE},
    /* fault_21, fault_34 */
    {CURLE_RECV_ERROR, ECONNRESET, WIRE, TRANSFER_RESET},
    {CURLE_RECV_ERROR, ECONNRESET, WIRE | SECURE, TRANSFER_RESET},
    {CURLE_SEND_ERROR, EPIPE, WIRE, TRANSFER_RESET},
    {CURLE_GOT_NOTHING, ECONNRESET, WIRE, TRANSFER_RESET},
    {CURLE_GOT_NOTHING, 0, WIRE, TRANSFER_TRUNCATED},
    {CURLE_PARTIAL_FILE, 0, WIRE, TRANSFER_TRUNCATED},
    /* fault_22 */
    {CURLE_RECV_ERROR, 0, WIRE, TRANSFER_PROTOCOL},
    {CURLE_WEIRD_SERVER_REPLY, 0, WIRE, TRANSFER_PROTOCOL},
    {CURLE_UNSUPPORTED_PROTOCOL, 0, WIRE, TRANSFER_PROTOCOL},
    /* fault_31, fault_32, fault_33 */
    {CURLE_BAD_CONTENT_ENCODING, 0, WIRE, TRANSFER_ENCODING},
    {CURLE_OUT_OF_MEMORY, 0, WIRE | HEAD, TRANSFER_PROTOCOL},
    {CURLE_HTTP2_STREAM, 0, WIRE | SECURE, TRANSFER_RESET},
    {CURLE_HTTP2, 0, WIRE | SECURE, TRANSFER_PROTOCOL},
    /* fault_30, fault_35 */
    {CURLE_COULDNT_RESOLVE_HOST, 0, 0, TRANSFER_DNS},
    {CURLE_OPERATION_TIMEDOUT, 0, 0, TRANSFER_DNS},
    {CURLE_OPERATION_TIMEDOUT, 0, RESOLVED, TRANSFER_CONNECT_TIMEOUT},
    {CURLE_COULDNT_CONNECT, ETIMEDOUT, RESOLVED, TRANSFER_CONNECT_TIMEOUT},
    {CURLE_COULDNT_CONNECT, ECONNREFUSED, RESOLVED, TRANSFER_CONNECT},
    {CURLE_COULDNT_CONNECT, EHOSTUNREACH, RESOLVED, TRANSFER_CONNECT},
    /* fault_36 */
    {CURLE_PEER_FAILED_VERIFICATION, 0, RESOLVED | SECURE, TRANSFER_TLS},
    {CURLE_SSL_CONNECT_ERROR, ECONNRESET, RESOLVED | SECURE, TRANSFER_TLS},
    {CURLE_RECV_ERROR, 0, WIRE | SECURE, TRANSFER_TLS},
    /* fault_37 */
    {CURLE_COULDNT_RESOLVE_PROXY, 0, PROXIED, TRANSFER_PROXY},
    {CURLE_COULDNT_CONNECT, ECONNREFUSED, RESOLVED | PROXIED, TRANSFER_PROXY},
    {CURLE_RECV_ERROR, 0, RESOLVED | SECURE | PROXIED, TRANSFER_PROXY},
    /* fault_38, fault_39 */
    {CURLE_COULDNT_CONNECT, EMFILE, RESOLVED, TRANSFER_LOCAL_RESOURCE},
    {CURLE_COULDNT_CONNECT, EADDRNOTAVAIL, RESOLVED, TRANSFER_LOCAL_RESOURCE},
    {CURLE_OUT_OF_MEMORY, 0, 0, TRANSFER_LOCAL_RESOURCE},
    {CURLE_INTERFACE_FAILED, EADDRNOTAVAIL, RESOLVED, TRANSFER_LOCAL_RESOURCE},
};

static void each_failure_is_counted_under_one_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct failure failure = {
            .code = cases[i].code,
            .os_errno = cases[i].os_errno,
            .on_wire = cases[i].known & WIRE,
            .resolved = cases[i].known & (WIRE | RESOLVED),
            .secure = cases[i].known & SECURE,
            .proxied = cases[i].known & PROXIED,
            .in_head = cases[i].known & HEAD,
        };

        if (failure_end(&failure) != cases[i].end)
            print_error("%s, errno %d\n", curl_easy_strerror(cases[i].code),
                        cases[i].os_errno);
        assert_string_equal(transfer_end_name(failure_end(&failure)),
                            transfer_end_name(cases[i].end));
    }
}

static void every_reason_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TRANSFER_END_COUNT; i++) {
        assert_string_not_equal(transfer_end_name((enum transfer_end)i), "unknown");
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(transfer_end_name((enum transfer_end)i),
                                    transfer_end_name((enum transfer_end)j));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_failure_is_counted_under_one_reason),
        cmocka_unit_test(every_reason_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
