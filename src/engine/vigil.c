#include "engine/vigil.h"

#include "engine/attempt.h"
#include "engine/parts.h"
#include "net/transport.h"

/* The end that comes first; VIGIL_END_COUNT: none is set. */
static enum vigil_end next_of(const struct vigil *vigil)
{
    enum vigil_end next = VIGIL_END_COUNT;

    for (enum vigil_end end = 0; end < VIGIL_END_COUNT; end++)
        if (vigil->at_ns[end] > 0 &&
            (next == VIGIL_END_COUNT || vigil->at_ns[end] < vigil->at_ns[next]))
            next = end;
    return next;
}

static void wait(struct attempt *attempt)
{
    const enum vigil_end next = next_of(&attempt->vigil);

    if (next == VIGIL_END_COUNT)
        pacer_clear(&attempt->engine->pacer, &attempt->timer);
    else
        pacer_set(&attempt->engine->pacer, &attempt->timer, attempt->vigil.at_ns[next]);
}

void vigil_set(struct attempt *attempt, enum vigil_end end, uint64_t at_ns)
{
    attempt->vigil.at_ns[end] = at_ns;
    wait(attempt);
}

void vigil_enough(struct attempt *attempt, uint64_t at_ns)
{
    attempt->vigil = (struct vigil){0};
    vigil_set(attempt, VIGIL_ENOUGH, at_ns);
}

void vigil_first_output(struct attempt *attempt)
{
    uint64_t *at_ns = attempt->vigil.at_ns;

    if (at_ns[VIGIL_FIRST_TOKEN] == 0 && at_ns[VIGIL_FIRST_PATIENCE] == 0)
        return;
    at_ns[VIGIL_FIRST_TOKEN] = 0;
    at_ns[VIGIL_FIRST_PATIENCE] = 0;
    wait(attempt);
}

void vigil_clear(struct attempt *attempt)
{
    attempt->vigil = (struct vigil){0};
    pacer_clear(&attempt->engine->pacer, &attempt->timer);
}

/* As what the transfer ends. */
static enum transfer_end end_of(struct attempt *attempt, enum vigil_end end)
{
    switch (end) {
    case VIGIL_FIRST_TOKEN:
        return TRANSFER_FIRST_TOKEN_TIMEOUT;
    case VIGIL_ENOUGH:
        attempt->ending.enough = true;
        return TRANSFER_CANCELLED;
    case VIGIL_FIRST_PATIENCE:
    case VIGIL_TOTAL_PATIENCE:
        return TRANSFER_ABANDONED;
    case VIGIL_CHAOS:
        return attempt->break_as;
    case VIGIL_END_COUNT:
        break;
    }
    return TRANSFER_CANCELLED;
}

void vigil_on_timer(struct pacer_timer *timer, uint64_t now_ns)
{
    struct attempt *attempt = HEAP_ENTRY(timer, struct attempt, timer);
    const enum vigil_end end = next_of(&attempt->vigil);

    (void)now_ns;
    attempt->vigil = (struct vigil){0};
    transport_cancel(attempt->transfer, end_of(attempt, end));
}
