/*
 * The header fields of one answer, put together before it goes out. It keeps the values, so that
 * it can be copied and wait. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "serve/serve.h"

#define HEAD_FIELDS_MAX 12
#define HEAD_BYTES_MAX 640

struct head {
    const char *names[HEAD_FIELDS_MAX]; /* constants */
    uint16_t places[HEAD_FIELDS_MAX];   /* of the values, in text */
    size_t count;
    size_t used;
    char text[HEAD_BYTES_MAX];
};

/* Begins with the two fields that all answers have. */
void head_init(struct head *head, const char *content_type, const char *request_id);

/* Adds a field. The values of all fields must fit. */
__attribute__((format(printf, 3, 4))) void head_add(struct head *head, const char *name,
                                                    const char *format, ...);

/* The fields as serve_answer() takes them, borrowed from the head. Returns how many. */
size_t head_fields(const struct head *head,
                   struct serve_header ret_fields[static HEAD_FIELDS_MAX]);
