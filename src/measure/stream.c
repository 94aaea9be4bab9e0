#include "measure/stream.h"

#include <assert.h>

#include "base/clock.h"
#include "measure/recorder.h"
#include "measure/sample.h"

/* See the header for the reasons. */
#define MIN_CHUNKS 10
#define MIN_ANSWERS 5
#define BUNCHED_TENTHS 9
#define SLOW_PACE_NS NS_PER_MS
#define FAST_PACE_NS (125 * NS_PER_US)

enum stream_shape stream_shape_of(const struct sample *sample)
{
    const uint64_t gaps = sample->chunks > 0 ? sample->chunks - 1 : 0;
    const uint64_t known = gaps - sample->unresolved_chunks;
    uint64_t pace_ns = 0;

    if (!(sample->flags & SAMPLE_STREAMED) || !outcome_is_whole(sample->outcome) ||
        (sample->flags & SAMPLE_GENERATION_UNKNOWN) || sample->chunks < MIN_CHUNKS ||
        known * 2 < gaps)
        return STREAM_UNJUDGED;
    pace_ns = (sample->last_output_ns - sample->first_output_ns) / gaps;
    if (sample->together_chunks * UINT64_C(10) < known * BUNCHED_TENTHS)
        return STREAM_FLOWED;
    return pace_ns >= SLOW_PACE_NS || pace_ns < FAST_PACE_NS ? STREAM_BUNCHED
                                                             : STREAM_UNJUDGED;
}

const char *stream_verdict_name(enum stream_verdict verdict)
{
    static const char *const names[] = {
        [STREAM_UNKNOWN] = "unknown",
        [STREAM_FLOWS] = "flows",
        [STREAM_HELD_BACK] = "held_back",
    };

    assert(verdict <= STREAM_HELD_BACK);
    return names[verdict];
}

enum stream_verdict stream_verdict_of(const struct counters *counters)
{
    if (counters->judged_streams < MIN_ANSWERS)
        return STREAM_UNKNOWN;
    return counters->bunched_streams * 2 > counters->judged_streams ? STREAM_HELD_BACK
                                                                    : STREAM_FLOWS;
}
