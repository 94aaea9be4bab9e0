#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "workload/json_lines.h"
#include "workload/trace_reading.h"

const char *trace_format_word(enum plan_trace_format format)
{
    switch (format) {
    case PLAN_TRACE_AUTO:
        return "auto";
    case PLAN_TRACE_THRONG:
        return "throng";
    case PLAN_TRACE_MOONCAKE:
        return "mooncake";
    case PLAN_TRACE_AZURE:
        return "azure";
    case PLAN_TRACE_BURSTGPT:
        return "burstgpt";
    case PLAN_TRACE_HAR:
        return "har";
    }
    return "";
}

static bool ends_with(const char *path, const char *ending)
{
    const size_t len = strlen(path);
    const size_t ending_len = strlen(ending);

    return len >= ending_len && strcasecmp(path + len - ending_len, ending) == 0;
}

/* Whether the first line has a word in it. */
static bool head_has(const struct row_file *file, const char *word)
{
    const size_t len = strlen(word);
    const char *end = memchr(file->bytes, '\n', file->len);
    const size_t head = end ? (size_t)(end - file->bytes) : file->len;

    for (size_t i = 0; i + len <= head; i++)
        if (strncasecmp(file->bytes + i, word, len) == 0)
            return true;
    return false;
}

/* JSON: its first object says what it is by its first line's members. */
static enum plan_trace_format format_of_json(const struct row_file *file)
{
    struct json_lines lines = {.at = file->bytes, .end = file->bytes + file->len};
    static const char *const keys[] = {"schema", "log", "parent_chat_id"};
    struct json_scan found[COUNT_OF(keys)];
    struct json_scan scan;
    const char *problem;

    if (!json_lines_next(&lines, &scan))
        return PLAN_TRACE_AUTO;
    if (!json_lines_is_object(scan, &problem)) /* one that goes on in other lines */
        return PLAN_TRACE_HAR;
    json_scan_members(&scan, keys, COUNT_OF(keys), found);
    if (found[0].at)
        return PLAN_TRACE_THRONG;
    if (found[2].at) /* Bailian: Mooncake's names, but seconds and blocks of 16 */
        return PLAN_TRACE_AUTO;
    return found[1].at ? PLAN_TRACE_HAR : PLAN_TRACE_MOONCAKE;
}

enum plan_trace_format trace_format_of(const struct row_file *file)
{
    size_t at = 0;

    if (ends_with(file->path, ".har"))
        return PLAN_TRACE_HAR;
    while (at < file->len && isspace((unsigned char)file->bytes[at]))
        at++;
    if (at < file->len && file->bytes[at] == '{')
        return format_of_json(file);
    if (head_has(file, "GeneratedTokens"))
        return PLAN_TRACE_AZURE;
    return head_has(file, "Response tokens") ? PLAN_TRACE_BURSTGPT : PLAN_TRACE_AUTO;
}
