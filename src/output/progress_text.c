#include "output/progress_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "measure/run_view.h"
#include "output/terminal_line.h"
#include "output/terminal_text.h"
#include "plan/plan.h"

#define MAX_PIECE_BYTES 512
#define MAX_PHASE_COLUMNS 24
#define MAX_BAR_COLUMNS 40
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

static void put_rate(struct buf *out, double per_s)
{
    if (per_s >= 1000)
        quantity_format_count(out, (uint64_t)llround(per_s));
    else
        buf_printf(out, "%.*f", per_s >= 100 ? 0 : 1, per_s);
}

static void put_quantile(struct buf *out, struct histogram_quantile quantile)
{
    if (!quantile.known) {
        buf_append_str(out, "–");
        return;
    }
    if (quantile.above)
        buf_append_str(out, "> ");
    quantity_format_latency(out, quantile.value_ns);
}

void progress_heading(const struct plan *plan, struct terminal_style style,
                      struct buf *out)
{
    struct buf piece = BUF_INIT(MAX_PIECE_BYTES);
    struct terminal_line line;

    line_init(&line, out, unbounded(style));
    terminal_put_safe(&piece, plan->name, MAX_NAME_COLUMNS);
    line_add(&line, "", PAINT_STRONG, buf_str(&piece));
    line_add(&line, "", PAINT_PLAIN,
             say(&piece, ": %zu phase%s in ", plan->phase_count,
                 plan->phase_count == 1 ? "" : "s"));
    buf_clear(&piece);
    quantity_format_duration(&piece, plan_duration_ns(plan));
    line_add(&line, "", PAINT_PLAIN, buf_str(&piece));
    buf_clear(&piece);
    quantity_format_count(&piece, plan_peak_users(plan));
    buf_append_str(&piece, " users");
    line_add(&line, ", up to ", PAINT_PLAIN, buf_str(&piece));
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

/* "sustained  ━━━━━━━━━━────────  00:12 / 00:30   phase ends in 8s" */
static void time_line(const struct progress_figures *figures, struct terminal_line *line,
                      struct buf *piece)
{
    const struct run_view *view = figures->view;

    buf_clear(piece);
    put_phase(piece, view);
    line_add(line, "", PAINT_STRONG, buf_str(piece));
    const size_t beside =
        line->taken + sizeof("  00:00 / 00:00   phase ends in 000s") + 2;
    const size_t columns = (size_t)line->style.columns;

    if (columns > beside + 8)
        add_bar(line, view,
                columns - beside > MAX_BAR_COLUMNS ? MAX_BAR_COLUMNS : columns - beside);
    buf_clear(piece);
    put_clock(piece, view->elapsed_ns);
    buf_append_str(piece, " / ");
    put_clock(piece, view->elapsed_ns + view->left_ns);
    line_add(line, "  ", PAINT_PLAIN, buf_str(piece));
    if (view->state == RUN_STOPPING) {
        line_add(line, GAP, PAINT_PLAIN,
                 say(piece, "waiting for %" PRIu64 " answers", figures->in_flight));
        return;
    }
    line_add(line, GAP, PAINT_FAINT, "phase ends in ");
    buf_clear(piece);
    buf_printf(piece, "%" PRIu64 "s", view->phase_left_ns / NS_PER_S);
    line_add(line, "", PAINT_PLAIN, buf_str(piece));
}

static void add_errors(const struct progress_figures *figures, struct terminal_line *line,
                       const char *gap, struct buf *piece)
{
    const uint64_t failed = figures->recent.failed;

    buf_clear(piece);
    quantity_format_count(piece, failed);
    line_add_figure(line, gap, failed > 0 ? PAINT_BAD : PAINT_PLAIN, buf_str(piece),
                    failed == 1 ? "error" : "errors");
}

static void add_rate(const struct progress_figures *figures, struct terminal_line *line,
                     const char *gap, struct buf *piece)
{
    buf_clear(piece);
    put_rate(piece, figures->recent.requests_per_s);
    line_add_figure(line, gap, PAINT_PLAIN, buf_str(piece), "req/s");
}

static void add_tokens(const struct progress_figures *figures, struct terminal_line *line,
                       const char *gap, struct buf *piece)
{
    buf_clear(piece);
    quantity_format_count(piece, (uint64_t)llround(figures->recent.tokens_per_s));
    line_add_figure(line, gap, PAINT_PLAIN, buf_str(piece), "tok/s");
}

static void load_line(const struct progress_figures *figures, struct terminal_line *line,
                      struct buf *piece)
{
    line_add(line, "", PAINT_FAINT, "users ");
    line_add(
        line, "", PAINT_PLAIN,
        say(piece, "%" PRIu64 "/%" PRIu64, figures->users_active, figures->users_wanted));
    add_rate(figures, line, GAP, piece);
    line_add_figure(line, GAP, PAINT_PLAIN, say(piece, "%" PRIu64, figures->in_flight),
                    "in flight");
    add_errors(figures, line, GAP, piece);
}

/* Streams are followed by their first token, plain answers by their end. */
static void add_latency(const struct progress_figures *figures,
                        struct terminal_line *line, const char *gap, struct buf *piece)
{
    const struct recent_figures *recent = &figures->recent;
    const bool streams = recent->ttft_p50.known;

    line_add(line, gap, PAINT_FAINT, streams ? "ttft p50 " : "e2e p50 ");
    buf_clear(piece);
    put_quantile(piece, streams ? recent->ttft_p50 : recent->e2e_p50);
    line_add(line, "", PAINT_PLAIN, buf_str(piece));
    line_add(line, " ", PAINT_FAINT, "p95 ");
    buf_clear(piece);
    put_quantile(piece, streams ? recent->ttft_p95 : recent->e2e_p95);
    line_add(line, "", PAINT_PLAIN, buf_str(piece));
}

static void speed_line(const struct progress_figures *figures, struct terminal_line *line,
                       struct buf *piece)
{
    add_latency(figures, line, "", piece);
    add_tokens(figures, line, GAP, piece);
    if (figures->recent.cost_pusd == 0)
        return;
    buf_clear(piece);
    quantity_format_money(piece, figures->recent.cost_pusd);
    line_add(line, GAP, PAINT_PLAIN, buf_str(piece));
}

void progress_live_line(const struct progress_figures *figures, size_t index,
                        struct terminal_style style, struct buf *out)
{
    struct buf piece = BUF_INIT(MAX_PIECE_BYTES);
    struct terminal_line line;

    line_init(&line, out, style);
    if (index == 0)
        time_line(figures, &line, &piece);
    else if (index == 1)
        load_line(figures, &line, &piece);
    else
        speed_line(figures, &line, &piece);
    buf_deinit(&piece);
}

void progress_plain_line(const struct progress_figures *figures,
                         struct terminal_style style, struct buf *out)
{
    struct buf piece = BUF_INIT(MAX_PIECE_BYTES);
    struct terminal_line line;

    line_init(&line, out, unbounded(style));
    put_clock(&piece, figures->view->elapsed_ns);
    line_add(&line, "", PAINT_FAINT, buf_str(&piece));
    buf_clear(&piece);
    put_phase(&piece, figures->view);
    line_add(&line, " ", PAINT_PLAIN, buf_str(&piece));
    line_add(&line, "  ", PAINT_PLAIN,
             say(&piece, "users %" PRIu64 "/%" PRIu64, figures->users_active,
                 figures->users_wanted));
    add_rate(figures, &line, "  ", &piece);
    add_errors(figures, &line, "  ", &piece);
    add_latency(figures, &line, "  ", &piece);
    add_tokens(figures, &line, "  ", &piece);
    buf_deinit(&piece);
}
