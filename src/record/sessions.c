#include "record/sessions.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "record/trace_entry.h"

struct session_slot {
    uint64_t hash; /* 0: free */
    uint64_t number;
};

/* FNV-1a, 64 bits (IETF draft-eastlake-fnv). */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t hash_of(const struct trace_entry *entry, uint64_t connection)
{
    static const char *const headers[] = {"authorization", "x-api-key", "api-key",
                                          "x-goog-api-key"};
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    const char *value = NULL;

    for (size_t i = 0; !value && i < COUNT_OF(headers); i++)
        value = trace_entry_header(entry, headers[i]);
    hash = value ? hash_bytes(hash_bytes(hash, "k", 1), value, strlen(value))
                 : hash_bytes(hash_bytes(hash, "c", 1), &connection, sizeof(connection));
    return hash != 0 ? hash : 1;
}

static struct session_slot *find(struct session_slot *slots, size_t count, uint64_t hash)
{
    size_t at = (size_t)hash & (count - 1);

    while (slots[at].hash != 0 && slots[at].hash != hash)
        at = (at + 1) & (count - 1);
    return &slots[at];
}

static bool grow(struct sessions *sessions)
{
    const size_t count = sessions->slot_count > 0 ? 2 * sessions->slot_count : 64;
    struct session_slot *slots;

    if (2 * sessions->count < sessions->slot_count)
        return true;
    slots = calloc(count, sizeof(*slots));
    if (!slots)
        return false;
    for (size_t i = 0; i < sessions->slot_count; i++)
        if (sessions->slots[i].hash != 0)
            *find(slots, count, sessions->slots[i].hash) = sessions->slots[i];
    free(sessions->slots);
    sessions->slots = slots;
    sessions->slot_count = count;
    return true;
}

uint64_t sessions_number(struct sessions *sessions, const struct trace_entry *entry,
                         uint64_t connection)
{
    const uint64_t hash = hash_of(entry, connection);
    struct session_slot *slot;

    if (!grow(sessions))
        return ++sessions->count;
    slot = find(sessions->slots, sessions->slot_count, hash);
    if (slot->hash == 0)
        *slot = (struct session_slot){.hash = hash, .number = ++sessions->count};
    return slot->number;
}

void sessions_deinit(struct sessions *sessions)
{
    free(sessions->slots);
    *sessions = (struct sessions){0};
}
