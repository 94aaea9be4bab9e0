#include "output/progress_cells.h"

#include <inttypes.h>
#include <math.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "measure/run_view.h"
#include "output/progress_text.h"
#include "output/terminal_line.h"
#include "output/terminal_text.h"

#define MAX_PIECE_BYTES 128
#define CELL_COLUMNS 18
#define CELLS_PER_ROW 4
#define WIDE_COLUMNS 90

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

/* How much a terminal has room for, from the narrowest on. */
struct layout {
    int columns; /* from so many on */
    enum progress_cell cells[PROGRESS_CELL_ROWS][CELLS_PER_ROW];
};

#define LAYOUTS 3

static const struct layout open_layouts[LAYOUTS] = {
    {0,
     {{CELL_ARRIVALS, CELL_ERRORS},
      {CELL_FIRST_P50, CELL_FIRST_P95},
      {CELL_WAITING, CELL_DROPPED}}},
    {58,
     {{CELL_ARRIVALS, CELL_WAITING, CELL_DROPPED},
      {CELL_FIRST_P50, CELL_FIRST_P95, CELL_ERRORS},
      {CELL_TOKENS, CELL_COST, CELL_USERS}}},
    {78,
     {{CELL_ARRIVALS, CELL_WAITING, CELL_DROPPED, CELL_ERRORS},
      {CELL_FIRST_P50, CELL_FIRST_P95, CELL_ICL_P50, CELL_ICL_P95},
      {CELL_TOKENS, CELL_COST, CELL_USERS, CELL_IN_FLIGHT}}},
};

static const struct layout layouts[LAYOUTS] = {
    {0,
     {{CELL_USERS, CELL_ERRORS},
      {CELL_FIRST_P50, CELL_FIRST_P95},
      {CELL_REQUESTS, CELL_TOKENS}}},
    {58,
     {{CELL_USERS, CELL_REQUESTS, CELL_ERRORS},
      {CELL_FIRST_P50, CELL_FIRST_P95, CELL_ICL_P95},
      {CELL_TOKENS, CELL_COST, CELL_IN_FLIGHT}}},
    {78,
     {{CELL_USERS, CELL_REQUESTS, CELL_ERRORS, CELL_IN_FLIGHT},
      {CELL_FIRST_P50, CELL_FIRST_P95, CELL_ICL_P50, CELL_ICL_P95},
      {CELL_TOKENS, CELL_COST}}},
};

bool progress_streams(const struct recent_figures *recent)
{
    return recent->of[RECENT_TTFT].p50.known;
}

const char *progress_cell_label(enum progress_cell cell,
                                const struct progress_figures *figures)
{
    const bool first = progress_streams(&figures->recent);

    switch (cell) {
    case CELL_NONE:
        break;
    case CELL_USERS:
        return figures->view->is_open ? "busy" : "users";
    case CELL_REQUESTS:
        return "requests";
    case CELL_ERRORS:
        return "errors";
    case CELL_IN_FLIGHT:
        return "in flight";
    case CELL_FIRST_P50:
        return first ? "ttft p50" : "e2e p50";
    case CELL_FIRST_P95:
        return first ? "ttft p95" : "e2e p95";
    case CELL_ICL_P50:
        return "icl p50";
    case CELL_ICL_P95:
        return "icl p95";
    case CELL_TOKENS:
        return "tokens";
    case CELL_COST:
        return "cost";
    case CELL_ARRIVALS:
        return "arrivals";
    case CELL_WAITING:
        return "waiting";
    case CELL_DROPPED:
        return "dropped";
    }
    return "";
}

/* "48.2/50.0/s": what is achieved, of what is asked for, where that is known. */
static void put_arrivals(const struct progress_figures *figures, struct buf *out)
{
    const double asked_per_s = figures->view->arrivals.rate_per_s;

    put_rate(out, figures->recent.taken_per_s);
    if (asked_per_s > 0) {
        buf_append_char(out, '/');
        put_rate(out, asked_per_s);
    }
    buf_append_str(out, "/s");
}

void progress_cell_figure(enum progress_cell cell, const struct progress_figures *figures,
                          struct buf *out)
{
    const struct recent_figures *recent = &figures->recent;
    const enum recent_metric first = progress_streams(recent) ? RECENT_TTFT : RECENT_E2E;

    switch (cell) {
    case CELL_NONE:
        break;
    case CELL_USERS:
        buf_printf(out, "%" PRIu64 "/%" PRIu64, figures->users_active,
                   figures->view->is_open ? figures->view->arrivals.people
                                          : figures->users_wanted);
        break;
    case CELL_REQUESTS:
        put_rate(out, recent->requests_per_s);
        buf_append_str(out, "/s");
        break;
    case CELL_ERRORS:
        quantity_format_count(out, recent->failed);
        break;
    case CELL_IN_FLIGHT:
        quantity_format_count(out, figures->in_flight);
        break;
    case CELL_FIRST_P50:
        put_quantile(out, recent->of[first].p50);
        break;
    case CELL_FIRST_P95:
        put_quantile(out, recent->of[first].p95);
        break;
    case CELL_ICL_P50:
        put_quantile(out, recent->of[RECENT_ICL].p50);
        break;
    case CELL_ICL_P95:
        put_quantile(out, recent->of[RECENT_ICL].p95);
        break;
    case CELL_TOKENS:
        quantity_format_count(out, (uint64_t)llround(recent->tokens_per_s));
        buf_append_str(out, "/s");
        break;
    case CELL_COST:
        quantity_format_money(out, recent->cost_pusd);
        break;
    case CELL_ARRIVALS:
        put_arrivals(figures, out);
        break;
    case CELL_WAITING:
        quantity_format_count(out, figures->view->arrivals.waiting);
        break;
    case CELL_DROPPED:
        quantity_format_count(out, figures->view->arrivals.dropped);
        break;
    }
}

bool progress_cell_is_bad(enum progress_cell cell, const struct progress_figures *figures)
{
    return (cell == CELL_ERRORS && figures->recent.failed > 0) ||
           (cell == CELL_DROPPED && figures->view->arrivals.dropped > 0);
}

static void add_cell(struct terminal_line *line, const char *gap, enum progress_cell cell,
                     const struct progress_figures *figures)
{
    const char *label = progress_cell_label(cell, figures);
    const bool bad = progress_cell_is_bad(cell, figures);
    struct buf figure = BUF_INIT(MAX_PIECE_BYTES);
    struct buf blanks = BUF_INIT(MAX_PIECE_BYTES);

    progress_cell_figure(cell, figures, &figure);
    const size_t taken = terminal_width(label) + terminal_width(buf_str(&figure));

    terminal_repeat(&blanks, " ", taken < CELL_COLUMNS ? CELL_COLUMNS - taken : 1);
    line_add(line, gap, PAINT_FAINT, label);
    line_add(line, buf_str(&blanks), bad ? PAINT_BAD : PAINT_PLAIN, buf_str(&figure));
    buf_deinit(&blanks);
    buf_deinit(&figure);
}

void progress_cell_row(const struct progress_figures *figures, size_t row,
                       struct terminal_line *line)
{
    const struct layout *all = figures->view->is_open ? open_layouts : layouts;
    const struct layout *layout = &all[0];
    const char *gap = line->style.columns >= WIDE_COLUMNS ? "    " : "  ";

    for (size_t i = 1; i < LAYOUTS; i++)
        if (line->style.columns >= all[i].columns)
            layout = &all[i];
    for (size_t i = 0; i < CELLS_PER_ROW && layout->cells[row][i] != CELL_NONE; i++)
        add_cell(line, i == 0 ? "" : gap, layout->cells[row][i], figures);
}
