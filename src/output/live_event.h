/*
 * The events of the live page: what is known of a run → one line of JSON each (doc/live.md). They are pure but
 * for the memory of out, which is cleared first.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct plan;
struct recent_figures;
struct run_mark;
struct run_view;
struct user_counts;
struct verdicts;

/* What stays as it is. */
struct live_run {
    const char *id;
    const char *version;
    const char *results; /* the folder; "" where nothing is written */
    bool is_search;      /* its load is a search's, not the plan's */
    uint64_t started_ns; /* monotonic */
    uint64_t started_wall_ns;
    uint64_t step_ns; /* of the timeline */
};

/* `run`: which one it is. */
void live_event_run(const struct live_run *run, const struct run_view *view,
                    struct buf *out);

/* `plan`: the phases that are to come, as they are planned. */
void live_event_plan(const struct plan *plan, struct buf *out);

/* `phase`: another one has begun; "" is its name when the last is over. */
void live_event_phase(const struct live_run *run, const struct run_view *view,
                      struct buf *out);

/* `mark`: something was noted or done. */
void live_event_mark(const struct live_run *run, const struct run_mark *mark,
                     struct buf *out);

/* `now`: how the run stands, with figures of the last seconds. */
void live_event_now(const struct live_run *run, const struct run_view *view,
                    const struct user_counts *users, const struct recent_figures *recent,
                    struct buf *out);

/* `end`: no more comes. verdicts: NULL: there was no load. */
void live_event_end(const struct live_run *run, const char *stop_reason,
                    const struct verdicts *verdicts, struct buf *out);
