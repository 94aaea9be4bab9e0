/* /v1/orgs/{slug}/invites and /users: who belongs to an organization. An invited one does at once. */
#include <errno.h>
#include <string.h>

#include "simulator/endpoint.h"
#include "simulator/instance.h"
#include "simulator/tenant_request.h"

static json_t *show_place(struct list *place)
{
    const struct tenant_user *user = LIST_ENTRY(place, struct tenant_user, place);

    return json_pack("{s:s, s:s, s:s, s:I}", "id", user->id, "email", user->email, "role",
                     user->role, "created_at", (json_int_t)user->created_s);
}

/* The e-mail that a body names, borrowed; what is none is refused here. */
static const char *read_email(const struct exchange *exchange, const json_t *body)
{
    const char *email =
        tenant_request_text(exchange, body, "email", TENANT_EMAIL_BYTES_MAX, NULL);
    const char *at = email ? strchr(email, '@') : NULL;

    if (!email || (at && at != email && at[1] != '\0'))
        return email;
    tenant_request_refuse_field(exchange, "email", "expected an e-mail address");
    return NULL;
}

static void add(const struct exchange *exchange, struct tenant_organization *organization,
                const char *email, const char *role)
{
    struct tenant_user *user = NULL;
    const int r =
        tenants_add_user(exchange->simulator->tenants, organization, email, role, &user);

    if (r == -EEXIST)
        exchange_refuse(
            exchange,
            (struct exchange_error){409, "invalid_request_error", "email", "user_exists"},
            "'%s' is a member of '%s' already.", email, organization->slug);
    else if (r < 0)
        exchange_refuse_status(exchange, 500);
    else
        exchange_answer_json(exchange, 201,
                             json_pack("{s:s, s:s, s:s, s:s, s:I}", "id", user->id,
                                       "email", user->email, "role", user->role, "status",
                                       "accepted", "created_at",
                                       (json_int_t)user->created_s));
}

void tenant_users_invite(struct exchange *exchange)
{
    struct tenant_organization *organization = tenant_request_organization(exchange);
    json_t *body = organization ? tenant_request_body(exchange) : NULL;
    const char *email = body ? read_email(exchange, body) : NULL;
    const char *role = email ? tenant_request_text(exchange, body, "role",
                                                   TENANT_ROLE_BYTES_MAX, "member")
                             : NULL;

    if (role)
        add(exchange, organization, email, role);
    json_decref(body);
}

/* Answers with the one who has this e-mail, or nobody. */
static void answer_with_one(const struct exchange *exchange,
                            const struct tenant_page *page,
                            struct tenant_organization *organization, const char *email)
{
    struct tenant_user *user = tenants_find_user_by_email(organization, email);
    struct list *head = user ? user->place.next : &organization->users;

    tenant_request_answer_page(exchange, page, head,
                               user ? user->place.prev : organization->users.prev,
                               show_place);
}

void tenant_users_list(struct exchange *exchange)
{
    struct tenant_organization *organization = tenant_request_organization(exchange);
    struct tenant_user *after = NULL;
    char email[TENANT_EMAIL_BYTES_MAX + 1];
    struct tenant_page page;
    long len;

    if (!organization || !tenant_request_page(exchange, &page))
        return;
    len = serve_query_find(serve_request_query(exchange->request), "email", email,
                           sizeof(email));
    if (page.after[0] != '\0')
        after = tenants_find_user(exchange->simulator->tenants, page.after);
    if (page.after[0] != '\0' && (!after || after->organization != organization))
        tenant_request_refuse_after(exchange);
    else if (len < 0 && len != -ENOENT)
        tenant_request_refuse_field(exchange, "email", "expected an e-mail address");
    else if (len >= 0)
        answer_with_one(exchange, &page, organization, email);
    else
        tenant_request_answer_page(exchange, &page, &organization->users,
                                   after ? &after->place : &organization->users,
                                   show_place);
}

void tenant_user_remove(struct exchange *exchange)
{
    struct tenant_user *user = tenant_request_user(exchange);

    if (!user)
        return;
    tenants_remove_user(exchange->simulator->tenants, user);
    tenant_request_answer_removed(exchange);
}
