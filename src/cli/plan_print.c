#include "cli/plan_print.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "measure/footprint.h"
#include "plan/load.h"
#include "plan/plan.h"

#define CHART_COLUMNS 60
#define CHART_ROWS 8
#define MIB (1024.0 * 1024.0)

/* Users wanted at an offset into the load. */
static uint64_t users_at(const struct plan *plan, uint64_t offset_ns)
{
    for (size_t i = 0; i < plan->phase_count; i++) {
        if (offset_ns < plan->phases[i].duration_ns)
            return plan_phase_users_at(&plan->phases[i], offset_ns);
        offset_ns -= plan->phases[i].duration_ns;
    }
    return 0;
}

/* The highest level within one column of the chart, so that no short spike is lost. */
static uint64_t column_peak(const struct plan *plan, size_t column)
{
    const uint64_t whole_ns = plan_duration_ns(plan);
    uint64_t peak = 0;

    for (uint64_t part = 0; part < 16; part++) {
        const uint64_t at_ns =
            (uint64_t)((double)whole_ns * ((double)column + (double)part / 16) /
                       CHART_COLUMNS);
        const uint64_t users = users_at(plan, at_ns);

        if (users > peak)
            peak = users;
    }
    return peak;
}

static void print_chart(const struct plan *plan, struct buf *out)
{
    static const char *const eighths[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const uint64_t peak = plan_peak_users(plan);

    for (size_t row = CHART_ROWS; row > 0 && peak > 0; row--) {
        if (row == CHART_ROWS)
            buf_printf(out, "  %8" PRIu64 " ┤", peak);
        else
            buf_printf(out, "  %8s %s", row == 1 ? "0" : "", row == 1 ? "┤" : "│");
        for (size_t column = 0; column < CHART_COLUMNS; column++) {
            const double level =
                (double)column_peak(plan, column) / (double)peak * CHART_ROWS * 8;
            const double above = level - (double)(row - 1) * 8;
            const size_t fill = above <= 0 ? 0 : above >= 8 ? 8 : (size_t)(above + 0.5);

            buf_append_str(out, eighths[fill]);
        }
        buf_append_char(out, '\n');
    }
}

static void print_phases(const struct plan *plan, struct buf *out)
{
    buf_append_str(out, "\nLoad\n");
    for (size_t i = 0; i < plan->phase_count; i++) {
        const struct plan_phase *phase = &plan->phases[i];
        struct buf duration = BUF_INIT(64);

        quantity_format_duration(&duration, phase->duration_ns);
        buf_printf(out, "  %-16s %8s  ", phase->name, buf_str(&duration));
        if (phase->kind == PLAN_PHASE_PAUSE)
            buf_append_str(out, "nobody\n");
        else if (phase->kind == PLAN_PHASE_SPIKE)
            buf_printf(out, "%" PRIu64 " users at once, then back to %" PRIu64 "\n",
                       phase->users, phase->from_users);
        else if (phase->from_users == phase->users)
            buf_printf(out, "%" PRIu64 " users\n", phase->users);
        else
            buf_printf(out, "%" PRIu64 " → %" PRIu64 " users\n", phase->from_users,
                       phase->users);
        buf_deinit(&duration);
    }
    print_chart(plan, out);
}

static void print_think(const struct plan_pause *think, struct buf *out)
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

/* The steps of a class's program, each once, in order. */
static void print_steps(const struct plan *plan, const struct plan_class *class,
                        struct buf *out)
{
    const struct plan_program *program = &plan->programs[class->program];
    bool first = true;

    for (size_t i = 0; i < program->instruction_count; i++) {
        const struct plan_instruction *instruction = &program->instructions[i];

        if (instruction->op != PLAN_OP_REQUEST)
            continue;
        buf_printf(out, "%s%s", first ? "" : ", ", plan->steps[instruction->a].name);
        first = false;
    }
}

static void print_classes(const struct plan *plan, struct buf *out)
{
    uint64_t weights = 0;

    for (size_t i = 0; i < plan->class_count; i++)
        weights += plan->classes[i].weight;
    buf_append_str(out, "\nUsers\n");
    for (size_t i = 0; i < plan->class_count; i++) {
        const struct plan_class *class = &plan->classes[i];

        if (class->count)
            buf_printf(out, "  %-16s %8" PRIu64 "  ", class->name, class->count);
        else
            buf_printf(out, "  %-16s %7.3g%%  ", class->name,
                       100.0 * class->weight / (double)(weights ? weights : 1));
        buf_append_str(out, "thinks: ");
        print_think(&class->think, out);
        buf_append_str(out, "; sends: ");
        print_steps(plan, class, out);
        buf_append_char(out, '\n');
    }
}

static void print_targets(const struct plan *plan, struct buf *out)
{
    for (size_t i = 0; i < plan->target_count; i++) {
        const struct plan_target *target = &plan->targets[i];

        buf_printf(out, "Target    %s%s%s%s\n",
                   plan->target_count > 1 ? target->name : "",
                   plan->target_count > 1 ? ": " : "",
                   target->simulator ? "the built-in simulator" : target->origin,
                   target->tls.insecure ? " (certificate NOT verified)" : "");
    }
}

static void print_memory(const struct plan *plan, struct buf *out)
{
    const struct footprint footprint = footprint_of(plan);

    buf_printf(out,
               "Memory    up to about %.0f MiB of histograms for %" PRIu64
               " values of dimensions, %.1f MiB for each further one (a backend, an "
               "organization), their copy for checkpoints included\n",
               2 * (double)footprint.bytes / MIB, footprint.values,
               2 * (double)footprint.value_bytes / MIB);
}

int plan_print(const struct plan *plan, struct buf *out)
{
    struct buf duration = BUF_INIT(64);

    buf_printf(out, "Scenario  %s", plan->name);
    if (*plan->description)
        buf_printf(out, " — %s", plan->description);
    buf_append_char(out, '\n');
    print_targets(plan, out);
    quantity_format_duration(&duration, plan_duration_ns(plan));
    buf_printf(out, "Load      %" PRIu64 " users at most, %s in all, seed %" PRIu64 "\n",
               plan_peak_users(plan), buf_str(&duration), plan->seed);
    buf_deinit(&duration);
    print_memory(plan, out);
    print_classes(plan, out);
    print_phases(plan, out);
    return buf_error(out);
}
