#include "result/comparison_notes.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "result/json_tree.h"

#define MAX_NOTE_BYTES 600
/* Loads and windows that differ by more are told. */
#define LOAD_DIFFERS 0.05
#define WINDOW_DIFFERS 0.1

struct notes {
    struct json_tree *tree;
    json_t *list;
    const json_t *base;
    const json_t *new;
};

__attribute__((format(printf, 2, 3))) static void note(const struct notes *notes,
                                                       const char *format, ...)
{
    char text[MAX_NOTE_BYTES];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    json_tree_append(notes->tree, notes->list, json_string(text));
}

static const json_t *member(const json_t *summary, const char *object, const char *name)
{
    return json_object_get(json_object_get(summary, object), name);
}

static const char *text(const json_t *summary, const char *object, const char *name)
{
    const char *found = json_string_value(member(summary, object, name));

    return found ? found : "";
}

static double number(const json_t *summary, const char *object, const char *name)
{
    const json_t *found = member(summary, object, name);

    return json_is_number(found) ? json_number_value(found) : (double)NAN;
}

static bool differs(double base, double new, double by)
{
    return isfinite(base) && isfinite(new) && fabs(new - base) > by * fmax(base, new);
}

bool comparison_is_same_workload(const json_t *base, const json_t *new)
{
    const char *fingerprint = text(base, "run", "fingerprint");

    return *fingerprint && strcmp(fingerprint, text(new, "run", "fingerprint")) == 0 &&
           strcmp(text(base, "run", "scenario"), text(new, "run", "scenario")) == 0;
}

static void note_work(const struct notes *notes)
{
    const char *one = text(notes->base, "run", "scenario");
    const char *two = text(notes->new, "run", "scenario");

    if (strcmp(one, two) != 0)
        note(notes,
             "The scenarios are others (%.100s, %.100s): what differs may be the work "
             "and not the system.",
             one, two);
    else if (!*text(notes->base, "run", "fingerprint") ||
             !*text(notes->new, "run", "fingerprint"))
        note(notes, "Whether both asked for the same is not known: a run has no "
                    "fingerprint.");
    else if (!comparison_is_same_workload(notes->base, notes->new))
        note(notes,
             "The workloads differ (fingerprints %.12s, %.12s): load, flows, prompts or "
             "generator are others, and so may be every figure.",
             text(notes->base, "run", "fingerprint"),
             text(notes->new, "run", "fingerprint"));
}

static void note_seed(const struct notes *notes)
{
    const json_t *one = member(notes->base, "run", "seed");
    const json_t *two = member(notes->new, "run", "seed");

    if (one && two && !json_equal(one, two))
        note(notes, "The seeds differ: people asked other questions at other moments.");
}

static void note_version(const struct notes *notes)
{
    const char *one = text(notes->base, "run", "version");
    const char *two = text(notes->new, "run", "version");

    if (strcmp(one, two) != 0)
        note(notes, "They were measured with throng %.40s and %.40s.", one, two);
}

static void note_load(const struct notes *notes)
{
    const double users = number(notes->base, "totals", "users_peak");
    const double new_users = number(notes->new, "totals", "users_peak");
    const double rate = number(notes->base, "totals", "arrivals");
    const double new_rate = number(notes->new, "totals", "arrivals");

    if (differs(users, new_users, LOAD_DIFFERS))
        note(notes, "The load differs: %.0f and %.0f users at most.", users, new_users);
    if (differs(rate, new_rate, LOAD_DIFFERS))
        note(notes, "The load differs: %.0f and %.0f arrivals.", rate, new_rate);
}

static double window_s(const json_t *summary)
{
    return number(summary, "window", "end_s") - number(summary, "window", "start_s");
}

static void note_window(const struct notes *notes)
{
    const double one = window_s(notes->base);
    const double two = window_s(notes->new);

    if (differs(one, two, WINDOW_DIFFERS))
        note(notes, "The measured windows differ: %.1f s and %.1f s.", one, two);
}

/* "pool, at most 0, HTTP/1.1" of the first target that differs. */
static void note_connections(const struct notes *notes)
{
    const json_t *one = json_object_get(notes->base, "targets");
    const json_t *two = json_object_get(notes->new, "targets");

    for (size_t i = 0; i < json_array_size(one) && i < json_array_size(two); i++) {
        const json_t *a = json_array_get(one, i);
        const json_t *b = json_array_get(two, i);
        const json_t *http = json_object_get(a, "http");
        const json_t *connections = json_object_get(a, "connections");

        if (!json_equal(http, json_object_get(b, "http")) ||
            !json_equal(connections, json_object_get(b, "connections"))) {
            note(notes,
                 "Connections were shared in another way (%.40s over HTTP/%.10s, "
                 "%.40s over HTTP/%.10s).",
                 text(a, "connections", "reuse"), json_string_value(http),
                 text(b, "connections", "reuse"),
                 json_string_value(json_object_get(b, "http")));
            return;
        }
    }
}

static void note_trust(const struct notes *notes)
{
    const json_t *summaries[] = {notes->base, notes->new};
    static const char *const names[] = {"base", "new"};

    for (size_t i = 0; i < COUNT_OF(summaries); i++) {
        const char *grade = text(summaries[i], "client", "trust");

        if (*grade && strcmp(grade, "A") != 0 && strcmp(grade, "B") != 0)
            note(notes,
                 "The trust grade of the %s run is %.1s: part of what it measured was "
                 "the load generator.",
                 names[i], grade);
    }
}

static void note_end(const struct notes *notes)
{
    const json_t *summaries[] = {notes->base, notes->new};
    static const char *const names[] = {"base", "new"};

    for (size_t i = 0; i < COUNT_OF(summaries); i++) {
        const char *reason = text(summaries[i], "run", "stop_reason");

        if (*reason && strcmp(reason, "completed") != 0 &&
            strcmp(reason, "duration") != 0 && strcmp(reason, "requests") != 0)
            note(notes, "The %s run ended early (%.40s).", names[i], reason);
    }
}

static void note_workers(const struct notes *notes)
{
    const size_t one = json_array_size(json_object_get(notes->base, "workers"));
    const size_t two = json_array_size(json_object_get(notes->new, "workers"));

    if (one != two)
        note(notes, "The results hold other numbers of workers: %zu and %zu.", one, two);
}

void comparison_put_notes(struct json_tree *tree, json_t *list, const json_t *base,
                          const json_t *new)
{
    const struct notes notes = {.tree = tree, .list = list, .base = base, .new = new};

    note_work(&notes);
    note_seed(&notes);
    note_load(&notes);
    note_window(&notes);
    note_connections(&notes);
    note_version(&notes);
    note_workers(&notes);
    note_end(&notes);
    note_trust(&notes);
}
