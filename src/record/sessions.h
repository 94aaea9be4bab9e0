/*
 * Who a request belongs to: a credential, or a connection where none is shown → a number from 1. Only a
 * hash of the credential is kept.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct trace_entry;

struct sessions {
    struct session_slot *slots; /* owned; an open hash table */
    size_t slot_count;          /* 0 or a power of two */
    uint64_t count;             /* sessions so far */
};

/* The number of the one whom an entry's request belongs to. Without memory it is one of its own. */
uint64_t sessions_number(struct sessions *sessions, const struct trace_entry *entry,
                         uint64_t connection);

/* Releases what it holds. */
void sessions_deinit(struct sessions *sessions);
