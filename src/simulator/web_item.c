/* /api/v1/agents and /api/v1/pipelines: what an account makes, lists, changes and removes. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quantity.h"
#include "simulator/endpoint.h"
#include "simulator/shelf.h"
#include "simulator/web.h"
#include "simulator/web_graph.h"

#define ITEMS_PER_ACCOUNT_MAX 1000
#define NAME_BYTES_MAX 200
#define PAGE_SIZE_USUAL 20
#define PAGE_SIZE_MAX 100

/* A body of this kind that its own check refuses is not taken. */
static const struct kind {
    const char *path;
    const char *shelf;  /* member of an account */
    const char *prefix; /* of ids */
    /* Returns false: the exchange is refused. */
    bool (*check)(const struct exchange *exchange, const json_t *body);
} kinds[] = {
    {"/api/v1/agents", "agents", "agent", NULL},
    {"/api/v1/pipelines", "pipelines", "pipeline", web_check_graph},
};

/* What the members of an item's body are called; others are not kept. */
static const char *const members[] = {"name",  "description", "model", "config",
                                      "nodes", "edges",       "status"};

static const struct kind *kind_of(const struct exchange *exchange)
{
    size_t len;
    const char *path = serve_request_path(exchange->request, &len);

    return strncmp(path, kinds[1].path, strlen(kinds[1].path)) == 0 ? &kinds[1]
                                                                    : &kinds[0];
}

/* The items of who asks; without an account it is refused here. */
static json_t *shelf_of(const struct exchange *exchange)
{
    json_t *account = web_account(exchange);

    return account ? json_object_get(account, kind_of(exchange)->shelf) : NULL;
}

/* The item that the path names; where there is none, it is refused here. */
static json_t *find_item(const struct exchange *exchange, const json_t *shelf)
{
    char id[64];
    json_t *item = NULL;

    if (!shelf)
        return NULL;
    if (serve_percent_decode(exchange->match.params[0].text,
                             exchange->match.params[0].len, id, sizeof(id)) > 0)
        item = json_object_get(shelf, id);
    if (!item)
        exchange_refuse(exchange, (struct exchange_error){.status = 404}, "No such %s",
                        kind_of(exchange)->prefix);
    return item;
}

/* Copies what the body says of an item. */
static void copy_members(json_t *item, const json_t *body)
{
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        json_t *value = json_object_get(body, members[i]);

        if (value)
            (void)json_object_set(item, members[i], value);
    }
}

/* --- Lists. --- */

/* Reads a number from 1 to most out of the query. What is none is refused here. */
static bool read_number(const struct exchange *exchange, const char *name, uint64_t most,
                        uint64_t *number)
{
    char text[24];
    char message[64];
    const long len = serve_query_find(serve_request_query(exchange->request), name, text,
                                      sizeof(text));

    if (len == -ENOENT)
        return true;
    if (len > 0 && quantity_parse_count(text, number) == 0 && *number >= 1 &&
        *number <= most)
        return true;
    (void)snprintf(message, sizeof(message), "a number from 1 to %" PRIu64 " is required",
                   most);
    web_refuse_field(exchange, "query", name, message);
    return false;
}

void web_items_list(struct exchange *exchange)
{
    json_t *shelf = shelf_of(exchange);
    const uint64_t total = json_object_size(shelf);
    uint64_t page = 1;
    uint64_t size = PAGE_SIZE_USUAL;

    if (!shelf || !read_number(exchange, "page", UINT32_MAX, &page) ||
        !read_number(exchange, "page_size", PAGE_SIZE_MAX, &size))
        return;
    exchange_answer_json(exchange, 200,
                         json_pack("{s:o, s:I, s:I, s:I, s:I}", "items",
                                   shelf_page(shelf, (page - 1) * size, size), "page",
                                   (json_int_t)page, "page_size", (json_int_t)size,
                                   "total", (json_int_t)total, "pages",
                                   (json_int_t)((total + size - 1) / size)));
}

/* --- One item. --- */

/* Whether a body describes an item; what does not is refused here. */
static bool is_good(const struct exchange *exchange, const json_t *body, bool is_whole)
{
    const struct kind *kind = kind_of(exchange);

    if ((is_whole || json_object_get(body, "name")) &&
        !web_text(exchange, body, "name", 1, NAME_BYTES_MAX))
        return false;
    if (!kind->check ||
        (!is_whole && !json_object_get(body, "nodes") && !json_object_get(body, "edges")))
        return true;
    return kind->check(exchange, body);
}

static void add_item(const struct exchange *exchange, json_t *shelf, const json_t *body)
{
    json_t *item;
    char id[48];
    char now[32];

    web_make_id(exchange, kind_of(exchange)->prefix, id);
    web_write_now(now);
    item = json_pack("{s:s, s:s, s:s, s:s}", "id", id, "status", "draft", "created_at",
                     now, "updated_at", now);
    copy_members(item, body);
    if (shelf_put(shelf, ITEMS_PER_ACCOUNT_MAX, id, item) < 0)
        exchange_refuse_status(exchange, 500);
    else
        exchange_answer_json(exchange, 201, json_incref(item));
}

void web_items_add(struct exchange *exchange)
{
    json_t *shelf = shelf_of(exchange);
    json_t *body = shelf ? web_body(exchange) : NULL;

    if (body && is_good(exchange, body, true))
        add_item(exchange, shelf, body);
    json_decref(body);
}

void web_item_show(struct exchange *exchange)
{
    json_t *item = find_item(exchange, shelf_of(exchange));

    if (item)
        exchange_answer_json(exchange, 200, json_incref(item));
}

/* Members that the body lacks stay as they are. */
void web_item_change(struct exchange *exchange)
{
    json_t *item = find_item(exchange, shelf_of(exchange));
    json_t *body = item ? web_body(exchange) : NULL;
    char now[32];

    if (body && is_good(exchange, body, false)) {
        web_write_now(now);
        copy_members(item, body);
        (void)json_object_set_new(item, "updated_at", json_string(now));
        exchange_answer_json(exchange, 200, json_incref(item));
    }
    json_decref(body);
}

void web_item_remove(struct exchange *exchange)
{
    json_t *shelf = shelf_of(exchange);
    const json_t *item = find_item(exchange, shelf);
    struct head head;

    if (!item)
        return;
    (void)json_object_del(shelf, json_string_value(json_object_get(item, "id")));
    exchange_head(exchange, &head);
    exchange_answer(exchange, 204, &head, "", 0);
}
