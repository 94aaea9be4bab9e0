/*
 * The moments of a streamed answer: arrivals of events → first and last output, and the gaps
 * between outputs, with what is known of each (DESIGN section 3, "Kernel stamps"). Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arrival;
struct sample;

/* Bytes that the program saw no later than this after they arrived came in no heap of others. */
#define MOMENTS_RESOLVED_NS UINT64_C(1000000)

/* A gap before an output chunk, as it enters the figures. */
struct moments_gap {
    uint64_t gap_ns;
    uint64_t
        width_ns; /* how far off it may be, where that is above MOMENTS_RESOLVED_NS */
};

/* The answer so far. All zero before the first output. */
struct moments {
    uint32_t read_serial; /* of the last output */
    bool reasoned;        /* reasoning was seen */
    bool unsure; /* when the last output came is not known: others lay behind it */
    bool holds;  /* held: it counts if nothing more comes in its read */
    struct moments_gap held;
};

/* What an output chunk says about the gap before it. */
enum gap_kind {
    GAP_NONE,       /* it is the first */
    GAP_KNOWN,      /* gap_ns */
    GAP_UNRESOLVED, /* it came in one read with others, some time while nobody looked */
    GAP_HELD,       /* unstamped: whether it came alone shows later */
};

/* What one output told. */
struct moments_output {
    enum gap_kind gap;
    uint64_t gap_ns;
    bool held_is_known; /* the gap that was held: */
    struct moments_gap held;
    bool new_read; /* the first output of its read */
    bool
        delay_known; /* likewise, and the kernel stamped it: client_delay_ns is said of it */
    uint64_t client_delay_ns;
};

/* An event of any kind came: notes it in the sample. */
void moments_event(struct sample *sample, const struct arrival *arrival);

/* The event had a choice, whatever it said (OpenAI's streams): notes it in the sample. */
void moments_choice(struct sample *sample, const struct arrival *arrival);

/* It carried output, of the kinds in bits (enum api_output): notes the moments in the sample. */
struct moments_output moments_output(struct moments *moments, struct sample *sample,
                                     const struct arrival *arrival, uint32_t bits);

/* The answer is over: returns whether a gap was held, which then counts. */
bool moments_end(struct moments *moments, struct moments_gap *ret_held);
