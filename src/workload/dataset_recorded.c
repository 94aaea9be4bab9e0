#include <stdbool.h>

#include "workload/dataset_reading.h"
#include "workload/json_lines.h"

/* Of fewer it is no conversation: vLLM's benchmark leaves it out too. */
#define LEAST_MESSAGES 2

/* One message of a conversation, as far as it says. */
struct recorded {
    struct json_piece from;  /* bytes NULL: no text */
    struct json_piece value; /* likewise */
};

/* What was seen of a conversation. */
struct hearing {
    size_t count; /* messages, but for a system message at the beginning */
    bool is_begun_by_person;
    bool is_bad; /* a message of it is none */
};

static struct recorded read_message(struct json_scan *scan)
{
    struct recorded message = {0};

    if (json_scan_peek(scan) != '{') {
        json_scan_value(scan, JSON_LINES_DEPTH);
        return message;
    }
    for (bool more = json_scan_enter(scan, '{'); more; more = json_scan_next(scan, '}')) {
        const struct json_piece key = json_scan_any_key(scan);

        if (json_piece_is(key, "from"))
            message.from = json_lines_text(scan);
        else if (json_piece_is(key, "value"))
            message.value = json_lines_text(scan);
        else
            json_scan_value(scan, JSON_LINES_DEPTH);
    }
    return message;
}

/* Keeps what a person or the system says; what was answered is not needed. */
static int hear(struct dataset_reading *reading, const struct recorded *message,
                struct hearing *hearing)
{
    const struct json_piece from = message->from;
    const bool is_person = json_piece_is(from, "human") || json_piece_is(from, "user");
    const bool is_system = hearing->count == 0 && json_piece_is(from, "system");

    if (!from.bytes || !message->value.bytes) {
        hearing->is_bad = true;
        return 0;
    }
    if (!is_system && hearing->count++ == 0)
        hearing->is_begun_by_person = is_person && message->value.len > 0;
    if ((!is_person && !is_system) || message->value.len == 0)
        return 0;
    return dataset_add_text(reading, is_person ? MESSAGE_USER : MESSAGE_SYSTEM,
                            message->value);
}

/* Of a list; what is none is bad. */
static int hear_all(struct dataset_reading *reading, struct json_scan *scan,
                    struct hearing *hearing)
{
    int r = 0;

    if (json_scan_peek(scan) != '[') {
        json_scan_value(scan, JSON_LINES_DEPTH);
        hearing->is_bad = true;
        return 0;
    }
    for (bool more = json_scan_enter(scan, '['); r == 0 && more;
         more = json_scan_next(scan, ']')) {
        const struct recorded message = read_message(scan);

        r = hear(reading, &message, hearing);
    }
    return r;
}

int dataset_read_recorded(struct dataset_reading *reading, struct json_scan entry,
                          uint64_t line)
{
    struct hearing hearing = {0};
    bool is_there = false;
    int r = 0;

    for (bool more = json_scan_enter(&entry, '{'); r == 0 && more;
         more = json_scan_next(&entry, '}')) {
        const struct json_piece key = json_scan_any_key(&entry);

        if (!json_piece_is(key, "conversations") || is_there) {
            json_scan_value(&entry, JSON_LINES_DEPTH);
            continue;
        }
        is_there = true;
        r = hear_all(reading, &entry, &hearing);
    }
    if (r < 0)
        return r;
    if (is_there && !hearing.is_bad && hearing.is_begun_by_person &&
        hearing.count >= LEAST_MESSAGES)
        return dataset_close_row(reading, 0);
    dataset_drop_row(reading);
    if (!is_there || hearing.is_bad)
        return row_file_bad_row(
            &reading->file, line,
            is_there ? "a conversation that is no list of {\"from\", \"value\"}"
                     : "no 'conversations'",
            DATASET_SKIP_HINT);
    reading->dataset->unfit++;
    return 0;
}
