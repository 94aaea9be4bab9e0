#include "scenario/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "scenario/making.h"
#include "scenario/text.h"

/* The parts of a message as JSON, and the file of an image. */
#define MAX_PARTS_BYTES ((size_t)8 << 20)
#define MAX_IMAGE_BYTES ((size_t)5 << 20)

/* By their first bytes; those that both APIs take. */
static const char *media_type_of(const char *bytes, size_t len)
{
    static const struct {
        const char *type;
        const char *magic;
        size_t offset;
    } types[] = {{"image/png", "\x89PNG\r\n\x1a\n", 0},
                 {"image/jpeg", "\xff\xd8\xff", 0},
                 {"image/gif", "GIF8", 0},
                 {"image/webp", "WEBP", 8}};

    for (size_t i = 0; i < COUNT_OF(types); i++) {
        const size_t magic_len = strlen(types[i].magic);

        if (len >= types[i].offset + magic_len &&
            memcmp(bytes + types[i].offset, types[i].magic, magic_len) == 0)
            return types[i].type;
    }
    return NULL;
}

/* OpenAI, "Images and vision": a data URL; Anthropic, "Vision": type and data by themselves. */
static void append_image(const char *type, const char *bytes, size_t len,
                         enum plan_api api, struct buf *json)
{
    if (api == PLAN_API_ANTHROPIC) {
        buf_printf(json,
                   "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":"
                   "\"%s\",\"data\":\"",
                   type);
        base64_append(json, bytes, len);
        buf_append_str(json, "\"}}");
    } else {
        buf_printf(json,
                   "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:%s;base64,",
                   type);
        base64_append(json, bytes, len);
        buf_append_str(json, "\"}}");
    }
}

static int write_image(struct making *making, const struct config_node *part,
                       enum plan_api api, struct buf *json)
{
    const struct config_node *path = config_find(part, "image");
    const char *type;
    char *bytes = NULL;
    size_t len = 0;
    int r;

    if (part->count != 1 || path->kind != CONFIG_SCALAR)
        return MAKING_REFUSE(making, part, "write {image: FILE}, and nothing beside it",
                             "an image is a file");
    r = config_read(path, MAX_IMAGE_BYTES, making->diags, &bytes, &len);
    if (r < 0)
        return making_noted(r);
    type = media_type_of(bytes, len);
    if (type)
        append_image(type, bytes, len, api, json);
    else
        r = MAKING_REFUSE(making, path, "give it a PNG, JPEG, GIF or WebP",
                          "'%s' is no image", path->written);
    free(bytes);
    return r;
}

static int write_part(struct making *making, const struct config_node *part,
                      enum plan_api api, struct buf *json)
{
    /* With a `type` it is somebody's own part, whatever else it has. */
    if (config_find(part, "image") && !config_find(part, "type"))
        return write_image(making, part, api, json);
    if (part->kind != CONFIG_SCALAR || !part->text) {
        config_write_json(part, json);
        return 0;
    }
    buf_append_str(json, "{\"type\":\"text\",\"text\":\"");
    buf_append_json(json, part->text, strlen(part->text));
    buf_append_str(json, "\"}");
    return 0;
}

static int make_parts(struct making *making, const struct config_node *parts,
                      enum plan_api api, struct plan_text *ret_json)
{
    struct buf json = BUF_INIT(MAX_PARTS_BYTES);
    int r = 0;

    buf_append_char(&json, '[');
    for (size_t i = 0; r == 0 && i < parts->count; i++) {
        if (i > 0)
            buf_append_char(&json, ',');
        r = write_part(making, parts->items[i], api, &json);
    }
    buf_append_char(&json, ']');
    if (r == 0)
        r = buf_error(&json);
    if (r == -EMSGSIZE)
        r = MAKING_REFUSE(making, parts, NULL, "more than %zu bytes as JSON",
                          MAX_PARTS_BYTES);
    else if (r == 0)
        r = making_json_text(making, parts, buf_str(&json), ret_json);
    buf_deinit(&json);
    return r;
}

static int make_message(struct making *making, const struct message_form *form,
                        enum plan_api api, struct plan_message *message)
{
    static const char *const roles[] = {"system", "user", "assistant", "tool"};
    const struct config_node *content = form->content;

    message->role = roles[form->role];
    if (!content)
        return 0; /* that was told when the form was filled */
    message->parts = content->kind == CONFIG_LIST;
    if (message->parts)
        return make_parts(making, content, api, &message->content);
    if (content->kind == CONFIG_SCALAR)
        return making_text(making, content, content->text, &message->content);
    return MAKING_REFUSE(making, content, "write a text, or a list of parts",
                         "content: %s where a text should be",
                         config_kind_name(content->kind));
}

/* A system message begins what is said, as in datasets, and somebody must say something behind it. */
static int check_system(struct making *making, const struct chat_form *form,
                        const struct plan_message *messages)
{
    const struct message_form *forms = form->messages.items;
    const size_t count = form->messages.count;

    for (size_t i = 1; i < count; i++) {
        if (strcmp(messages[i].role, "system") == 0)
            return MAKING_REFUSE(making, forms[i].form.node, "make it the first",
                                 "a system message that is not the first");
    }
    if (count == 1 && strcmp(messages[0].role, "system") == 0)
        return MAKING_REFUSE(making, forms[0].form.node,
                             "add '- {role: user, content: Hello}'",
                             "nothing but a system message");
    return 0;
}

int make_messages(struct making *making, const struct chat_form *form, enum plan_api api,
                  struct plan_chat *ret_chat)
{
    const struct message_form *forms = form->messages.items;
    struct plan_message *messages =
        making_array(making, form->messages.count, sizeof(*messages));
    int r = messages ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < form->messages.count; i++)
        r = make_message(making, &forms[i], api, &messages[i]);
    if (r == 0)
        r = check_system(making, form, messages);
    ret_chat->say = PLAN_SAY_MESSAGES;
    ret_chat->messages = messages;
    ret_chat->message_count = form->messages.count;
    if (r == 0 && form->messages.count == 0)
        r = MAKING_REFUSE(making, making_place(&form->form, "messages"),
                          "write '- {role: user, content: Hello}'",
                          "a chat without messages");
    return r;
}
