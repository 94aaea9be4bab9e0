#include "result/comparison_operations.h"

#include <errno.h>
#include <stdlib.h>

#include "measure/sample.h"
#include "result/sample_file.h"

/* An operation of several attempts. */
struct retried {
    uint64_t id;
    uint64_t due_ns; /* of the first that is known; 0: none yet */
    uint64_t end_ns;
    uint32_t attempt; /* the last that is known */
    enum outcome outcome;
};

struct operations {
    struct retried *each; /* owned; after the first reading in rising order, each once */
    size_t count;
    size_t cap;
    operation_fn *fn;
    void *ctx;
};

static int note_retry(void *ctx, const struct sample *sample, const struct labels *labels)
{
    struct operations *operations = ctx;

    (void)labels;
    if (sample->attempt == 0 || !(sample->flags & SAMPLE_IN_WINDOW))
        return 0;
    if (operations->count == operations->cap) {
        const size_t cap = operations->cap ? 2 * operations->cap : 256;
        struct retried *each = reallocarray(operations->each, cap, sizeof(*each));

        if (!each)
            return -ENOMEM;
        operations->each = each;
        operations->cap = cap;
    }
    operations->each[operations->count++] = (struct retried){.id = sample->operation_id};
    return 0;
}

static int by_id(const void *a, const void *b)
{
    const struct retried *one = a;
    const struct retried *two = b;

    return (one->id > two->id) - (one->id < two->id);
}

/* In rising order, each once. */
static void arrange(struct operations *operations)
{
    size_t kept = 0;

    if (operations->count > 0)
        qsort(operations->each, operations->count, sizeof(*operations->each), by_id);
    for (size_t i = 0; i < operations->count; i++)
        if (kept == 0 || operations->each[kept - 1].id != operations->each[i].id)
            operations->each[kept++] = operations->each[i];
    operations->count = kept;
}

static void add_attempt(struct retried *retried, const struct sample *sample)
{
    if (retried->due_ns == 0 || sample->due_ns < retried->due_ns)
        retried->due_ns = sample->due_ns;
    if (sample->end_ns > retried->end_ns)
        retried->end_ns = sample->end_ns;
    if (sample->attempt >= retried->attempt) {
        retried->attempt = sample->attempt;
        retried->outcome = sample->outcome;
    }
}

static int tell(const struct operations *operations, const struct retried *from)
{
    const struct operation operation = {
        .id = from->id,
        .attempts = from->attempt + 1,
        .failed = outcome_is_failure(from->outcome),
        .withdrawn = outcome_is_withdrawn(from->outcome),
        .in_window = true,
        .due_ns = from->due_ns,
        .end_ns = from->end_ns,
    };

    return operations->fn(operations->ctx, &operation);
}

static int on_attempt(void *ctx, const struct sample *sample, const struct labels *labels)
{
    const struct operations *operations = ctx;
    const struct retried wanted = {.id = sample->operation_id};
    struct retried *found = NULL;
    struct retried single = wanted;

    (void)labels;
    if (!(sample->flags & SAMPLE_IN_WINDOW))
        return 0;
    if (operations->count > 0)
        found =
            bsearch(&wanted, operations->each, operations->count, sizeof(wanted), by_id);
    if (found) {
        add_attempt(found, sample);
        return 0;
    }
    add_attempt(&single, sample);
    return tell(operations, &single);
}

int operations_read(const char *path, operation_fn *fn, void *ctx)
{
    struct operations operations = {.fn = fn, .ctx = ctx};
    bool complete = false;
    int r = sample_file_read(path, note_retry, &operations, &complete);

    arrange(&operations);
    if (r == 0)
        r = sample_file_read(path, on_attempt, &operations, &complete);
    for (size_t i = 0; i < operations.count && r == 0; i++)
        r = tell(&operations, &operations.each[i]);
    free(operations.each);
    return r;
}
