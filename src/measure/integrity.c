#include "measure/integrity.h"

#include <assert.h>

#include "measure/sample.h"

struct integrity_info {
    uint32_t flag; /* of enum sample_flag; 0: it is an outcome */
    const char *name;
    const char *help;
};

static const struct integrity_info table[INTEGRITY_COUNT] = {
    [INTEGRITY_TRUNCATED] =
        {0, "truncated",
         "The answer was cut off before its end: look for a crashed worker or a proxy's "
         "timeout."},
    [INTEGRITY_MISSING_FINISH] =
        {SAMPLE_MISSING_FINISH, "missing_finish",
         "The stream ended as it should, but no chunk had a finish reason: whether the "
         "answer is whole cannot be known."},
    [INTEGRITY_MISSING_DONE] =
        {SAMPLE_MISSING_DONE, "missing_done",
         "The stream had a finish reason and no end mark ([DONE], message_stop): clients "
         "that wait for it hang."},
    [INTEGRITY_AFTER_DONE] =
        {SAMPLE_AFTER_DONE, "after_done",
         "Events came behind the end of the stream ([DONE], message_stop, "
         "response.completed): clients do not read them."},
    [INTEGRITY_CROSSED] =
        {SAMPLE_CROSSED, "crossed",
         "The answer carries the X-Request-ID of another request of this run: look for "
         "connections or buffers that are shared by mistake. Others may read what is not "
         "theirs."},
    [INTEGRITY_MIXED_IDS] = {SAMPLE_MIXED_IDS, "mixed_ids",
                             "The chunks of one answer have different ids: parts of "
                             "another answer are in it, "
                             "or the server breaks its API."},
    [INTEGRITY_USAGE_TOTAL] = {SAMPLE_USAGE_TOTAL, "usage_total",
                               "The usage's total is not prompt plus completion tokens: "
                               "bills cannot be checked "
                               "by it."},
    [INTEGRITY_USAGE_PARTS] = {SAMPLE_USAGE_PARTS, "usage_parts",
                               "The usage has more cached than prompt tokens, or more "
                               "reasoning than completion "
                               "tokens, whose part they are."},
    [INTEGRITY_USAGE_ZERO] =
        {SAMPLE_USAGE_ZERO, "usage_zero",
         "The usage says 0 prompt tokens, or 0 completion tokens beside an answer."},
    [INTEGRITY_INVALID_TEXT] = {SAMPLE_INVALID_TEXT, "invalid_text",
                                "The text has a lone surrogate, a NUL or bytes that are "
                                "not UTF-8: tokens were cut inside a character."},
};

const char *integrity_name(enum integrity kind)
{
    assert(kind < INTEGRITY_COUNT);
    return table[kind].name;
}

const char *integrity_help(enum integrity kind)
{
    assert(kind < INTEGRITY_COUNT);
    return table[kind].help;
}

uint32_t integrity_of(const struct sample *sample)
{
    uint32_t kinds = 0;

    for (enum integrity kind = 0; kind < INTEGRITY_COUNT; kind++)
        kinds |= (uint32_t)((sample->flags & table[kind].flag) != 0) << kind;
    /* How it was cut off is known better where the stream itself ended properly. */
    if (sample->outcome == OUTCOME_TRUNCATED && !(sample->flags & SAMPLE_MISSING_FINISH))
        kinds |= UINT32_C(1) << INTEGRITY_TRUNCATED;
    return kinds;
}
