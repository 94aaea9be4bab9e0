#include "result/sample_trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "measure/sample.h"
#include "result/sample_file.h"

/* What a line is made of. Moments count from the run's start; 0: it did not happen. */
struct entry {
    uint64_t sent_ns;
    uint64_t user;
    uint64_t headers_ns;
    uint64_t first_byte_ns;
    uint64_t first_output_ns;
    uint64_t end_ns;
    uint64_t bytes;
    uint32_t prompt_tokens;
    uint32_t completion_tokens;
    uint32_t chunks;
    uint16_t status;
    bool streamed;
};

struct collection {
    struct entry *entries; /* owned */
    size_t count;
    size_t cap;
    uint64_t left_out;
};

static int reserve(struct collection *collection)
{
    const size_t cap = collection->cap ? 2 * collection->cap : 1024;
    struct entry *entries;

    if (collection->count < collection->cap)
        return 0;
    entries = reallocarray(collection->entries, cap, sizeof(*entries));
    if (!entries)
        return -ENOMEM;
    collection->entries = entries;
    collection->cap = cap;
    return 0;
}

static int collect(void *ctx, const struct sample *sample, const struct labels *labels)
{
    struct collection *collection = ctx;
    int r;

    (void)labels;
    if (sample->prompt_tokens == 0 || sample->prompt_tokens > UINT32_MAX ||
        sample->completion_tokens > UINT32_MAX || sample->sent_ns == 0) {
        collection->left_out++;
        return 0;
    }
    r = reserve(collection);
    if (r < 0)
        return r;
    collection->entries[collection->count++] =
        (struct entry){.sent_ns = sample->sent_ns,
                       .user = sample->user,
                       .headers_ns = sample->headers_ns,
                       .first_byte_ns = sample->first_byte_ns,
                       .first_output_ns = sample->first_output_ns,
                       .end_ns = sample->end_ns,
                       .bytes = sample->bytes_received,
                       .prompt_tokens = (uint32_t)sample->prompt_tokens,
                       .completion_tokens = (uint32_t)sample->completion_tokens,
                       .chunks = sample->chunks,
                       .status = sample->status,
                       .streamed = (sample->flags & SAMPLE_STREAMED) != 0};
    return 0;
}

static int compare(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;

    if (left->sent_ns != right->sent_ns)
        return left->sent_ns < right->sent_ns ? -1 : 1;
    return (left->user > right->user) - (left->user < right->user);
}

static double ms_of(uint64_t ns)
{
    return (double)ns / (double)NS_PER_MS;
}

/* ,"name": milliseconds since it was sent; nothing where it did not happen. */
static void write_moment(FILE *out, const char *name, const struct entry *entry,
                         uint64_t moment_ns)
{
    if (moment_ns >= entry->sent_ns)
        fprintf(out, ", \"%s\": %.3f", name, ms_of(moment_ns - entry->sent_ns));
}

static void write_entry(FILE *out, const struct entry *entry, uint64_t start_ns)
{
    fprintf(out,
            "{\"timestamp\": %.3f, \"session_id\": \"u%" PRIu64
            "\", \"input_length\": %" PRIu32 ", \"output_length\": %" PRIu32
            ", \"response\": {\"status\": %u",
            ms_of(entry->sent_ns - start_ns), entry->user, entry->prompt_tokens,
            entry->completion_tokens, entry->status);
    write_moment(out, "headers_ms", entry, entry->headers_ns);
    write_moment(out, "first_byte_ms", entry, entry->first_byte_ns);
    write_moment(out, "first_output_ms", entry, entry->first_output_ns);
    write_moment(out, "duration_ms", entry, entry->end_ns);
    fprintf(out,
            ", \"bytes\": %" PRIu64 ", \"chunks\": %" PRIu32 ", \"streamed\": %s}}\n",
            entry->bytes, entry->chunks, entry->streamed ? "true" : "false");
}

int sample_trace_export(const char *path, FILE *out, struct sample_trace *ret_trace)
{
    struct collection collection = {0};
    int r = sample_file_read(path, collect, &collection, &ret_trace->complete);

    ret_trace->entries = collection.count;
    ret_trace->left_out = collection.left_out;
    if (r == 0 && collection.count > 0)
        qsort(collection.entries, collection.count, sizeof(*collection.entries), compare);
    if (r == 0)
        fprintf(out, "{\"schema\": \"throng.trace/1\", \"upstream\": null}\n");
    for (size_t i = 0; r == 0 && i < collection.count && !ferror(out); i++)
        write_entry(out, &collection.entries[i], collection.entries[0].sent_ns);
    if (r == 0 && ferror(out))
        r = 1;
    free(collection.entries);
    return r;
}
