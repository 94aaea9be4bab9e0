#include "output/terminal_script.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/quantity.h"
#include "measure/recorder.h"
#include "output/terminal_page.h"
#include "plan/plan.h"
#include "result/facts.h"

/* Rows of one kind; the rest stands in summary.json. */
#define MAX_ROWS 20
#define MAX_WORD_COLUMNS 60

/* A kind of rows while it is written. */
struct rows {
    struct page *page;
    const char *label; /* of the first row */
    bool failed;       /* of checks: those that failed are meant, else the others */
    size_t count;      /* those past MAX_ROWS included */
};

/* Writes the row in hand, or forgets it where there are many. */
static void end_row(struct rows *rows, enum paint paint)
{
    if (rows->count++ < MAX_ROWS)
        page_put_row(rows->page, rows->count == 1 ? rows->label : "", paint);
    buf_clear(&rows->page->line);
}

static void end_rows(const struct rows *rows)
{
    if (rows->count <= MAX_ROWS)
        return;
    buf_printf(&rows->page->line, "… and %zu more in summary.json",
               rows->count - MAX_ROWS);
    page_put_row(rows->page, "", PAINT_FAINT);
}

static void say_word(struct buf *out, const char *word)
{
    terminal_put_safe(out, word, MAX_WORD_COLUMNS);
}

/* " tokens"; of times it stands with each value. */
static void say_unit(struct buf *out, const struct plan_metric *metric)
{
    if (metric->is_time || !*metric->unit)
        return;
    buf_append_char(out, ' ');
    say_word(out, metric->unit);
}

/* "0.04/s" "25/s" "30,100/s" */
static void say_per_second(struct buf *out, double per_s)
{
    if (per_s < 1000)
        buf_printf(out, "%.3g", per_s);
    else
        quantity_format_count(out, (uint64_t)llround(per_s));
    buf_append_str(out, "/s");
}

/* A value of a trend or gauge: a time, or a number in its unit. */
static void say_value(struct buf *out, const struct plan_metric *metric, double value)
{
    if (metric && !metric->is_time)
        quantity_format_number(out, value);
    else
        quantity_format_latency(
            out, value > 0 ? (uint64_t)llround(value * (double)NS_PER_MS) : 0);
}

/* Four digits of a number: what a bucket of a histogram tells apart. */
static double rounded(double value)
{
    const double grain = value > 0 ? pow(10, floor(log10(value)) - 3) : 1;

    return round(value / grain) * grain;
}

static void say_quantile(struct buf *out, const struct plan_metric *metric,
                         struct histogram_quantile quantile)
{
    const double value = (double)quantile.value_ns / (double)NS_PER_MS;

    if (quantile.known)
        say_value(out, metric, metric ? rounded(value) : value);
    else
        buf_append_str(out, "–");
}

/* "p50 210 ms, p95 310 ms, p99 –, max 512 ms (1,234 times)"; metric NULL: of times. */
static void say_distribution(struct buf *out, const struct plan_metric *metric,
                             const struct histogram *histogram, const char *one,
                             const char *many)
{
    buf_append_str(out, "p50 ");
    say_quantile(out, metric, histogram_quantile(histogram, 0.50));
    buf_append_str(out, ", p95 ");
    say_quantile(out, metric, histogram_quantile(histogram, 0.95));
    buf_append_str(out, ", p99 ");
    say_quantile(out, metric, histogram_quantile(histogram, 0.99));
    buf_append_str(out, ", max ");
    say_quantile(out, metric, histogram_greatest(histogram));
    if (metric)
        say_unit(out, metric);
    buf_append_str(out, " (");
    page_say_count(out, histogram_count(histogram), one, many);
    buf_append_char(out, ')');
}

static void put_iterations(struct page *page, const struct series_view *window)
{
    const struct histogram *durations = window->histograms[METRIC_ITERATION_DURATION];
    const double seconds = run_span_s(run_facts_window(page->facts));

    if (!durations || histogram_count(durations) == 0)
        return;
    page_say_count(&page->line, window->counters->iterations, "iteration", "iterations");
    if (seconds > 0) {
        buf_append_str(&page->line, ": ");
        say_per_second(&page->line, (double)window->counters->iterations / seconds);
    }
    buf_append_str(&page->line, ", ");
    quantity_format_latency(&page->line, (uint64_t)llround(histogram_mean_ns(durations)));
    buf_append_str(&page->line, " on average, p95 ");
    say_quantile(&page->line, NULL, histogram_quantile(durations, 0.95));
    page_put_row(page, "Iterations", PAINT_PLAIN);
}

/* "✗ 98.2% has models — 1,964 of 2,000 (list)" */
static void put_check(void *ctx, const struct check_view *check)
{
    struct rows *rows = ctx;
    struct buf *line = &rows->page->line;
    const uint64_t count = check->passed + check->failed;

    if ((check->failed > 0) != rows->failed)
        return;
    if (count > 0) {
        buf_append_str(line, check->failed > 0 ? "✗ " : "✓ ");
        page_say_share(line, (double)check->passed / (double)count);
        buf_append_char(line, ' ');
    } else {
        buf_append_str(line, "– ");
    }
    say_word(line, check->name);
    buf_append_str(line, " — ");
    if (count > 0) {
        quantity_format_count(line, check->passed);
        buf_append_str(line, " of ");
        quantity_format_count(line, count);
    } else {
        buf_append_str(line, "never looked at");
    }
    buf_append_str(line, " (");
    say_word(line, check->step);
    buf_append_char(line, ')');
    end_row(rows, check->failed > 0 ? PAINT_BAD : PAINT_PLAIN);
}

/* Those that failed first. */
static void put_checks(struct page *page)
{
    const struct recorder *recorder = page->facts->view->recorder;
    struct rows rows = {.page = page, .label = "Checks", .failed = true};

    recorder_each_check(recorder, RECORDER_WINDOW, put_check, &rows);
    rows.failed = false;
    recorder_each_check(recorder, RECORDER_WINDOW, put_check, &rows);
    end_rows(&rows);
}

static void put_group(void *ctx, const struct series_view *series)
{
    struct rows *rows = ctx;
    const struct histogram *durations = series->histograms[METRIC_GROUP_DURATION];

    if (strcmp(series->key, "group") != 0 || !durations ||
        histogram_count(durations) == 0)
        return;
    say_word(&rows->page->line, series->value);
    buf_append_char(&rows->page->line, ' ');
    say_distribution(&rows->page->line, NULL, durations, "time", "times");
    end_row(rows, PAINT_PLAIN);
}

static void put_groups(struct page *page)
{
    struct rows rows = {.page = page, .label = "Groups"};

    recorder_each(page->facts->view->recorder, RECORDER_WINDOW, put_group, &rows);
    end_rows(&rows);
}

static void say_counter(struct page *page, const struct plan_metric *metric,
                        const struct custom *custom)
{
    const double seconds = run_span_s(run_facts_window(page->facts));
    const double sum = custom ? custom_sum(custom) : 0;

    quantity_format_number(&page->line, sum);
    say_unit(&page->line, metric);
    if (sum > 0 && seconds > 0) {
        buf_append_str(&page->line, " (");
        say_per_second(&page->line, sum / seconds);
        buf_append_char(&page->line, ')');
    }
}

static void say_rate(struct page *page, const struct custom *custom)
{
    page_say_share(&page->line, custom_share(custom));
    buf_append_str(&page->line, " — ");
    quantity_format_count(&page->line, custom->trues);
    buf_append_str(&page->line, " of ");
    quantity_format_count(&page->line, custom->count);
}

static void say_gauge(struct page *page, const struct plan_metric *metric,
                      const struct custom *custom)
{
    say_value(&page->line, metric, custom->last);
    say_unit(&page->line, metric);
    buf_append_str(&page->line, " (from ");
    say_value(&page->line, metric, custom->least);
    buf_append_str(&page->line, " to ");
    say_value(&page->line, metric, custom->greatest);
    buf_append_char(&page->line, ')');
}

static void say_figures(struct page *page, const struct plan_metric *metric,
                        const struct custom *custom)
{
    switch (metric->kind) {
    case PLAN_METRIC_COUNTER:
        break;
    case PLAN_METRIC_RATE:
        say_rate(page, custom);
        break;
    case PLAN_METRIC_GAUGE:
        say_gauge(page, metric, custom);
        break;
    case PLAN_METRIC_TREND:
        say_distribution(&page->line, metric, custom->histogram, "value", "values");
        break;
    }
}

static void say_metric(struct page *page, const struct plan_metric *metric,
                       const struct custom *custom)
{
    if (metric->kind == PLAN_METRIC_COUNTER)
        say_counter(page, metric, custom);
    else if (!custom || custom->count == 0)
        buf_append_str(&page->line, "no value");
    else
        say_figures(page, metric, custom);
    if (custom && custom->unfit > 0) {
        buf_append_str(&page->line, "; out of range or no number: ");
        quantity_format_count(&page->line, custom->unfit);
    }
}

static void put_metrics(struct page *page, const struct series_view *window)
{
    const struct plan *plan = page->facts->view->plan;
    struct rows rows = {.page = page, .label = "Metrics"};

    for (size_t i = 0; i < plan->metric_count; i++) {
        buf_printf(&page->line, "%s ", plan->metrics[i].name);
        say_metric(page, &plan->metrics[i], window->customs ? &window->customs[i] : NULL);
        end_row(&rows, PAINT_PLAIN);
    }
    end_rows(&rows);
}

void terminal_script(struct page *page)
{
    const struct series_view window =
        recorder_total(page->facts->view->recorder, RECORDER_WINDOW);

    put_iterations(page, &window);
    put_checks(page);
    put_groups(page);
    put_metrics(page, &window);
}
