#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/rng.h"
#include "workload/opening.h"
#include "workload/opening_words.h"
#include "workload/question.h"

#define BITS (QUESTION_USER_BITS + QUESTION_INDEX_BITS)
#define MASK ((UINT64_C(1) << BITS) - 1)

/* Undoes opening_code: were it no bijection, this could not exist. */
static uint64_t undo(uint64_t code, uint64_t nonce)
{
    uint64_t inverse = 1;

    /* Newton's iteration doubles the right bits of the inverse of an odd number. */
    for (int i = 0; i < 6; i++)
        inverse *= 2 - UINT64_C(0x9e3779b97f4a7c15) * inverse;
    for (uint64_t i = 3; i >= 1; i--) {
        code ^= code >> (BITS / 2 + 1);
        code = code * inverse & MASK;
        code ^= rng_mix(nonce + i) & MASK;
    }
    return code;
}

static void the_code_can_be_undone(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 0, 0, RNG_TEST);
    for (int i = 0; i < 100000; i++) {
        const uint64_t nonce = rng_next(&rng);
        const uint64_t user = rng_below(&rng, UINT64_C(1) << QUESTION_USER_BITS);
        const uint64_t index = rng_below(&rng, UINT64_C(1) << QUESTION_INDEX_BITS);

        assert_true(undo(opening_code(nonce, user, index), nonce) ==
                    (user << QUESTION_INDEX_BITS | index));
    }
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* All words of a table, or all pairs of head and tail, differ. */
static void assert_distinct(const struct name *heads, size_t head_count,
                            const struct name *tails, size_t tail_count)
{
    const size_t count = head_count * tail_count;
    char(*texts)[32] = calloc(count, sizeof(*texts));

    assert_non_null(texts);
    for (size_t i = 0; i < count; i++) {
        const struct name *head = &heads[i / tail_count];
        const struct name *tail = &tails[i % tail_count];

        assert_in_range(head->len, 1, sizeof(head->text));
        memcpy(texts[i], head->text, head->len);
        memcpy(texts[i] + head->len, tail->text, tail->len);
    }
    qsort(texts, count, sizeof(*texts), compare_texts);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(texts[i - 1], texts[i]) == 0)
            fail_msg("'%s' is spelled in two ways", texts[i]);
    }
    free(texts);
}

static void no_name_is_spelled_in_two_ways(void **state)
{
    static const struct name nothing = {"", 0};

    (void)state;
    for (size_t gender = 0; gender < OPENING_GENDERS; gender++) {
        assert_distinct(opening_first_names[gender], OPENING_FIRST_NAMES, &nothing, 1);
        assert_distinct(opening_middle_names[gender], OPENING_MIDDLE_NAMES, &nothing, 1);
    }
    /* The gender is read off the first name. */
    assert_distinct(opening_first_names[0], OPENING_GENDERS * OPENING_FIRST_NAMES,
                    &nothing, 1);
    assert_distinct(opening_occupations, OPENING_OCCUPATIONS, &nothing, 1);
    assert_distinct(opening_surname_heads, OPENING_HEADS, opening_surname_tails,
                    OPENING_TAILS);
    assert_distinct(opening_town_heads, OPENING_HEADS, opening_town_tails, OPENING_TAILS);
}

/* Else "Northwick" and "North wick" would shift the words that tell the frames apart. */
static void names_are_single_words(void **state)
{
    static const struct {
        const struct name *names;
        size_t count;
    } tables[] = {
        {opening_first_names[0], OPENING_GENDERS * OPENING_FIRST_NAMES},
        {opening_middle_names[0], OPENING_GENDERS * OPENING_MIDDLE_NAMES},
        {opening_surname_heads, OPENING_HEADS},
        {opening_surname_tails, OPENING_TAILS},
        {opening_town_heads, OPENING_HEADS},
        {opening_town_tails, OPENING_TAILS},
        {opening_occupations, OPENING_OCCUPATIONS},
    };

    (void)state;
    for (size_t t = 0; t < COUNT_OF(tables); t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            for (size_t c = 0; c < tables[t].names[i].len; c++)
                assert_true(((unsigned char)tables[t].names[i].text[c] | 0x20) >= 'a' &&
                            ((unsigned char)tables[t].names[i].text[c] | 0x20) <= 'z');
        }
    }
}

static size_t words_in(const char *text, size_t len)
{
    size_t words = 1;

    for (size_t i = 0; i < len; i++)
        words += text[i] == ' ';
    return words;
}

static void an_opening_is_short_and_of_eight_words_at_most(void **state)
{
    struct rng rng;
    size_t longest = 0;

    (void)state;
    rng_init(&rng, 2, 0, 0, RNG_TEST);
    for (int i = 0; i < 200000; i++) {
        char text[OPENING_MAX_BYTES + 1];
        size_t len;

        memset(text, '#', sizeof(text));
        len = (size_t)(opening_write(text, rng_next(&rng), (uint64_t)i, 5) - text);
        assert_int_equal(text[OPENING_MAX_BYTES], '#');
        assert_true(words_in(text, len) <= 8);
        assert_true(text[0] >= 'A' && text[0] <= 'Z');
        longest = len > longest ? len : longest;
    }
    assert_true(longest + sizeof(((struct name *)0)->text) < OPENING_MAX_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_code_can_be_undone),
        cmocka_unit_test(no_name_is_spelled_in_two_ways),
        cmocka_unit_test(names_are_single_words),
        cmocka_unit_test(an_opening_is_short_and_of_eight_words_at_most),
    };

    return cmocka_run_group_tests_name("opening", tests, NULL, NULL);
}
