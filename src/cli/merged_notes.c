#include "cli/merged_notes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/merging.h"
#include "measure/recorder.h"
#include "measure/run_mark.h"

#define MARK_BYTES (RUN_MARK_BYTES + 32)

static int earlier(uint64_t a_ns, uint64_t b_ns)
{
    return (a_ns > b_ns) - (a_ns < b_ns);
}

static int by_mark(const void *a, const void *b)
{
    return earlier(((const struct run_mark *)a)->at_ns,
                   ((const struct run_mark *)b)->at_ns);
}

static int by_reload(const void *a, const void *b)
{
    return earlier(((const struct reload_note *)a)->at_ns,
                   ((const struct reload_note *)b)->at_ns);
}

static int take_marks(const struct worker_head *head, uint64_t started_ns,
                      struct merged_notes *notes)
{
    for (size_t i = 0; i < head->notes.mark_count; i++) {
        const struct run_mark *from = &head->notes.marks[i];
        char text[MARK_BYTES];
        int r;

        (void)snprintf(text, sizeof(text), "worker %" PRIu32 ": %s", head->index,
                       from->text);
        r = run_mark_fill(&notes->marks[notes->mark_count], started_ns + from->at_ns,
                          from->kind, text);
        if (r < 0)
            return r;
        notes->mark_count++;
    }
    return 0;
}

static void take_reloads(const struct worker_head *head, uint64_t started_ns,
                         struct merged_notes *notes)
{
    for (size_t i = 0; i < head->notes.reload_count; i++) {
        const struct reload_note *from = &head->notes.reloads[i];
        struct reload_note *to = &notes->reloads[notes->reload_count++];

        to->at_ns = started_ns + from->at_ns;
        (void)snprintf(to->said, sizeof(to->said), "worker %" PRIu32 ": %.440s",
                       head->index, from->said);
    }
}

int merged_notes_take(const struct merging_worker *workers, size_t count,
                      uint64_t started_ns, struct merged_notes *ret_notes)
{
    size_t marks = 0;
    size_t reloads = 0;
    int r = 0;

    for (size_t i = 0; i < count; i++) {
        marks += workers[i].head.notes.mark_count;
        reloads += workers[i].head.notes.reload_count;
    }
    *ret_notes = (struct merged_notes){
        .marks = calloc(marks + 1, sizeof(*ret_notes->marks)),
        .reloads = calloc(reloads + 1, sizeof(*ret_notes->reloads)),
    };
    if (!ret_notes->marks || !ret_notes->reloads)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = take_marks(&workers[i].head, started_ns, ret_notes);
        take_reloads(&workers[i].head, started_ns, ret_notes);
    }
    qsort(ret_notes->marks, ret_notes->mark_count, sizeof(*ret_notes->marks), by_mark);
    qsort(ret_notes->reloads, ret_notes->reload_count, sizeof(*ret_notes->reloads),
          by_reload);
    return r;
}

static uint64_t length_ns(const struct pauses *pauses)
{
    uint64_t sum_ns = 0;

    for (size_t i = 0; i < pauses->count; i++)
        sum_ns += pauses->each[i].end_ns - pauses->each[i].start_ns;
    return sum_ns;
}

void merged_notes_pause(const struct merging_worker *workers, size_t count,
                        uint64_t started_ns, struct recorder *recorder)
{
    const struct pauses *longest = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct pauses *pauses = &workers[i].head.notes.pauses;

        if (!longest || length_ns(pauses) > length_ns(longest))
            longest = pauses;
    }
    for (size_t i = 0; longest && i < longest->count; i++)
        recorder_paused(recorder, started_ns + longest->each[i].start_ns,
                        started_ns + longest->each[i].end_ns);
}

void merged_notes_deinit(struct merged_notes *notes)
{
    free(notes->marks);
    free(notes->reloads);
    *notes = (struct merged_notes){0};
}
