#include "output/terminal_backend.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/quantity.h"
#include "measure/backend_book.h"
#include "measure/recorder.h"
#include "output/terminal_page.h"
#include "result/facts.h"
#include "result/littles_law.h"

#define MAX_NAME_COLUMNS 40

/* A server's figures over the window. */
struct server {
    const struct backend_book *book;
    size_t index;
    struct run_span window;
    struct buf *line;
};

static bool read_stats(const struct server *server, enum backend_metric metric,
                       struct backend_stats *stats)
{
    backend_book_stats(server->book, server->index, metric, server->window.start_ns,
                       server->window.end_ns, stats);
    return stats->readings > 0;
}

static void put_requests(const struct server *server, const struct backend_view *view)
{
    struct backend_stats stats;

    if (read_stats(server, BACKEND_RUNNING, &stats)) {
        buf_printf(server->line, "; %.3g running, %.3g at most", stats.mean, stats.max);
        if (view->capacity_source == BACKEND_CAPACITY_STATED ||
            view->capacity_source == BACKEND_CAPACITY_TOLD)
            buf_printf(server->line, " of %.6g", view->capacity);
    }
    if (read_stats(server, BACKEND_WAITING, &stats))
        buf_printf(server->line, "; %.3g waiting, %.3g at most", stats.mean, stats.max);
    if (read_stats(server, BACKEND_QUEUE_TIME, &stats)) {
        buf_append_str(server->line, "; ");
        quantity_format_latency(server->line, (uint64_t)(stats.mean * (double)NS_PER_S));
        buf_append_str(server->line, " in the queue");
    }
}

static void put_share(const struct server *server, enum backend_metric metric,
                      const char *name)
{
    struct backend_stats stats;

    if (read_stats(server, metric, &stats))
        buf_printf(server->line, "; %s %.0f%%, %.0f%% at most", name, stats.mean * 100,
                   stats.max * 100);
}

static void put_machine(const struct server *server)
{
    struct backend_stats stats;

    put_share(server, BACKEND_KV_CACHE_USAGE, "KV cache");
    if (read_stats(server, BACKEND_PREFIX_HIT_RATE, &stats))
        buf_printf(server->line, "; prefix hits %.0f%%", stats.mean * 100);
    if (read_stats(server, BACKEND_PREEMPTION_RATE, &stats) && stats.max > 0)
        buf_printf(server->line, "; %.2g preemptions/s", stats.mean);
    put_share(server, BACKEND_GPU_UTILIZATION, "GPU");
    put_share(server, BACKEND_GPU_MEMORY_USAGE, "GPU memory");
    if (read_stats(server, BACKEND_GPU_THROTTLED, &stats) && stats.max > 0)
        buf_printf(server->line, "; throttled %.0f%% of the time", stats.mean * 100);
    put_share(server, BACKEND_CPU_USAGE, "CPU");
    put_share(server, BACKEND_MEMORY_USAGE, "memory");
}

static void put_server(struct page *page, struct server *server)
{
    struct backend_view view;

    backend_book_view(server->book, server->index, &view);
    terminal_put_safe(&page->line, view.name, MAX_NAME_COLUMNS);
    if (*view.kind)
        buf_printf(&page->line, " (%s)", view.kind);
    put_requests(server, &view);
    put_machine(server);
    if (view.failed > 0)
        buf_printf(&page->line, "; told nothing %" PRIu64 " of %" PRIu64 " times: %s",
                   view.failed, view.failed + view.answered, view.problem);
    page_put_row(page, server->index == 0 ? "Servers" : "",
                 view.answered == 0 && view.failed > 0 ? PAINT_BAD : PAINT_PLAIN);
}

void terminal_backend(struct page *page)
{
    struct server server = {
        .book = recorder_options(page->facts->view->recorder)->backends,
        .window = run_facts_window(page->facts),
        .line = &page->line,
    };
    struct littles_law law;

    for (; server.index < backend_book_count(server.book); server.index++)
        put_server(page, &server);
    if (littles_law_of(page->facts, &law)) {
        littles_law_say(&law, &page->line);
        page_put_row(page, "Little's law",
                     law.finding == LITTLES_LAW_AGREES ? PAINT_PLAIN : PAINT_BAD);
    }
}
