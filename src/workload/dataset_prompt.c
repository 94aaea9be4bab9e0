#include <stdbool.h>

#include "base/cleanup.h"
#include "workload/dataset_reading.h"
#include "workload/json_lines.h"

/* What an entry turned out to be. */
struct entry {
    const char *problem; /* NULL: none so far */
    bool has_prompt;
    bool has_messages;
    uint32_t output_tokens;
};

/* One message, as far as it says. */
struct written {
    struct json_piece role;
    struct json_piece text; /* of the content; bytes NULL: it is no text */
    const char *parts;      /* of the content: a list; NULL: it is none */
    size_t parts_len;
};

static bool role_of(struct json_piece name, enum message_role *ret_role)
{
    static const struct {
        const char *name;
        enum message_role role;
    } roles[] = {
        {"user", MESSAGE_USER},     {"assistant", MESSAGE_ASSISTANT},
        {"system", MESSAGE_SYSTEM}, {"developer", MESSAGE_SYSTEM},
        {"tool", MESSAGE_TOOL},
    };

    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        if (json_piece_is(name, roles[i].name)) {
            *ret_role = roles[i].role;
            return true;
        }
    }
    return false;
}

static void read_content(struct json_scan *scan, struct written *message)
{
    const bool is_list = json_scan_peek(scan) == '[';
    const char *start = scan->at;

    message->text = json_lines_text(scan);
    if (!is_list)
        return;
    message->parts = start;
    message->parts_len = (size_t)(scan->at - start);
}

static struct written read_message(struct json_scan *scan)
{
    struct written message = {0};

    if (json_scan_peek(scan) != '{') {
        json_scan_value(scan, JSON_LINES_DEPTH);
        return message;
    }
    for (bool more = json_scan_enter(scan, '{'); more; more = json_scan_next(scan, '}')) {
        const struct json_piece key = json_scan_any_key(scan);

        if (json_piece_is(key, "role"))
            message.role = json_lines_text(scan);
        else if (json_piece_is(key, "content"))
            read_content(scan, &message);
        else
            json_scan_value(scan, JSON_LINES_DEPTH);
    }
    return message;
}

static int add_message(struct dataset_reading *reading, const struct written *message,
                       bool is_first, struct entry *entry)
{
    enum message_role role;

    if (!role_of(message->role, &role))
        entry->problem = "a message whose 'role' is not user, assistant, system or tool";
    else if (role == MESSAGE_SYSTEM && !is_first)
        entry->problem = "a system message that is not the first";
    else if (message->parts)
        return dataset_add_json(reading, role, message->parts, message->parts_len);
    else if (message->text.bytes)
        return dataset_add_text(reading, role, message->text);
    else
        entry->problem =
            "a message whose 'content' is neither a text nor a list of parts";
    return 0;
}

static int read_messages(struct dataset_reading *reading, struct json_scan *scan,
                         struct entry *entry)
{
    bool is_first = true;
    int r = 0;

    entry->has_messages = true;
    if (json_scan_peek(scan) != '[') {
        entry->problem = "'messages' that are no list";
        json_scan_value(scan, JSON_LINES_DEPTH);
        return 0;
    }
    for (bool more = json_scan_enter(scan, '['); r == 0 && more;
         more = json_scan_next(scan, ']')) {
        const struct written message = read_message(scan);

        r = add_message(reading, &message, is_first, entry);
        is_first = false;
    }
    return r;
}

static int read_prompt(struct dataset_reading *reading, struct json_scan *scan,
                       struct entry *entry)
{
    const struct json_piece prompt = json_lines_text(scan);

    entry->has_prompt = true;
    if (prompt.len > 0)
        return dataset_add_text(reading, MESSAGE_USER, prompt);
    entry->problem = prompt.bytes ? "an empty 'prompt'" : "a 'prompt' that is no text";
    return 0;
}

static void read_output(struct json_scan *scan, struct entry *entry)
{
    struct json_scan number = *scan;
    uint64_t tokens;

    json_scan_value(scan, JSON_LINES_DEPTH);
    tokens = json_scan_count(&number);
    if (number.failed || tokens == 0 || tokens > UINT32_MAX)
        entry->problem = "'output_tokens' that are no whole number above 0";
    else
        entry->output_tokens = (uint32_t)tokens;
}

static int read_member(struct dataset_reading *reading, struct json_scan *scan,
                       struct entry *entry)
{
    const struct json_piece key = json_scan_any_key(scan);

    if (json_piece_is(key, "prompt"))
        return read_prompt(reading, scan, entry);
    if (json_piece_is(key, "messages"))
        return read_messages(reading, scan, entry);
    if (json_piece_is(key, "output_tokens"))
        read_output(scan, entry);
    else
        json_scan_value(scan, JSON_LINES_DEPTH);
    return 0;
}

int dataset_read_prompt(struct dataset_reading *reading, struct json_scan scan,
                        uint64_t line)
{
    struct entry entry = {0};
    int r = 0;

    for (bool more = json_scan_enter(&scan, '{'); r == 0 && more;
         more = json_scan_next(&scan, '}'))
        r = read_member(reading, &scan, &entry);
    if (r < 0)
        return r;
    if (!entry.problem && entry.has_prompt == entry.has_messages)
        entry.problem = entry.has_prompt ? "both 'prompt' and 'messages'"
                                         : "neither 'prompt' nor 'messages'";
    if (!entry.problem && reading->end == reading->first)
        entry.problem = "messages without one of a user";
    if (!entry.problem)
        return dataset_close_row(reading, entry.output_tokens);
    dataset_drop_row(reading);
    return row_file_bad_row(&reading->file, line, entry.problem, DATASET_SKIP_HINT);
}
