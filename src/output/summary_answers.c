#include "output/summary_answers.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "measure/balance.h"
#include "measure/integrity.h"
#include "measure/recorder.h"
#include "measure/spending.h"
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

static void say_unit(struct buf *out, struct unit_cost cost, const char *of)
{
    if (!cost.known)
        return;
    buf_append_str(out, ", ");
    quantity_format_money(out, cost.pusd);
    buf_printf(out, " %s", of);
}

static void say_users(const struct recorder *recorder, struct buf *out)
{
    struct spending_users users;

    spending_of_users(recorder, &users);
    say_unit(out, users.mean, "per user");
    /* Where all cost about the same, who was the dearest says nothing. */
    if (users.dearest_count == 0 || users.dearest[0].cost_pusd / 2 < users.mean.pusd)
        return;
    buf_printf(out, " (the dearest, user %" PRIu64 ": ", users.dearest[0].ordinal);
    quantity_format_money(out, users.dearest[0].cost_pusd);
    buf_append_char(out, ')');
}

bool summary_say_cost(const struct run_facts *facts, struct buf *out)
{
    const struct recorder *recorder = facts->view->recorder;
    const struct counters all = recorder_counters(recorder, RECORDER_ALL);
    const struct spending spending = spending_of(&all);

    if (spending.total_pusd == 0)
        return false;
    quantity_format_money(out, spending.total_pusd);
    buf_append_str(out, " for the whole run");
    say_unit(out, spending.per_million_tokens, "per 1M tokens");
    say_unit(out, spending.per_ok_request, "per good answer");
    say_unit(out, spending.per_generation_second, "per second of generation");
    say_users(recorder, out);
    return true;
}

bool summary_say_stream(const struct run_facts *facts, struct buf *out)
{
    const struct counters all = recorder_counters(facts->view->recorder, RECORDER_ALL);

    if (stream_verdict_of(&all) != STREAM_HELD_BACK)
        return false;
    buf_printf(out, "held back: the chunks of %.0f%% of ",
               100 * (double)all.bunched_streams / (double)all.judged_streams);
    quantity_format_count(out, all.judged_streams);
    buf_printf(out,
               " answers came in bunches, %.1f a read, while throng was on time. The "
               "server or a proxy before it buffers the stream (nginx: proxy_buffering): "
               "ttft is the time to the first bunch, and icl says nothing",
               (double)all.chunks / (double)all.reads);
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
    const struct counters all = recorder_counters(facts->view->recorder, RECORDER_ALL);
    const char *between = ": ";
    const char *help = NULL;

    if (all.unsound == 0)
        return false;
    quantity_format_count(out, all.unsound);
    buf_append_str(out, " of ");
    quantity_format_count(out, all.started);
    buf_printf(out, " answer%s", all.started == 1 ? "" : "s");
    for (size_t i = 0; i < INTEGRITY_COUNT; i++) {
        const uint64_t count = all.integrity[by_weight[i]];

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
    const struct counters all = recorder_counters(recorder, RECORDER_ALL);
    const uint64_t resets = all.outcomes[OUTCOME_RESET];
    struct row row = {.out = out, .between = ""};

    say_retransmits(&all, &row);
    if (resets > 0) {
        quantity_format_count(next(&row), resets);
        buf_printf(out, " connection%s reset", resets == 1 ? "" : "s");
    }
    say_balance(recorder, &row);
    return *row.between != '\0';
}
