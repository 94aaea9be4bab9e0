#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/secret.h"
#include "net/call.h"
#include "scripted_server.h"

#define LONG_NS (60 * NS_PER_S)
#define HUNG_HOST "name-server-that-hangs.invalid"
#define HUNG_S 20

/* Whoever asks for HUNG_HOST waits until it is posted. */
static sem_t name_server;
static atomic_bool is_resolving;

/* In the place of libc's, as libcurl's thread calls it. Only one name is ever looked up. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret_list)
{
    struct timespec until;

    (void)service;
    (void)hints;
    (void)ret_list;
    assert_string_equal(name, HUNG_HOST);
    atomic_store(&is_resolving, true);
    assert_int_equal(clock_gettime(CLOCK_REALTIME, &until), 0);
    until.tv_sec += HUNG_S;
    while (sem_timedwait(&name_server, &until) < 0 && errno == EINTR)
        ;
    atomic_store(&is_resolving, false);
    return EAI_AGAIN;
}

/* A server, what it was asked last, and a call to it. */
struct line {
    struct scripted_server *server;
    const char *answer; /* until tear_down; NULL: none ever comes */
    char text[1000];    /* for an answer that is made: the server may outlive the test */
    struct asked asked;
    atomic_bool was_asked;
    atomic_bool cancelled;
    char url[64];
    struct call call;
    struct call_result result;
};

static bool answer(void *ctx, const struct asked *asked)
{
    struct line *line = ctx;
    char byte;

    line->asked = *asked;
    atomic_store(&line->was_asked, true);
    if (line->answer)
        answer_text(asked->fd, line->answer);
    else
        (void)recv(asked->fd, &byte, 1, 0);
    return line->answer != NULL;
}

static int set_up(void **state)
{
    static struct line line;

    line = (struct line){.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
    line.server = scripted_server_start(answer, &line);
    (void)snprintf(line.url, sizeof(line.url), "http://127.0.0.1:%u/a/b",
                   scripted_server_port(line.server));
    line.call = (struct call){.method = "PUT", .url = line.url, .timeout_ns = LONG_NS};
    *state = &line;
    return 0;
}

static int tear_down(void **state)
{
    struct line *line = *state;

    scripted_server_stop(line->server);
    return 0;
}

static void a_call_sends_method_body_and_headers(void **state)
{
    static const struct transfer_header headers[] = {{"Content-Type", "text/x"},
                                                     {"X-Empty", ""}};
    struct line *line = *state;

    line->call.headers = headers;
    line->call.header_count = 2;
    line->call.body = "hello";
    line->call.body_len = 5;
    assert_int_equal(call_perform(&line->call, &line->result), 0);
    assert_int_equal(line->result.status, 200);
    assert_string_equal(line->result.detail, "");
    assert_non_null(strstr(line->asked.head, "PUT /a/b HTTP/1.1\r\n"));
    assert_non_null(strstr(line->asked.head, "\r\nContent-Type: text/x\r\n"));
    assert_non_null(strstr(line->asked.head, "\r\nX-Empty:\r\n"));
    assert_null(strstr(line->asked.head, "Expect"));
    assert_memory_equal(line->asked.body, "hello", 5);
}

static void credentials_go_as_basic_authorization(void **state)
{
    struct line *line = *state;
    struct secret *secret = NULL;

    assert_int_equal(secret_new("me:p@ss", &secret), 0);
    line->call.method = "DELETE";
    line->call.credentials = secret;
    assert_int_equal(call_perform(&line->call, &line->result), 0);
    assert_non_null(strstr(line->asked.head, "DELETE /a/b "));
    assert_non_null(strstr(line->asked.head, "Authorization: Basic bWU6cEBzcw==\r\n"));
    secret_free(secret);
}

static void what_an_answer_says_is_kept_short_and_printable(void **state)
{
    struct line *line = *state;
    char body[601];

    memset(body, 'x', sizeof(body) - 1);
    body[sizeof(body) - 1] = '\0';
    memcpy(body, "no\033 good\n", 9);
    (void)snprintf(line->text, sizeof(line->text),
                   "HTTP/1.1 400 Bad\r\nContent-Length: 600\r\n\r\n%s", body);
    line->answer = line->text;
    assert_int_equal(call_perform(&line->call, &line->result), 0);
    assert_int_equal(line->result.status, 400);
    assert_memory_equal(line->result.detail, "no\xEF\xBF\xBD good xxx", 14);
    assert_in_range(strlen(line->result.detail), 150, sizeof(line->result.detail) - 1);
}

static void an_answer_that_never_comes_times_out(void **state)
{
    struct line *line = *state;

    line->answer = NULL;
    line->call.timeout_ns = 100 * NS_PER_MS;
    assert_int_equal(call_perform(&line->call, &line->result), -ETIMEDOUT);
    assert_int_equal(line->result.status, 0);
}

static void *cancel_when_asked(void *ctx)
{
    struct line *line = ctx;
    const struct timespec pause = {.tv_nsec = 1000000};

    while (!atomic_load(&line->was_asked))
        nanosleep(&pause, NULL);
    atomic_store(&line->cancelled, true);
    return NULL;
}

static void a_call_that_waits_can_be_cancelled(void **state)
{
    struct line *line = *state;
    pthread_t thread;

    line->answer = NULL;
    line->call.cancelled = &line->cancelled;
    assert_int_equal(pthread_create(&thread, NULL, cancel_when_asked, line), 0);
    assert_int_equal(call_perform(&line->call, &line->result), -ECANCELED);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void a_name_server_that_hangs_does_not_hold_up_the_end(void **state)
{
    struct line *line = *state;

    assert_int_equal(sem_init(&name_server, 0, 0), 0);
    line->call.url = "http://" HUNG_HOST "/";
    line->call.timeout_ns = 200 * NS_PER_MS;
    assert_int_equal(call_perform(&line->call, &line->result), -ETIMEDOUT);
    assert_true(atomic_load(&is_resolving)); /* still */
    assert_int_equal(sem_post(&name_server), 0);
}

static void nobody_there_is_told_in_words(void **state)
{
    struct line *line = *state;

    line->call.url = "http://127.0.0.1:1/";
    assert_int_equal(call_perform(&line->call, &line->result), -EIO);
    assert_non_null(strstr(line->result.detail, "Failed to connect"));
    line->call.url = "ftp://127.0.0.1/";
    assert_int_equal(call_perform(&line->call, &line->result), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call_sends_method_body_and_headers, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(credentials_go_as_basic_authorization, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_an_answer_says_is_kept_short_and_printable,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_answer_that_never_comes_times_out, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_call_that_waits_can_be_cancelled, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_name_server_that_hangs_does_not_hold_up_the_end,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_there_is_told_in_words, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
