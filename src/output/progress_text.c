#include "output/progress_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "measure/run_view.h"
#include "output/client_health.h"
#include "output/progress_cells.h"
#include "output/terminal_line.h"
#include "output/terminal_text.h"
#include "plan/plan.h"

#define MAX_PIECE_BYTES 512
#define MAX_PHASE_COLUMNS 24
#define MAX_BAR_COLUMNS 60
#define MIN_BAR_COLUMNS 8
#define BRIEF_COLUMNS 70
#define MAX_NAME_COLUMNS 40
#define MAX_URL_COLUMNS 60
#define LOG_COLUMNS 400
#define GAP "   "

/* A piece of a line while it is made; its bytes live until the next one is begun. */
__attribute__((format(printf, 2, 3))) static const char *say(struct buf *piece,
                                                             const char *format, ...)
{
    va_list args;

    buf_clear(piece);
    va_start(args, format);
    buf_vprintf(piece, format, args);
    va_end(args);
    return buf_str(piece);
}

/* A log is read wherever it lands: nothing is left out of its lines. */
static struct terminal_style unbounded(struct terminal_style style)
{
    if (!style.live)
        style.columns = LOG_COLUMNS;
    return style;
}

/* "00:05", "1:02:03". */
static void put_clock(struct buf *out, uint64_t ns)
{
    const uint64_t seconds = ns / NS_PER_S;

    if (seconds >= 3600)
        buf_printf(out, "%" PRIu64 ":", seconds / 3600);
    buf_printf(out, "%02" PRIu64 ":%02" PRIu64, seconds / 60 % 60, seconds % 60);
}

/* "50 arrivals/s", "100 users": the most that the phases ask for. */
static void put_peak(const struct plan *plan, struct buf *out)
{
    if (plan_is_open(plan)) {
        buf_printf(out, "%.4g arrivals/s", plan_peak_rate(plan));
        return;
    }
    quantity_format_count(out, plan_peak_users(plan));
    buf_append_str(out, plan_peak_users(plan) == 1 ? " user" : " users");
}

/* "2 phases in 30s, up to 100 users". Of a search the load is not known before. */
static void put_phases(const struct plan *plan, struct buf *out)
{
    if (plan->is_search)
        buf_append_str(out, "a search for capacity, for ");
    else
        buf_printf(out, "%zu phase%s in ", plan->phase_count,
                   plan->phase_count == 1 ? "" : "s");
    quantity_format_duration(out, plan_duration_ns(plan));
    if (plan->replay.path) {
        buf_append_str(out, ", as the trace says");
        return;
    }
    buf_append_str(out, plan->is_search ? " at most, from " : ", up to ");
    put_peak(plan, out);
}

void progress_heading(const struct plan *plan, struct terminal_style style,
                      struct buf *out)
{
    struct buf piece = BUF_INIT(MAX_PIECE_BYTES);
    struct terminal_line line;

    line_init(&line, out, unbounded(style));
    terminal_put_safe(&piece, plan->name, MAX_NAME_COLUMNS);
    line_add(&line, "", PAINT_STRONG, buf_str(&piece));
    buf_clear(&piece);
    put_phases(plan, &piece);
    line_add(&line, ": ", PAINT_PLAIN, buf_str(&piece));
    if (plan->target_count > 0 && plan->targets[0].simulator) {
        line_add(&line, ", against ", PAINT_PLAIN, "the built-in simulator");
    } else if (plan->target_count > 0 && plan->targets[0].origin) {
        buf_clear(&piece);
        terminal_put_safe(&piece, plan->targets[0].origin, MAX_URL_COLUMNS);
        line_add(&line, ", against ", PAINT_PLAIN, buf_str(&piece));
    }
    buf_deinit(&piece);
}

/* What goes on: the phase, or why none does. */
static void put_phase(struct buf *out, const struct run_view *view)
{
    switch (view->state) {
    case RUN_STARTING:
        buf_append_str(out, "starting");
        break;
    case RUN_LOADING:
        terminal_put_safe(out, view->phase, MAX_PHASE_COLUMNS);
        break;
    case RUN_PAUSED:
        buf_append_str(out, "paused");
        break;
    case RUN_STOPPING:
        buf_append_str(out, "finishing");
        break;
    case RUN_DONE:
        buf_append_str(out, "done");
        break;
    }
}

/* The columns of the longest name that can stand there, so that the bar does not jump. */
static size_t phase_columns(const struct plan *plan)
{
    size_t columns = sizeof("finishing") - 1;

    for (size_t i = 0; i < plan->phase_count; i++) {
        const size_t width = terminal_width(plan->phases[i].name);

        columns = width > columns ? width : columns;
    }
    return columns < MAX_PHASE_COLUMNS ? columns : MAX_PHASE_COLUMNS;
}

static void add_bar(struct terminal_line *line, const struct run_view *view, size_t width)
{
    struct buf bar = BUF_INIT(MAX_PIECE_BYTES);
    const uint64_t whole_ns = view->elapsed_ns + view->left_ns;
    const double share =
        view->elapsed_ns < whole_ns ? (double)view->elapsed_ns / (double)whole_ns : 1;
    const size_t done = (size_t)lround(share * (double)width);

    terminal_repeat(&bar, "━", done);
    line_add(line, "  ", PAINT_ACCENT, buf_str(&bar));
    buf_clear(&bar);
    terminal_repeat(&bar, "─", width - done);
    line_add(line, "", PAINT_FAINT, buf_str(&bar));
    buf_deinit(&bar);
}

/* "phase ends in 13s", or short "13s left". */
static void put_left(const struct progress_figures *figures, bool brief, struct buf *out)
{
    const struct run_view *view = figures->view;

    if (view->state == RUN_STOPPING) {
        buf_printf(out, brief ? "%" PRIu64 " to come" : "waiting for %" PRIu64 " answers",
                   figures->in_flight);
        return;
    }
    buf_append_str(out, brief ? "" : "phase ends in ");
    quantity_format_duration(out, view->phase_left_ns / NS_PER_S * NS_PER_S);
    buf_append_str(out, brief ? " left" : "");
}

/* "sustained  ━━━━━━━━━━────────  00:12 / 00:30   phase ends in 8s" */
static void time_line(const struct progress_figures *figures, struct terminal_line *line,
                      struct buf *piece)
{
    const struct run_view *view = figures->view;
    const size_t columns = (size_t)line->style.columns;
    const bool brief = columns < BRIEF_COLUMNS;
    /* Room for the longest, so that the bar does not change its length with each second. */
    const size_t left_columns =
        brief ? sizeof("23h59m left") - 1 : sizeof("phase ends in 23h59m") - 1;
    struct buf clock = BUF_INIT(MAX_PIECE_BYTES);

    buf_clear(piece);
    put_phase(piece, view);
    line_add(line, "", PAINT_STRONG, buf_str(piece));
    buf_clear(piece);
    if (line->taken < phase_columns(view->plan))
        terminal_repeat(piece, " ", phase_columns(view->plan) - line->taken);
    line_add(line, "", PAINT_PLAIN, buf_str(piece));
    put_clock(&clock, view->elapsed_ns);
    buf_append_str(&clock, " / ");
    put_clock(&clock, view->elapsed_ns + view->left_ns);
    const size_t beside =
        line->taken + 2 + 2 + clock.len + sizeof(GAP) - 1 + left_columns;

    if (columns >= beside + MIN_BAR_COLUMNS)
        add_bar(line, view,
                columns - beside > MAX_BAR_COLUMNS ? MAX_BAR_COLUMNS : columns - beside);
    line_add(line, "  ", PAINT_PLAIN, buf_str(&clock));
    buf_clear(piece);
    put_left(figures, brief, piece);
    line_add(line, GAP, PAINT_FAINT, buf_str(piece));
    buf_deinit(&clock);
}

/* "client fine: requests leave 0.2 ms late, CPU 12% of a core, trust A so far" */
static void add_client(const struct progress_figures *figures, struct terminal_line *line,
                       const char *gap, bool brief, struct buf *piece)
{
    const enum client_health health = client_health_of(&figures->recent);

    line_add(line, gap, PAINT_FAINT, "client");
    line_add(line, " ", health == CLIENT_FINE ? PAINT_GOOD : PAINT_BAD,
             client_health_name(health));
    buf_clear(piece);
    client_health_evidence(&figures->recent, health, brief, piece);
    if (piece->len > 0)
        line_add(line, ": ", PAINT_PLAIN, buf_str(piece));
    if (figures->graded)
        line_add(line, piece->len > 0 ? ", " : "  ",
                 figures->trust > TRUST_B ? PAINT_BAD : PAINT_PLAIN,
                 say(piece, "trust %c%s", trust_letter(figures->trust),
                     brief ? "" : " so far"));
}

/* "latency_spike of ttft" */
static void add_anomaly(const struct progress_figures *figures,
                        struct terminal_line *line, struct buf *piece)
{
    if (figures->is_odd)
        line_add(line, "  ", PAINT_BAD,
                 say(piece, "%s of %s",
                     anomaly_kind_name(anomaly_signal_kind(figures->odd)),
                     anomaly_signal_name(figures->odd)));
}

size_t progress_live_line(const struct progress_figures *figures, size_t index,
                          struct terminal_style style, struct buf *out)
{
    struct buf piece = BUF_INIT(MAX_PIECE_BYTES);
    struct terminal_line line;

    line_init(&line, out, style);
    if (index == 0)
        time_line(figures, &line, &piece);
    else if (index <= PROGRESS_CELL_ROWS)
        progress_cell_row(figures, index - 1, &line);
    else
        add_client(figures, &line, "", false, &piece);
    if (index == PROGRESS_LINES - 1)
        add_anomaly(figures, &line, &piece);
    buf_deinit(&piece);
    return line.taken;
}

static void add_cell(struct terminal_line *line, enum progress_cell cell,
                     const struct progress_figures *figures, struct buf *piece)
{
    const bool bad = progress_cell_is_bad(cell, figures);

    line_add(line, "  ", PAINT_FAINT, progress_cell_label(cell, figures));
    buf_clear(piece);
    progress_cell_figure(cell, figures, piece);
    line_add(line, " ", bad ? PAINT_BAD : PAINT_PLAIN, buf_str(piece));
}

/* Whether there is anything to say of it. */
static bool applies(enum progress_cell cell, const struct progress_figures *figures)
{
    const struct recent_figures *recent = &figures->recent;

    if (cell == CELL_ARRIVALS || cell == CELL_WAITING || cell == CELL_DROPPED)
        return figures->view->is_open;
    if (cell == CELL_USERS)
        return !figures->view->is_open;
    if (cell == CELL_ICL_P50 || cell == CELL_ICL_P95)
        return progress_streams(recent);
    if (cell == CELL_TOKENS)
        return progress_streams(recent) || recent->tokens > 0;
    return cell != CELL_COST || recent->cost_pusd != 0;
}

void progress_plain_line(const struct progress_figures *figures,
                         struct terminal_style style, struct buf *out)
{
    static const enum progress_cell cells[] = {
        CELL_USERS,    CELL_ARRIVALS, CELL_WAITING,   CELL_DROPPED,
        CELL_REQUESTS, CELL_ERRORS,   CELL_FIRST_P50, CELL_FIRST_P95,
        CELL_ICL_P50,  CELL_ICL_P95,  CELL_TOKENS,    CELL_COST,
    };
    struct buf piece = BUF_INIT(MAX_PIECE_BYTES);
    struct terminal_line line;

    line_init(&line, out, unbounded(style));
    put_clock(&piece, figures->view->elapsed_ns);
    line_add(&line, "", PAINT_FAINT, buf_str(&piece));
    buf_clear(&piece);
    put_phase(&piece, figures->view);
    line_add(&line, " ", PAINT_PLAIN, buf_str(&piece));
    for (size_t i = 0; i < COUNT_OF(cells); i++)
        if (applies(cells[i], figures))
            add_cell(&line, cells[i], figures, &piece);
    add_client(figures, &line, "  ", true, &piece);
    add_anomaly(figures, &line, &piece);
    buf_deinit(&piece);
}
