#include "result/dialect.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "result/dialect_answer.h"
#include "result/dialect_table.h"

#define NOTES_MAX 8
#define NOTE_BYTES 256

static const struct dialect *const dialects[] = {
    &dialect_vllm,     &dialect_vllm_role,      &dialect_aiperf,
    &dialect_guidellm, &dialect_inference_perf, &dialect_k6,
};

static const char *const lack_texts[DIALECT_NEED_COUNT] = {
    [DIALECT_NEEDS_USAGE] = "The server told no usage of some answers; the tool counts "
                            "their tokens with a tokenizer of its own.",
    [DIALECT_NEEDS_EVENTS] = "It needs when each chunk came: run with --record-chunks.",
    [DIALECT_NEEDS_LENGTHS] =
        "It needs how many tokens each chunk had, which is known only with "
        "--record-chunks and where each had one.",
    [DIALECT_NEEDS_SETTINGS] =
        "The tool tells it only where its command line has limits.",
};

const struct dialect *dialect_at(size_t index)
{
    return index < COUNT_OF(dialects) ? dialects[index] : NULL;
}

const struct dialect *dialect_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(dialects); i++)
        if (strcmp(dialects[i]->name, name) == 0)
            return dialects[i];
    return NULL;
}

const char *dialect_name(const struct dialect *dialect)
{
    return dialect->name;
}

const char *dialect_tool(const struct dialect *dialect)
{
    return dialect->tool;
}

/* A view with the memory that it looks at. */
struct telling {
    struct dialect_requests requests;
    enum dialect_fate *fates;
    struct dialect_view view;
    uint64_t left_out;
    struct dialect_story *story;
};

static void telling_deinit(struct telling *telling)
{
    dialect_requests_deinit(&telling->requests);
    free(telling->fates);
    telling->story = dialect_story_free(telling->story);
}

static void count_request(struct telling *telling, const struct dialect_request *request,
                          enum dialect_fate fate)
{
    struct dialect_view *view = &telling->view;

    if (fate == DIALECT_LEFT_OUT) {
        telling->left_out++;
        return;
    }
    view->succeeded += fate == DIALECT_SUCCEEDED;
    view->failed += fate == DIALECT_FAILED;
    if (!view->first_sent_ns || request->sent_ns < view->first_sent_ns)
        view->first_sent_ns = request->sent_ns;
    if (request->end_ns > view->last_end_ns)
        view->last_end_ns = request->end_ns;
    if (fate != DIALECT_SUCCEEDED)
        return;
    view->lacks[DIALECT_NEEDS_USAGE] |= !dialect_has_usage(request);
    view->lacks[DIALECT_NEEDS_EVENTS] |= !request->has_events;
    view->lacks[DIALECT_NEEDS_LENGTHS] |=
        !request->has_events || !dialect_has_usage(request) ||
        request->chunk_count != request->completion_tokens;
}

static int look(struct telling *telling, const struct dialect *dialect,
                const json_t *summary)
{
    const size_t count = telling->requests.count;

    telling->fates = calloc(count > 0 ? count : 1, sizeof(*telling->fates));
    if (!telling->fates)
        return -ENOMEM;
    telling->view = (struct dialect_view){
        .dialect = dialect,
        .summary = summary,
        .requests = &telling->requests,
        .fates = telling->fates,
        .lacks = {[DIALECT_NEEDS_SETTINGS] = true},
    };
    for (size_t i = 0; i < count; i++) {
        const struct dialect_request *request = &telling->requests.items[i];

        telling->fates[i] = request->sent_ns ? dialect->fate(request) : DIALECT_LEFT_OUT;
        count_request(telling, request, telling->fates[i]);
    }
    return 0;
}

/* All statistics of a distribution that is known. Returns 0 or -ENOMEM. */
static int collect(const struct dialect_view *view, const struct dialect_row *row,
                   double scale, struct dialect_figure *figure)
{
    const struct dialect *dialect = view->dialect;
    struct dialect_values values = {0};
    int r = 0;

    for (size_t i = 0; i < view->requests->count; i++)
        if (view->fates[i] == DIALECT_SUCCEEDED ||
            (row->of_all && view->fates[i] == DIALECT_FAILED))
            row->collect(view, &view->requests->items[i], &values);
    r = values.error;
    if (r == 0) {
        for (size_t i = 0; i < values.count; i++)
            values.items[i].value *= scale;
        dialect_values_sort(&values);
        for (size_t i = 0; i < dialect->statistic_count; i++)
            figure->values[i] =
                dialect_values_statistic(&values, &dialect->statistics[i], dialect->rule);
        if (values.count == 0)
            figure->lack = "No request had it.";
    }
    dialect_values_deinit(&values);
    return r;
}

/* What can be told of a distribution without its single values: its mean. */
static void tell_mean(const struct dialect_view *view, const struct dialect_row *row,
                      double scale, struct dialect_figure *figure)
{
    for (size_t i = 0; i < view->dialect->statistic_count; i++)
        if (view->dialect->statistics[i].measure == DIALECT_MEAN && row->number)
            figure->values[i] = row->number(view) * scale;
}

static int tell_figure(const struct dialect_view *view, const struct dialect_row *row,
                       struct dialect_figure *figure)
{
    const double scale = row->scale == 0 ? 1 : row->scale;
    const bool lacks = row->need != DIALECT_NEEDS_NOTHING && view->lacks[row->need];

    *figure = (struct dialect_figure){
        .name = row->name,
        .title = row->title,
        .unit = row->unit,
        .meaning = row->meaning,
        .why = row->why ? row->why : "",
        .metric = row->metric,
        .lack = lacks ? lack_texts[row->need] : NULL,
        .is_one = !row->collect,
    };
    for (size_t i = 0; i < DIALECT_STATISTICS_MAX; i++)
        figure->values[i] = (double)NAN;
    if (!row->collect) {
        if (!lacks)
            figure->values[0] = row->number(view) * scale;
        return 0;
    }
    /* Requests without usage have no value of their own; the others do. */
    if (!lacks || row->need == DIALECT_NEEDS_USAGE)
        return collect(view, row, scale, figure);
    tell_mean(view, row, scale, figure);
    return 0;
}

__attribute__((format(printf, 2, 3))) static int add_note(struct dialect_story *story,
                                                          const char *format, ...)
{
    char text[NOTE_BYTES];
    va_list arguments;
    char *note;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    note = strdup(text);
    if (!note)
        return -ENOMEM;
    story->notes[story->note_count++] = note;
    return 0;
}

static int tell_notes(const struct telling *telling)
{
    struct dialect_story *story = telling->story;
    const json_t *client = json_object_get(telling->view.summary, "client");
    const json_int_t dropped =
        json_integer_value(json_object_get(client, "samples_dropped"));
    const json_int_t chunks =
        json_integer_value(json_object_get(client, "chunks_dropped"));
    int r = 0;

    story->notes = (char **)calloc(NOTES_MAX, sizeof(*story->notes));
    if (!story->notes)
        return -ENOMEM;
    if (telling->left_out > 0)
        r = add_note(story, "%" PRIu64 " of %zu requests are left out: %s",
                     telling->left_out, telling->requests.count,
                     telling->view.dialect == &dialect_k6
                         ? "throng withdrew them, or never sent them."
                         : "outside of the measured window, withdrawn by throng, or "
                           "none that the tool makes.");
    if (r == 0 && !telling->requests.is_complete)
        r = add_note(story, "samples.bin is cut off: what it holds is told.");
    if (r == 0 && dropped > 0)
        r = add_note(story, "%" JSON_INTEGER_FORMAT " requests are not in samples.bin.",
                     dropped);
    if (r == 0 && chunks > 0)
        r = add_note(story, "%" JSON_INTEGER_FORMAT " chunks are not in samples.bin.",
                     chunks);
    return r;
}

static int tell_figures(const struct dialect_view *view, struct dialect_story *story)
{
    const struct dialect *dialect = view->dialect;
    int r = 0;

    story->dialect = dialect;
    story->statistics = dialect->statistics;
    story->statistic_count = dialect->statistic_count;
    story->succeeded = view->succeeded;
    story->failed = view->failed;
    story->figures = calloc(dialect->row_count, sizeof(*story->figures));
    if (!story->figures)
        return -ENOMEM;
    story->figure_count = dialect->row_count;
    for (size_t i = 0; r == 0 && i < dialect->row_count; i++)
        r = tell_figure(view, &dialect->rows[i], &story->figures[i]);
    return r;
}

int dialect_tell(const struct dialect *dialect, const char *samples,
                 const json_t *summary, struct dialect_story **ret_story)
{
    CLEANUP(telling_deinit) struct telling telling = {0};
    int r = dialect_requests_read(samples, &telling.requests);

    if (r == 0)
        r = look(&telling, dialect, summary);
    if (r == 0) {
        telling.story = calloc(1, sizeof(*telling.story));
        r = telling.story ? 0 : -ENOMEM;
    }
    if (r == 0)
        r = tell_figures(&telling.view, telling.story);
    if (r == 0)
        r = tell_notes(&telling);
    if (r == 0)
        r = dialect_document(&telling.view, telling.story, &telling.story->document);
    if (r == 0)
        *ret_story = TAKE(telling.story);
    return r;
}

struct dialect_story *dialect_story_free(struct dialect_story *story)
{
    if (story) {
        for (size_t i = 0; i < story->note_count; i++)
            free(story->notes[i]);
        free((void *)story->notes);
        free(story->figures);
        json_decref(story->document);
        free(story);
    }
    return NULL;
}
