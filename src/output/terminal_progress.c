#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/recorder.h"
#include "measure/run_view.h"
#include "output/patient_stream.h"
#include "output/progress_text.h"
#include "output/recent.h"
#include "output/terminal.h"
#include "output/terminal_size.h"

#define PLAIN_EVERY_NS (5 * NS_PER_S)
#define READ_EVERY_TICKS 4
/* A page: what a pipe that poll() calls writable takes for certain (PIPE_BUF). */
#define MAX_DRAWING_BYTES 4096
/* Lines of the log that wait to be shown: more come within a tick only where nobody can read them. */
#define MAX_LOG_BYTES ((size_t)64 * 1024)

#define WRAP_OFF "\033[?7l"
#define WRAP_ON "\033[?7h"

struct terminal_progress {
    FILE *out;
    struct patient_stream stream; /* to it */
    struct terminal_style style;
    struct recent *recent;
    struct progress_figures figures; /* as last drawn */
    struct run_view view;            /* theirs */
    struct buf drawing;
    size_t drawn_lines; /* on the screen now, above the cursor */
    size_t drawn_widths[PROGRESS_LINES];
    struct buf log; /* whole lines that are to be shown above the display */
    uint64_t log_left_out;
    uint64_t ticks;
    uint64_t next_plain_ns; /* of elapsed time */
};

DEFINE_CLEANUP(struct terminal_progress, terminal_progress_free)

/*
 * Whether there is room: a stopped terminal (Ctrl-S) or a reader that is slow must not hold up the
 * load. What cannot be drawn now is drawn at the next tick.
 */
static bool can_write(struct terminal_progress *progress)
{
    return patient_stream_is_ready(&progress->stream);
}

static void write_drawing(struct terminal_progress *progress)
{
    if (buf_error(&progress->drawing) == 0)
        patient_stream_write(&progress->stream, progress->drawing.bytes,
                             progress->drawing.len);
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

/* Asks for the size of the terminal anew. Returns how many lines it has room for. */
static size_t fit(struct terminal_progress *progress)
{
    const struct terminal_size size = terminal_size_of(fileno(progress->out));

    if (size.columns > 0)
        progress->style.columns = size.columns;
    if (size.rows <= 0 || size.rows > PROGRESS_LINES)
        return PROGRESS_LINES;
    return size.rows > 1 ? (size_t)size.rows - 1 : 1;
}

/* Back to the first column of the first line drawn. */
static void go_back(struct terminal_progress *progress)
{
    const size_t rows = drawn_rows(progress);

    buf_append_char(&progress->drawing, '\r');
    if (rows > 0)
        buf_printf(&progress->drawing, "\033[%zuA", rows);
}

/*
 * Shows what the log said, where the display was; the cursor stands in the first column. What the
 * terminal does not take now waits, and the display with it. Returns whether all was shown.
 */
static bool show_log(struct terminal_progress *progress)
{
    struct buf *log = &progress->log;
    size_t shown = 0;

    while (shown < log->len && can_write(progress)) {
        const size_t left = log->len - shown;
        const size_t most = left < MAX_DRAWING_BYTES ? left : MAX_DRAWING_BYTES;
        const char *end = memrchr(log->bytes + shown, '\n', most);
        /* A line that is longer than a page goes out whole. */
        const char *stop = end ? end : memchr(log->bytes + shown, '\n', left);
        const size_t len = stop ? (size_t)(stop + 1 - log->bytes) - shown : left;

        patient_stream_write(&progress->stream, log->bytes + shown, len);
        shown += len;
    }
    if (shown < log->len) {
        memmove(log->bytes, log->bytes + shown, log->len - shown);
        log->len -= shown;
        return false;
    }
    buf_clear(log);
    if (progress->log_left_out > 0) {
        buf_printf(&progress->drawing, "(%" PRIu64 " lines of the log left out)\n",
                   progress->log_left_out);
        progress->log_left_out = 0;
        write_drawing(progress);
    }
    return true;
}

static bool has_log(const struct terminal_progress *progress)
{
    return progress->log.len > 0 || progress->log_left_out > 0;
}

/* Takes the display off the screen, and what the log said stays. */
static void erase(struct terminal_progress *progress)
{
    if (progress->drawn_lines > 0) {
        (void)fit(progress);
        go_back(progress);
        buf_append_str(&progress->drawing, "\033[J\033[?25h");
        progress->drawn_lines = 0;
        write_drawing(progress);
    }
    if (has_log(progress))
        (void)show_log(progress);
}

/* The same, for others who write next: it is out before they do. May wait for the terminal. */
static void erase_at_last(struct terminal_progress *progress)
{
    erase(progress);
    patient_stream_finish(&progress->stream);
}

/*
 * Each line is written over its old self and only its rest is erased, so that nothing flickers; the
 * cursor is hidden, so that it does not dance.
 *
 * Terminals break lines anew when they become narrower, and tell of it later: what is drawn in
 * between is too wide. It must not wrap then. So the rows that a drawing left above itself, because
 * it went back too few, and those of the drawing are together as many as the old lines take now,
 * which is what go_back() reckons once the width is told. All of them are erased then: a row that
 * the terminal has made by breaking a line is still joined to the one before.
 */
static void draw_live(struct terminal_progress *progress)
{
    const int columns = progress->style.columns;
    const size_t lines = fit(progress);
    struct terminal_style style = progress->style;

    style.columns--; /* a full last column makes some terminals wrap */
    if (progress->drawn_lines == 0)
        buf_append_str(&progress->drawing, "\033[?25l");
    go_back(progress);
    if (has_log(progress) || columns != progress->style.columns)
        buf_append_str(&progress->drawing, "\033[J");
    if (has_log(progress)) {
        progress->drawn_lines = 0;
        write_drawing(progress);
        if (!show_log(progress))
            return;
    }
    buf_append_str(&progress->drawing, WRAP_OFF);
    for (size_t i = 0; i < lines; i++) {
        progress->drawn_widths[i] =
            progress_live_line(&progress->figures, i, style, &progress->drawing);
        buf_append_str(&progress->drawing, "\033[K\n");
    }
    buf_append_str(&progress->drawing, "\033[J" WRAP_ON);
    progress->drawn_lines = lines;
    write_drawing(progress);
}

static void draw_plain(struct terminal_progress *progress)
{
    const uint64_t elapsed_ns = progress->view.elapsed_ns;

    progress->next_plain_ns = (elapsed_ns / PLAIN_EVERY_NS + 1) * PLAIN_EVERY_NS;
    for (enum recent_metric metric = 0; metric < RECENT_METRIC_COUNT; metric++)
        recent_work_out(progress->recent, metric);
    recent_read(progress->recent, &progress->figures.recent);
    progress_plain_line(&progress->figures, progress->style, &progress->drawing);
    buf_append_char(&progress->drawing, '\n');
    write_drawing(progress);
}

/*
 * Figures change once a second, since faster than that nobody can follow them. Percentiles are worked
 * out one metric at a time, so that no tick holds the loop for long.
 */
static void read_live(struct terminal_progress *progress)
{
    const bool first = progress->ticks == 0;

    for (enum recent_metric metric = 0; metric < RECENT_METRIC_COUNT; metric++)
        if (first || progress->ticks % RECENT_METRIC_COUNT == metric)
            recent_work_out(progress->recent, metric);
    if (progress->ticks % READ_EVERY_TICKS == 0)
        recent_read(progress->recent, &progress->figures.recent);
    progress->ticks++;
}

/* As long as nothing was measured, the grade would be the worst and say nothing. */
static void take_trust(struct progress_figures *figures, const struct trust *trust)
{
    figures->graded = trust != NULL;
    for (size_t i = 0; trust && i < trust->reason_count; i++)
        if (trust->reasons[i].rule == TRUST_RULE_NOTHING)
            figures->graded = false;
    if (trust)
        figures->trust = trust->grade;
}

static void take_anomaly(struct progress_figures *figures,
                         const struct anomaly_watch *watch)
{
    const struct anomaly_view found =
        watch ? anomaly_watch_view(watch) : (struct anomaly_view){0};

    figures->is_odd = found.active_count > 0;
    figures->odd = found.active[0].signal;
}

static void on_tick(void *ctx, const struct run_view *view,
                    const struct interval_view *interval)
{
    struct terminal_progress *progress = ctx;
    struct progress_figures *figures = &progress->figures;

    recent_add(progress->recent, interval, clock_thread_cpu_ns());
    progress->view = *view;
    figures->view = &progress->view;
    figures->users_active = interval->users.active;
    figures->users_wanted = interval->users.wanted;
    figures->in_flight = recorder_in_flight(view->recorder);
    take_trust(figures, view->trust);
    take_anomaly(figures, view->anomalies);
    if (progress->style.live)
        read_live(progress);
    if (!progress->style.live && view->elapsed_ns < progress->next_plain_ns)
        return;
    if (!can_write(progress))
        return;
    if (progress->style.live)
        draw_live(progress);
    else
        draw_plain(progress);
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

/* Results are not written yet: they wait for no terminal that takes nothing. */
static void on_end(void *ctx, const struct run_facts *facts)
{
    struct terminal_progress *progress = ctx;

    (void)facts;
    if (can_write(progress))
        erase(ctx);
}

void terminal_progress_redraw(struct terminal_progress *progress)
{
    if (progress->drawn_lines > 0 && can_write(progress))
        draw_live(progress);
}

void terminal_progress_hide(struct terminal_progress *progress)
{
    erase_at_last(progress);
}

void terminal_progress_log(void *ctx, const char *line, size_t len)
{
    struct terminal_progress *progress = ctx;

    if (progress->drawn_lines == 0 && !has_log(progress) &&
        progress->stream.unsent.len == 0) {
        const ssize_t written = write(fileno(progress->out), line, len);

        (void)written; /* a lost line is no error */
    } else if (progress->log.len + len > MAX_LOG_BYTES ||
               buf_append(&progress->log, line, len) < 0) {
        progress->log_left_out++;
    }
}

struct terminal_progress *terminal_progress_free(struct terminal_progress *progress)
{
    if (!progress)
        return NULL;
    erase_at_last(progress);
    patient_stream_deinit(&progress->stream);
    recent_free(progress->recent);
    buf_deinit(&progress->drawing);
    buf_deinit(&progress->log);
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
    patient_stream_init(&progress->stream, out);
    progress->style = style;
    progress->drawing = BUF_INIT(MAX_DRAWING_BYTES);
    progress->log = BUF_INIT(MAX_LOG_BYTES);
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
