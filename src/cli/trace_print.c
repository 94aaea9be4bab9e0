#include "cli/trace_print.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "workload/trace.h"

/* Lengths of its entries, of those that say them. */
struct lengths_seen {
    uint64_t entries;
    uint64_t sum_tokens;
    uint64_t most_tokens;
};

static void note(struct lengths_seen *seen, uint32_t tokens)
{
    if (tokens == 0)
        return;
    seen->entries++;
    seen->sum_tokens += tokens;
    if (tokens > seen->most_tokens)
        seen->most_tokens = tokens;
}

/* The most entries that lie within a second of each other. */
static uint64_t busiest_second(const struct trace *trace, uint64_t entries)
{
    uint64_t most = 0;
    uint64_t first = 0;

    for (uint64_t i = 0; i < entries; i++) {
        while (trace_entry_at(trace, i).at_ns - trace_entry_at(trace, first).at_ns >=
               NS_PER_S)
            first++;
        if (i + 1 - first > most)
            most = i + 1 - first;
    }
    return most;
}

static void begin_line(struct buf *out)
{
    buf_append_str(out, "    ");
}

static void say_count(struct buf *out, uint64_t count, const char *one, const char *many)
{
    quantity_format_count(out, count);
    buf_append_str(out, count == 1 ? one : many);
}

static void print_load(const struct trace *trace, const struct trace_facts *facts,
                       struct buf *out)
{
    begin_line(out);
    say_count(out, facts->entries, " entry in ", " entries in ");
    quantity_format_duration(out, facts->duration_ns);
    buf_printf(out, ", %.3g/s on average, ",
               (double)facts->entries * (double)NS_PER_S / (double)facts->duration_ns);
    say_count(out, busiest_second(trace, facts->entries), "", "");
    buf_append_str(out, " in the busiest second\n");
}

static void print_length(const struct lengths_seen *seen, const char *what,
                         struct buf *out)
{
    if (seen->entries == 0)
        return;
    begin_line(out);
    buf_append_str(out, what);
    quantity_format_count(
        out, (uint64_t)llround((double)seen->sum_tokens / (double)seen->entries));
    buf_append_str(out, " tokens on average, ");
    quantity_format_count(out, seen->most_tokens);
    buf_append_str(out, " at most\n");
}

static void print_lengths(const struct trace *trace, uint64_t entries, struct buf *out)
{
    struct lengths_seen inputs = {0};
    struct lengths_seen outputs = {0};

    for (uint64_t i = 0; i < entries; i++) {
        const struct trace_entry entry = trace_entry_at(trace, i);

        note(&inputs, entry.input_tokens);
        note(&outputs, entry.output_tokens);
    }
    print_length(&inputs, "prompts of ", out);
    print_length(&outputs, "answers of ", out);
}

static void say_left_out(struct buf *out, uint64_t count, const char *why)
{
    if (count == 0)
        return;
    begin_line(out);
    quantity_format_count(out, count);
    buf_printf(out, " left out: %s\n", why);
}

void trace_print(const char *path, const struct trace *trace, struct buf *out)
{
    const char *name = strrchr(path ? path : "", '/');
    struct trace_facts facts;

    if (!trace || !path)
        return;
    facts = trace_facts(trace);
    buf_append_str(out, "\nTrace\n  ");
    buf_append_printable(out, name ? name + 1 : path, strlen(name ? name + 1 : path));
    buf_printf(out, ", %s", trace_format_word(facts.format));
    if (facts.origin) {
        buf_append_str(out, " of ");
        buf_append_printable(out, facts.origin, strlen(facts.origin));
    }
    buf_append_str(out, ", ");
    quantity_format_size(out, facts.memory_bytes);
    buf_append_str(out, " of memory\n");
    print_load(trace, &facts, out);
    if (facts.requests > 0) {
        begin_line(out);
        say_count(out, facts.requests, " of them is a request", " of them are requests");
        buf_append_str(out, ", sent as they were\n");
    }
    print_lengths(trace, facts.entries, out);
    say_left_out(out, facts.bad, "rows that could not be read (on_bad_row: skip)");
    say_left_out(out, facts.failed, "they had no answer when they were recorded");
    say_left_out(out, facts.elsewhere, "they went to another origin ('origin')");
    say_left_out(out, facts.outside, "outside of 'from', 'for' and 'limit'");
}
