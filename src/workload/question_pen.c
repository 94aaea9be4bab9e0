#include "workload/question_pen.h"

#include <assert.h>
#include <string.h>

uint32_t question_pen_below(struct question_pen *pen, uint32_t bound)
{
    uint64_t half;

    if (pen->halves == 0) {
        pen->bits = rng_next(&pen->rng);
        pen->halves = 2;
    }
    half = pen->bits & UINT32_MAX;
    pen->bits >>= 32;
    pen->halves--;
    return (uint32_t)((half * bound) >> 32);
}

/* Copies more than the phrase has, so that the size is fixed; what follows overwrites the rest. */
static void put(struct question_pen *pen, const struct phrase *phrase)
{
    assert(pen->end - pen->at >= (ptrdiff_t)sizeof(phrase->text));
    memcpy(pen->at, phrase->text, sizeof(phrase->text));
    pen->at += phrase->len;
}

static void put_number(struct question_pen *pen, uint32_t number)
{
    char digits[10];
    size_t first = sizeof(digits);

    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);

    assert(pen->end - pen->at >= (ptrdiff_t)sizeof(digits));
    memcpy(pen->at, digits + first, sizeof(digits) - first);
    pen->at += sizeof(digits) - first;
}

static uint32_t draw(struct question_pen *pen, const struct piece *piece)
{
    return piece->low + question_pen_below(pen, piece->high - piece->low + 1);
}

void question_pen_word(struct question_pen *pen, const struct phrase_table *table)
{
    pen->picked = question_pen_below(pen, table->count);
    put(pen, &table->phrases[pen->picked]);
}

/* Draws among the others by leaving a gap where the picked one is. */
static void put_other(struct question_pen *pen, const struct phrase_table *table)
{
    uint32_t other = question_pen_below(pen, table->count - 1);

    assert(pen->picked < table->count);
    other += other >= pen->picked;
    put(pen, &table->phrases[other]);
}

static void put_piece(struct question_pen *pen, const struct piece *piece)
{
    switch (piece->kind) {
    case PIECE_END:
        return;
    case PIECE_TEXT:
        put(pen, &piece->text);
        return;
    case PIECE_WORD:
        question_pen_word(pen, piece->table);
        return;
    case PIECE_OTHER:
        put_other(pen, piece->table);
        return;
    case PIECE_NUMBER:
        pen->number = draw(pen, piece);
        put_number(pen, pen->number);
        return;
    case PIECE_MORE:
        pen->number += draw(pen, piece);
        put_number(pen, pen->number);
        return;
    }
}

void question_pen_write(struct question_pen *pen,
                        const struct question_template *templates, size_t count)
{
    const struct piece *piece =
        templates[question_pen_below(pen, (uint32_t)count)].pieces;

    for (; piece->kind != PIECE_END; piece++)
        put_piece(pen, piece);
}
