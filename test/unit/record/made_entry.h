/* Entries made by hand, for tests. */
#pragma once

#include <string.h>

#include "record/trace_entry.h"

/* headers: names and values by turns, NULL behind the last. */
static inline struct trace_entry *made_entry(const char *method, const char *target,
                                             const char *const *headers, const char *body,
                                             size_t body_len)
{
    struct trace_entry *entry = trace_entry_new(64 * 1024, body_len + 1);

    (void)buf_append(&entry->head, method, strlen(method) + 1);
    (void)buf_append(&entry->head, target, strlen(target) + 1);
    for (; headers && *headers; headers++) {
        (void)buf_append(&entry->head, *headers, strlen(*headers) + 1);
        entry->header_count++;
    }
    entry->header_count /= 2;
    (void)buf_append(&entry->body, body, body_len);
    return entry;
}
