#include "workload/opening.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/rng.h"
#include "workload/opening_words.h"
#include "workload/question.h"

#define CODE_BITS (QUESTION_USER_BITS + QUESTION_INDEX_BITS)
#define CODE_MASK ((UINT64_C(1) << CODE_BITS) - 1)
#define SCRAMBLE_ROUNDS 3

/* Ages 24 to 87: two digits, and old enough for any of the occupations. */
#define YOUNGEST 24
#define AGES 64

/* How the person is introduced. The place of the first comma and what stands before it tell. */
enum frame {
    FRAME_NAME_FIRST, /* Clara Josephine Winterbourne, 43, a surveyor from Northwick */
    FRAME_TOWN_FIRST, /* From Northwick, Clara Josephine Winterbourne, 43, a surveyor */
    FRAME_OCCUPATION_FIRST, /* Surveyor Clara Josephine Winterbourne, 43, of Northwick */
    FRAME_NEWSPAPER,        /* Northwick surveyor Clara Josephine Winterbourne, 43 */
    FRAME_COUNT,
};

_Static_assert(OPENING_GENDERS *OPENING_FIRST_NAMES *UINT64_C(1) * OPENING_MIDDLE_NAMES *
                       OPENING_HEADS * OPENING_TAILS * AGES * OPENING_OCCUPATIONS *
                       OPENING_HEADS * OPENING_TAILS * FRAME_COUNT ==
                   UINT64_C(1) << CODE_BITS,
               "the words spell exactly the bits of a user and an index");

struct person {
    const struct name *first;
    const struct name *middle;
    const struct name *surname_head;
    const struct name *surname_tail;
    const struct name *town_head;
    const struct name *town_tail;
    const struct name *occupation;
    uint32_t age;
};

/*
 * Xoring a key, multiplying by an odd number and xoring the upper half into the lower can each be
 * undone, so the whole is a bijection of CODE_BITS-bit numbers: neighbours get strangers' names,
 * other nonces give other names, and two numbers never give the same.
 */
uint64_t opening_code(uint64_t nonce, uint64_t user, uint64_t index)
{
    uint64_t code = user << QUESTION_INDEX_BITS | index;

    assert(user >> QUESTION_USER_BITS == 0);
    assert(index >> QUESTION_INDEX_BITS == 0);
    for (uint64_t i = 1; i <= SCRAMBLE_ROUNDS; i++) {
        code = (code ^ rng_mix(nonce + i)) & CODE_MASK;
        code = (code * UINT64_C(0x9e3779b97f4a7c15)) & CODE_MASK;
        code ^= code >> (CODE_BITS / 2 + 1);
    }
    return code;
}

/* Takes the lowest digit off a number of mixed radix; count is a power of two. */
static uint32_t take_digit(uint64_t *code, uint32_t count)
{
    const uint32_t digit = (uint32_t)(*code % count);

    *code /= count;
    return digit;
}

static enum frame spell(uint64_t code, struct person *person)
{
    const enum frame frame = (enum frame)take_digit(&code, FRAME_COUNT);
    const uint32_t gender = take_digit(&code, OPENING_GENDERS);

    person->first = &opening_first_names[gender][take_digit(&code, OPENING_FIRST_NAMES)];
    person->middle =
        &opening_middle_names[gender][take_digit(&code, OPENING_MIDDLE_NAMES)];
    person->surname_head = &opening_surname_heads[take_digit(&code, OPENING_HEADS)];
    person->surname_tail = &opening_surname_tails[take_digit(&code, OPENING_TAILS)];
    person->occupation = &opening_occupations[take_digit(&code, OPENING_OCCUPATIONS)];
    person->town_head = &opening_town_heads[take_digit(&code, OPENING_HEADS)];
    person->town_tail = &opening_town_tails[take_digit(&code, OPENING_TAILS)];
    person->age = YOUNGEST + take_digit(&code, AGES);
    return frame;
}

/* Copies more than the word has, so that the size is fixed; what follows overwrites the rest. */
static char *put_name(char *at, const struct name *name)
{
    memcpy(at, name->text, sizeof(name->text));
    return at + name->len;
}

#define PUT(at, literal)                                                                 \
    ((char *)memcpy(at, literal, sizeof(literal) - 1) + sizeof(literal) - 1)

/* "Clara Josephine Winterbourne, 43" */
static char *put_name_and_age(char *at, const struct person *person)
{
    at = PUT(put_name(at, person->first), " ");
    at = PUT(put_name(at, person->middle), " ");
    at = put_name(put_name(at, person->surname_head), person->surname_tail);
    at = PUT(at, ", ");
    *at++ = (char)('0' + person->age / 10);
    *at++ = (char)('0' + person->age % 10);
    return at;
}

static char *put_town(char *at, const struct person *person)
{
    return put_name(put_name(at, person->town_head), person->town_tail);
}

static bool starts_with_vowel(const struct name *word)
{
    return memchr("aeio", word->text[0], 4) != NULL;
}

/* ", a surveyor" */
static char *put_occupation(char *at, const struct person *person)
{
    at = PUT(at, ", a");
    if (starts_with_vowel(person->occupation))
        *at++ = 'n';
    return put_name(PUT(at, " "), person->occupation);
}

static char *put_person(char *at, enum frame frame, const struct person *person)
{
    char *const start = at;

    switch (frame) {
    case FRAME_NAME_FIRST:
        at = put_occupation(put_name_and_age(at, person), person);
        return put_town(PUT(at, " from "), person);
    case FRAME_TOWN_FIRST:
        at = put_town(PUT(at, "From "), person);
        at = put_name_and_age(PUT(at, ", "), person);
        return put_occupation(at, person);
    case FRAME_OCCUPATION_FIRST:
        at = put_name(at, person->occupation);
        *start = (char)(*start - 'a' + 'A');
        at = put_name_and_age(PUT(at, " "), person);
        return put_town(PUT(at, ", of "), person);
    case FRAME_NEWSPAPER:
        at = PUT(put_town(at, person), " ");
        at = put_name(at, person->occupation);
        return put_name_and_age(PUT(at, " "), person);
    case FRAME_COUNT:
        break;
    }
    return at;
}

char *opening_write(char *at, uint64_t nonce, uint64_t user, uint64_t index)
{
    struct person person;
    const enum frame frame = spell(opening_code(nonce, user, index), &person);

    return put_person(at, frame, &person);
}
