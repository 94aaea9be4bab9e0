/*
 * The phase `replay`: its rows in the table of phases, and what it becomes in the plan. It is the only
 * phase of its load, which is an open one: each entry of the trace is an arrival.
 */
#pragma once

#include <stdbool.h>

#include "scenario/making.h"

extern const char *const trace_format_words[];
extern const char *const bad_row_words[];

/* Rows of struct phase_form. */
#define REPLAY_ROWS                                                                      \
    {ROW("trace", FIELD_TEXT, struct phase_form, replay.trace),                          \
     .unit = "a path from where this file is", .flags = FIELD_PATH,                      \
     .help = "of a `replay`: the file whose entries are sent at their times"},           \
        {ROW("format", FIELD_CHOICE, struct phase_form, replay.format),                  \
         .words = trace_format_words, .preset = "auto",                                  \
         .help = "of the trace; by default found from its name and first bytes"},        \
        {ROW("time_scale", FIELD_NUMBER, struct phase_form, replay.time_scale),          \
         .preset = "1", .min = "0.000001", .max = "1000000",                             \
         .help = "recorded times are multiplied by it: `0.5` is twice as fast"},         \
        {ROW("from", FIELD_DURATION, struct phase_form, replay.from_ns), .preset = "0",  \
         .max = "8760h",                                                                 \
         .help = "what was recorded before, counted from the first entry, is left out"}, \
        {ROW("limit", FIELD_COUNT, struct phase_form, replay.limit), .unit = "entries",  \
         .preset = "0", .max = "4000000000", .help = "so many entries at most; 0: all"}, \
        {ROW("origin", FIELD_TEXT, struct phase_form, replay.origin),                    \
         .help = "of a HAR: requests that went elsewhere are left out, such as "         \
                 "`https://app.example.com`; `all` takes all of them. By default where " \
                 "the first one went"},                                                  \
        {ROW("on_bad_row", FIELD_CHOICE, struct phase_form, replay.on_bad_row),          \
         .words = bad_row_words, .preset = "fail",                                       \
         .help = "what an entry of the trace that cannot be read is: a mistake of the "  \
                 "scenario, or left out and counted"}

/* Refuses what only a replay has in another phase, and in a replay what it does not know. */
int replay_check_keys(struct making *making, const struct phase_form *form,
                      enum plan_phase_kind kind);

/*
 * Makes plan->replay and the phase of it, of which the length is known only when the trace is read. Returns
 * 0, with mistakes added; -ENOMEM.
 */
int make_replay(struct making *making, const struct phase_form *form,
                struct plan_phase *phase);

/* Looks for replays where none can be: in a load of other phases, and steps without one. */
int check_replay(struct making *making);
