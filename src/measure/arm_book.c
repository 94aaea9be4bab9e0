#include "measure/arm_book.h"

#include "base/clock.h"
#include "measure/labels.h"
#include "measure/sample.h"
#include "measure/stretches.h"
#include "plan/plan.h"

/* As long as stretches are at first: of a run of ten seconds there are enough. */
#define STRETCH_NS (NS_PER_S / 4)

int arm_book_init(struct arm_book *book, const struct plan *plan, uint64_t start_ns)
{
    int r = 0;

    *book = (struct arm_book){0};
    while (r == 0 && book->count < plan->ab.arm_count) {
        r = stretches_new(start_ns, STRETCH_NS, ARM_LATENCIES, ARM_SUMS,
                          &book->arms[book->count]);
        book->count += r == 0;
    }
    return r;
}

void arm_book_deinit(struct arm_book *book)
{
    for (size_t i = 0; i < book->count; i++)
        stretches_free(book->arms[i]);
    *book = (struct arm_book){0};
}

void arm_book_end(struct arm_book *book, uint64_t end_ns)
{
    for (size_t i = 0; i < book->count && !book->is_ended; i++)
        stretches_end(book->arms[i], end_ns);
    book->is_ended = true;
}

/* Which latency of an arm a metric is; ARM_LATENCIES: none. */
static enum arm_latency latency_of(enum metric metric)
{
    if (metric == METRIC_TTFT)
        return ARM_TTFT;
    if (metric == METRIC_TPOT)
        return ARM_TPOT;
    return metric == METRIC_E2E ? ARM_E2E : ARM_LATENCIES;
}

static bool add_latency(struct stretches *arm, uint64_t at_ns,
                        const struct observation *seen)
{
    const enum arm_latency which = latency_of(seen->metric);

    if (which == ARM_LATENCIES)
        return true;
    return (seen->censored ? stretches_record_censored(arm, at_ns, which, seen->value_ns)
                           : stretches_record(arm, at_ns, which, seen->value_ns)) == 0;
}

bool arm_book_add(struct arm_book *book, const struct plan *plan,
                  const struct labels *labels, const struct sample *sample,
                  const struct observation *observations, size_t count)
{
    const char *name =
        book->count > 0 ? labels_value(labels, sample->labels, "arm") : NULL;
    struct stretches *arm;
    bool is_kept = true;
    uint32_t index;

    if (!name || book->is_ended || !plan_find_arm(plan, name, &index))
        return true;
    arm = book->arms[index];
    for (size_t i = 0; i < count; i++)
        is_kept &= add_latency(arm, sample->due_ns, &observations[i]);
    if (outcome_is_withdrawn(sample->outcome))
        return is_kept;
    stretches_add(arm, sample->due_ns, ARM_ENDED, 1);
    stretches_add(arm, sample->due_ns, ARM_FAILED, outcome_is_failure(sample->outcome));
    stretches_add(arm, sample->due_ns, ARM_TOKENS, (double)sample->completion_tokens);
    stretches_add(arm, sample->due_ns, ARM_PUSD, (double)sample->cost_pusd);
    return is_kept;
}
