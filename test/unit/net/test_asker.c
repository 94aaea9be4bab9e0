#include <errno.h>
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

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/secret.h"
#include "net/asker.h"
#include "scripted_server.h"

#define SOURCES 2
#define OFTEN_NS (10 * NS_PER_MS)
#define LONG_NS (60 * NS_PER_S)
#define BODY "a 1\n"
#define PATIENCE_S 30

/* A server whose path /hang never answers, and what was told of its sources. */
struct scene {
    struct scripted_server *server;
    char urls[SOURCES][64];
    struct asker_source sources[SOURCES];
    const char *answer;
    char head[4096]; /* of the last request that was answered */
    atomic_uint answers[SOURCES];
    sem_t told; /* posted with each answer */
    /* Of the last answer of each source: */
    int error[SOURCES];
    uint16_t status[SOURCES];
    char body[SOURCES][64];
    char detail[SOURCES][256];
};

static bool answer(void *ctx, const struct asked *asked)
{
    struct scene *scene = ctx;
    char byte;

    if (strcmp(asked->path, "/hang") == 0) {
        (void)recv(asked->fd, &byte, 1, 0);
        return false;
    }
    memcpy(scene->head, asked->head, sizeof(scene->head));
    answer_text(asked->fd, scene->answer);
    return true;
}

static void on_answer(void *ctx, const struct asker_answer *told)
{
    struct scene *scene = ctx;
    const size_t i = told->source;

    scene->error[i] = told->error;
    scene->status[i] = told->status;
    (void)snprintf(scene->body[i], sizeof(scene->body[i]), "%.*s", (int)told->len,
                   told->len > 0 ? told->body : "");
    (void)snprintf(scene->detail[i], sizeof(scene->detail[i]), "%s", told->detail);
    atomic_fetch_add(&scene->answers[i], 1);
    (void)sem_post(&scene->told);
}

static void begin(struct scene *scene, const char *first, const char *second)
{
    const char *paths[SOURCES] = {first, second};

    *scene =
        (struct scene){.answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" BODY};
    (void)sem_init(&scene->told, 0, 0);
    scene->server = scripted_server_start(answer, scene);
    for (size_t i = 0; i < SOURCES; i++) {
        (void)snprintf(scene->urls[i], sizeof(scene->urls[i]), "http://127.0.0.1:%u%s",
                       scripted_server_port(scene->server), paths[i]);
        scene->sources[i] = (struct asker_source){
            .url = scene->urls[i], .interval_ns = OFTEN_NS, .timeout_ns = LONG_NS};
    }
}

static struct asker *ask(struct scene *scene, size_t count, size_t max_bytes)
{
    const struct asker_options options = {.sources = scene->sources,
                                          .source_count = count,
                                          .max_bytes = max_bytes,
                                          .on_answer = on_answer,
                                          .ctx = scene};
    struct asker *asker = NULL;

    assert_int_equal(asker_new(&options, &asker), 0);
    return asker;
}

/* Until a source was told of so often. */
static void wait_for(struct scene *scene, size_t source, unsigned answers)
{
    struct timespec until;

    assert_int_equal(clock_gettime(CLOCK_REALTIME, &until), 0);
    until.tv_sec += PATIENCE_S;
    while (atomic_load(&scene->answers[source]) < answers)
        assert_int_equal(sem_timedwait(&scene->told, &until), 0);
}

static void end(struct scene *scene, struct asker *asker)
{
    assert_null(asker_free(asker));
    scripted_server_stop(scene->server);
    (void)sem_destroy(&scene->told);
}

static void it_asks_again_and_again_on_one_connection(void **state)
{
    static struct scene scene;
    struct asker *asker;

    (void)state;
    begin(&scene, "/metrics", "/other");
    asker = ask(&scene, 1, 100);
    wait_for(&scene, 0, 3);
    assert_null(asker_free(asker));
    assert_int_equal(scene.error[0], 0);
    assert_int_equal(scene.status[0], 200);
    assert_string_equal(scene.body[0], BODY);
    assert_int_equal(scripted_server_connections(scene.server), 1);
    end(&scene, NULL);
}

static void one_that_hangs_holds_up_no_other(void **state)
{
    static struct scene scene;
    struct asker *asker;

    (void)state;
    begin(&scene, "/hang", "/metrics");
    asker = ask(&scene, 2, 100);
    wait_for(&scene, 1, 5);
    assert_int_equal(atomic_load(&scene.answers[0]), 0);
    end(&scene, asker); /* which does not wait for it either */
}

static void its_time_is_limited(void **state)
{
    static struct scene scene;
    struct asker *asker;

    (void)state;
    begin(&scene, "/hang", "/metrics");
    scene.sources[0].timeout_ns = OFTEN_NS;
    asker = ask(&scene, 1, 100);
    wait_for(&scene, 0, 2);
    assert_null(asker_free(asker));
    assert_int_equal(scene.error[0], -ETIMEDOUT);
    assert_non_null(strstr(scene.detail[0], "timed out"));
    end(&scene, NULL);
}

static void nobody_there_is_told_each_time(void **state)
{
    static struct scene scene;
    struct asker *asker;

    (void)state;
    begin(&scene, "/metrics", "/metrics");
    scripted_server_stop(scene.server);
    asker = ask(&scene, 1, 100);
    wait_for(&scene, 0, 2);
    assert_null(asker_free(asker));
    assert_int_equal(scene.error[0], -EIO);
    assert_true(*scene.detail[0]);
    (void)sem_destroy(&scene.told);
}

static void an_answer_without_end_is_cut_off(void **state)
{
    static struct scene scene;
    struct asker *asker;

    (void)state;
    begin(&scene, "/metrics", "/metrics");
    asker = ask(&scene, 1, strlen(BODY) - 1);
    wait_for(&scene, 0, 2);
    assert_null(asker_free(asker));
    assert_int_equal(scene.error[0], -EMSGSIZE);
    assert_string_equal(scene.detail[0], "its answer is longer than 3 bytes");
    end(&scene, NULL);
}

static void a_token_and_headers_are_sent(void **state)
{
    static struct scene scene;
    const struct transfer_header header = {.name = "X-Scope-OrgID", .value = "one"};
    struct secret *token = NULL;
    struct asker *asker;

    (void)state;
    begin(&scene, "/metrics", "/metrics");
    assert_int_equal(secret_new("s3cret", &token), 0);
    scene.sources[0].bearer = token;
    scene.sources[0].headers = &header;
    scene.sources[0].header_count = 1;
    asker = ask(&scene, 1, 100);
    wait_for(&scene, 0, 1);
    assert_null(asker_free(asker));
    assert_non_null(strstr(scene.head, "GET /metrics HTTP/1.1\r\n"));
    assert_non_null(strstr(scene.head, "Authorization: Bearer s3cret\r\n"));
    assert_non_null(strstr(scene.head, "X-Scope-OrgID: one\r\n"));
    assert_non_null(strstr(scene.head, "Accept: text/plain; version=0.0.4\r\n"));
    secret_free(token);
    end(&scene, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_asks_again_and_again_on_one_connection),
        cmocka_unit_test(one_that_hangs_holds_up_no_other),
        cmocka_unit_test(its_time_is_limited),
        cmocka_unit_test(nobody_there_is_told_each_time),
        cmocka_unit_test(an_answer_without_end_is_cut_off),
        cmocka_unit_test(a_token_and_headers_are_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
