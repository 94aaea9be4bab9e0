/* Rules about money: what was measured, at the scenario's prices. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/quantity.h"
#include "result/advice_rule.h"
#include "result/summary_reading.h"

#define S_PER_HOUR 3600.0
#define HOURS_PER_MONTH 730.0 /* 365 days over 12 */
#define LEAST_GOOD 30.0
#define LEAST_WINDOW_S 60.0 /* of a projection that is sure */
#define DEARER 1.5
#define REPEATED_MORE 0.1
#define ANSWERS_SHARE 0.5
#define MISSED_SHARE 0.05
#define JUDGED_SHARE 0.9
#define MILLION 1e6
#define PARTS 5 /* of a division that are shown */

static double cost_of(const json_t *of)
{
    return summary_number(of, "cost_usd");
}

static double per_hour(const struct advice_case *facts, double usd)
{
    return usd / facts->window_s * S_PER_HOUR;
}

/* "gpt-4o: $1.20 an hour (80%)" for each value of a dimension that cost something, in its order. */
static void show_division(const struct advice_case *facts, const char *key,
                          const char *word, struct advice_draft *draft)
{
    json_t *values = json_object_get(summary_at(facts->summary, "by"), key);
    const double total = cost_of(summary_at(facts->summary, "totals"));
    char hour[ADVICE_FIGURE_BYTES];
    const char *name;
    json_t *value;
    size_t shown = 0;

    if (json_object_size(values) < 2)
        return;
    json_object_foreach(values, name, value)
    {
        const double usd = cost_of(value);

        if (usd > 0 && shown++ < PARTS)
            advice_show(draft, "%s %s: %s an hour (%.0f%%)", word, name,
                        advice_usd(per_hour(facts, usd), hour), 100 * usd / total);
    }
}

enum advice_confidence advice_cost_projection(const struct advice_case *facts,
                                              struct advice_draft *draft)
{
    const json_t *totals = summary_at(facts->summary, "totals");
    const double usd = cost_of(totals);
    const double users = summary_number(totals, "users_peak");
    const double arrivals = summary_number(totals, "arrivals");
    const double hour = per_hour(facts, usd);
    char figure[ADVICE_FIGURE_BYTES];
    char month[ADVICE_FIGURE_BYTES];

    if (!(usd > 0) || !(facts->window_s > 0))
        return ADVICE_SILENT;
    buf_printf(
        &draft->said,
        "At the measured load it costs %s an hour, and %s a month around the clock",
        advice_usd(hour, figure), advice_usd(hour * HOURS_PER_MONTH, month));
    advice_show(draft, "%s in %.3g s of the measured window", advice_usd(usd, figure),
                facts->window_s);
    if (arrivals > 0)
        advice_show(draft, "1,000 arrivals cost %s",
                    advice_usd(usd / arrivals * 1000, figure));
    else if (users > 0)
        advice_show(draft, "One of up to %.0f users costs %s an hour", users,
                    advice_usd(hour / users, figure));
    show_division(facts, "model", "Model", draft);
    show_division(facts, "org_id", "Organization", draft);
    return facts->window_s >= LEAST_WINDOW_S ? ADVICE_SURE : ADVICE_LIKELY;
}

/* Answers that were good. */
static double good_of(const json_t *of)
{
    return summary_number(of, "requests") - summary_number(of, "failed") -
           summary_number(of, "degraded") - summary_number(of, "cancelled") -
           summary_number(of, "abandoned") - summary_number(of, "sabotaged");
}

static void show_model(const char *name, const json_t *model, struct advice_draft *draft)
{
    const double usd = cost_of(model);
    char each[ADVICE_FIGURE_BYTES];
    char ttft[ADVICE_FIGURE_BYTES];
    const double ms = advice_median(model, "ttft");
    const double bought = summary_number(model, "completion_tokens") / usd;
    CLEANUP(buf_deinit) struct buf tokens = BUF_INIT(ADVICE_FIGURE_BYTES);

    quantity_format_count(&tokens, bought > 0 && bought < 1e15 ? (uint64_t)bought : 0);
    advice_show(
        draft,
        "%s: %s for a good answer, %s output tokens for a dollar, %.1f%% failed%s%s",
        name, advice_usd(usd / good_of(model), each), buf_str(&tokens),
        100 * summary_number(model, "error_rate"), isfinite(ms) ? ", ttft p50 " : "",
        isfinite(ms) ? advice_ms(ms, ttft) : "");
}

enum advice_confidence advice_cost_model(const struct advice_case *facts,
                                         struct advice_draft *draft)
{
    json_t *models = json_object_get(summary_at(facts->summary, "by"), "model");
    const json_t *cheap = NULL;
    const json_t *dear = NULL;
    const char *cheap_name = "";
    const char *dear_name = "";
    double least = INFINITY;
    double most = 0;
    const char *name;
    json_t *model;
    char figure[ADVICE_FIGURE_BYTES];

    json_object_foreach(models, name, model)
    {
        const double each = cost_of(model) / good_of(model);

        if (!(good_of(model) >= LEAST_GOOD) || !(each > 0))
            continue;
        if (each < least) {
            least = each;
            cheap = model;
            cheap_name = name;
        }
        if (each > most) {
            most = each;
            dear = model;
            dear_name = name;
        }
    }
    if (!cheap || !dear || !(most >= DEARER * least) || !(facts->window_s > 0))
        return ADVICE_SILENT;
    buf_printf(
        &draft->said,
        "Had %s answered what %s did, at what its answers cost here, it would be %s an "
        "hour less",
        cheap_name, dear_name,
        advice_usd(per_hour(facts, (most - least) * good_of(dear)), figure));
    show_model(dear_name, dear, draft);
    show_model(cheap_name, cheap, draft);
    return ADVICE_SURE;
}

/*
 * The share of prompt tokens that a prompt has in common with the one before it: a turn repeats at most what
 * the turn before it asked. Of conversations alone; 0 where there are none.
 */
static double repeated_share(const json_t *summary)
{
    const json_t *turns = summary_at(summary, "conversations/turns");
    double all = 0;
    double repeated = 0;
    double before = 0;

    for (size_t i = 0; i < json_array_size(turns); i++) {
        const json_t *turn = json_array_get(turns, i);
        const double requests = summary_number(turn, "requests");
        const double tokens = summary_number(turn, "prompt_tokens_mean");

        if (!isfinite(tokens))
            continue;
        all += requests * tokens;
        repeated += requests * fmin(before, tokens);
        before = tokens;
    }
    return advice_share(repeated, all);
}

enum advice_confidence advice_cost_caching(const struct advice_case *facts,
                                           struct advice_draft *draft)
{
    json_t *models = json_object_get(summary_at(facts->summary, "by"), "model");
    const json_t *prices = summary_at(facts->summary, "cost/prices");
    const double repeated = repeated_share(facts->summary);
    double saved = 0;
    double prompt = 0;
    double cached = 0;
    const char *name;
    json_t *model;
    char figure[ADVICE_FIGURE_BYTES];

    json_object_foreach(models, name, model)
    {
        const json_t *price = json_object_get(prices, name);
        const double tokens = summary_number(model, "prompt_tokens");
        const double discount =
            summary_number(price, "prompt_usd") - summary_number(price, "cached_usd");
        const double more = repeated * tokens - summary_number(model, "cached_tokens");

        if (!(discount > 0))
            continue;
        prompt += tokens;
        cached += summary_number(model, "cached_tokens");
        saved += more > 0 ? more * discount / MILLION : 0;
    }
    if (!(prompt > 0) || repeated - cached / prompt < REPEATED_MORE || !(saved > 0) ||
        !(facts->window_s > 0))
        return ADVICE_SILENT;
    buf_printf(
        &draft->said,
        "A prefix cache that holds what conversations repeat would save up to %s an hour",
        advice_usd(per_hour(facts, saved), figure));
    advice_show(draft, "%.0f%% of the prompt tokens repeat the turn before",
                100 * repeated);
    advice_show(draft, "%.0f%% of them were cached", 100 * cached / prompt);
    return ADVICE_LIKELY;
}

enum advice_confidence advice_cost_answers(const struct advice_case *facts,
                                           struct advice_draft *draft)
{
    json_t *models = json_object_get(summary_at(facts->summary, "by"), "model");
    const json_t *prices = summary_at(facts->summary, "cost/prices");
    const double usd = cost_of(summary_at(facts->summary, "totals"));
    double answers = 0;
    double tokens = 0;
    double good = 0;
    const char *name;
    json_t *model;
    char figure[ADVICE_FIGURE_BYTES];

    json_object_foreach(models, name, model)
    {
        const json_t *price = json_object_get(prices, name);
        const double completion = summary_number(model, "completion_tokens");
        const double reasoning = summary_number(model, "reasoning_tokens");

        if (!(summary_number(price, "completion_usd") > 0))
            continue;
        answers += ((completion - reasoning) * summary_number(price, "completion_usd") +
                    reasoning * summary_number(price, "reasoning_usd")) /
                   MILLION;
        tokens += completion;
        good += good_of(model);
    }
    if (!(answers >= ANSWERS_SHARE * usd) || !(answers > 0) || !(good > 0) ||
        !(facts->window_s > 0))
        return ADVICE_SILENT;
    buf_printf(&draft->said, "Answers that are a tenth shorter save %s an hour",
               advice_usd(per_hour(facts, answers / 10), figure));
    advice_show(draft, "%.0f%% of the money went for completion tokens",
                100 * fmin(answers / usd, 1));
    advice_show(draft, "A good answer has %.0f of them on average", tokens / good);
    return ADVICE_SURE;
}

enum advice_confidence advice_cost_missed(const struct advice_case *facts,
                                          struct advice_draft *draft)
{
    const json_t *totals = summary_at(facts->summary, "totals");
    const double usd = cost_of(totals);
    const double judged = summary_number(totals, "slo/operations");
    const double met = summary_number(totals, "slo/met");
    char each[ADVICE_FIGURE_BYTES];
    char good[ADVICE_FIGURE_BYTES];

    const double all = summary_number(totals, "operations");

    /* What had no objectives cost something too: only where that is little can it be said. */
    if (!(usd > 0) || !(met > 0) || !(met <= (1 - MISSED_SHARE) * judged) ||
        !(judged >= JUDGED_SHARE * all))
        return ADVICE_SILENT;
    buf_printf(&draft->said,
               "What met its objectives cost %s each, where an operation cost %s",
               advice_usd(usd / met, good), advice_usd(usd / judged, each));
    advice_show(draft, "%.0f of %.0f operations met their objectives (%.1f%%)", met,
                judged, 100 * met / judged);
    return ADVICE_SURE;
}
