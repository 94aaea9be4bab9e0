/* Families of each model: where the time of its streams goes, and what depends on the size of prompts. */
#include "base/cleanup.h"
#include "output/family_otel.h"
#include "output/family_writers.h"

#define NS_PER_S_DOUBLE 1e9

void family_write_ttft_by_size(const struct family *family,
                               const struct exposition *exposition,
                               struct metric_text *text)
{
    const struct snapshot *snapshot = &exposition->snapshot;

    (void)family;
    for (size_t i = 0; i < snapshot->model_count; i++) {
        const struct model_cell *cell = &snapshot->models[i];

        for (size_t size = 0; size < SNAPSHOT_PROMPT_SIZES; size++) {
            const struct metric_label labels[] = {
                {"model", cell->model}, {"prompt_size", snapshot_prompt_size(size)}};

            if (buckets_count(&cell->ttft[size]) > 0)
                metric_text_buckets(text, labels, COUNT_OF(labels), &cell->ttft[size],
                                    &buckets_scales[BUCKETS_TTFT]);
        }
    }
}

void family_write_stages(const struct family *family, const struct exposition *exposition,
                         struct metric_text *text)
{
    const struct snapshot *snapshot = &exposition->snapshot;

    (void)family;
    for (size_t i = 0; i < snapshot->model_count; i++) {
        const struct model_cell *cell = &snapshot->models[i];

        for (enum stream_stage stage = 0; stage < STAGE_COUNT; stage++) {
            const struct stage_time *time = &cell->stages[stage];
            const struct metric_label labels[] = {{"model", cell->model},
                                                  {"stage", stream_stage_name(stage)}};

            if (time->count == 0)
                continue;
            metric_text_sample(text, "_sum", labels, COUNT_OF(labels),
                               (double)time->sum_ns / NS_PER_S_DOUBLE);
            metric_text_whole(text, "_count", labels, COUNT_OF(labels), time->count);
        }
    }
}

static void write_tokens(struct metric_text *text, const char *model, const char *type,
                         const struct buckets *buckets)
{
    const struct metric_label labels[] = {{"model", model}, {"type", type}};

    if (buckets_count(buckets) > 0)
        metric_text_buckets(text, labels, COUNT_OF(labels), buckets,
                            &buckets_scales[BUCKETS_TOKENS]);
}

void family_write_request_tokens(const struct family *family,
                                 const struct exposition *exposition,
                                 struct metric_text *text)
{
    const struct snapshot *snapshot = &exposition->snapshot;

    for (size_t i = 0; i < snapshot->model_count; i++) {
        const struct model_cell *cell = &snapshot->models[i];

        if (family_is_otel(family, exposition))
            continue; /* models alone have tokens */
        write_tokens(text, cell->model, "prompt", &cell->prompt_tokens);
        write_tokens(text, cell->model, "completion", &cell->completion_tokens);
    }
}
