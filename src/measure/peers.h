/*
 * Who stood at the other end: attempts that are over → requests and connections by peer address,
 * over the whole run. So a balancer that sends all to one of its machines is seen, where peers are
 * the machines.
 *
 * The peer is a label of the sample ("peer", or "backend" where no header told another name). It is
 * looked up once per label set; after that it is an array index.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/recorder.h"

struct labels;
struct sample;

struct peer_table {
    struct peer_view each[RECORDER_PEERS]; /* in order of first use */
    size_t count;
    struct peer_view others; /* those past RECORDER_PEERS together */
};

struct peers {
    struct peer_table table;
    uint16_t *places; /* by label set: see peers.c */
    size_t place_count;
};

void peers_deinit(struct peers *peers);

/*
 * An attempt is over; one without a connection is left out. Names are borrowed from the labels.
 * Returns whether there was memory for it.
 */
bool peers_add(struct peers *peers, const struct labels *labels,
               const struct sample *sample);
