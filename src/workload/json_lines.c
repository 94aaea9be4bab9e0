#include "workload/json_lines.h"

#include <string.h>

#include "base/utf8.h"

bool json_lines_next(struct json_lines *lines, struct json_scan *ret_scan)
{
    while (lines->at < lines->end) {
        const char *start = lines->at;
        const char *end = memchr(start, '\n', (size_t)(lines->end - start));

        lines->at = end ? end + 1 : lines->end;
        lines->line++;
        *ret_scan = json_scan_begin(start, (size_t)((end ? end : lines->end) - start));
        if (json_scan_peek(ret_scan) != 0 || ret_scan->at < ret_scan->end)
            return true;
    }
    return false;
}

bool json_lines_is_object(struct json_scan scan, const char **ret_problem)
{
    const char *start = scan.at;
    const size_t len = (size_t)(scan.end - start);

    *ret_problem = NULL;
    if (json_scan_peek(&scan) != '{')
        *ret_problem = "no JSON object";
    else if (!utf8_is_valid(start, len))
        *ret_problem = "bytes that are not UTF-8";
    json_scan_value(&scan, JSON_LINES_DEPTH);
    if (!*ret_problem && !json_scan_is_over(&scan))
        *ret_problem = "not one well-formed JSON object";
    return *ret_problem == NULL;
}

struct json_piece json_lines_text(struct json_scan *scan)
{
    if (json_scan_peek(scan) == '"')
        return json_scan_string(scan);
    json_scan_value(scan, JSON_LINES_DEPTH);
    return (struct json_piece){0};
}
