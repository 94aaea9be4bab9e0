#include "measure/isolation_book.h"

#include <string.h>

#include "base/clock.h"
#include "measure/cost.h"

/* The organization's place, made at its first sample; NULL: there are too many. */
static struct isolation_part *find(struct isolation_book *book, const char *organization)
{
    for (size_t i = 0; i < book->count; i++)
        if (book->parts[i].organization == organization ||
            strcmp(book->parts[i].organization, organization) == 0)
            return &book->parts[i];
    if (book->count == ISOLATION_MOST)
        return NULL;
    book->parts[book->count].organization = organization;
    return &book->parts[book->count++];
}

/* Only whole answers have a latency that tells of the service; failures are told apart from them. */
static void add_latency(struct isolation_stretch *stretch, const struct sample *sample)
{
    const double ms =
        ((double)sample->end_ns - (double)sample->sent_ns) / (double)NS_PER_MS;

    if (sample->outcome != OUTCOME_OK && sample->outcome != OUTCOME_DEGRADED)
        return;
    stretch->answers++;
    stretch->sum_ms += ms;
    stretch->squares += ms * ms;
}

void isolation_book_add(struct isolation_book *book, const struct labels *labels,
                        const struct sample *sample)
{
    const char *organization = labels_value(labels, sample->labels, "org_id");
    struct isolation_part *part = organization ? find(book, organization) : NULL;
    struct isolation_stretch *stretch;

    if (!part)
        return;
    part->cost_pusd = cost_sum(part->cost_pusd, sample->cost_pusd);
    if (sample->flags & SAMPLE_OVER_BUDGET) {
        part->throttled++;
        if (part->first_ns == 0)
            part->first_ns = sample->end_ns;
        if (book->first_ns == 0)
            book->first_ns = sample->end_ns;
        return;
    }
    if (outcome_is_withdrawn(sample->outcome))
        return;
    /* Sent before the first refusal it belongs to the time before, however late it ended. */
    stretch = &part->times[book->first_ns > 0 && sample->sent_ns >= book->first_ns];
    stretch->requests++;
    stretch->failed += outcome_is_failure(sample->outcome);
    add_latency(stretch, sample);
}
