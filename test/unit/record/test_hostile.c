/* Whatever clients and upstreams send: each entry is one line of JSON, and holds no credential. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/rng.h"
#include "made_entry.h"
#include "record/answer_reading.h"

#define KEY "sk-live-hostile-0123456789abcdef"
#define ROUNDS 3000
#define BYTES_MAX 600

static const char *const named[] = {"user"};
static const struct redaction rules = {.names = named, .name_count = 1};

/* Pieces that grammar hinges on. */
static const char *const pieces[] = {"{",
                                     "}",
                                     "[",
                                     "]",
                                     ":",
                                     ",",
                                     "\"",
                                     "\\",
                                     "\\\"",
                                     "\\u00",
                                     "\\n",
                                     "\n",
                                     "\r\n",
                                     "\r\n\r\n",
                                     "--b",
                                     "=",
                                     "&",
                                     "%4",
                                     "\"password\"",
                                     "\"token\":",
                                     "\"user\":",
                                     "null",
                                     "1e9",
                                     "\xff",
                                     "\xf0\x9f",
                                     "\x01",
                                     "***",
                                     "\"a\":\"b\"",
                                     "name=\"key\"",
                                     "data: ",
                                     "\n\n",
                                     "usage",
                                     "\"usage\":{\"prompt_tokens\":",
                                     "{\\\"secret\\\":\\\"x\\\"}",
                                     "event: ",
                                     KEY,
                                     " " KEY " "};

/* A text put together of them, and of any bytes but NUL. */
static size_t make_text(struct rng *rng, char text[static BYTES_MAX + 64])
{
    const size_t wanted = (size_t)rng_below(rng, BYTES_MAX);
    size_t len = 0;

    while (len < wanted) {
        const char *piece = pieces[rng_below(rng, COUNT_OF(pieces))];
        const size_t piece_len = strlen(piece);

        if (rng_below(rng, 8) == 0) {
            text[len++] = (char)(1 + rng_below(rng, 255));
            continue;
        }
        memcpy(text + len, piece, piece_len);
        len += piece_len;
    }
    text[len] = '\0';
    return len;
}

static void check_line(const struct buf *line)
{
    json_error_t error;
    json_t *tree;

    assert_int_equal(buf_error(line), 0);
    assert_ptr_equal(memchr(line->bytes, '\n', line->len), line->bytes + line->len - 1);
    tree = json_loadb(line->bytes, line->len, 0, &error);
    assert_non_null(tree);
    assert_true(json_is_number(json_object_get(tree, "timestamp")));
    assert_true(json_is_object(json_object_get(tree, "request")));
    assert_true(json_is_object(json_object_get(tree, "response")));
    json_decref(tree);
    assert_null(memmem(line->bytes, line->len, KEY, strlen(KEY)));
}

static void hostile_requests_are_lines_without_the_credential(void **state)
{
    static const char *const types[] = {"application/json",
                                        "multipart/form-data; boundary=b",
                                        "application/x-www-form-urlencoded", "\xff"};
    struct rng rng;
    struct buf line = BUF_INIT(1024 * 1024);

    (void)state;
    rng_init(&rng, 7, 0, 0, RNG_TEST);
    for (unsigned i = 0; i < ROUNDS; i++) {
        char body[BYTES_MAX + 64];
        char target[BYTES_MAX + 64];
        char value[BYTES_MAX + 64];
        const size_t body_len = make_text(&rng, body);
        const char *headers[] = {"Authorization",
                                 "Bearer " KEY,
                                 "X-Any",
                                 value,
                                 "Content-Type",
                                 types[rng_below(&rng, COUNT_OF(types))],
                                 NULL};
        struct trace_taken_out taken = {0};
        struct trace_entry *entry;

        (void)make_text(&rng, target);
        (void)make_text(&rng, value);
        entry = made_entry("POST", target, headers, body, body_len);
        buf_clear(&line);
        trace_entry_write(entry, &rules, &line, &taken);
        check_line(&line);
        trace_entry_free(entry);
    }
    buf_deinit(&line);
}

static void hostile_answers_are_read_without_harm(void **state)
{
    static const char *const types[] = {"application/json", "text/event-stream",
                                        "text/html"};
    struct rng rng;
    struct buf line = BUF_INIT(1024 * 1024);

    (void)state;
    rng_init(&rng, 11, 0, 0, RNG_TEST);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct trace_entry *entry = made_entry("GET", "/", NULL, "", 0);
        struct answer_reading reading;
        struct arrival arrival = {.arrived_ns = NS_PER_S};
        struct trace_taken_out taken = {0};
        char text[BYTES_MAX + 64];

        answer_reading_init(&reading, &entry->answer, NS_PER_S);
        answer_reading_head(&reading, 200, types[rng_below(&rng, COUNT_OF(types))], NULL,
                            &arrival);
        for (unsigned piece = 0; piece < 4; piece++) {
            const size_t len = make_text(&rng, text);

            arrival.arrived_ns += NS_PER_MS;
            arrival.read_serial++;
            answer_reading_body(&reading, text, len, &arrival);
        }
        answer_reading_end(&reading, "complete", 2 * NS_PER_S);
        buf_clear(&line);
        trace_entry_write(entry, &rules, &line, &taken);
        check_line(&line);
        trace_entry_free(entry);
    }
    buf_deinit(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_requests_are_lines_without_the_credential),
        cmocka_unit_test(hostile_answers_are_read_without_harm),
    };

    return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
