#include "measure/excerpt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "measure/excerpt_state.h"
#include "measure/recorder_state.h"

/* Whether a label set is of the phase. */
enum membership { UNKNOWN, MINE, ANOTHERS };

struct excerpt {
    struct recorder *of;
    struct recorder *figures; /* owned */
    const char *phase;
    unsigned char *members; /* owned: enum membership by label set */
    size_t member_count;
    uint64_t pending;
};

DEFINE_CLEANUP(struct excerpt, excerpt_free)

int excerpt_new(struct recorder *of, const struct plan *plan, const char *phase,
                uint64_t now_ns, struct excerpt **ret_excerpt)
{
    CLEANUP(excerpt_freep) struct excerpt *excerpt = calloc(1, sizeof(*excerpt));
    const struct recorder_options options = {.plan = plan,
                                             .started_ns = now_ns,
                                             .window_start_ns = now_ns,
                                             .window_end_ns = UINT64_MAX,
                                             .interval_ns = of->options.interval_ns,
                                             .backends = of->options.backends};

    if (!excerpt || recorder_new(&options, &excerpt->figures) < 0)
        return -ENOMEM;
    excerpt->of = of;
    excerpt->phase = phase;
    of->excerpt = excerpt;
    *ret_excerpt = TAKE(excerpt);
    return 0;
}

struct excerpt *excerpt_free(struct excerpt *excerpt)
{
    if (!excerpt)
        return NULL;
    if (excerpt->of && excerpt->of->excerpt == excerpt)
        excerpt->of->excerpt = NULL;
    recorder_free(excerpt->figures);
    free(excerpt->members);
    free(excerpt);
    return NULL;
}

void excerpt_close(struct excerpt *excerpt, uint64_t end_ns)
{
    excerpt->figures->options.window_end_ns = end_ns;
}

const struct recorder *excerpt_figures(const struct excerpt *excerpt)
{
    return excerpt->figures;
}

uint64_t excerpt_pending(const struct excerpt *excerpt)
{
    return excerpt->pending;
}

/* Without memory each look compares the names. */
static enum membership remember(struct excerpt *excerpt, uint32_t labels)
{
    const char *phase = labels_value(excerpt->of->labels, labels, "phase");
    const enum membership found =
        phase && strcmp(phase, excerpt->phase) == 0 ? MINE : ANOTHERS;

    if (labels >= excerpt->member_count) {
        const size_t count = ((size_t)labels + 1) * 2;
        unsigned char *members = reallocarray(excerpt->members, count, sizeof(*members));

        if (!members)
            return found;
        memset(members + excerpt->member_count, UNKNOWN, count - excerpt->member_count);
        excerpt->members = members;
        excerpt->member_count = count;
    }
    excerpt->members[labels] = (unsigned char)found;
    return found;
}

/* The excerpt may be NULL. On the hot path. */
static bool takes(struct excerpt *excerpt, uint32_t labels)
{
    if (!excerpt)
        return false;
    if (labels < excerpt->member_count && excerpt->members[labels] != UNKNOWN)
        return excerpt->members[labels] == MINE;
    return remember(excerpt, labels) == MINE;
}

static struct series *total_of(const struct excerpt *excerpt)
{
    return &excerpt->figures->total[PART_WINDOW];
}

/* The selections that a label set counts in, as bits for selections_next(). */
static uint64_t selected(const struct excerpt *excerpt, uint32_t labels)
{
    const uint64_t mask =
        selections_of(&excerpt->figures->selections, excerpt->of->labels, labels);

    excerpt->figures->lost += mask == 0;
    return mask & ~SELECTION_KNOWN;
}

void excerpt_started(struct excerpt *excerpt, uint32_t labels)
{
    if (!takes(excerpt, labels))
        return;
    total_of(excerpt)->counters.started++;
    excerpt->pending++;
}

static bool add_gap(const struct recorder *recorder, struct series *series,
                    const void *what)
{
    const uint64_t *gap_ns = what;

    (void)recorder;
    return series_record(series, METRIC_ICL, *gap_ns);
}

void excerpt_gap(struct excerpt *excerpt, uint32_t labels, uint64_t gap_ns)
{
    excerpt_add(excerpt, labels, NULL, add_gap, &gap_ns);
}

static void add_attempt(const struct excerpt *excerpt, struct series *series,
                        const struct excerpt_attempt *attempt)
{
    series_count_sample(series, attempt->sample);
    excerpt->figures->lost +=
        series_observe(series, attempt->observations, attempt->count);
    excerpt->figures->lost +=
        series_observe_parts(series, attempt->parts, attempt->part_count);
}

void excerpt_sample(struct excerpt *excerpt, const struct excerpt_attempt *attempt)
{
    const struct sample *sample = attempt->sample;
    uint64_t bits;

    if (!takes(excerpt, sample->labels))
        return;
    /* Of what began before the excerpt did, the end is none of its either. */
    if (excerpt->pending == 0)
        return;
    excerpt->pending--;
    add_attempt(excerpt, total_of(excerpt), attempt);
    bits = selected(excerpt, sample->labels);
    while (bits) {
        struct selection *selection =
            selections_next(&excerpt->figures->selections, &bits);

        if (!selection_takes_size(selection, sample->prompt_tokens))
            continue;
        selection->series.counters.started++;
        add_attempt(excerpt, &selection->series, attempt);
    }
}

/* An operation with what was observed of it. */
struct lived {
    const struct operation *operation;
    const struct observation *observation;
};

static bool add_operation(const struct recorder *recorder, struct series *series,
                          const void *what)
{
    const struct lived *lived = what;

    (void)recorder;
    series_count_operation(series, lived->operation);
    return series_observe(series, lived->observation, 1) == 0;
}

void excerpt_operation(struct excerpt *excerpt, const struct operation *operation,
                       const struct observation *observation)
{
    const struct lived lived = {.operation = operation, .observation = observation};

    excerpt_add(excerpt, operation->labels, NULL, add_operation, &lived);
}

void excerpt_add(struct excerpt *excerpt, uint32_t labels, const char *check,
                 series_add_fn *add, const void *what)
{
    uint64_t bits;

    if (!takes(excerpt, labels))
        return;
    excerpt->figures->lost += !add(excerpt->figures, total_of(excerpt), what);
    bits = selected(excerpt, labels);
    while (bits) {
        struct selection *selection =
            selections_next(&excerpt->figures->selections, &bits);

        if (selection_takes_check(selection, check))
            excerpt->figures->lost += !add(excerpt->figures, &selection->series, what);
    }
}

static bool is_open(const struct excerpt *excerpt)
{
    return excerpt && excerpt->figures->options.window_end_ns == UINT64_MAX;
}

void excerpt_client(struct excerpt *excerpt, enum metric metric, uint64_t value_ns)
{
    if (is_open(excerpt))
        excerpt->figures->lost += !series_record(total_of(excerpt), metric, value_ns);
}

void excerpt_stall(struct excerpt *excerpt, uint64_t from_ns, uint64_t to_ns)
{
    if (is_open(excerpt))
        recorder_add_stall(excerpt->figures, from_ns, to_ns);
}

void excerpt_users(struct excerpt *excerpt, const struct user_counts *users)
{
    if (!excerpt)
        return;
    excerpt->figures->users = *users;
    if (users->active > excerpt->figures->users_peak)
        excerpt->figures->users_peak = users->active;
}
