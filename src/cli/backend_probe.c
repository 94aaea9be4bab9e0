#include "cli/backend_probe.h"

#include "base/log.h"
#include "measure/backend_book.h"
#include "plan/plan.h"
#include "platform/backend.h"

#define LOG_MODULE "backends"

int backend_probe_open(struct backend_probe *probe, const struct plan *plan)
{
    int r;

    *probe = (struct backend_probe){.book = NULL};
    if (plan->backend_count == 0)
        return 0;
    r = backend_book_new(plan, &probe->book);
    if (r == 0)
        r = backend_watch_new(plan, probe->book, &probe->watch);
    if (r < 0)
        backend_probe_close(probe);
    return r;
}

static void warn(void *ctx, const char *sentence)
{
    (void)ctx;
    log_warn("%s", sentence);
}

static void on_start(void *ctx, const struct run_view *view)
{
    (void)ctx;
    (void)view;
}

static void on_tick(void *ctx, const struct run_view *view,
                    const struct interval_view *interval)
{
    struct backend_probe *probe = ctx;

    (void)view;
    (void)interval;
    backend_watch_tell(probe->watch, warn, NULL);
}

/* What is asked from here on is of no load. */
static void on_end(void *ctx, const struct run_facts *facts)
{
    struct backend_probe *probe = ctx;

    (void)facts;
    backend_watch_tell(probe->watch, warn, NULL);
    probe->watch = backend_watch_free(probe->watch);
}

struct probe backend_probe_of(struct backend_probe *probe)
{
    return (struct probe){.name = "backends",
                          .ctx = probe,
                          .on_start = on_start,
                          .on_tick = on_tick,
                          .on_end = on_end};
}

void backend_probe_close(struct backend_probe *probe)
{
    probe->watch = backend_watch_free(probe->watch);
    probe->book = backend_book_free(probe->book);
}
