/* /v1/orgs/{slug}/users/{id}/keys: the keys with which users ask models. A key is told once. */
#include "simulator/endpoint.h"
#include "simulator/instance.h"
#include "simulator/tenant_request.h"

/* Of a key, shown in lists: "sk-" and two more. */
#define PREFIX_BYTES 5

static json_t *show_place(struct list *place)
{
    const struct tenant_key *key = LIST_ENTRY(place, struct tenant_key, place);

    return json_pack("{s:s, s:s, s:s%, s:I}", "id", key->id, "name", key->name, "prefix",
                     key->secret, (size_t)PREFIX_BYTES, "created_at",
                     (json_int_t)key->created_s);
}

static void add(const struct exchange *exchange, struct tenant_user *user,
                const char *name)
{
    struct tenant_key *key = NULL;

    if (tenants_add_key(exchange->simulator->tenants, user, name, &key) < 0)
        exchange_refuse_status(exchange, 500);
    else
        exchange_answer_json(exchange, 201,
                             json_pack("{s:s, s:s, s:s, s:I}", "id", key->id, "name",
                                       key->name, "key", key->secret, "created_at",
                                       (json_int_t)key->created_s));
}

void tenant_keys_add(struct exchange *exchange)
{
    struct tenant_user *user = tenant_request_user(exchange);
    json_t *body = user ? tenant_request_body(exchange) : NULL;
    const char *name =
        body ? tenant_request_text(exchange, body, "name", TENANT_NAME_BYTES_MAX, NULL)
             : NULL;

    if (name)
        add(exchange, user, name);
    json_decref(body);
}

void tenant_keys_list(struct exchange *exchange)
{
    struct tenant_user *user = tenant_request_user(exchange);
    struct tenant_key *after = NULL;
    struct tenant_page page;

    if (!user || !tenant_request_page(exchange, &page))
        return;
    if (page.after[0] != '\0')
        after = tenants_find_key(exchange->simulator->tenants, page.after);
    if (page.after[0] != '\0' && (!after || after->user != user))
        tenant_request_refuse_after(exchange);
    else
        tenant_request_answer_page(exchange, &page, &user->keys,
                                   after ? &after->place : &user->keys, show_place);
}

void tenant_key_remove(struct exchange *exchange)
{
    struct tenant_key *key = tenant_request_key(exchange);

    if (!key)
        return;
    tenants_remove_key(exchange->simulator->tenants, key);
    tenant_request_answer_removed(exchange);
}
