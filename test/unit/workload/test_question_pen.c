#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "workload/question_pen.h"

#define DRAWS 10000

static const struct phrase colour_phrases[] = {PHRASE("red"), PHRASE("green"),
                                               PHRASE("blue")};
static const struct phrase_table colours = PHRASES(colour_phrases);

static const struct question_template fixed = TEMPLATE(
    TEXT("Is "), NUMBER(7, 7), TEXT(" more than "), NUMBER(1200, 1200), TEXT("?"));
static const struct question_template comparison =
    TEMPLATE(WORD(colours), TEXT("-"), OTHER(colours));
static const struct question_template addition =
    TEMPLATE(NUMBER(1, 3), TEXT("+"), MORE(2, 3));

/* Writes one question into text, which is overwritten. */
static const char *write_one(const struct question_template *template, uint64_t index,
                             char text[static 256])
{
    struct question_pen pen = {.at = text, .end = text + 255};

    rng_init(&pen.rng, 1, 2, index, RNG_TEST);
    question_pen_write(&pen, template, 1);
    *pen.at = '\0';
    return text;
}

static void texts_and_words_stand_in_order(void **state)
{
    char text[256];

    (void)state;
    assert_string_equal(write_one(&fixed, 0, text), "Is 7 more than 1200?");
}

/* Nobody compares Rome with Rome. */
static void the_other_word_is_never_the_same(void **state)
{
    static const char *const pairs[] = {"red-green",  "red-blue", "green-red",
                                        "green-blue", "blue-red", "blue-green"};
    int seen[COUNT_OF(pairs)] = {0};

    (void)state;
    for (uint64_t i = 0; i < DRAWS; i++) {
        char text[256];
        size_t pair = 0;

        write_one(&comparison, i, text);
        while (pair < COUNT_OF(pairs) && strcmp(text, pairs[pair]) != 0)
            pair++;
        assert_true(pair < COUNT_OF(pairs));
        seen[pair]++;
    }
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        assert_in_range(seen[i], DRAWS / 6 - 200, DRAWS / 6 + 200);
}

static void numbers_reach_both_ends_and_more_adds_to_the_last(void **state)
{
    static const char *const sums[] = {"1+3", "1+4", "2+4", "2+5", "3+5", "3+6"};
    int seen[COUNT_OF(sums)] = {0};

    (void)state;
    for (uint64_t i = 0; i < DRAWS; i++) {
        char text[256];
        size_t sum = 0;

        write_one(&addition, i, text);
        while (sum < COUNT_OF(sums) && strcmp(text, sums[sum]) != 0)
            sum++;
        assert_true(sum < COUNT_OF(sums));
        seen[sum]++;
    }
    for (size_t i = 0; i < COUNT_OF(sums); i++)
        assert_in_range(seen[i], DRAWS / 6 - 200, DRAWS / 6 + 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_words_stand_in_order),
        cmocka_unit_test(the_other_word_is_never_the_same),
        cmocka_unit_test(numbers_reach_both_ends_and_more_adds_to_the_last),
    };

    return cmocka_run_group_tests_name("question_pen", tests, NULL, NULL);
}
