#include "result/facts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "measure/recorder.h"
#include "plan/plan.h"
#include "plan/roster.h"

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The span, cut off at an end that came before its own. */
static struct run_span cut(uint64_t start_ns, uint64_t end_ns, uint64_t limit_ns)
{
    const uint64_t start = earlier(start_ns, limit_ns);
    const uint64_t end = earlier(end_ns, limit_ns);

    return (struct run_span){.start_ns = start, .end_ns = end > start ? end : start};
}

/* When the load's clock showed so much. */
static uint64_t moment_of(const struct run_facts *facts, uint64_t load_ns)
{
    return pauses_moment_ns(&recorder_options(facts->view->recorder)->pauses,
                            facts->view->started_ns, load_ns);
}

struct run_span run_facts_load(const struct run_facts *facts)
{
    const struct run_view *view = facts->view;
    const uint64_t length_ns = earlier(view->elapsed_ns, plan_duration_ns(view->plan));

    return (struct run_span){.start_ns = view->started_ns,
                             .end_ns = moment_of(facts, length_ns)};
}

struct run_span run_facts_window(const struct run_facts *facts)
{
    return cut(facts->window_start_ns, facts->window_end_ns,
               run_facts_load(facts).end_ns);
}

struct run_span run_facts_phase(const struct run_facts *facts, size_t phase)
{
    const struct plan *plan = facts->view->plan;
    const struct run_span load = run_facts_load(facts);
    uint64_t start_ns = 0;

    for (size_t i = 0; i < phase; i++)
        start_ns += plan->phases[i].duration_ns;
    return cut(moment_of(facts, start_ns),
               moment_of(facts, start_ns + plan->phases[phase].duration_ns), load.end_ns);
}

double run_span_s(struct run_span span)
{
    return (double)(span.end_ns - span.start_ns) / (double)NS_PER_S;
}

static int more_frequent_first(const void *a, const void *b)
{
    const struct failure_kind *one = a;
    const struct failure_kind *other = b;

    if (one->count != other->count)
        return one->count < other->count ? 1 : -1;
    return one->outcome < other->outcome ? -1 : one->outcome > other->outcome;
}

size_t failure_kinds(const struct counters *counters,
                     struct failure_kind ret_kinds[OUTCOME_COUNT])
{
    size_t count = 0;

    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        if (outcome_is_failure(outcome) && counters->outcomes[outcome] > 0)
            ret_kinds[count++] = (struct failure_kind){
                .outcome = outcome, .count = counters->outcomes[outcome]};
    qsort(ret_kinds, count, sizeof(ret_kinds[0]), more_frequent_first);
    return count;
}

size_t retry_kinds(const struct counters *counters,
                   struct failure_kind ret_kinds[OUTCOME_COUNT])
{
    size_t count = 0;

    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        if (counters->retries_of[outcome] > 0)
            ret_kinds[count++] = (struct failure_kind){
                .outcome = outcome, .count = counters->retries_of[outcome]};
    qsort(ret_kinds, count, sizeof(ret_kinds[0]), more_frequent_first);
    return count;
}

double failure_rate(const struct counters *counters)
{
    const uint64_t over = counters->ok + counters->degraded + counters->failed;

    return over > 0 ? (double)counters->failed / (double)over : (double)NAN;
}

static const struct roster_user *roster_of(const struct run_facts *facts,
                                           uint64_t ordinal)
{
    const struct roster *roster = facts->roster;

    return roster && roster->user_count > 0 ? &roster->users[ordinal % roster->user_count]
                                            : NULL;
}

void run_facts_user(const struct run_facts *facts, uint64_t ordinal, struct buf *out)
{
    const struct roster_user *who = roster_of(facts, ordinal);

    if (!who || !who->user_id) {
        buf_printf(out, "user-%" PRIu64, ordinal);
        return;
    }
    buf_append_str(out, who->user_id);
    if (ordinal >= facts->roster->user_count)
        buf_printf(out, "/%" PRIu64, ordinal);
}

const char *run_facts_organization(const struct run_facts *facts, uint64_t ordinal)
{
    const struct roster_user *who = roster_of(facts, ordinal);

    if (!who)
        return "";
    if (who->org_name)
        return who->org_name;
    return who->org_id ? who->org_id : "";
}
