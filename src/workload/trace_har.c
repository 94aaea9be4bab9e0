/*
 * HTTP Archives, version 1.2 (w3c.github.io/web-performance/specs/HAR/Overview.html), as browsers and
 * proxies export them: of each of log.entries startedDateTime and request (method, url, headers,
 * postData.text).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/iso_date.h"
#include "workload/json_lines.h"
#include "workload/json_list.h"
#include "workload/trace_reading.h"
#include "workload/trace_request.h"

#define MAX_HEADERS 256
#define MAX_ORIGIN_BYTES 300

/* An entry, wherever its parts stand. bytes and `at` NULL: they are missing. */
struct har_entry {
    struct json_piece started;
    struct json_piece method;
    struct json_piece url;
    struct json_scan headers;
    struct json_scan post;
};

static void read_request(struct json_scan *scan, struct har_entry *entry)
{
    if (json_scan_peek(scan) != '{') {
        json_scan_value(scan, JSON_LINES_DEPTH);
        return;
    }
    for (bool more = json_scan_enter(scan, '{'); more; more = json_scan_next(scan, '}')) {
        const struct json_piece key = json_scan_any_key(scan);

        if (json_piece_is(key, "method")) {
            entry->method = json_lines_text(scan);
        } else if (json_piece_is(key, "url")) {
            entry->url = json_lines_text(scan);
        } else {
            if (json_piece_is(key, "headers"))
                entry->headers = *scan;
            else if (json_piece_is(key, "postData"))
                entry->post = *scan;
            json_scan_value(scan, JSON_LINES_DEPTH);
        }
    }
}

static struct har_entry read_entry(struct json_scan scan)
{
    struct har_entry entry = {0};

    for (bool more = json_scan_enter(&scan, '{'); more;
         more = json_scan_next(&scan, '}')) {
        const struct json_piece key = json_scan_any_key(&scan);

        if (json_piece_is(key, "startedDateTime"))
            entry.started = json_lines_text(&scan);
        else if (json_piece_is(key, "request"))
            read_request(&scan, &entry);
        else
            json_scan_value(&scan, JSON_LINES_DEPTH);
    }
    return entry;
}

/* A URL in its parts: path is "/" where nothing is behind the origin, and without a fragment. */
struct address {
    size_t origin_len; /* 0: it is none of HTTP */
    const char *path;
    size_t path_len;
};

static struct address address_of(const char *url, size_t len)
{
    static const char *const schemes[] = {"http://", "https://"};
    struct address address = {.path = "/", .path_len = 1};
    const char *fragment = memchr(url, '#', len);

    len = fragment ? (size_t)(fragment - url) : len;
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        const size_t scheme = strlen(schemes[i]);

        if (len <= scheme || strncasecmp(url, schemes[i], scheme) != 0)
            continue;
        address.origin_len = scheme;
        while (address.origin_len < len && !strchr("/?", url[address.origin_len]))
            address.origin_len++;
        if (address.origin_len < len) {
            address.path = url + address.origin_len;
            address.path_len = len - address.origin_len;
        }
    }
    return address;
}

/* Whether entries that go there are replayed. The first one says it where the scenario does not. */
static int is_wanted(struct trace_reading *reading, const char *url, size_t len,
                     bool *ret_wanted)
{
    const char *wanted = reading->plan->origin;
    struct trace *trace = reading->trace;

    *ret_wanted = false;
    if (len == 0 || len > MAX_ORIGIN_BYTES)
        return 0;
    *ret_wanted = true;
    if (wanted && strcmp(wanted, "*") == 0)
        return 0;
    if (!trace->origin) {
        trace->origin = wanted ? strdup(wanted) : strndup(url, len);
        if (!trace->origin)
            return -ENOMEM;
    }
    *ret_wanted =
        strlen(trace->origin) == len && strncasecmp(trace->origin, url, len) == 0;
    return 0;
}

/* Appends a string, if it is there, without its escapes to the file's scratch. */
static int undo(struct trace_reading *reading, struct json_piece piece)
{
    return piece.bytes ? json_piece_append(piece, &reading->file.scratch) : 0;
}

/* {"mimeType": …, "text": …}; forms may have `params` in its place, which nobody seems to write. */
static int add_body(struct trace_reading *reading, struct json_scan post,
                    const char **ret_problem)
{
    static const char *const keys[] = {"text", "params"};
    struct json_scan values[2] = {{0}};
    struct json_piece text = {0};
    int r = 0;

    if (post.at && json_scan_peek(&post) == '{')
        json_scan_members(&post, keys, 2, values);
    if (values[0].at)
        text = json_lines_text(&values[0]);
    if (!text.bytes && values[1].at && json_scan_enter(&values[1], '[')) {
        *ret_problem = "'postData' without its 'text'";
        return 0;
    }
    buf_clear(&reading->file.scratch);
    if (text.bytes)
        r = undo(reading, text);
    return r < 0 ? r
                 : trace_add_text(reading, buf_str(&reading->file.scratch),
                                  reading->file.scratch.len);
}

/* {"name": …, "value": …}. HTTP/2 has names such as ":path", which are no headers. */
static int add_header(struct trace_reading *reading, struct json_scan header,
                      const char **ret_problem)
{
    static const char *const keys[] = {"name", "value"};
    struct json_scan values[2];
    struct json_piece name;
    struct json_piece value;

    if (json_scan_peek(&header) != '{')
        return 0;
    json_scan_members(&header, keys, 2, values);
    if (!values[0].at || !values[1].at)
        return 0;
    name = json_lines_text(&values[0]);
    value = json_lines_text(&values[1]);
    if (!name.bytes || !value.bytes || name.len == 0 || *name.bytes == ':')
        return 0;
    return trace_add_header(reading, name, value, ret_problem);
}

static int add_headers(struct trace_reading *reading, struct json_scan headers,
                       const char **ret_problem)
{
    struct json_list list = json_list_begin(headers, headers.at);
    struct json_scan header;
    size_t count = 0;
    int r = 0;

    if (!headers.at || json_scan_peek(&headers) != '[')
        return 0;
    while (r == 0 && !*ret_problem && json_list_next(&list, &header)) {
        if (++count > MAX_HEADERS)
            *ret_problem = "a request of more than 256 headers";
        else
            r = add_header(reading, header, ret_problem);
    }
    return r;
}

/* Adds the entry's texts; *ret_wanted false: it went elsewhere, and none was added. */
static int add_request(struct trace_reading *reading, const struct har_entry *entry,
                       bool *ret_wanted, const char **ret_problem)
{
    struct buf *scratch = &reading->file.scratch;
    struct address address;
    size_t method_len;
    int r;

    buf_clear(scratch);
    r = undo(reading, entry->method);
    method_len = scratch->len;
    if (r == 0)
        r = undo(reading, entry->url);
    if (r < 0)
        return r;
    const char *url = buf_str(scratch) + method_len;

    address = address_of(url, scratch->len - method_len);
    if (memchr(url, '@', address.origin_len)) { /* the origin is shown */
        *ret_problem = "a 'url' with a name or password before its host";
        return 0;
    }
    r = is_wanted(reading, url, address.origin_len, ret_wanted);
    if (r < 0 || !*ret_wanted)
        return r;
    *ret_problem = trace_check_method(buf_str(scratch), method_len);
    if (!*ret_problem)
        *ret_problem = trace_check_path(address.path, address.path_len);
    if (*ret_problem)
        return 0;
    r = trace_add_text(reading, scratch->bytes, method_len);
    if (r == 0)
        r = trace_add_text(reading, address.path, address.path_len);
    if (r == 0)
        r = add_body(reading, entry->post, ret_problem);
    if (r == 0 && !*ret_problem)
        r = add_headers(reading, entry->headers, ret_problem);
    return r;
}

/* The moment that an entry began. */
static int read_start(struct trace_reading *reading, struct json_piece started,
                      uint64_t *ret_ns, const char **ret_problem)
{
    struct buf *scratch = &reading->file.scratch;
    int r;

    buf_clear(scratch);
    r = undo(reading, started);
    if (r == 0 && !iso_date_parse(buf_str(scratch), scratch->len, ret_ns))
        *ret_problem = "no 'startedDateTime' that is a date and time";
    return r;
}

static int add_entry(struct trace_reading *reading, struct json_scan scan, uint64_t line)
{
    struct trace_draft draft = {.line = line, .has_request = true};
    const char *problem = NULL;
    bool wanted = true;
    int r = 0;

    if (json_lines_is_object(scan, &problem)) {
        const struct har_entry entry = read_entry(scan);

        r = read_start(reading, entry.started, &draft.at_ns, &problem);
        if (!problem && (!entry.method.bytes || !entry.url.bytes))
            problem = "no 'request' with a 'method' and a 'url'";
        if (r == 0 && !problem)
            r = add_request(reading, &entry, &wanted, &problem);
    }
    if (r < 0)
        return r;
    if (!wanted) {
        reading->trace->facts.elsewhere++;
        return 0;
    }
    return problem ? trace_bad_row(reading, &draft, problem) : trace_add(reading, &draft);
}

/* Goes to the value of a key. False: there is none. */
static bool find_key(struct json_scan *scan, const char *key)
{
    if (json_scan_peek(scan) != '{')
        return false;
    for (bool more = json_scan_enter(scan, '{'); more; more = json_scan_next(scan, '}')) {
        if (json_piece_is(json_scan_any_key(scan), key))
            return !scan->failed;
        json_scan_value(scan, JSON_LINES_DEPTH);
    }
    return false;
}

int trace_read_har(struct trace_reading *reading)
{
    struct row_file *file = &reading->file;
    struct json_scan scan = json_scan_begin(file->bytes, file->len);
    struct json_list list;
    struct json_scan entry;
    int r = 0;

    if (!find_key(&scan, "log") || !find_key(&scan, "entries") ||
        json_scan_peek(&scan) != '[')
        return row_file_refuse(file, 0, "it is {\"log\": {\"entries\": [{…}, {…}]}}",
                               "not an HTTP Archive");
    list = json_list_begin(scan, file->bytes);
    while (r == 0 && json_list_next(&list, &entry))
        r = add_entry(reading, entry, list.line);
    if (r == 0 && list.scan.failed)
        r = row_file_refuse(
            file, list.line, "export it again, or mend it",
            "not well-formed JSON in or behind the entry that begins here");
    return r;
}
