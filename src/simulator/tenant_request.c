/* Source: OpenAI API reference, "Administration": lists with `after`, `limit`, `has_more`. */
#include "simulator/tenant_request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/quantity.h"
#include "simulator/asked.h"
#include "simulator/instance.h"

#define BODY_BYTES_MAX (64 * 1024)
#define PAGE_USUAL 20
#define PAGE_MOST 100
#define MESSAGE_BYTES_MAX 256

struct tenants *tenant_request_tenants(const struct exchange *exchange)
{
    struct simulator *simulator = exchange->simulator;

    if (!simulator->tenants)
        simulator->tenants = tenants_new(simulator->options->seed);
    if (!simulator->tenants)
        exchange_refuse_status(exchange, 500);
    return simulator->tenants;
}

/* --- Whom the path names. --- */

/* The index-th name in the path; "" where it cannot be one. */
static void read_name(const struct exchange *exchange, size_t index,
                      char name[static TENANT_NAME_BYTES_MAX + 1])
{
    if (serve_percent_decode(exchange->match.params[index].text,
                             exchange->match.params[index].len, name,
                             TENANT_NAME_BYTES_MAX + 1) < 0)
        name[0] = '\0';
}

static void refuse_unknown(const struct exchange *exchange, const char *what,
                           const char *code, const char *name)
{
    exchange_refuse(exchange,
                    (struct exchange_error){404, "invalid_request_error", NULL, code},
                    "There is no %s '%s'.", what, name);
}

struct tenant_organization *tenant_request_organization(const struct exchange *exchange)
{
    const struct tenants *tenants = tenant_request_tenants(exchange);
    char slug[TENANT_NAME_BYTES_MAX + 1];
    struct tenant_organization *organization;

    if (!tenants)
        return NULL;
    read_name(exchange, 0, slug);
    organization = tenants_find_organization(tenants, slug);
    if (!organization)
        refuse_unknown(exchange, "organization", "org_not_found", slug);
    return organization;
}

struct tenant_user *tenant_request_user(const struct exchange *exchange)
{
    const struct tenant_organization *organization =
        tenant_request_organization(exchange);
    char id[TENANT_NAME_BYTES_MAX + 1];
    struct tenant_user *user;

    if (!organization)
        return NULL;
    read_name(exchange, 1, id);
    user = tenants_find_user(exchange->simulator->tenants, id);
    if (user && user->organization == organization)
        return user;
    refuse_unknown(exchange, "user", "user_not_found", id);
    return NULL;
}

struct tenant_key *tenant_request_key(const struct exchange *exchange)
{
    const struct tenant_user *user = tenant_request_user(exchange);
    char id[TENANT_NAME_BYTES_MAX + 1];
    struct tenant_key *key;

    if (!user)
        return NULL;
    read_name(exchange, 2, id);
    key = tenants_find_key(exchange->simulator->tenants, id);
    if (key && key->user == user)
        return key;
    refuse_unknown(exchange, "key", "key_not_found", id);
    return NULL;
}

/* --- What the body says. --- */

json_t *tenant_request_body(const struct exchange *exchange)
{
    json_t *body;
    size_t len;

    (void)serve_request_body(exchange->request, &len);
    body = len <= BODY_BYTES_MAX ? asked_parse(exchange) : NULL;
    if (json_is_object(body))
        return body;
    json_decref(body);
    exchange_refuse(
        exchange, (struct exchange_error){400, "invalid_request_error", NULL, NULL},
        "The body must be a JSON object of %d bytes at most.", BODY_BYTES_MAX);
    return NULL;
}

void tenant_request_refuse_field(const struct exchange *exchange, const char *field,
                                 const char *format, ...)
{
    char message[MESSAGE_BYTES_MAX];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    exchange_refuse(exchange,
                    (struct exchange_error){400, "invalid_request_error", field, NULL},
                    "Invalid '%s': %s.", field, message);
}

const char *tenant_request_text(const struct exchange *exchange, const json_t *body,
                                const char *field, size_t most, const char *fallback)
{
    const json_t *value = json_object_get(body, field);
    const size_t len = json_string_length(value);

    if (!value && fallback)
        return fallback;
    if (len >= 1 && len <= most)
        return json_string_value(value);
    tenant_request_refuse_field(exchange, field, "expected a text of 1 to %zu bytes",
                                most);
    return NULL;
}

/* --- Answers. --- */

void tenant_request_answer_removed(const struct exchange *exchange)
{
    struct head head;

    exchange_head(exchange, &head);
    exchange_answer(exchange, 204, &head, "", 0);
}

bool tenant_request_page(const struct exchange *exchange, struct tenant_page *ret_page)
{
    const char *query = serve_request_query(exchange->request);
    uint64_t limit = PAGE_USUAL;
    char text[24];
    long len = serve_query_find(query, "limit", text, sizeof(text));

    if (len != -ENOENT && (len <= 0 || quantity_parse_count(text, &limit) < 0 ||
                           limit < 1 || limit > PAGE_MOST)) {
        tenant_request_refuse_field(exchange, "limit", "expected a number from 1 to %d",
                                    PAGE_MOST);
        return false;
    }
    ret_page->limit = limit;
    len = serve_query_find(query, "after", ret_page->after, sizeof(ret_page->after));
    if (len == -ENOENT) {
        ret_page->after[0] = '\0';
    } else if (len <= 0) {
        tenant_request_refuse_after(exchange);
        return false;
    }
    return true;
}

void tenant_request_refuse_after(const struct exchange *exchange)
{
    tenant_request_refuse_field(exchange, "after", "nothing of this list has this id");
}

/* The id of the first or the last of a page, the caller's; null where it is empty. */
static json_t *id_at(const json_t *data, size_t index)
{
    json_t *id = json_object_get(json_array_get(data, index), "id");

    return id ? json_incref(id) : json_null();
}

void tenant_request_answer_page(const struct exchange *exchange,
                                const struct tenant_page *page, struct list *head,
                                struct list *after, tenant_show_fn *show)
{
    struct list *place = after->next;
    json_t *data = json_array();
    size_t count = 0;

    for (; place != head && count < page->limit; place = place->next, count++) {
        if (json_array_append_new(data, show(place)) < 0) {
            json_decref(data);
            exchange_refuse_status(exchange, 500);
            return;
        }
    }
    exchange_answer_json(exchange, 200,
                         json_pack("{s:s, s:b, s:o, s:o, s:o}", "object", "list",
                                   "has_more", place != head, "first_id", id_at(data, 0),
                                   "last_id", id_at(data, count > 0 ? count - 1 : 0),
                                   "data", data));
}
