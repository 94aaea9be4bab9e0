/*
 * The pen: writes one question from templates, which are made of texts, words of tables and
 * numbers. Everything has its length beforehand and is copied in moves of fixed size, so that a
 * question costs some hundred nanoseconds and no allocation.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

/* A phrase and its length; 48 bytes, that is three vector moves. */
struct phrase {
    char text[47]; /* not NUL-terminated where full */
    uint8_t len;
};

/* Words of one kind, of which a template takes any. */
struct phrase_table {
    const struct phrase *phrases;
    uint32_t count;
};

enum piece_kind {
    PIECE_END,
    PIECE_TEXT,
    PIECE_WORD,   /* any of a table */
    PIECE_OTHER,  /* of the same table as the WORD before it, but not the same word */
    PIECE_NUMBER, /* low … high */
    PIECE_MORE,   /* the number before it plus low … high */
};

struct piece {
    enum piece_kind kind;
    uint32_t low;
    uint32_t high;
    const struct phrase_table *table;
    struct phrase text;
};

/* How template tables are written. */
#define PHRASE(literal) {literal, sizeof(literal) - 1}
#define PHRASES(array) {array, sizeof(array) / sizeof((array)[0])}
#define TEXT(literal) {.kind = PIECE_TEXT, .text = PHRASE(literal)}
#define WORD(words) {.kind = PIECE_WORD, .table = &(words)}
#define OTHER(words) {.kind = PIECE_OTHER, .table = &(words)}
#define NUMBER(least, most) {.kind = PIECE_NUMBER, .low = (least), .high = (most)}
#define MORE(least, most) {.kind = PIECE_MORE, .low = (least), .high = (most)}

/* A question: pieces up to PIECE_END. */
struct question_template {
    const struct piece *pieces;
};

#define TEMPLATE(...)                                                                    \
    {                                                                                    \
        (const struct piece[])                                                           \
        {                                                                                \
            __VA_ARGS__,                                                                 \
            {                                                                            \
                .kind = PIECE_END                                                        \
            }                                                                            \
        }                                                                                \
    }

/* The state of one question being written. */
struct question_pen {
    char *at;
    const char *end; /* nothing is written here or behind */
    struct rng rng;
    uint64_t bits;   /* random bits not used yet, in the lower half */
    uint32_t halves; /* 1 when bits holds such a half */
    uint32_t picked; /* index of the last WORD */
    uint32_t number; /* the last NUMBER */
};

/* Uniform in [0, bound) to within bound/2^32. */
uint32_t question_pen_below(struct question_pen *pen, uint32_t bound);

/* Writes a word of a table. */
void question_pen_word(struct question_pen *pen, const struct phrase_table *table);

/* Writes a question after one of the templates. */
void question_pen_write(struct question_pen *pen,
                        const struct question_template *templates, size_t count);
