/* Source: OpenAI's guide "Error codes": 429, "You exceeded your current quota". */
#include "simulator/spending.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/quantity.h"
#include "simulator/exchange.h"
#include "simulator/tenants.h"

int64_t spending_price_pusd(const struct simulator_options *options,
                            uint64_t prompt_tokens, uint64_t completion_tokens)
{
    return (int64_t)prompt_tokens * options->price_prompt_pusd +
           (int64_t)completion_tokens * options->price_completion_pusd;
}

static void refuse(struct exchange *exchange,
                   const struct tenant_organization *organization)
{
    const struct spending *spending = &organization->spending;
    CLEANUP(buf_deinit) struct buf told = BUF_INIT(256);

    quantity_format_money(&told, spending->spent_pusd);
    buf_append_str(&told, " spent and ");
    quantity_format_money(&told, spending->reserved_pusd);
    buf_append_str(&told, " in flight, of ");
    quantity_format_money(&told, spending->budget_pusd);
    exchange->is_final = true;
    exchange_refuse(
        exchange,
        (struct exchange_error){429, "insufficient_quota", NULL, "budget_exceeded"},
        "Budget of %s exceeded: %s.", organization->slug, buf_str(&told));
}

bool spending_admits(struct exchange *exchange)
{
    struct tenant_organization *organization;
    struct spending *spending;

    if (!exchange->tenant)
        return true;
    organization = exchange->tenant->user->organization;
    spending = &organization->spending;
    spending->requests++;
    if (spending->budget_pusd == SPENDING_UNLIMITED ||
        spending->spent_pusd + spending->reserved_pusd < spending->budget_pusd)
        return true;
    spending->refused_for_budget++;
    refuse(exchange, organization);
    return false;
}

struct charge spending_reserve(const struct exchange *exchange, int64_t price_pusd)
{
    struct charge charge = {0};

    if (!exchange->tenant)
        return charge;
    charge.organization = tenants_hold(exchange->tenant->user->organization);
    charge.reserved_pusd = price_pusd;
    charge.organization->spending.reserved_pusd += price_pusd;
    return charge;
}

void spending_settle(struct charge *charge, const struct simulator_options *options,
                     uint64_t prompt_tokens, uint64_t completion_tokens)
{
    struct spending *spending;

    if (!charge->organization)
        return;
    spending = &charge->organization->spending;
    spending->reserved_pusd -= charge->reserved_pusd;
    spending->spent_pusd +=
        spending_price_pusd(options, prompt_tokens, completion_tokens);
    spending->prompt_tokens += prompt_tokens;
    spending->completion_tokens += completion_tokens;
    tenants_let_go(TAKE(charge->organization));
}
