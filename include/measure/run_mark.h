/*
 * Marks: what somebody noted, or did to the load, while a run went on. Each keeps its moment and one
 * line of words; marks that are there never move or change, so that others may read them meanwhile.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum run_mark_kind {
    RUN_MARK_NOTE,    /* "deployed 1.4.2": nothing was done to the load */
    RUN_MARK_CONTROL, /* an intervention: "users set to 40 from the live page" */
};

/* Snake-case name for results: "mark", "control". */
const char *run_mark_kind_name(enum run_mark_kind kind);

/* Longer texts are cut at a character. */
#define RUN_MARK_BYTES 200

/* So many at most. */
#define RUN_MARKS_MAX 500

struct run_mark {
    uint64_t at_ns; /* monotonic */
    enum run_mark_kind kind;
    char text[RUN_MARK_BYTES]; /* one printable line of valid UTF-8 */
};

/* Empty at first: {0}. */
struct run_marks {
    struct run_mark *each; /* owned: room for RUN_MARKS_MAX once there is any */
    size_t count;
};

/* Makes one; text: any bytes. Returns 0 or -ENOMEM. */
int run_mark_fill(struct run_mark *mark, uint64_t at_ns, enum run_mark_kind kind,
                  const char *text);

/* How many more there is room for. */
size_t run_marks_room(const struct run_marks *marks);

/*
 * Adds one; text may be from anywhere: what is not printable in it is replaced. Returns 0; -ENOSPC: there
 * is no room; -ENOMEM.
 */
int run_marks_add(struct run_marks *marks, uint64_t at_ns, enum run_mark_kind kind,
                  const char *text);

/* How many of them are interventions. */
size_t run_marks_controls(const struct run_mark *marks, size_t count);

/* Releases them. */
void run_marks_deinit(struct run_marks *marks);
