/* /v1/orgs: the organizations of the platform, and what they may spend. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/quantity.h"
#include "simulator/endpoint.h"
#include "simulator/instance.h"
#include "simulator/tenant_request.h"

/* A budget in pico-dollars fits many times over. */
#define BUDGET_USD_MAX 1e6

static double usd_of(int64_t pusd)
{
    return (double)pusd / (double)PUSD_PER_USD;
}

static json_t *show(const struct tenant_organization *organization)
{
    const struct spending *spending = &organization->spending;

    return json_pack(
        "{s:s, s:s, s:s, s:o, s:f, s:I, s:I, s:I, s:{s:I, s:I, s:I, s:I, s:I}}", "id",
        organization->id, "slug", organization->slug, "name", organization->name,
        "budget_usd",
        spending->budget_pusd == SPENDING_UNLIMITED
            ? json_null()
            : json_real(usd_of(spending->budget_pusd)),
        "spent_usd", usd_of(spending->spent_pusd), "created_at",
        (json_int_t)organization->created_s, "user_count",
        (json_int_t)organization->user_count, "key_count",
        (json_int_t)organization->key_count, "usage", "requests",
        (json_int_t)spending->requests, "refused_for_budget",
        (json_int_t)spending->refused_for_budget, "refused_for_rate",
        (json_int_t)spending->refused_for_rate, "prompt_tokens",
        (json_int_t)spending->prompt_tokens, "completion_tokens",
        (json_int_t)spending->completion_tokens);
}

static json_t *show_place(struct list *place)
{
    return show(LIST_ENTRY(place, struct tenant_organization, place));
}

/* Reads budget_usd, null for none; what is no budget is refused here. */
static bool read_budget(const struct exchange *exchange, const json_t *value,
                        int64_t *ret_pusd)
{
    const double usd = json_number_value(value);

    *ret_pusd = SPENDING_UNLIMITED;
    if (!value || json_is_null(value))
        return true;
    if (!json_is_number(value) || !(usd >= 0 && usd <= BUDGET_USD_MAX)) {
        tenant_request_refuse_field(exchange, "budget_usd",
                                    "expected a number from 0 to %.0f, or null",
                                    BUDGET_USD_MAX);
        return false;
    }
    *ret_pusd = (int64_t)llround(usd * (double)PUSD_PER_USD);
    return true;
}

static void add(const struct exchange *exchange, struct tenants *tenants,
                const char *name, int64_t budget_pusd)
{
    struct tenant_organization *organization = NULL;
    const int r = tenants_add_organization(tenants, name, &organization);

    if (r == -EEXIST) {
        exchange_refuse(
            exchange,
            (struct exchange_error){409, "invalid_request_error", "name", "org_exists"},
            "There is an organization '%s' already.", name);
        return;
    }
    if (r < 0) {
        exchange_refuse_status(exchange, 500);
        return;
    }
    organization->spending.budget_pusd = budget_pusd;
    exchange_answer_json(exchange, 201, show(organization));
}

void tenant_organizations_add(struct exchange *exchange)
{
    struct tenants *tenants = tenant_request_tenants(exchange);
    json_t *body = tenants ? tenant_request_body(exchange) : NULL;
    const char *name =
        body ? tenant_request_text(exchange, body, "name", TENANT_NAME_BYTES_MAX, NULL)
             : NULL;
    int64_t budget_pusd;

    if (name && read_budget(exchange, json_object_get(body, "budget_usd"), &budget_pusd))
        add(exchange, tenants, name, budget_pusd);
    json_decref(body);
}

void tenant_organizations_list(struct exchange *exchange)
{
    struct tenants *tenants = tenant_request_tenants(exchange);
    struct tenant_organization *after = NULL;
    struct list *head;
    struct tenant_page page;

    if (!tenants || !tenant_request_page(exchange, &page))
        return;
    head = tenants_organizations(tenants);
    if (page.after[0] != '\0')
        after = tenants_find_organization_by_id(tenants, page.after);
    if (page.after[0] != '\0' && !after)
        tenant_request_refuse_after(exchange);
    else
        tenant_request_answer_page(exchange, &page, head, after ? &after->place : head,
                                   show_place);
}

void tenant_organization_show(struct exchange *exchange)
{
    const struct tenant_organization *organization =
        tenant_request_organization(exchange);

    if (organization)
        exchange_answer_json(exchange, 200, show(organization));
}

void tenant_organization_change(struct exchange *exchange)
{
    struct tenant_organization *organization = tenant_request_organization(exchange);
    json_t *body = organization ? tenant_request_body(exchange) : NULL;
    const json_t *budget = json_object_get(body, "budget_usd");
    int64_t budget_pusd;

    if (body && !budget) {
        tenant_request_refuse_field(exchange, "budget_usd",
                                    "it is what can be changed, and is missing");
    } else if (body && read_budget(exchange, budget, &budget_pusd)) {
        organization->spending.budget_pusd = budget_pusd;
        exchange_answer_json(exchange, 200, show(organization));
    }
    json_decref(body);
}

void tenant_organization_remove(struct exchange *exchange)
{
    struct tenant_organization *organization = tenant_request_organization(exchange);

    if (!organization)
        return;
    if (organization->user_count > 0) {
        exchange_refuse(
            exchange,
            (struct exchange_error){409, "invalid_request_error", NULL, "org_not_empty"},
            "The organization '%s' has users: delete them first.", organization->slug);
        return;
    }
    tenants_remove_organization(exchange->simulator->tenants, organization);
    tenant_request_answer_removed(exchange);
}
