#include "cli/likeness.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "result/portrait.h"
#include "simulator/options.h"

DEFINE_CLEANUP(struct portrait, portrait_free)

/* The services that answer with tokens: whichever was measured, the others are like it. */
static const enum simulator_service services[] = {
    SIMULATOR_CHAT, SIMULATOR_COMPLETIONS, SIMULATOR_RESPONSES, SIMULATOR_MESSAGES};

static void set_rate(struct simulator_rate *rate, uint64_t count, uint64_t of)
{
    for (size_t i = 0; i < COUNT_OF(services); i++)
        rate->of[services[i]] = of > 0 ? (double)count / (double)of : 0;
}

static void take_faults(const struct portrait_model *model,
                        struct simulator_options *options)
{
    struct simulator_rate *const rates[PORTRAIT_FAULT_COUNT] = {
        [PORTRAIT_RESET] = &options->reset_rate,
        [PORTRAIT_TRUNCATED] = &options->truncate_rate,
        [PORTRAIT_STALLED] = &options->stall_rate,
        [PORTRAIT_MALFORMED] = &options->malformed_rate,
        [PORTRAIT_STREAM_ERROR] = &options->stream_error_rate,
        [PORTRAIT_NO_DONE] = &options->no_done_rate,
        [PORTRAIT_AFTER_DONE] = &options->after_done_rate,
        [PORTRAIT_WRONG_USAGE] = &options->wrong_usage_rate,
        [PORTRAIT_CROSSED] = &options->crossed_rate,
        [PORTRAIT_MIXED] = &options->mixed_rate,
    };

    for (size_t i = 0; i < PORTRAIT_FAULT_COUNT; i++)
        set_rate(rates[i], model->faults[i], model->asked);
}

/* The most frequent status that is not taken yet. NULL: there is no other. */
static const struct portrait_status *next_status(const struct portrait_model *model,
                                                 const struct simulator_status *taken)
{
    const struct portrait_status *most = NULL;

    for (const struct portrait_status *at = model->statuses; at->status != 0; at++) {
        bool is_taken = false;

        for (size_t i = 0; taken[i].status != 0; i++)
            is_taken = is_taken || taken[i].status == at->status;
        if (!is_taken && (!most || at->count > most->count))
            most = at;
    }
    return most;
}

/* Rare ones that there is no room for are shared among the others. */
static void take_statuses(const struct portrait_model *model,
                          struct simulator_options *options)
{
    struct simulator_status taken[SIMULATOR_STATUSES_MAX] = {0};
    uint64_t count = 0;

    for (const struct portrait_status *at = model->statuses; at->status != 0; at++)
        count += at->count;
    for (size_t i = 0; i < SIMULATOR_STATUSES_MAX - 1; i++) {
        const struct portrait_status *next = next_status(model, taken);

        if (!next)
            break;
        taken[i].status = next->status;
        taken[i].weight = (double)next->count;
    }
    set_rate(&options->error_rate, count, model->asked);
    if (taken[0].weight > 0)
        memcpy(options->error_statuses, taken, sizeof(taken));
}

/* Returns 0; -ENOMEM. What was not measured stays as it is. */
static int take_curve(const struct portrait_curve *curve,
                      struct simulator_distribution *distribution)
{
    if (!curve->points)
        return 0;
    return simulator_distribution_set_quantiles(distribution, curve->points,
                                                PORTRAIT_POINTS);
}

static int take_model(const struct portrait_model *model,
                      struct simulator_options *options)
{
    static const double no_gap[2] = {0, 0};
    int r = take_curve(&model->ttft_ns, &options->ttft);

    if (r == 0)
        r = model->gap_ns.points
                ? take_curve(&model->gap_ns, &options->gap)
                : simulator_distribution_set_quantiles(&options->gap, no_gap, 2);
    if (r == 0)
        r = take_curve(&model->content_tokens, &options->tokens);
    if (r == 0)
        r = take_curve(&model->reasoning_tokens, &options->reasoning);
    if (r == 0)
        r = take_curve(&model->fault_after, &options->fault_after);
    options->tokens_per_chunk = model->tokens_per_chunk;
    options->cached = model->cached;
    take_faults(model, options);
    take_statuses(model, options);
    return r;
}

static void tell(const char *results, const struct portrait *portrait, struct buf *told)
{
    static const char *const gaps[] = {
        [PORTRAIT_GAPS_CHUNKS] = "the gaps are those of single chunks",
        [PORTRAIT_GAPS_ANSWERS] =
            "the gaps are each answer's average, since there is no histograms.hlog",
        [PORTRAIT_GAPS_PERCENTILES] =
            "from percentiles and averages alone, since there is no samples.bin",
    };
    const struct portrait_model *all = &portrait->models[0];

    buf_printf(told, "like %s: %" PRIu64 " answers to %" PRIu64 " requests", results,
               all->whole, all->asked);
    for (size_t i = 1; i < portrait->count; i++)
        buf_printf(told, "%s%s", i == 1 ? ", of " : ", ", portrait->models[i].name);
    buf_printf(told, "; %s\n", gaps[portrait->gaps]);
    if (all->others > 0)
        buf_printf(told,
                   "%" PRIu64 " failures are left out, since a simulator cannot have "
                   "them (no connection, say)\n",
                   all->others);
}

int likeness_take(const char *results, struct simulator_options *options,
                  struct buf *told, struct buf *reterr)
{
    CLEANUP(portrait_freep) struct portrait *portrait = NULL;
    int r = portrait_read(results, reterr, &portrait);

    if (r < 0)
        return r;
    r = take_model(&portrait->models[0], options);
    for (size_t i = 1; r == 0 && i < portrait->count; i++) {
        struct simulator_options *variant;

        r = simulator_options_add_variant(options, portrait->models[i].name, &variant);
        if (r == 0)
            r = take_model(&portrait->models[i], variant);
    }
    if (r == 0)
        tell(results, portrait, told);
    return r;
}
