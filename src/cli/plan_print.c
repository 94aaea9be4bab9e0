#include "cli/plan_print.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "cli/estimate.h"
#include "cli/load_chart.h"
#include "cli/plan_arms.h"
#include "cli/plan_steps.h"
#include "cli/wrap.h"
#include "measure/cost.h"
#include "measure/footprint.h"
#include "plan/load.h"
#include "plan/plan.h"
#include "platform/people.h"

#define COLUMNS 80
#define HEAD_COLUMNS 10 /* of "Scenario  " */
#define NAME_COLUMNS 16
#define STEP_COLUMNS 6 /* before a step of a flow */
#define MAX_LINE_BYTES ((size_t)64 * 1024)
#define MIB (1024.0 * 1024.0)

static void put_rates(const struct plan_phase *phase, struct buf *out)
{
    if (phase->kind == PLAN_PHASE_PAUSE)
        buf_append_str(out, "no arrivals\n");
    else if (phase->kind == PLAN_PHASE_REPLAY)
        buf_append_str(out, "as the trace says\n");
    else if (phase->kind == PLAN_PHASE_SPIKE)
        buf_printf(out, "%.4g arrivals/s at once, then back to %.4g\n", phase->rate_per_s,
                   phase->from_rate_per_s);
    else if (!plan_phase_is_ramp(phase) || phase->from_rate_per_s == phase->rate_per_s)
        buf_printf(out, "%.4g arrivals/s\n", phase->rate_per_s);
    else
        buf_printf(out, "%.4g → %.4g arrivals/s\n", phase->from_rate_per_s,
                   phase->rate_per_s);
}

static void put_users(const struct plan_phase *phase, struct buf *out)
{
    if (phase->kind == PLAN_PHASE_PAUSE)
        buf_append_str(out, "nobody\n");
    else if (phase->kind == PLAN_PHASE_SPIKE)
        buf_printf(out, "%" PRIu64 " users at once, then back to %" PRIu64 "\n",
                   phase->users, phase->from_users);
    else if (!plan_phase_is_ramp(phase) || phase->from_users == phase->users)
        buf_printf(out, "%" PRIu64 " users\n", phase->users);
    else
        buf_printf(out, "%" PRIu64 " → %" PRIu64 " users\n", phase->from_users,
                   phase->users);
}

static void print_phases(const struct plan *plan, struct buf *out)
{
    buf_append_str(out, "\nLoad\n");
    for (size_t i = 0; i < plan->phase_count; i++) {
        const struct plan_phase *phase = &plan->phases[i];
        struct buf duration = BUF_INIT(64);

        quantity_format_duration(&duration, phase->duration_ns);
        buf_printf(out, "  %-16s %8s  ", phase->name, buf_str(&duration));
        if (plan_is_open(plan))
            put_rates(phase, out);
        else
            put_users(phase, out);
        buf_deinit(&duration);
    }
    load_chart(plan, out);
}

static void put_think(const struct plan_pause *think, struct buf *out)
{
    static const char *const names[] = {
        [PLAN_PAUSE_NONE] = "no pause",
        [PLAN_PAUSE_CONSTANT] = "",
        [PLAN_PAUSE_UNIFORM] = "uniform ",
        [PLAN_PAUSE_GAUSSIAN] = "gaussian ",
        [PLAN_PAUSE_EXPONENTIAL] = "exponential ",
        [PLAN_PAUSE_LOGNORMAL] = "lognormal ",
    };

    buf_append_str(out, names[think->kind]);
    if (think->kind == PLAN_PAUSE_NONE)
        return;
    quantity_format_duration(out, think->base_ns);
    if (think->variance_ns > 0) {
        buf_append_str(out, " ± ");
        quantity_format_duration(out, think->variance_ns);
    }
}

/* Steps beside those that are measured; PLAN_NONE has none. */
static void print_stage(const struct plan *plan, const char *name, uint32_t program,
                        struct buf *out)
{
    if (program == PLAN_NONE)
        return;
    buf_printf(out, "%*s%s\n", STEP_COLUMNS, "", name);
    plan_steps(plan, program, STEP_COLUMNS + 2, out);
}

/* What is done for the run as a whole; for organizations only where there are any. */
static void print_stages(const struct plan *plan, struct buf *out)
{
    const struct plan_stages *stages = &plan->stages;
    const bool has_platform = plan->platform.is_used;
    const bool organizes = stages->organization_setup != PLAN_NONE ||
                           stages->organization_teardown != PLAN_NONE;

    if (stages->run_setup != PLAN_NONE || stages->run_teardown != PLAN_NONE || organizes)
        buf_append_str(out, "\nBeside the load\n");
    print_stage(plan, "before it:", stages->run_setup, out);
    print_stage(plan, "behind it:", stages->run_teardown, out);
    print_stage(plan,
                has_platform
                    ? "before it, for each organization:"
                    : "before it, for each organization (not run: there are none):",
                stages->organization_setup, out);
    print_stage(plan,
                has_platform
                    ? "behind it, for each organization:"
                    : "behind it, for each organization (not run: there are none):",
                stages->organization_teardown, out);
}

static void print_classes(const struct plan *plan, struct buf *out)
{
    uint64_t weights = 0;

    for (size_t i = 0; i < plan->class_count; i++)
        weights += plan->classes[i].weight;
    buf_append_str(out, "\nUsers\n");
    for (size_t i = 0; i < plan_written_class_count(plan); i++) {
        const struct plan_class *class = &plan->classes[i];

        if (class->count)
            buf_printf(out, "  %-16s %8" PRIu64 "  ", class->name, class->count);
        else
            buf_printf(out, "  %-16s %7.3g%%  ", class->name,
                       100.0 * class->weight / (double)(weights ? weights : 1));
        buf_append_str(out, "thinks: ");
        put_think(&class->think, out);
        buf_append_char(out, '\n');
        print_stage(plan, "before:", class->setup, out);
        plan_steps(plan, class->program, STEP_COLUMNS, out);
        print_stage(plan, "behind:", class->teardown, out);
    }
}

/* One of the lines at the top, the text wrapped behind its name. */
static void print_head(const char *name, const char *text, struct buf *out)
{
    buf_printf(out, "%-*s", HEAD_COLUMNS, name);
    wrap_text(out, text, HEAD_COLUMNS, COLUMNS);
}

static void print_targets(const struct plan *plan, struct buf *out)
{
    for (size_t i = 0; i < plan->target_count; i++) {
        const struct plan_target *target = &plan->targets[i];

        buf_printf(out, "%-*s%s%s%s%s\n", HEAD_COLUMNS, "Target",
                   plan->target_count > 1 ? target->name : "",
                   plan->target_count > 1 ? ": " : "",
                   target->simulator ? "the built-in simulator" : target->origin,
                   target->tls.insecure ? " (certificate NOT verified)" : "");
    }
}

/* "30 users in 3 organizations, made before the load and removed behind it" */
static void print_platform(const struct plan *plan, struct buf *out)
{
    static const char *const ends[] = {
        [PLAN_CLEANUP_ALWAYS] = "removed behind it",
        [PLAN_CLEANUP_ON_SUCCESS] = "removed behind one that passes",
        [PLAN_CLEANUP_NEVER] = "never removed",
    };
    struct buf text = BUF_INIT(MAX_LINE_BYTES);

    if (!plan->platform.is_used)
        return;
    quantity_format_count(&text, people_count(plan));
    buf_append_str(&text, " users in ");
    quantity_format_count(&text, plan->platform.organization_count);
    buf_printf(&text, " organizations%s, made before the load and %s",
               plan->worker_count > 1 ? " of all workers" : "",
               ends[plan->platform.cleanup]);
    print_head("Platform", buf_str(&text), out);
    buf_deinit(&text);
}

static void print_outputs(const struct plan *plan, struct buf *out)
{
    const struct plan_pushgateway *gateway = &plan->outputs.pushgateway;
    struct buf text = BUF_INIT(MAX_LINE_BYTES);

    if (!gateway->url)
        return;
    buf_printf(&text, "%s every ", gateway->url);
    quantity_format_duration(&text, gateway->interval_ns);
    print_head("Pushed", buf_str(&text), out);
    buf_deinit(&text);
}

/* The simulator is asked unless somebody says otherwise: that is no news. */
static void print_backends(const struct plan *plan, struct buf *out)
{
    for (size_t i = 0; i < plan->backend_count; i++) {
        const struct plan_backend *backend = &plan->backends[i];
        const struct plan_target *target = &plan->targets[backend->target];
        struct buf text = BUF_INIT(MAX_LINE_BYTES);

        if (target->simulator && !backend->url)
            continue;
        buf_printf(&text, "%s: %s%s every ", backend->name,
                   backend->url ? backend->url : target->origin,
                   backend->url ? "" : "/metrics");
        quantity_format_duration(&text, backend->interval_ns);
        print_head("Servers", buf_str(&text), out);
        buf_deinit(&text);
    }
}

static void print_memory(const struct plan *plan, struct buf *out)
{
    const struct footprint footprint = footprint_of(plan);
    struct buf text = BUF_INIT(MAX_LINE_BYTES);

    buf_printf(
        &text,
        "at the very most %.0f MiB of histograms for %" PRIu64
        " values of dimensions, %.1f MiB more for each further one (a backend, an "
        "organization), their copy for checkpoints included; mostly a tenth of it, "
        "for only what values fall into is memory; %" PRIu64
        " bytes for each user beside",
        2 * (double)footprint.bytes / MIB, footprint.values,
        2 * (double)footprint.value_bytes / MIB, 2 * footprint.user_bytes);
    print_head("Memory", buf_str(&text), out);
    buf_deinit(&text);
}

/* "about $0.14, $0.53 at most; the limit is $10.00" */
static void put_cost(const struct plan *plan, const struct estimate_model *sum,
                     struct buf *out)
{
    buf_append_str(out, "about ");
    quantity_format_money(out, sum->cost_pusd);
    if (sum->unbounded > 0) {
        buf_append_str(out, ", without a bound: an answer without max_tokens may cost "
                            "anything");
    } else {
        buf_append_str(out, ", ");
        quantity_format_money(out, sum->worst_pusd);
        buf_append_str(out, " at most");
    }
    if (plan->limits.cost_pusd == 0)
        return;
    buf_append_str(out, "; the limit is ");
    quantity_format_money(out, plan->limits.cost_pusd);
    if (sum->cost_pusd > plan->limits.cost_pusd)
        buf_append_str(out, " and will end the run early");
}

/* Who of several it is, and what that leaves to it. */
static void print_worker(const struct plan *plan, struct buf *out)
{
    const struct plan_limits *limits = &plan->limits;
    struct buf text = BUF_INIT(MAX_LINE_BYTES);

    if (plan->worker_count <= 1)
        return;
    buf_printf(&text, "%" PRIu32 " of %" PRIu32 ", from 0", plan->worker_index,
               plan->worker_count);
    if (limits->requests)
        buf_printf(&text, "; its share of limits.requests is %" PRIu64 " of %" PRIu64,
                   plan_share(plan, limits->requests), limits->requests);
    if (limits->cost_pusd > 0) {
        buf_append_str(&text, "; its share of limits.cost is ");
        quantity_format_money(&text,
                              (int64_t)plan_share(plan, (uint64_t)limits->cost_pusd));
        buf_append_str(&text, " of ");
        quantity_format_money(&text, limits->cost_pusd);
    }
    print_head("Worker", buf_str(&text), out);
    buf_deinit(&text);
}

static bool is_priced(const struct plan *plan)
{
    for (size_t i = 0; i < plan->model_count; i++)
        if (plan->models[i].priced)
            return true;
    return false;
}

static void print_estimate(const struct plan *plan, const struct estimate *estimate,
                           struct buf *out)
{
    const double seconds = (double)plan_duration_ns(plan) / (double)NS_PER_S;
    struct buf text = BUF_INIT(MAX_LINE_BYTES);

    buf_append_str(&text, "about ");
    quantity_format_count(&text, estimate->requests);
    buf_printf(&text, ", %.3g/s on average",
               seconds > 0 ? (double)estimate->requests / seconds : 0);
    if (plan->limits.requests)
        buf_printf(&text, "; the limit is %" PRIu64, plan->limits.requests);
    print_head("Requests", buf_str(&text), out);
    buf_clear(&text);
    if (is_priced(plan))
        put_cost(plan, &estimate->sum, &text);
    else
        buf_append_str(&text, "no model has a price (models.NAME.price)");
    print_head("Cost", buf_str(&text), out);
    buf_deinit(&text);
}

static void put_model_money(const struct plan_model *model, int64_t pusd, bool bounded,
                            struct buf *out)
{
    struct buf money = BUF_INIT(64);

    if (!model->priced)
        buf_append_str(&money, "no price");
    else if (!bounded)
        buf_append_str(&money, "no bound");
    else
        quantity_format_money(&money, pusd);
    buf_printf(out, " %10s", buf_str(&money));
    buf_deinit(&money);
}

static void put_model_count(uint64_t count, int width, struct buf *out)
{
    struct buf text = BUF_INIT(64);

    quantity_format_count(&text, count);
    buf_printf(out, " %*s", width, buf_str(&text));
    buf_deinit(&text);
}

/* What each model is asked, and what that rests on. */
static void print_models(const struct plan *plan, const struct estimate *estimate,
                         struct buf *out)
{
    struct buf text = BUF_INIT(MAX_LINE_BYTES);

    if (estimate->sum.requests == 0)
        return;
    buf_printf(out, "\n%-*s %9s %12s %12s %10s %10s\n", NAME_COLUMNS + 2, "Models",
               "requests", "tokens in", "tokens out", "cost", "at most");
    for (size_t i = 0; i < plan->model_count; i++) {
        const struct plan_model *model = &plan->models[i];
        const struct estimate_model *about = &estimate->models[i];

        buf_printf(out, "  %-*s", NAME_COLUMNS, model->name);
        if (strlen(model->name) > NAME_COLUMNS) /* its figures stand below it */
            buf_printf(out, "\n%*s", NAME_COLUMNS + 2, "");
        put_model_count(about->requests, 9, out);
        put_model_count(about->prompt_tokens, 12, out);
        put_model_count(about->completion_tokens, 12, out);
        put_model_money(model, about->cost_pusd, true, out);
        put_model_money(model, about->worst_pusd, about->unbounded == 0, out);
        buf_append_char(out, '\n');
    }
    buf_printf(
        &text,
        "Assumed: the first token after %.1f s, then %.0f tokens/s (or a model's "
        "theoretical_tps); answers as long as max_tokens, or %d tokens; %d bytes of "
        "prompt a token, none cached. At most: a token for each byte of prompt.",
        (double)ESTIMATE_FIRST_TOKEN_NS / (double)NS_PER_S, ESTIMATE_TOKENS_PER_S,
        COST_ANSWER_TOKENS, ESTIMATE_BYTES_PER_TOKEN);
    if (estimate->people_share > 1)
        buf_printf(&text, " Reckoned with one in %" PRIu64 " %s.", estimate->people_share,
                   plan_is_open(plan) ? "arrivals" : "people");
    buf_append_str(out, "  ");
    wrap_text(out, buf_str(&text), 2, COLUMNS);
    buf_deinit(&text);
}

static void print_thresholds(const struct plan *plan, struct buf *out)
{
    if (plan->threshold_count > 0)
        buf_append_str(out, "\nThresholds\n");
    for (size_t i = 0; i < plan->threshold_count; i++) {
        const struct plan_threshold *threshold = &plan->thresholds[i];
        const bool selects = *threshold->selector != '\0';

        buf_printf(out, "  %s%s%s%s  %s%s\n", threshold->metric, selects ? "{" : "",
                   threshold->selector, selects ? "}" : "", threshold->expression,
                   threshold->abort_on_fail ? "  (or the run ends)" : "");
    }
}

static void put_distribution(const struct plan_arrivals *arrivals, struct buf *out)
{
    switch (arrivals->kind) {
    case PLAN_ARRIVALS_CONSTANT:
        buf_append_str(out, "evenly");
        break;
    case PLAN_ARRIVALS_POISSON:
        buf_append_str(out, "poisson");
        break;
    case PLAN_ARRIVALS_GAMMA:
        buf_printf(out, "gamma, burstiness %.4g", arrivals->burstiness);
        break;
    case PLAN_ARRIVALS_TRACE:
        buf_append_str(out, "as the trace says");
        break;
    case PLAN_ARRIVALS_NONE:
        break;
    }
}

/* "about 12,000, poisson; 200 people take them; one that finds nobody free waits 10s at most" */
static void print_arrivals(const struct plan *plan, const struct estimate *estimate,
                           struct buf *out)
{
    struct buf text = BUF_INIT(MAX_LINE_BYTES);

    if (!plan_is_open(plan))
        return;
    buf_append_str(&text, "about ");
    quantity_format_count(&text, estimate->arrivals);
    buf_append_str(&text, ", ");
    put_distribution(&plan->arrivals, &text);
    buf_append_str(&text, "; ");
    quantity_format_count(&text, plan->arrivals.users);
    buf_append_str(&text, " people take them, and one that finds nobody free waits ");
    quantity_format_duration(&text, plan->arrivals.max_wait_ns);
    buf_append_str(&text, " at most");
    if (estimate->dropped > 0) {
        buf_append_str(&text, ". With answers as assumed below, ");
        quantity_format_count(&text, estimate->dropped);
        buf_append_str(&text, " would be dropped: raise arrivals.users");
    }
    print_head("Arrivals", buf_str(&text), out);
    buf_deinit(&text);
}

int plan_print(const struct plan *plan, const struct estimate *estimate, struct buf *out)
{
    struct buf text = BUF_INIT(MAX_LINE_BYTES);

    buf_append_str(&text, plan->name);
    if (*plan->description)
        buf_printf(&text, " — %s", plan->description);
    print_head("Scenario", buf_str(&text), out);
    print_targets(plan, out);
    print_backends(plan, out);
    print_platform(plan, out);
    print_outputs(plan, out);
    buf_clear(&text);
    if (plan->replay.path)
        buf_append_str(&text, "a replay, ");
    else if (plan_is_open(plan))
        buf_printf(&text, "%.4g arrivals/s at most, ", plan_peak_rate(plan));
    else
        buf_printf(&text, "%" PRIu64 " users at most, ", plan_peak_users(plan));
    quantity_format_duration(&text, plan_duration_ns(plan));
    buf_printf(&text, " in all, seed %" PRIu64, plan->seed);
    print_head("Load", buf_str(&text), out);
    print_arrivals(plan, estimate, out);
    print_worker(plan, out);
    print_estimate(plan, estimate, out);
    print_memory(plan, out);
    print_classes(plan, out);
    plan_arms(plan, out);
    print_stages(plan, out);
    print_models(plan, estimate, out);
    print_phases(plan, out);
    print_thresholds(plan, out);
    buf_deinit(&text);
    return buf_error(out);
}
