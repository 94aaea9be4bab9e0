#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "scenario/making.h"

/* A body that stands in a scenario. */
#define MAX_BODY_BYTES ((size_t)1 << 20)

static const struct field http_fields[] = {
    {ROW("request", FIELD_TEXT, struct http_form, request), .flags = FIELD_REQUIRED,
     .help = "method and path from the target's origin: `GET /v1/models`"},
    {ROW("json", FIELD_NODE, struct http_form, json), .unit = "anything",
     .help = "body, as JSON"},
    {ROW("form", FIELD_PAIRS, struct http_form, fields),
     .help = "body, as the fields of a form"},
    {ROW("raw", FIELD_TEXT, struct http_form, raw), .flags = FIELD_GUARDED,
     .help = "body, as it is"},
    {ROW("content_type", FIELD_TEXT, struct http_form, content_type),
     .help = "of the body; by default what belongs to its kind, of `raw` `text/plain`"},
};

const struct field_table http_table = {
    TABLE_OF("http", http_fields, struct http_form,
             "Any HTTP request. Redirects are not followed."),
    .short_key = "request",
    .example =
        "- http: GET /v1/models\n  name: list_models\n  expect: {status: [200, 503], "
        "degraded: [503]}\n"
        "- http: {request: POST /v1/feedback, json: {stars: 5}}\n"};

/* RFC 3986, section 2.3: unreserved; the rest is %-encoded. */
static void append_encoded(const char *text, struct buf *out)
{
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;

        if (isalnum(c) || strchr("-._~", c))
            buf_append_char(out, (char)c);
        else
            buf_printf(out, "%%%02X", c);
    }
}

static void write_form(const struct config_node *fields, struct buf *out)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (i > 0)
            buf_append_char(out, '&');
        append_encoded(fields->entries[i].key->text, out);
        buf_append_char(out, '=');
        if (fields->entries[i].value->text)
            append_encoded(fields->entries[i].value->text, out);
    }
}

static int make_body(struct making *making, const struct http_form *form,
                     struct plan_http_call *call)
{
    const char *content_type = form->content_type;
    struct buf body = BUF_INIT(MAX_BODY_BYTES);
    int r = 0;

    if (form->json) {
        config_write_json(form->json, &body);
        content_type = content_type ? content_type : "application/json";
    } else if (form->fields) {
        write_form(form->fields, &body);
        content_type = content_type ? content_type : "application/x-www-form-urlencoded";
    } else if (form->raw) {
        buf_append_str(&body, form->raw);
        content_type = content_type ? content_type : "text/plain";
    } else {
        return 0;
    }
    if (buf_error(&body) == -EMSGSIZE)
        r = MAKING_REFUSE(making, form->form.node, NULL, "a body of more than %zu bytes",
                          MAX_BODY_BYTES);
    else
        r = buf_error(&body);
    if (r == 0)
        r = making_text(making, buf_str(&body), &call->body);
    buf_deinit(&body);
    if (r == 0)
        r = making_copy(making, content_type, &call->content_type);
    return r;
}

static int check_bodies(struct making *making, const struct http_form *form)
{
    static const char *const keys[] = {"json", "form", "raw"};
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (!making_has(&form->form, keys[i]))
            continue;
        count++;
        if (count > 1)
            return MAKING_REFUSE(making, config_find_key(form->form.node, keys[i]),
                                 "keep one of json, form and raw", "two bodies");
    }
    if (count == 0 && form->content_type)
        return MAKING_REFUSE(making, config_find_key(form->form.node, "content_type"),
                             "add json, form or raw", "a content type without a body");
    return 0;
}

/* Length of the method in "METHOD /path", 0 where there is only a path. */
static size_t method_len(const char *request)
{
    const size_t len = strspn(request, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    return request[len] == ' ' ? len : 0;
}

static bool is_path(const char *path)
{
    if (*path != '/')
        return false;
    for (; *path; path++) {
        if (!isgraph((unsigned char)*path))
            return false;
    }
    return true;
}

static int make_request(struct making *making, const struct http_form *form,
                        struct plan_http_call *call)
{
    const struct config_node *place = making_place(&form->form, "request");
    const size_t len = method_len(form->request);
    const char *path = form->request + len + strspn(form->request + len, " ");
    char method[32] = "GET";

    if (strstr(path, "://"))
        return MAKING_REFUSE(
            making, place, "write the path, and the server as a target: 'target: other'",
            "'%s' names a server", place->written);
    if (!is_path(path) || len >= sizeof(method))
        return MAKING_REFUSE(making, place,
                             "write a method in capitals and a path: GET /v1/models",
                             "'%s' is not a request", place->written);
    if (len > 0) {
        memcpy(method, form->request, len);
        method[len] = '\0';
    }
    call->method = arena_copy(making->arena, method);
    return call->method ? making_text(making, path, &call->path) : -ENOMEM;
}

int make_http(struct making *making, const struct http_form *form,
              struct plan_http_call *ret_http)
{
    int r = check_bodies(making, form);

    *ret_http = (struct plan_http_call){.method = "GET", .path = {.text = "/", .len = 1}};
    if (r == 0 && form->request)
        r = make_request(making, form, ret_http);
    if (r == 0)
        r = make_body(making, form, ret_http);
    return r;
}
