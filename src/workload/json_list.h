/*
 * A JSON list in a text: → one value at a time, and the line that it begins on. Nothing is kept but the
 * place. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json_scan.h"

struct json_list {
    struct json_scan
        scan;      /* behind the value at hand; failed: the text is no well-formed list */
    uint64_t line; /* of the value at hand, from 1 */
    const char *counted; /* lines were counted up to here */
    bool is_begun;
};

/* At the list that a scan stands before; text: where the file begins, from which lines are counted. */
struct json_list json_list_begin(struct json_scan scan, const char *text);

/* Goes to the next value, and lays the scan over it. False at the list's end, and where it is broken. */
bool json_list_next(struct json_list *list, struct json_scan *ret_value);
