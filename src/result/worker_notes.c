#include "result/worker_notes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/archive.h"
#include "measure/recorder.h"
#include "measure/run_mark.h"
#include "measure/run_view.h"
#include "result/facts.h"

int worker_notes_take(const struct run_facts *facts, struct worker_notes *ret_notes)
{
    const uint64_t started_ns = facts->view->started_ns;
    const struct pauses *pauses = &recorder_options(facts->view->recorder)->pauses;

    *ret_notes = (struct worker_notes){
        .marks = calloc(facts->mark_count + 1, sizeof(*ret_notes->marks)),
        .reloads = calloc(facts->reload_count + 1, sizeof(*ret_notes->reloads)),
    };
    if (!ret_notes->marks || !ret_notes->reloads)
        return -ENOMEM;
    for (; ret_notes->mark_count < facts->mark_count; ret_notes->mark_count++) {
        struct run_mark *mark = &ret_notes->marks[ret_notes->mark_count];

        *mark = facts->marks[ret_notes->mark_count];
        mark->at_ns -= started_ns;
    }
    for (; ret_notes->reload_count < facts->reload_count; ret_notes->reload_count++) {
        struct reload_note *reload = &ret_notes->reloads[ret_notes->reload_count];

        *reload = facts->reloads[ret_notes->reload_count];
        reload->at_ns -= started_ns;
    }
    for (size_t i = 0; i < pauses->count; i++)
        pauses_add(&ret_notes->pauses, pauses->each[i].start_ns - started_ns,
                   pauses->each[i].end_ns - started_ns);
    return 0;
}

static void walk_line(struct archive *archive, char *line, size_t size)
{
    char *text = archive_text(archive, line);

    if (text)
        (void)snprintf(line, size, "%s", text);
    free(text);
}

/* How many follow; of what is read they get their room. NULL: there is none. */
static void *walk_count(struct archive *archive, size_t *count, size_t most, size_t size,
                        void *each)
{
    *count = archive_number_below(archive, *count, most + 1);
    if (!archive_is_read(archive) || archive_error(archive) < 0)
        return each;
    each = calloc(*count + 1, size);
    if (!each)
        archive_fail(archive, -ENOMEM);
    return each;
}

static void walk_marks(struct archive *archive, struct worker_notes *notes)
{
    notes->marks = walk_count(archive, &notes->mark_count, RUN_MARKS_MAX,
                              sizeof(*notes->marks), notes->marks);
    for (size_t i = 0; notes->marks && i < notes->mark_count; i++) {
        struct run_mark *mark = &notes->marks[i];

        mark->at_ns = archive_number(archive, mark->at_ns);
        mark->kind = (enum run_mark_kind)archive_number_below(archive, mark->kind,
                                                              RUN_MARK_CONTROL + 1);
        walk_line(archive, mark->text, sizeof(mark->text));
    }
}

static void walk_reloads(struct archive *archive, struct worker_notes *notes)
{
    notes->reloads = walk_count(archive, &notes->reload_count, RELOAD_NOTES,
                                sizeof(*notes->reloads), notes->reloads);
    for (size_t i = 0; notes->reloads && i < notes->reload_count; i++) {
        notes->reloads[i].at_ns = archive_number(archive, notes->reloads[i].at_ns);
        walk_line(archive, notes->reloads[i].said, sizeof(notes->reloads[i].said));
    }
}

static void walk_pauses(struct archive *archive, struct pauses *pauses)
{
    pauses->count = archive_number_below(archive, pauses->count, PAUSES_MAX + 1);
    for (size_t i = 0; i < pauses->count; i++) {
        struct pause_span *span = &pauses->each[i];

        span->start_ns = archive_number(archive, span->start_ns);
        span->end_ns = archive_number(archive, span->end_ns);
        if (span->end_ns < span->start_ns)
            archive_fail(archive, -EBADMSG);
    }
}

void worker_notes_walk(struct archive *archive, struct worker_notes *notes)
{
    walk_marks(archive, notes);
    walk_reloads(archive, notes);
    walk_pauses(archive, &notes->pauses);
}

void worker_notes_deinit(struct worker_notes *notes)
{
    free(notes->marks);
    free(notes->reloads);
    *notes = (struct worker_notes){0};
}
