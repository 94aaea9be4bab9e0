#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/run_view.h"
#include "output/progress_text.h"
#include "output/recent.h"
#include "output/terminal.h"
#include "output/terminal_text.h"
#include "output/terminal_width.h"

#define PLAIN_EVERY_NS (5 * NS_PER_S)
/* A page: what a pipe that poll() calls writable takes for certain (PIPE_BUF). */
#define MAX_DRAWING_BYTES 4096

struct terminal_progress {
    FILE *out;
    struct terminal_style style;
    struct recent *recent;
    struct buf drawing;
    size_t drawn_lines; /* on the screen now, above the cursor */
    size_t drawn_widths[PROGRESS_LINES];
    uint64_t next_plain_ns; /* of elapsed time */
};

DEFINE_CLEANUP(struct terminal_progress, terminal_progress_free)

/*
 * Whether writing will not wait: a stopped terminal (Ctrl-S) or a reader that is slow must not hold
 * up the load. What cannot be drawn now is drawn at the next tick.
 */
static bool can_write(const struct terminal_progress *progress)
{
    struct pollfd ready = {.fd = fileno(progress->out), .events = POLLOUT};

    if (ready.fd < 0)
        return true; /* memory */
    return poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT);
}

static void write_drawing(struct terminal_progress *progress)
{
    if (buf_error(&progress->drawing) == 0)
        (void)fwrite(progress->drawing.bytes, 1, progress->drawing.len, progress->out);
    (void)fflush(progress->out);
    buf_clear(&progress->drawing);
}

/* Screen rows that the drawn lines take, now that the terminal may have become narrower. */
static size_t drawn_rows(const struct terminal_progress *progress)
{
    const size_t columns = (size_t)progress->style.columns;
    size_t rows = 0;

    for (size_t i = 0; i < progress->drawn_lines; i++) {
        const size_t width = progress->drawn_widths[i];

        rows += width > columns ? (width + columns - 1) / columns : 1;
    }
    return rows;
}

/* Back to the first column of the first line drawn. */
static void go_back(struct terminal_progress *progress)
{
    const size_t rows = drawn_rows(progress);

    buf_append_char(&progress->drawing, '\r');
    if (rows > 0)
        buf_printf(&progress->drawing, "\033[%zuA", rows);
}

static void erase(struct terminal_progress *progress)
{
    if (progress->drawn_lines == 0)
        return;
    buf_clear(&progress->drawing);
    go_back(progress);
    buf_append_str(&progress->drawing, "\033[J");
    progress->drawn_lines = 0;
    write_drawing(progress);
}

/* How wide a line is on the screen: with colours in it, its bytes do not tell. */
static size_t plain_width(const struct progress_figures *figures, size_t index,
                          struct terminal_style style)
{
    struct buf plain = BUF_INIT(MAX_DRAWING_BYTES);

    style.colour = false;
    progress_live_line(figures, index, style, &plain);
    const size_t width = terminal_width(buf_str(&plain));

    buf_deinit(&plain);
    return width;
}

/* Each line is written over its old self and only its rest is erased, so that nothing flickers. */
static void draw_live(struct terminal_progress *progress,
                      const struct progress_figures *figures)
{
    const int columns = terminal_columns_of(fileno(progress->out));
    struct terminal_style style = progress->style;

    if (columns > 0)
        style.columns = progress->style.columns = columns;
    style.columns--; /* a full last column makes some terminals wrap */
    go_back(progress);
    for (size_t i = 0; i < PROGRESS_LINES; i++) {
        progress_live_line(figures, i, style, &progress->drawing);
        buf_append_str(&progress->drawing, "\033[K\n");
        progress->drawn_widths[i] = plain_width(figures, i, style);
    }
    buf_append_str(&progress->drawing, "\033[J");
    progress->drawn_lines = PROGRESS_LINES;
    write_drawing(progress);
}

static void draw_plain(struct terminal_progress *progress,
                       const struct progress_figures *figures)
{
    if (figures->view->elapsed_ns < progress->next_plain_ns)
        return;
    progress->next_plain_ns =
        (figures->view->elapsed_ns / PLAIN_EVERY_NS + 1) * PLAIN_EVERY_NS;
    progress_plain_line(figures, progress->style, &progress->drawing);
    buf_append_char(&progress->drawing, '\n');
    write_drawing(progress);
}

static void on_tick(void *ctx, const struct run_view *view,
                    const struct interval_view *interval)
{
    struct terminal_progress *progress = ctx;
    struct progress_figures figures = {
        .view = view,
        .users_active = interval->users.active,
        .users_wanted = interval->users.wanted,
        .in_flight = recorder_in_flight(view->recorder),
    };

    recent_add(progress->recent, interval);
    if (!can_write(progress))
        return;
    recent_read(progress->recent, &figures.recent);
    if (progress->style.live)
        draw_live(progress, &figures);
    else
        draw_plain(progress, &figures);
}

static void on_start(void *ctx, const struct run_view *view)
{
    struct terminal_progress *progress = ctx;

    if (!can_write(progress))
        return;
    progress_heading(view->plan, progress->style, &progress->drawing);
    buf_append_char(&progress->drawing, '\n');
    write_drawing(progress);
}

static void on_end(void *ctx, const struct run_facts *facts)
{
    (void)facts;
    erase(ctx);
}

struct terminal_progress *terminal_progress_free(struct terminal_progress *progress)
{
    if (!progress)
        return NULL;
    erase(progress);
    recent_free(progress->recent);
    buf_deinit(&progress->drawing);
    free(progress);
    return NULL;
}

int terminal_progress_new(FILE *out, struct terminal_style style,
                          struct terminal_progress **ret_progress)
{
    CLEANUP(terminal_progress_freep)
    struct terminal_progress *progress = calloc(1, sizeof(*progress));

    if (!progress)
        return -ENOMEM;
    progress->out = out;
    progress->style = style;
    progress->drawing = BUF_INIT(MAX_DRAWING_BYTES);
    progress->next_plain_ns = PLAIN_EVERY_NS;
    const int r = recent_new(&progress->recent);

    if (r < 0)
        return r;
    *ret_progress = TAKE(progress);
    return 0;
}

struct probe terminal_progress_probe(struct terminal_progress *progress)
{
    return (struct probe){.name = "progress",
                          .ctx = progress,
                          .on_start = on_start,
                          .on_tick = on_tick,
                          .on_end = on_end};
}
