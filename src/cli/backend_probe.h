/*
 * The watching of servers' own metrics as a part of a run: begun before its load, told of in its log, ended
 * with it (platform/backend.h). What they tell is in a book that the recorder shows to everybody.
 */
#pragma once

#include "output/probe.h"

struct backend_book;
struct backend_watch;
struct plan;

/* All zero: nobody is watched. */
struct backend_probe {
    struct backend_book *book; /* NULL: the plan has no backends */
    struct backend_watch *watch;
};

/* Begins to ask the plan's backends, if it has any; plan is borrowed. Returns 0, -EAGAIN or -ENOMEM. */
int backend_probe_open(struct backend_probe *probe, const struct plan *plan);

/* As a probe; only where there is a book. */
struct probe backend_probe_of(struct backend_probe *probe);

/* Asks no more, and forgets what was told. */
void backend_probe_close(struct backend_probe *probe);
