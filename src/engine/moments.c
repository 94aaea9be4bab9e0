#include "engine/moments.h"

#include "api/reader.h"
#include "measure/sample.h"
#include "net/transport.h"

/* A kernel stamp lies on another clock, moved onto ours: what came out backwards is 0. */
static uint64_t span(uint64_t from_ns, uint64_t to_ns)
{
    return to_ns > from_ns ? to_ns - from_ns : 0;
}

void moments_event(struct sample *sample, const struct arrival *arrival)
{
    if (!sample->first_event_ns)
        sample->first_event_ns = arrival->arrived_ns;
}

void moments_choice(struct sample *sample, const struct arrival *arrival)
{
    if (!sample->first_choice_ns)
        sample->first_choice_ns = arrival->arrived_ns;
    if (arrival->arrived_ns > sample->last_choice_ns)
        sample->last_choice_ns = arrival->arrived_ns;
    sample->choices++;
}

/*
 * How long the bytes may have lain there before the program saw them. Without a stamp that is as
 * long as nobody had looked: the moment they were seen is no evidence that they had just come. A
 * stamp is of the last of them alone: the first may have waited as long as others had the CPU.
 */
static uint64_t delay(const struct arrival *arrival)
{
    const uint64_t since_ns =
        arrival->source == ARRIVAL_KERNEL ? arrival->arrived_ns : arrival->earliest_ns;
    const uint64_t unseen_ns = span(since_ns, arrival->seen_ns);

    return unseen_ns > arrival->held_up_ns ? unseen_ns : arrival->held_up_ns;
}

/*
 * Whether the output came in a heap: nobody had looked for so long that what lies behind it in its
 * read may have come much later, and the kernel tells the time of the last of them alone.
 */
static bool is_among_others(const struct arrival *arrival)
{
    return delay(arrival) > MOMENTS_RESOLVED_NS &&
           arrival->earliest_ns < arrival->arrived_ns;
}

/* The first output of an answer: among others, its time is an upper bound. */
static bool note_first(struct sample *sample, const struct arrival *arrival)
{
    sample->first_output_ns = arrival->arrived_ns;
    if (!is_among_others(arrival))
        return true;
    sample->flags |= SAMPLE_TTFT_BOUND;
    sample->ttft_width_ns = arrival->arrived_ns - arrival->earliest_ns;
    if (arrival->source == ARRIVAL_KERNEL)
        sample->flags |= SAMPLE_GENERATION_UNKNOWN;
    return false;
}

/*
 * The gap from the read before. The first of a heap came some time before the heap's stamp: that
 * gap would be too long, as those within the heap too short. An answer without stamps has
 * nothing better than the moments of seeing, and a heap shows with its second piece: the gap is held
 * until then. From an end that is not known to a moment
 * that is, there is no gap to be told either.
 */
static enum gap_kind gap_between(struct moments *moments, const struct sample *sample,
                                 const struct arrival *arrival, uint64_t *ret_gap_ns)
{
    *ret_gap_ns = span(sample->last_output_ns, arrival->arrived_ns);
    if (arrival->source == ARRIVAL_KERNEL)
        return moments->unsure || is_among_others(arrival) ? GAP_UNRESOLVED : GAP_KNOWN;
    if (!is_among_others(arrival))
        return GAP_KNOWN;
    if (sample->unstamped_chunks < sample->chunks)
        return GAP_UNRESOLVED;
    moments->holds = true;
    moments->held =
        (struct moments_gap){.gap_ns = *ret_gap_ns, .width_ns = delay(arrival)};
    return GAP_HELD;
}

/* Another output came, in the same read or a new one: now it shows what the held gap is. */
static void let_go(struct moments *moments, struct sample *sample,
                   struct moments_output *output)
{
    if (output->new_read)
        output->held_is_known = moments_end(moments, &output->held);
    else
        sample->unresolved_chunks += moments->holds;
    moments->holds = false;
}

bool moments_end(struct moments *moments, struct moments_gap *ret_held)
{
    const bool held = moments->holds;

    if (held)
        *ret_held = moments->held;
    moments->holds = false;
    return held;
}

/* A gap within a read. Of the first read it says how long before its end the answer began. */
static enum gap_kind gap_within(struct sample *sample, const struct arrival *arrival)
{
    /* Seen at once, they came together. */
    if (delay(arrival) <= MOMENTS_RESOLVED_NS)
        return GAP_KNOWN;
    if (sample->reads == 1)
        sample->flags |= SAMPLE_GENERATION_UNKNOWN;
    return GAP_UNRESOLVED;
}

struct moments_output moments_output(struct moments *moments, struct sample *sample,
                                     const struct arrival *arrival, uint32_t bits)
{
    const bool first = sample->chunks == 0;
    bool sure = arrival->source == ARRIVAL_KERNEL;
    struct moments_output output = {
        .new_read = first || arrival->read_serial != moments->read_serial,
    };

    if (output.new_read && arrival->source == ARRIVAL_KERNEL) {
        output.delay_known = true;
        output.client_delay_ns = span(arrival->arrived_ns, arrival->seen_ns);
    }
    let_go(moments, sample, &output);
    if (first)
        sure = note_first(sample, arrival) && sure;
    else if (output.new_read)
        output.gap = gap_between(moments, sample, arrival, &output.gap_ns);
    else
        output.gap = gap_within(sample, arrival);
    if ((bits & API_OUTPUT_CONTENT) && moments->reasoned && !sample->first_answer_ns)
        sample->first_answer_ns = arrival->arrived_ns;
    moments->reasoned |= (bits & API_OUTPUT_REASONING) != 0;
    sample->flags |= moments->reasoned ? (uint32_t)SAMPLE_REASONED : 0;
    moments->read_serial = arrival->read_serial;
    moments->unsure = is_among_others(arrival);
    if (arrival->arrived_ns > sample->last_output_ns)
        sample->last_output_ns = arrival->arrived_ns;
    sample->chunks++;
    sample->reads += output.new_read;
    sample->unresolved_chunks += output.gap == GAP_UNRESOLVED;
    sample->together_chunks += !output.new_read && output.gap == GAP_KNOWN;
    sample->unstamped_chunks += arrival->source == ARRIVAL_SEEN;
    sample->unsure_chunks += !sure || output.gap == GAP_UNRESOLVED;
    return output;
}
