#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "expr/template.h"
#include "scenario/compiling.h"
#include "scenario/text.h"

/* A body that stands in a scenario. */
#define MAX_BODY_BYTES ((size_t)1 << 20)

static const struct field part_fields[] = {
    {ROW("value", FIELD_TEXT, struct part_form, value), .flags = FIELD_GUARDED,
     .help = "what is in it"},
    {ROW("file", FIELD_TEXT, struct part_form, file),
     .unit = "a path from where this file is", .flags = FIELD_PATH,
     .help = "instead of `value`: the file's bytes, read when the scenario is"},
    {ROW("file_name", FIELD_TEXT, struct part_form, file_name),
     .help = "what the server is told that the file is called; of `file` its own name"},
    {ROW("content_type", FIELD_TEXT, struct part_form, content_type),
     .help = "of this part"},
};

static const struct field_table part_table;

static const struct field http_fields[] = {
    {ROW("request", FIELD_TEXT, struct http_form, request), .flags = FIELD_REQUIRED,
     .help = "method and path from the target's origin: `GET /v1/models`"},
    {ROW("json", FIELD_NODE, struct http_form, json), .unit = "anything",
     .help = "body, as JSON with templates in its strings"},
    {ROW("form", FIELD_PAIRS, struct http_form, fields),
     .help = "body, as the fields of a form"},
    {ROW("raw", FIELD_TEXT, struct http_form, raw), .flags = FIELD_GUARDED,
     .help = "body, as it is"},
    {ROW("file", FIELD_TEXT, struct http_form, file),
     .unit = "a path from where this file is", .flags = FIELD_PATH,
     .help = "body, as the file's bytes, read when the scenario is"},
    {ROW("multipart", FIELD_KEYED, struct http_form, multipart), .table = &part_table,
     .help = "body, as the parts of a form with files (`multipart/form-data`)"},
    {ROW("content_type", FIELD_TEXT, struct http_form, content_type),
     .help = "of the body; by default what belongs to its kind, of `raw` `text/plain`"},
};

static const struct field_table part_table = {
    TABLE_OF("part", part_fields, struct part_form,
             "A part of a `multipart` body: a field, or a file."),
    .short_key = "value",
    .example = "- http:\n"
               "    request: POST /upload\n"
               "    multipart:\n"
               "      title: \"Notes of {{ user.name }}\"\n"
               "      document: {value: '# Notes', file_name: notes.md, content_type: "
               "text/markdown}\n"};

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

/* A file's bytes, as the text that is sent: templates are not looked for in them. */
static int read_file(struct making *making, const struct config_node *path,
                     struct plan_text *ret_text)
{
    char *bytes = NULL;
    size_t len = 0;
    int r = config_read(path, MAX_BODY_BYTES, making->diags, &bytes, &len);

    if (r < 0)
        return making_noted(r);
    *ret_text = (struct plan_text){.text = arena_copy_bytes(making->arena, bytes, len),
                                   .len = len};
    free(bytes);
    return ret_text->text ? 0 : -ENOMEM;
}

/* What stands behind the last slash. */
static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static int make_part(struct making *making, const struct part_form *form,
                     struct plan_part *part)
{
    const struct config_form *head = &form->form;
    const char *file_name = form->file_name;
    int r = making_copy(making, head->key->text, &part->name);

    if (r == 0 && !form->value == !form->file && !head->faulty)
        r = MAKING_REFUSE(making, head->key, "write either 'value' or 'file'",
                          "the part '%s' %s", head->key->written,
                          form->value ? "has two contents" : "has nothing in it");
    if (r == 0 && form->file)
        r = read_file(making, making_place(head, "file"), &part->value);
    else if (r == 0)
        r = making_text(making, making_place(head, "value"), form->value, &part->value);
    if (form->file && !file_name)
        file_name = base_name(form->file);
    if (r == 0)
        r = making_copy(making, file_name, &part->file_name);
    return r < 0 ? r : making_copy(making, form->content_type, &part->content_type);
}

static int make_parts(struct making *making, const struct http_form *form,
                      struct plan_http_call *call)
{
    const struct part_form *forms = form->multipart.items;
    struct plan_part *parts = making_array(making, form->multipart.count, sizeof(*parts));
    int r = parts ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < form->multipart.count; i++)
        r = make_part(making, &forms[i], &parts[i]);
    call->parts = parts;
    call->part_count = form->multipart.count;
    return r;
}

static bool has_templates(const struct config_node *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        const char *value = fields->entries[i].value->text;

        if (value && template_is_one(value, strlen(value)))
            return true;
    }
    return false;
}

/* The fields of a form are written once and for all, unless there are templates in them. */
static int make_form(struct making *making, const struct config_node *fields,
                     struct plan_http_call *call)
{
    struct buf body = BUF_INIT(MAX_BODY_BYTES);
    int r;

    if (has_templates(fields))
        return making_templates(making, fields, &call->form, &call->form_count);
    write_form(fields, &body);
    r = buf_error(&body);
    if (r == -EMSGSIZE)
        r = MAKING_REFUSE(making, fields, NULL, "a body of more than %zu bytes",
                          MAX_BODY_BYTES);
    else if (r == 0)
        r = making_text(making, fields, buf_str(&body), &call->body);
    buf_deinit(&body);
    return r;
}

static int make_body(struct making *making, const struct http_form *form,
                     struct plan_http_call *call)
{
    const char *content_type = form->content_type;
    const char *usual = NULL;
    int r = 0;

    if (form->json) {
        usual = "application/json";
        r = making_json(making, form->json, MAX_BODY_BYTES, &call->body);
    } else if (form->fields) {
        usual = "application/x-www-form-urlencoded";
        r = make_form(making, form->fields, call);
    } else if (form->raw) {
        usual = "text/plain";
        r = making_text(making, making_place(&form->form, "raw"), form->raw, &call->body);
    } else if (form->file) {
        usual = "application/octet-stream";
        r = read_file(making, making_place(&form->form, "file"), &call->body);
    } else if (form->multipart.count > 0) {
        r = make_parts(making, form, call); /* its type has a boundary in it */
    }
    return r < 0 ? r
                 : making_copy(making, content_type ? content_type : usual,
                               &call->content_type);
}

/* Keys that say what the body is: one of them at most. */
static const char *const bodies[] = {"json", "form", "raw", "file", "multipart"};

static int check_bodies(struct making *making, const struct http_form *form)
{
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        if (!making_has(&form->form, bodies[i]))
            continue;
        count++;
        if (count > 1)
            return MAKING_REFUSE(making, config_find_key(form->form.node, bodies[i]),
                                 "keep one of json, form, raw, file and multipart",
                                 "two bodies");
    }
    if (count == 0 && form->content_type)
        return MAKING_REFUSE(making, config_find_key(form->form.node, "content_type"),
                             "add json, form, raw or file",
                             "a content type without a body");
    if (form->content_type && making_has(&form->form, "multipart"))
        return MAKING_REFUSE(making, config_find_key(form->form.node, "content_type"),
                             "leave it away, or write it in a part",
                             "multipart bodies name their own content type");
    return 0;
}

/* Length of the method in "METHOD /path", 0 where there is only a path. */
static size_t method_len(const char *request)
{
    const size_t len = strspn(request, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    return request[len] == ' ' ? len : 0;
}

/* A path without blanks, but for those inside of templates; it may begin with one. */
static bool is_path(const char *path)
{
    if (*path != '/' && strncmp(path, "{{", 2) != 0)
        return false;
    for (; *path; path++) {
        const char *end = strncmp(path, "{{", 2) == 0 ? strstr(path, "}}") : NULL;

        if (end)
            path = end + 1;
        else if (!isgraph((unsigned char)*path))
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
    return call->method ? making_path(making, place, path, &call->path) : -ENOMEM;
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
