/*
 * What organizations spend: each answer has its price, which is reserved when it begins and settled
 * when it is over, so that what is in flight counts against a budget. An organization overspends by
 * less than one answer: the one that reaches its budget is still let in. Pure, but for refusals.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct exchange;
struct simulator_options;
struct tenant_organization;

/* Value of budget_pusd. */
#define SPENDING_UNLIMITED INT64_MAX

/* What one organization spends. */
struct spending {
    int64_t budget_pusd;
    int64_t spent_pusd;
    int64_t reserved_pusd; /* for answers that are not over */
    uint64_t requests;     /* that asked a model for something, those refused included */
    uint64_t refused_for_budget;
    uint64_t refused_for_rate;
    uint64_t prompt_tokens;
    uint64_t completion_tokens;
};

/* A reservation. Without an organization it is none: nobody pays. */
struct charge {
    struct tenant_organization *organization; /* held until it is settled */
    int64_t reserved_pusd;
};

/* The price of so many tokens. */
int64_t spending_price_pusd(const struct simulator_options *options,
                            uint64_t prompt_tokens, uint64_t completion_tokens);

/*
 * Whether who asks still has a budget: who has none is refused here with 429 and "budget_exceeded".
 * Without a tenant's key everybody has.
 */
bool spending_admits(struct exchange *exchange);

/* Reserves the price for the organization whose key the exchange brings. */
struct charge spending_reserve(const struct exchange *exchange, int64_t price_pusd);

/* The answer is over and was these tokens: 0 and 0 where there was none. A second call does nothing. */
void spending_settle(struct charge *charge, const struct simulator_options *options,
                     uint64_t prompt_tokens, uint64_t completion_tokens);
