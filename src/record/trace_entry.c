#include "record/trace_entry.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "record/hop.h"
#include "record/redacted_body.h"

/* A walk over the strings of an entry's head. */
struct header_walk {
    const char *at;
    size_t left;
};

struct trace_entry *trace_entry_new(size_t max_head_bytes, size_t max_body_bytes)
{
    struct trace_entry *entry = calloc(1, sizeof(*entry));

    if (!entry)
        return NULL;
    entry->head = BUF_INIT(max_head_bytes);
    entry->body = BUF_INIT(max_body_bytes > 0 ? max_body_bytes : 1);
    entry->answer.end = "";
    return entry;
}

struct trace_entry *trace_entry_free(struct trace_entry *entry)
{
    if (!entry)
        return NULL;
    secret_wipe(entry->head.bytes, entry->head.len);
    secret_wipe(entry->body.bytes, entry->body.len);
    buf_deinit(&entry->head);
    buf_deinit(&entry->body);
    free(entry->answer.gaps_us);
    free(entry);
    return NULL;
}

static const char *method_of(const struct trace_entry *entry)
{
    return entry->head.bytes;
}

static const char *target_of(const struct trace_entry *entry)
{
    return entry->head.bytes + strlen(entry->head.bytes) + 1;
}

static struct header_walk walk_begin(const struct trace_entry *entry)
{
    const char *target = target_of(entry);

    return (struct header_walk){.at = target + strlen(target) + 1,
                                .left = entry->header_count};
}

static bool walk_next(struct header_walk *walk, const char **ret_name,
                      const char **ret_value)
{
    if (walk->left == 0)
        return false;
    walk->left--;
    *ret_name = walk->at;
    *ret_value = walk->at + strlen(walk->at) + 1;
    walk->at = *ret_value + strlen(*ret_value) + 1;
    return true;
}

const char *trace_entry_header(const struct trace_entry *entry, const char *name)
{
    struct header_walk walk = walk_begin(entry);
    const char *at;
    const char *value;

    while (walk_next(&walk, &at, &value))
        if (strcasecmp(at, name) == 0)
            return value;
    return NULL;
}

static void note_secrets(const struct trace_entry *entry, const struct redaction *rules,
                         struct shown_secrets *shown)
{
    struct header_walk walk = walk_begin(entry);
    const char *name;
    const char *value;

    while (walk_next(&walk, &name, &value))
        if (redaction_is_secret_header(rules, name, value))
            shown_secrets_note_header(shown, name, value);
    redacted_note_query(rules, target_of(entry), shown);
}

static void append_quoted(struct buf *out, const char *text, size_t len)
{
    (void)buf_append_char(out, '"');
    (void)buf_append_json(out, text, len);
    (void)buf_append_char(out, '"');
}

/* Milliseconds to the microsecond. */
static void append_ms(struct buf *out, uint64_t ns)
{
    const uint64_t us = (ns + NS_PER_US / 2) / NS_PER_US;

    buf_printf(out, "%" PRIu64 ".%03u", us / 1000, (unsigned)(us % 1000));
}

static void append_moment(struct buf *out, const char *name, uint64_t ns)
{
    if (ns == 0)
        return;
    buf_printf(out, ", \"%s\": ", name);
    append_ms(out, ns);
}

/* Whether a text can stand in JSON as it is: readers mind a NUL in a string. */
static bool is_text(const char *bytes, size_t len)
{
    return !memchr(bytes, '\0', len) && utf8_is_valid(bytes, len);
}

/* Values may be targets or URLs, such as those of Referer and X-Original-URL. */
static size_t redacted_header(const struct redacting *by, const char *value,
                              struct buf *out)
{
    return *value == '/' ? redacted_target(by, value, strlen(value), out)
                         : redacted_text(by, value, strlen(value), out);
}

static void append_headers(const struct trace_entry *entry, const struct redacting *by,
                           struct buf *out, struct trace_taken_out *taken)
{
    struct header_walk walk = walk_begin(entry);
    const char *connection = trace_entry_header(entry, "connection");
    struct buf value_out = BUF_INIT(entry->head.max_bytes * 2);
    const char *separator = "";
    const char *name;
    const char *value;

    (void)buf_append_str(out, ", \"headers\": [");
    while (walk_next(&walk, &name, &value)) {
        if (hop_is_own(name, connection))
            continue;
        if (redaction_is_secret_header(by->rules, name, value)) {
            taken->headers++;
            continue;
        }
        buf_clear(&value_out);
        taken->values += redacted_header(by, value, &value_out);
        buf_printf(out, "%s[", separator);
        append_quoted(out, name, strlen(name));
        (void)buf_append_str(out, ", ");
        append_quoted(out, buf_str(&value_out), value_out.len);
        (void)buf_append_char(out, ']');
        separator = ", ";
    }
    (void)buf_append_char(out, ']');
    buf_deinit(&value_out);
}

/* Whether nobody can look into the body: a header says so, or it begins as gzip does (RFC 1952). */
static bool is_encoded(const struct trace_entry *entry)
{
    struct header_walk walk = walk_begin(entry);
    const char *name;
    const char *value;

    while (walk_next(&walk, &name, &value))
        if (strcasecmp(name, "content-encoding") == 0 &&
            strcasecmp(value, "identity") != 0)
            return true;
    return entry->body.len >= 2 && memcmp(entry->body.bytes, "\x1f\x8b", 2) == 0;
}

static void append_body(const struct trace_entry *entry, const struct redacting *by,
                        struct buf *out, struct trace_taken_out *taken)
{
    struct buf body = BUF_INIT(out->max_bytes);

    if (entry->body.len == 0)
        return;
    if (is_encoded(entry)) {
        (void)buf_append_str(out, ", \"body_left_out\": \"encoded\"");
        taken->bodies++;
        return;
    }
    taken->values += redacted_body(by, trace_entry_header(entry, "content-type"),
                                   entry->body.bytes, entry->body.len, &body);
    if (is_text(buf_str(&body), body.len)) {
        (void)buf_append_str(out, ", \"body\": ");
        append_quoted(out, buf_str(&body), body.len);
    } else {
        (void)buf_append_str(out, ", \"body_base64\": \"");
        base64_append(out, buf_str(&body), body.len);
        (void)buf_append_char(out, '"');
    }
    if (buf_error(&body) < 0 && buf_error(out) == 0)
        out->error = buf_error(&body);
    buf_deinit(&body);
}

static void append_request(const struct trace_entry *entry, const struct redaction *rules,
                           struct buf *out, struct trace_taken_out *taken)
{
    struct shown_secrets shown;
    const struct redacting by = {.rules = rules, .shown = &shown};
    const char *target = target_of(entry);
    struct buf path = BUF_INIT(entry->head.max_bytes * 4);

    shown_secrets_init(&shown);
    note_secrets(entry, rules, &shown);
    taken->values += redacted_target(&by, target, strlen(target), &path);
    (void)buf_append_str(out, "\"request\": {\"method\": ");
    append_quoted(out, method_of(entry), strlen(method_of(entry)));
    (void)buf_append_str(out, ", \"path\": ");
    append_quoted(out, buf_str(&path), path.len);
    append_headers(entry, &by, out, taken);
    append_body(entry, &by, out, taken);
    (void)buf_append_char(out, '}');
    buf_deinit(&path);
    shown_secrets_deinit(&shown);
}

static void append_answer(const struct trace_answer *answer, struct buf *out)
{
    buf_printf(out, "\"response\": {\"status\": %u, \"end\": \"%s\"", answer->status,
               answer->end);
    append_moment(out, "headers_ms", answer->headers_ns);
    append_moment(out, "first_byte_ms", answer->first_byte_ns);
    append_moment(out, "first_output_ms", answer->first_output_ns);
    append_moment(out, "duration_ms", answer->duration_ns);
    buf_printf(out, ", \"bytes\": %" PRIu64 ", \"chunks\": %" PRIu64 ", \"streamed\": %s",
               answer->bytes, answer->chunks, answer->is_streamed ? "true" : "false");
    if (answer->is_streamed) {
        (void)buf_append_str(out, ", \"gaps_ms\": [");
        for (size_t i = 0; i < answer->gap_count; i++) {
            if (i > 0)
                (void)buf_append_str(out, ", ");
            append_ms(out, answer->gaps_us[i] * NS_PER_US);
        }
        (void)buf_append_char(out, ']');
    }
    (void)buf_append_char(out, '}');
}

void trace_entry_write(const struct trace_entry *entry, const struct redaction *rules,
                       struct buf *out, struct trace_taken_out *taken)
{
    (void)buf_append_str(out, "{\"timestamp\": ");
    append_ms(out, entry->arrived_ns);
    buf_printf(out,
               ", \"session_id\": \"s%" PRIu64 "\", \"input_length\": %" PRIu64
               ", \"output_length\": %" PRIu64 ", ",
               entry->session, entry->answer.prompt_tokens,
               entry->answer.completion_tokens);
    append_request(entry, rules, out, taken);
    (void)buf_append_str(out, ", ");
    append_answer(&entry->answer, out);
    (void)buf_append_str(out, "}\n");
}

void trace_write_header(uint64_t wall_ns, const char *origin, bool is_insecure,
                        struct buf *out)
{
    char moment[32];

    clock_format_wall(wall_ns, moment);
    buf_printf(out,
               "{\"schema\": \"throng.trace/1\", \"recorded_at\": \"%s\", \"upstream\": ",
               moment);
    append_quoted(out, origin, strlen(origin));
    buf_printf(out, "%s}\n", is_insecure ? ", \"insecure\": true" : "");
}
