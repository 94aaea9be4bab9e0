#include "workload/json_list.h"

#include <stddef.h>
#include <string.h>

#include "workload/json_lines.h"

struct json_list json_list_begin(struct json_scan scan, const char *text)
{
    return (struct json_list){.scan = scan, .line = 1, .counted = text};
}

static uint64_t count_lines(const char *from, const char *to)
{
    uint64_t count = 0;

    while (from < to && (from = memchr(from, '\n', (size_t)(to - from)))) {
        count++;
        from++;
    }
    return count;
}

bool json_list_next(struct json_list *list, struct json_scan *ret_value)
{
    struct json_scan *scan = &list->scan;
    const bool more =
        list->is_begun ? json_scan_next(scan, ']') : json_scan_enter(scan, '[');
    const char *start;

    list->is_begun = true;
    if (!more)
        return false;
    json_scan_peek(scan);
    start = scan->at;
    list->line += count_lines(list->counted, start);
    list->counted = start;
    json_scan_value(scan, JSON_LINES_DEPTH);
    *ret_value = json_scan_begin(start, (size_t)(scan->at - start));
    return !scan->failed;
}
