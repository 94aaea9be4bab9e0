#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/rng.h"
#include "net/sse.h"

/* What a parser said: "type/id:data|" for each event. */
struct transcript {
    char text[2048];
    size_t len;
    unsigned count;
};

static void put(struct transcript *seen, const char *bytes, size_t len)
{
    assert_true(seen->len + len < sizeof(seen->text));
    memcpy(seen->text + seen->len, bytes, len);
    seen->len += len;
}

static void note_event(void *ctx, const struct sse_event *event)
{
    struct transcript *seen = ctx;

    assert_int_equal(event->data[event->data_len], '\0');
    if (*event->type || *event->id) {
        put(seen, event->type, strlen(event->type));
        put(seen, "/", 1);
        put(seen, event->id, strlen(event->id));
        put(seen, ":", 1);
    }
    put(seen, event->data, event->data_len);
    put(seen, "|", 1);
    seen->count++;
}

static struct sse_parser *parser_for(struct transcript *seen, size_t max_bytes)
{
    struct sse_parser *parser = NULL;

    *seen = (struct transcript){0};
    assert_int_equal(sse_parser_new(&parser, max_bytes, note_event, seen), 0);
    return parser;
}

/* Parses bytes cut at the given places, and compares the transcript. */
static void check(const char *bytes, size_t len, const size_t *cuts, size_t cut_count,
                  const char *expected, uint64_t comments)
{
    struct transcript seen;
    struct sse_parser *parser = parser_for(&seen, 4096);
    size_t at = 0;

    for (size_t i = 0; i <= cut_count; i++) {
        const size_t to = i < cut_count ? cuts[i] : len;
        /* A copy of its own: reading past a piece is seen by the sanitizers. */
        char *piece = malloc(to - at + 1);

        assert_non_null(piece);
        memcpy(piece, bytes + at, to - at);
        assert_int_equal(sse_parser_feed(parser, piece, to - at), 0);
        free(piece);
        at = to;
    }
    put(&seen, "", 1);
    assert_string_equal(seen.text, expected);
    assert_int_equal(sse_parser_comments(parser), comments);
    sse_parser_free(parser);
}

#define CHECK_WHOLE(bytes, expected, comments)                                           \
    check(bytes, sizeof(bytes) - 1, NULL, 0, expected, comments)

static const char mixed[] = "\xEF\xBB\xBF: ping\n"
                            "data: one\n\n"
                            "data:two\r\ndata:  lines\r\n\r\n"
                            "event: delta\rid: 7\rdata: {\"a\": \"b:c\"}\r\r"
                            ":\n\n\n"
                            "retry: 10\nnonsense\ndata\n\n"
                            "event: lost\n\n"
                            "data: x\ndata\ndata: y\n\r\n"
                            "data: [DONE]\r\n\n";
static const char mixed_seen[] = "one|two\n lines|delta/7:{\"a\": \"b:c\"}|/7:|/7:x\n\ny|"
                                 "/7:[DONE]|";

static void fault_07_events_survive_any_split_in_two(void **state)
{
    (void)state;
    for (size_t cut = 0; cut < sizeof(mixed); cut++)
        check(mixed, sizeof(mixed) - 1, &cut, 1, mixed_seen, 2);
}

static void fault_07_events_survive_random_splits(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 0, 0, RNG_TEST);
    for (unsigned round = 0; round < 2000; round++) {
        size_t cuts[3];

        for (size_t i = 0; i < 3; i++)
            cuts[i] = rng_below(&rng, sizeof(mixed));
        for (size_t i = 0; i < 3; i++)
            for (size_t j = i + 1; j < 3; j++)
                if (cuts[j] < cuts[i]) {
                    const size_t swap = cuts[i];

                    cuts[i] = cuts[j];
                    cuts[j] = swap;
                }
        check(mixed, sizeof(mixed) - 1, cuts, 3, mixed_seen, 2);
    }
}

static void fault_07_bytes_one_by_one_give_the_same_events(void **state)
{
    size_t cuts[sizeof(mixed) - 2];

    (void)state;
    for (size_t i = 0; i < sizeof(mixed) - 2; i++)
        cuts[i] = i + 1;
    check(mixed, sizeof(mixed) - 1, cuts, sizeof(mixed) - 2, mixed_seen, 2);
}

static void fault_08_every_line_ending_ends_a_line(void **state)
{
    (void)state;
    CHECK_WHOLE("data: a\n\ndata: b\n\n", "a|b|", 0);
    CHECK_WHOLE("data: a\r\rdata: b\r\r", "a|b|", 0);
    CHECK_WHOLE("data: a\r\n\r\ndata: b\r\n\r\n", "a|b|", 0);
    CHECK_WHOLE("data: a\n\r\ndata: b\r\n\n", "a|b|", 0);
    CHECK_WHOLE("data: a\r\n\rdata: b\n\r", "a|b|", 0);
}

static void fault_09_marks_pings_and_other_fields_are_no_events(void **state)
{
    (void)state;
    CHECK_WHOLE("\xEF\xBB\xBF"
                "data: a\n\n",
                "a|", 0);
    CHECK_WHOLE(": ping\n\n:\n\n", "", 2);
    CHECK_WHOLE("\n\n\nretry: 5\n\nevent: x\n\n", "", 0);
    /* Only the first mark is one. */
    CHECK_WHOLE("\xEF\xBB\xBF\xEF\xBB\xBF"
                "data: a\n\n",
                "", 0);
    /* And what begins like one is none. */
    CHECK_WHOLE("\xEF\xBB"
                "data: a\n\ndata: b\n\n",
                "b|", 0);
}

static void fault_10_data_is_joined_as_the_standard_says(void **state)
{
    (void)state;
    CHECK_WHOLE("data:a\n\n", "a|", 0);
    CHECK_WHOLE("data:  a \n\n", " a |", 0);
    CHECK_WHOLE("data\n\n", "|", 0);
    CHECK_WHOLE("data\ndata\n\n", "\n|", 0);
    CHECK_WHOLE("data: a\ndata: b\n\n", "a\nb|", 0);
    CHECK_WHOLE("datax: a\nDATA: b\n data: c\n\n", "", 0);
    CHECK_WHOLE("event: a\nevent: b\ndata: c\n\ndata: d\n\n", "b/:c|d|", 0);
    CHECK_WHOLE("id: 1\n\ndata: a\n\nid\ndata: b\n\n", "/1:a|b|", 0);
}

static void fault_11_events_without_a_blank_line_between_are_one(void **state)
{
    (void)state;
    CHECK_WHOLE("data: {}\ndata: {}\n\n", "{}\n{}|", 0);
}

static void fault_12_an_unfinished_event_is_a_tail_and_no_event(void **state)
{
    static const struct {
        const char *bytes;
        const char *tail; /* NULL: none */
    } cases[] = {
        {"data: a\n\ndata: b", "b"}, {"data: a\n\ndata: b\n", "b"},
        {"data: a\n\n", NULL},       {"data: a\n\nevent: x", NULL},
        {"data: a\n\ndata", ""},     {"data: a\n\ndata: b\r", "b"},
        {"data: a\n\n: ping", NULL}, {"data: a\n\ndata: b\ndata: c", "b\nc"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct transcript seen;
        struct sse_parser *parser = parser_for(&seen, 64);
        struct sse_event tail;

        assert_int_equal(sse_parser_feed(parser, cases[i].bytes, strlen(cases[i].bytes)),
                         0);
        assert_string_equal(seen.text, "a|");
        assert_int_equal(sse_parser_tail(parser, &tail), cases[i].tail != NULL);
        if (cases[i].tail) {
            assert_string_equal(tail.data, cases[i].tail);
            assert_int_equal(tail.data_len, strlen(cases[i].tail));
        }
        assert_false(sse_parser_tail(parser, &tail));
        sse_parser_free(parser);
    }
}

static void a_nul_in_data_is_data(void **state)
{
    struct transcript seen;
    struct sse_parser *parser = parser_for(&seen, 64);

    (void)state;
    assert_int_equal(sse_parser_feed(parser, "data: a\0b\n\n", 11), 0);
    assert_int_equal(seen.len, 4);
    assert_memory_equal(seen.text, "a\0b|", 4);
    sse_parser_free(parser);
}

static void fault_16_an_event_may_reach_the_limit_and_not_pass_it(void **state)
{
    static const char fits[] = "data: 1234\ndata: 678\n\n";
    static const char passes[] = "data: ok\n\ndata: 1234\ndata: 6789\n\n";

    (void)state;
    for (size_t cut = 0; cut < sizeof(fits); cut++) {
        struct transcript seen;
        struct sse_parser *parser = parser_for(&seen, 8);

        assert_int_equal(sse_parser_feed(parser, fits, cut), 0);
        assert_int_equal(sse_parser_feed(parser, fits + cut, sizeof(fits) - 1 - cut), 0);
        assert_string_equal(seen.text, "1234\n678|");
        sse_parser_free(parser);
    }
    for (size_t cut = 0; cut < sizeof(passes); cut++) {
        struct transcript seen;
        struct sse_parser *parser = parser_for(&seen, 8);

        (void)sse_parser_feed(parser, passes, cut);
        assert_int_equal(sse_parser_feed(parser, passes + cut, sizeof(passes) - 1 - cut),
                         -EMSGSIZE);
        assert_string_equal(seen.text, "ok|");
        assert_int_equal(sse_parser_feed(parser, "\n\n", 2), -EMSGSIZE);
        sse_parser_free(parser);
    }
}

static void fault_16_an_endless_line_is_cut_off(void **state)
{
    static const char *const lines[] = {"data: ", ": ", "x"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct transcript seen;
        struct sse_parser *parser = parser_for(&seen, 100);
        unsigned fed = 0;
        int r = sse_parser_feed(parser, lines[i], strlen(lines[i]));

        while (r == 0 && fed++ < 200)
            r = sse_parser_feed(parser, "y", 1);
        assert_int_equal(r, -EMSGSIZE);
        assert_in_range(fed, 90, 110);
        sse_parser_free(parser);
    }
}

static void a_parser_starts_anew_after_a_reset(void **state)
{
    struct transcript seen;
    struct sse_parser *parser = parser_for(&seen, 8);

    (void)state;
    assert_int_equal(sse_parser_feed(parser, "id: 1\ndata: 123456789\n", 22), -EMSGSIZE);
    sse_parser_reset(parser, 16);
    assert_int_equal(sse_parser_feed(parser, "\xEF\xBB\xBF", 3), 0);
    assert_int_equal(sse_parser_feed(parser, "data: 123456789\n\n", 17), 0);
    assert_string_equal(seen.text, "123456789|");
    sse_parser_free(parser);
}

static void note_rest(void *ctx, const struct sse_event *event)
{
    size_t *rests = ctx;

    rests[rests[0]++] = event->rest_len;
}

static void an_event_knows_what_lies_behind_it(void **state)
{
    size_t rests[4] = {1};
    struct sse_parser *parser = NULL;

    (void)state;
    assert_int_equal(sse_parser_new(&parser, 64, note_rest, rests), 0);
    assert_int_equal(sse_parser_feed(parser, "data: a\n\ndata: b\n\n: p\n", 22), 0);
    assert_int_equal(rests[0], 3);
    assert_int_equal(rests[1], 13);
    assert_int_equal(rests[2], 4);
    sse_parser_free(parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_07_events_survive_any_split_in_two),
        cmocka_unit_test(fault_07_events_survive_random_splits),
        cmocka_unit_test(fault_07_bytes_one_by_one_give_the_same_events),
        cmocka_unit_test(fault_08_every_line_ending_ends_a_line),
        cmocka_unit_test(fault_09_marks_pings_and_other_fields_are_no_events),
        cmocka_unit_test(fault_10_data_is_joined_as_the_standard_says),
        cmocka_unit_test(fault_11_events_without_a_blank_line_between_are_one),
        cmocka_unit_test(fault_12_an_unfinished_event_is_a_tail_and_no_event),
        cmocka_unit_test(a_nul_in_data_is_data),
        cmocka_unit_test(fault_16_an_event_may_reach_the_limit_and_not_pass_it),
        cmocka_unit_test(fault_16_an_endless_line_is_cut_off),
        cmocka_unit_test(a_parser_starts_anew_after_a_reset),
        cmocka_unit_test(an_event_knows_what_lies_behind_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
