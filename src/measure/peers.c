#include "measure/peers.h"

#include <stdlib.h>
#include <string.h>

#include "measure/labels.h"
#include "measure/sample.h"

/* What stands in places: nothing yet, no peer, all others, or an index behind these. */
enum { PLACE_UNKNOWN, PLACE_NONE, PLACE_OTHERS, PLACE_FIRST };

void peers_deinit(struct peers *peers)
{
    free(peers->places);
    *peers = (struct peers){0};
}

static bool reserve(struct peers *peers, size_t count)
{
    const size_t now = peers->place_count;
    const size_t grown = count > now * 2 ? count : now * 2;
    uint16_t *places = NULL;

    if (count <= now)
        return true;
    places = reallocarray(peers->places, grown, sizeof(*places));
    if (!places)
        return false;
    memset(&places[now], 0, (grown - now) * sizeof(*places));
    peers->places = places;
    peers->place_count = grown;
    return true;
}

static uint16_t find_place(struct peers *peers, const struct labels *labels, uint32_t id)
{
    const char *peer = labels_value(labels, id, "peer");
    struct peer_table *table = &peers->table;
    size_t i = 0;

    if (id == LABELS_OTHER)
        return PLACE_OTHERS;
    if (!peer)
        peer = labels_value(labels, id, "backend");
    if (!peer)
        return PLACE_NONE;
    while (i < table->count && strcmp(table->each[i].peer, peer) != 0)
        i++;
    if (i == RECORDER_PEERS)
        return PLACE_OTHERS;
    if (i == table->count)
        table->each[table->count++].peer = peer;
    return (uint16_t)(PLACE_FIRST + i);
}

static void count(struct peer_view *peer, const struct sample *sample)
{
    peer->requests++;
    peer->connections += !(sample->flags & SAMPLE_REUSED);
    peer->failed += outcome_is_failure(sample->outcome);
    peer->retransmits += sample->retransmits;
}

bool peers_add(struct peers *peers, const struct labels *labels,
               const struct sample *sample)
{
    uint16_t *place = NULL;

    if (!sample->wire_ns)
        return true;
    if (!reserve(peers, (size_t)sample->labels + 1))
        return false;
    place = &peers->places[sample->labels];
    if (*place == PLACE_UNKNOWN)
        *place = find_place(peers, labels, sample->labels);
    if (*place >= PLACE_FIRST)
        count(&peers->table.each[*place - PLACE_FIRST], sample);
    else if (*place == PLACE_OTHERS)
        count(&peers->table.others, sample);
    return true;
}
