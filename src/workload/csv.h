/*
 * CSV after RFC 4180: text → records → fields, in place. Lines end in CRLF, LF or CR; a field in quotes may
 * hold commas, line breaks and doubled quotes. Blank lines are no records. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All private but `line`. */
struct csv {
    const char *at;
    const char *end;
    const char *record; /* where the record at hand began */
    uint64_t line;      /* of the record at hand, from 1 */
    uint64_t breaks;    /* line ends passed */
};

/* One field, borrowed from the text, without its quotes. */
struct csv_field {
    const char *bytes;
    size_t len;
    bool doubled; /* two quotes in it stand for one */
    bool is_last; /* of its record */
};

/* Reads from the beginning of text, which is borrowed. */
struct csv csv_begin(const char *text, size_t len);

/* Goes to the next record. False at the end of the text. */
bool csv_next(struct csv *csv);

/*
 * The next field of the record. Returns NULL, or half a sentence about what is wrong with it: then
 * csv_skip is to follow.
 */
const char *csv_read(struct csv *csv, struct csv_field *ret_field);

/* Leaves a broken record: goes to the line behind it. */
void csv_skip(struct csv *csv);
