#include "engine/breaker.h"

#include <assert.h>

#include "plan/people.h"

/* Pairs that are not listed are 0, that is BREAKER_REFUSED. */
static const uint8_t next_state[BREAKER_STATE_COUNT][BREAKER_EVENT_COUNT] = {
    [BREAKER_CLOSED] = {[BREAKER_EVENT_FAILING] = BREAKER_OPEN},
    [BREAKER_OPEN] = {[BREAKER_EVENT_TIME] = BREAKER_HALF_OPEN},
    [BREAKER_HALF_OPEN] = {[BREAKER_EVENT_PROBE_FAILED] = BREAKER_OPEN,
                           [BREAKER_EVENT_PROVEN] = BREAKER_CLOSED},
};

enum breaker_state breaker_next_state(enum breaker_state state, enum breaker_event event)
{
    assert(state < BREAKER_STATE_COUNT && event < BREAKER_EVENT_COUNT);
    return (enum breaker_state)next_state[state][event];
}

const char *breaker_state_name(enum breaker_state state)
{
    static const char *const names[BREAKER_STATE_COUNT] = {
        [BREAKER_REFUSED] = "refused",
        [BREAKER_CLOSED] = "closed",
        [BREAKER_OPEN] = "open",
        [BREAKER_HALF_OPEN] = "half-open",
    };

    assert(state < BREAKER_STATE_COUNT);
    return names[state];
}

void breaker_init(struct breaker *breaker, const struct plan_breaker *plan)
{
    *breaker = (struct breaker){.plan = plan, .state = BREAKER_CLOSED, .turn = 1};
    failure_window_init(&breaker->recent, plan->over_ns);
}

static void enter_open(struct breaker *breaker, uint64_t now_ns)
{
    if (breaker->broken_since_ns > 0)
        return; /* a probe failed: it was not closed in between */
    breaker->broken_since_ns = now_ns;
    breaker->opened++;
}

static void enter_closed(struct breaker *breaker, uint64_t now_ns)
{
    breaker->broken_ns += now_ns - breaker->broken_since_ns;
    breaker->broken_since_ns = 0;
    failure_window_init(&breaker->recent, breaker->plan->over_ns);
}

/* The only way its state changes. */
static void handle(struct breaker *breaker, enum breaker_event event, uint64_t now_ns)
{
    const enum breaker_state to = breaker_next_state(breaker->state, event);

    assert(to != BREAKER_REFUSED);
    breaker->state = to;
    breaker->state_since_ns = now_ns;
    breaker->turn++;
    breaker->proven = 0;
    breaker->probing = false;
    if (to == BREAKER_OPEN)
        enter_open(breaker, now_ns);
    else if (to == BREAKER_CLOSED)
        enter_closed(breaker, now_ns);
}

bool breaker_may_send(struct breaker *breaker, uint64_t now_ns, uint32_t *ret_turn)
{
    if (breaker->state == BREAKER_OPEN &&
        now_ns - breaker->state_since_ns >= breaker->plan->open_ns)
        handle(breaker, BREAKER_EVENT_TIME, now_ns);
    if (breaker->state == BREAKER_OPEN || breaker->probing) {
        breaker->held_back++;
        return false;
    }
    breaker->probing = breaker->state == BREAKER_HALF_OPEN;
    *ret_turn = breaker->turn;
    return true;
}

static bool is_ill(enum outcome outcome)
{
    return outcome_is_outage(outcome) || outcome == OUTCOME_RATE_LIMITED;
}

static void count_closed(struct breaker *breaker, bool ill, uint64_t now_ns)
{
    const struct plan_breaker *plan = breaker->plan;
    struct failure_share share;

    failure_window_add(&breaker->recent, now_ns, ill);
    if (!ill)
        return;
    share = failure_window_share(&breaker->recent, now_ns);
    if (share.attempts < plan->min_count ||
        (double)share.failed <= plan->above * (double)share.attempts)
        return;
    breaker->cause = share;
    handle(breaker, BREAKER_EVENT_FAILING, now_ns);
}

static void count_probe(struct breaker *breaker, bool ill, uint64_t now_ns)
{
    breaker->probing = false;
    if (ill)
        handle(breaker, BREAKER_EVENT_PROBE_FAILED, now_ns);
    else if (++breaker->proven >= breaker->plan->probes)
        handle(breaker, BREAKER_EVENT_PROVEN, now_ns);
}

void breaker_over(struct breaker *breaker, uint32_t turn, enum outcome outcome,
                  uint64_t now_ns)
{
    if (turn != breaker->turn)
        return;
    /* What throng ended itself, or could not send, says nothing of the service. */
    if (outcome_is_withdrawn(outcome) || outcome == OUTCOME_LOCAL_RESOURCE)
        breaker->probing = false;
    else if (breaker->state == BREAKER_HALF_OPEN)
        count_probe(breaker, is_ill(outcome), now_ns);
    else
        count_closed(breaker, is_ill(outcome), now_ns);
}

uint64_t breaker_broken_ns(const struct breaker *breaker, uint64_t now_ns)
{
    return breaker->broken_ns +
           (breaker->broken_since_ns > 0 ? now_ns - breaker->broken_since_ns : 0);
}
