/*
 * Arrivals: the load source of an open loop. Each arrival is one iteration of whoever is free. One that
 * finds nobody waits and keeps the moment it was due; it is dropped after max_wait, or when the load
 * ends: that is an operation that failed, and is counted.
 *
 * Who asks is whoever is free; what is asked belongs to the arrival's number, whoever asks: its class,
 * random streams, words and rows. So runs of one seed ask the same, however fast the server is, and
 * however many workers share the load.
 */
#pragma once

struct arrival_times;
struct engine;
struct load_source;

/* Takes the times, also on failure. engine is borrowed. Returns 0 or -ENOMEM. */
int arrivals_new(struct engine *engine, struct arrival_times *times,
                 struct load_source **ret_source);
