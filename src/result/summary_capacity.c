#include "result/summary_capacity.h"

#include <math.h>

#include "base/buf.h"
#include "base/clock.h"
#include "measure/capacity.h"
#include "measure/capacity_text.h"
#include "measure/threshold.h"
#include "plan/plan.h"
#include "result/facts.h"

#define LOAD_DECIMALS 4
#define RATE_DECIMALS 3
#define MS_DECIMALS 3
#define SECONDS_DECIMALS 3
#define SHARE_DECIMALS 6
#define MAX_SENTENCE_BYTES 4096

typedef bool say_fn(const struct capacity_report *report, struct buf *out);

static bool say_answer(const struct capacity_report *report, struct buf *out)
{
    capacity_say_answer(report, out);
    return true;
}

/* A sentence, or null where there is nothing to say. */
static void put_sentence(struct json_tree *tree, json_t *object,
                         const struct capacity_report *report, say_fn *say)
{
    struct buf text = BUF_INIT(MAX_SENTENCE_BYTES);

    if (say(report, &text))
        json_tree_put_text(tree, object, "sentence", buf_str(&text));
    else
        json_tree_put_null(tree, object, "sentence");
    buf_deinit(&text);
}

/* 0 stands for none. */
static void put_load(struct json_tree *tree, json_t *object, const char *key, double load)
{
    json_tree_put_number(tree, object, key, load > 0 ? load : (double)NAN, LOAD_DECIMALS);
}

static void put_seconds(struct json_tree *tree, json_t *object, const char *key,
                        uint64_t ns)
{
    json_tree_put_number(tree, object, key, (double)ns / (double)NS_PER_S,
                         SECONDS_DECIMALS);
}

static void put_slos(struct json_tree *tree, json_t *capacity,
                     const struct capacity_report *report)
{
    json_t *slos = json_tree_array(tree);

    for (size_t i = 0; i < report->slo_count; i++) {
        json_t *slo = json_tree_object(tree);

        json_tree_put_text(tree, slo, "metric", report->slos[i].metric);
        json_tree_put_text(tree, slo, "selector", report->slos[i].selector);
        json_tree_put_text(tree, slo, "expression", report->slos[i].expression);
        json_tree_put_bool(tree, slo, "own", i == report->own_slo);
        json_tree_append(tree, slos, slo);
    }
    json_tree_put(tree, capacity, "slos", slos);
}

static void put_asked(struct json_tree *tree, json_t *capacity,
                      const struct capacity_report *report)
{
    json_t *asked = json_tree_put_object(tree, capacity, "asked");

    put_load(tree, asked, "from", report->from);
    put_load(tree, asked, "to", report->to);
    json_tree_put_number(tree, asked, "resolution", report->resolution, SHARE_DECIMALS);
    put_seconds(tree, asked, "settle_s", report->settle_ns);
    put_seconds(tree, asked, "hold_s", report->hold_ns);
    json_tree_put_count(tree, asked, "confirm", report->confirm);
}

static void put_recovery(struct json_tree *tree, json_t *capacity,
                         const struct capacity_report *report)
{
    json_t *recovery = json_tree_put_object(tree, capacity, "recovery");

    json_tree_put_count(tree, recovery, "count", report->recoveries);
    put_seconds(tree, recovery, "most_s", report->recovery_most_ns);
    json_tree_put_bool(tree, recovery, "hysteresis", report->is_hysteretic);
    put_load(tree, recovery, "recovered_at", report->recovered_at);
    json_tree_put_bool(tree, recovery, "stuck", report->is_stuck);
    put_sentence(tree, recovery, report, capacity_say_recovery);
}

static void put_knee(struct json_tree *tree, json_t *capacity,
                     const struct capacity_report *report)
{
    json_t *knee;

    if (report->knee >= report->level_count) {
        json_tree_put_null(tree, capacity, "knee");
        return;
    }
    knee = json_tree_put_object(tree, capacity, "knee");
    put_load(tree, knee, "load", report->levels[report->knee].load);
    json_tree_put_text(tree, knee, "method", "power");
    put_sentence(tree, knee, report, capacity_say_knee);
}

/* A value that is only a bound stands in `above`. */
static json_t *slo_of(struct json_tree *tree, const struct threshold_certainty *certainty)
{
    const struct threshold_judgement *judgement = &certainty->judgement;
    json_t *slo = json_tree_object(tree);
    const double value =
        judgement->known || judgement->above ? judgement->value : (double)NAN;

    json_tree_put_text(tree, slo, "verdict", certainty_name(certainty->certainty));
    json_tree_put_number(tree, slo, "value", judgement->above ? (double)NAN : value,
                         SHARE_DECIMALS);
    if (judgement->above)
        json_tree_put_number(tree, slo, "above", value, SHARE_DECIMALS);
    json_tree_put_text(tree, slo, "unit", threshold_unit_name(judgement->unit));
    json_tree_put_count(tree, slo, "samples", judgement->samples);
    json_tree_put_number(tree, slo, "missed",
                         certainty->is_count ? (double)certainty->missed : (double)NAN,
                         0);
    json_tree_put_number(tree, slo, "may_miss",
                         certainty->is_count ? certainty->may_miss : (double)NAN,
                         SHARE_DECIMALS);
    return slo;
}

static const char *breach_name(enum capacity_breach breach)
{
    switch (breach) {
    case CAPACITY_BEHIND:
        return "behind";
    case CAPACITY_COLLAPSED:
        return "collapsed";
    case CAPACITY_NO_BREACH:
        break;
    }
    return NULL;
}

static void put_figures(struct json_tree *tree, json_t *object,
                        const struct capacity_level *level)
{
    const struct {
        const char *name;
        double value;
        int decimals;
    } figures[] = {
        {"done_per_s", level->done_per_s, RATE_DECIMALS},
        {"tokens_per_s", level->tokens_per_s, RATE_DECIMALS},
        {"arrived_per_s", level->arrived_per_s, RATE_DECIMALS},
        {"achieved_per_s", level->achieved_per_s, RATE_DECIMALS},
        {"in_flight", level->in_flight, RATE_DECIMALS},
        {"ttft_p50_ms", level->ttft_p50_ms, MS_DECIMALS},
        {"ttft_p95_ms", level->ttft_p95_ms, MS_DECIMALS},
        {"tpot_p50_ms", level->tpot_p50_ms, MS_DECIMALS},
        {"e2e_mean_ms", level->e2e_mean_ms, MS_DECIMALS},
        {"e2e_p95_ms", level->e2e_p95_ms, MS_DECIMALS},
        {"server_running", level->server_running, RATE_DECIMALS},
        {"server_waiting", level->server_waiting, RATE_DECIMALS},
        {"server_preemptions_per_s", level->server_preemptions_per_s, RATE_DECIMALS},
        {"server_kv_cache_usage", level->server_kv_cache_usage, SHARE_DECIMALS},
    };

    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
        json_tree_put_number(tree, object, figures[i].name, figures[i].value,
                             figures[i].decimals);
}

static json_t *level_of(struct json_tree *tree, const struct capacity_report *report,
                        const struct capacity_level *level)
{
    json_t *object = json_tree_object(tree);
    json_t *slos = json_tree_array(tree);
    const char *breach = breach_name(level->breach);
    const char grade[] = {trust_letter(level->trust), '\0'};

    json_tree_put_text(tree, object, "phase", level->phase);
    json_tree_put_text(tree, object, "stage", capacity_stage_name(level->stage));
    put_load(tree, object, "load", level->load);
    json_tree_put_number(tree, object, "start_s", level->start_s, SECONDS_DECIMALS);
    json_tree_put_number(tree, object, "hold_s", level->hold_s, SECONDS_DECIMALS);
    json_tree_put_text(tree, object, "verdict", certainty_name(level->certainty));
    json_tree_put_bool(tree, object, "held", level->held);
    json_tree_put_text(tree, object, "trust", grade);
    json_tree_put_bool(tree, object, "untrusted", level->is_untrusted);
    if (breach)
        json_tree_put_text(tree, object, "breach", breach);
    else
        json_tree_put_null(tree, object, "breach");
    json_tree_put_count(tree, object, "requests", level->requests);
    json_tree_put_count(tree, object, "failed", level->failed);
    json_tree_put_count(tree, object, "rate_limited", level->rate_limited);
    json_tree_put_count(tree, object, "pending", level->pending);
    json_tree_put_count(tree, object, "dropped", level->dropped);
    put_figures(tree, object, level);
    for (size_t i = 0; i < report->slo_count; i++)
        json_tree_append(tree, slos, slo_of(tree, &level->slos[i]));
    json_tree_put(tree, object, "slos", slos);
    return object;
}

void summary_put_capacity(struct json_tree *tree, json_t *summary,
                          const struct run_facts *facts)
{
    const struct capacity_report *report = facts->capacity;
    json_t *levels = NULL;
    json_t *capacity = NULL;
    json_t *saturation = NULL;

    if (!report)
        return;
    levels = json_tree_array(tree);
    capacity = json_tree_put_object(tree, summary, "capacity");
    json_tree_put_text(tree, capacity, "by", report->by_rate ? "rate" : "users");
    json_tree_put_text(tree, capacity, "end", capacity_end_name(report->end));
    put_load(tree, capacity, "answer", report->answer);
    put_load(tree, capacity, "broke", report->broke);
    put_load(tree, capacity, "low", report->low);
    put_load(tree, capacity, "high", report->high);
    json_tree_put_count(tree, capacity, "trials", report->trials);
    json_tree_put_count(tree, capacity, "held", report->held);
    json_tree_put_bool(tree, capacity, "monotone", report->is_monotone);
    put_sentence(tree, capacity, report, say_answer);
    put_asked(tree, capacity, report);
    put_slos(tree, capacity, report);
    put_knee(tree, capacity, report);
    saturation = json_tree_put_object(tree, capacity, "saturation");
    json_tree_put_text(tree, saturation, "what",
                       capacity_saturation_name(report->saturation));
    put_sentence(tree, saturation, report, capacity_say_saturation);
    put_recovery(tree, capacity, report);
    for (size_t i = 0; i < report->level_count; i++)
        json_tree_append(tree, levels, level_of(tree, report, &report->levels[i]));
    json_tree_put(tree, capacity, "levels", levels);
}
