#include "output/summary_answers.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "measure/balance.h"
#include "measure/integrity.h"
#include "measure/recorder.h"
#include "measure/stream.h"
#include "output/terminal_text.h"
#include "result/facts.h"

#define MAX_NAME_COLUMNS 40

/* Sentences of one row, with "; " between them. */
struct row {
    struct buf *out;
    const char *between;
};

static struct buf *next(struct row *row)
{
    buf_append_str(row->out, row->between);
    row->between = "; ";
    return row->out;
}

bool summary_say_stream(const struct run_facts *facts, struct buf *out)
{
    const struct counters *all =
        recorder_total(facts->view->recorder, RECORDER_ALL).counters;

    if (stream_verdict_of(all) != STREAM_HELD_BACK)
        return false;
    buf_printf(out, "held back: the chunks of %.0f%% of ",
               100 * (double)all->bunched_streams / (double)all->judged_streams);
    quantity_format_count(out, all->judged_streams);
    buf_printf(out,
               " answers came in bunches, %.1f a read, while throng was on time. The "
               "server or a proxy before it buffers the stream (nginx: proxy_buffering): "
               "ttft is the time to the first bunch, and icl says nothing",
               (double)all->chunks / (double)all->reads);
    return true;
}

/* Which kind is explained where there are several: what others may read, then what was lost. */
static const enum integrity by_weight[INTEGRITY_COUNT] = {
    INTEGRITY_CROSSED,        INTEGRITY_MIXED_IDS,    INTEGRITY_TRUNCATED,
    INTEGRITY_MISSING_FINISH, INTEGRITY_INVALID_TEXT, INTEGRITY_USAGE_TOTAL,
    INTEGRITY_USAGE_PARTS,    INTEGRITY_USAGE_ZERO,   INTEGRITY_MISSING_DONE,
    INTEGRITY_AFTER_DONE,
};

bool summary_say_integrity(const struct run_facts *facts, struct buf *out)
{
    const struct counters *all =
        recorder_total(facts->view->recorder, RECORDER_ALL).counters;
    const char *between = ": ";
    const char *help = NULL;

    if (all->unsound == 0)
        return false;
    quantity_format_count(out, all->unsound);
    buf_append_str(out, " of ");
    quantity_format_count(out, all->started);
    buf_printf(out, " answer%s", all->started == 1 ? "" : "s");
    for (size_t i = 0; i < INTEGRITY_COUNT; i++) {
        const uint64_t count = all->integrity[by_weight[i]];

        if (count == 0)
            continue;
        if (!help)
            help = integrity_help(by_weight[i]);
        buf_append_str(out, between);
        quantity_format_count(out, count);
        buf_printf(out, " %s", integrity_name(by_weight[i]));
        between = ", ";
    }
    buf_printf(out, ". %s", help ? help : "");
    return true;
}

static void say_retransmits(const struct counters *all, struct row *row)
{
    struct buf *out = NULL;

    if (all->retransmits == 0 || all->on_wire == 0)
        return;
    out = next(row);
    quantity_format_count(out, all->retransmits);
    buf_printf(out, " TCP segment%s sent again (%.1f per 1,000 requests)",
               all->retransmits == 1 ? "" : "s",
               1000 * (double)all->retransmits / (double)all->on_wire);
}

static void say_balance(const struct recorder *recorder, struct row *row)
{
    const struct balance balance = balance_of(recorder);
    struct buf *out = NULL;

    if (!balance.uneven)
        return;
    out = next(row);
    buf_printf(out, "uneven: %.0f%% of ",
               100 * (double)balance.most / (double)balance.requests);
    quantity_format_count(out, balance.requests);
    buf_append_str(out, " requests went to ");
    terminal_put_safe(out, balance.busiest, MAX_NAME_COLUMNS);
    buf_printf(out, ", one of %zu backends", balance.backends);
}

bool summary_say_network(const struct run_facts *facts, struct buf *out)
{
    const struct recorder *recorder = facts->view->recorder;
    const struct counters *all = recorder_total(recorder, RECORDER_ALL).counters;
    const uint64_t resets = all->outcomes[OUTCOME_RESET];
    struct row row = {.out = out, .between = ""};

    say_retransmits(all, &row);
    if (resets > 0) {
        quantity_format_count(next(&row), resets);
        buf_printf(out, " connection%s reset", resets == 1 ? "" : "s");
    }
    say_balance(recorder, &row);
    return *row.between != '\0';
}
