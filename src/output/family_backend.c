#include "output/family_backend.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "output/metric_text.h"

static const char up_name[] = "throng_backend_up";
static const char up_help[] =
    "Whether the server told its metrics when it was asked last";
static const char scrapes_name[] = "throng_backend_scrapes_total";
static const char scrapes_help[] = "Times that the server was asked: ok or failed";
static const char capacity_name[] = "throng_backend_capacity_requests";
static const char capacity_help[] =
    "Requests that the server can run at once, as far as that is known";

int family_backends_take(struct family_backends *backends,
                         const struct backend_book *book)
{
    const size_t count = backend_book_count(book);

    if (count > backends->count) {
        struct backend_view *views = reallocarray(backends->views, count, sizeof(*views));

        if (!views)
            return -ENOMEM;
        backends->views = views;
    }
    backends->count = count;
    for (size_t i = 0; i < count; i++)
        backend_book_view(book, i, &backends->views[i]);
    return 0;
}

void family_backends_deinit(struct family_backends *backends)
{
    free(backends->views);
    *backends = (struct family_backends){0};
}

static void write_up(const struct family_backends *backends, struct metric_text *text)
{
    metric_text_begin(text, up_name, "gauge", up_help);
    for (size_t i = 0; i < backends->count; i++) {
        const struct backend_view *view = &backends->views[i];
        const struct metric_label labels[] = {{"backend", view->name},
                                              {"kind", view->kind}};

        if (view->answered + view->failed > 0)
            metric_text_whole(text, "", labels, 2, view->is_failing ? 0 : 1);
    }
}

static void write_scrapes(const struct family_backends *backends,
                          struct metric_text *text)
{
    metric_text_begin(text, scrapes_name, "counter", scrapes_help);
    for (size_t i = 0; i < backends->count; i++) {
        const struct backend_view *view = &backends->views[i];
        const struct metric_label ok[] = {{"backend", view->name}, {"result", "ok"}};
        const struct metric_label failed[] = {{"backend", view->name},
                                              {"result", "failed"}};

        metric_text_whole(text, "", ok, 2, view->answered);
        metric_text_whole(text, "", failed, 2, view->failed);
    }
}

static void write_capacity(const struct family_backends *backends,
                           struct metric_text *text)
{
    metric_text_begin(text, capacity_name, "gauge", capacity_help);
    for (size_t i = 0; i < backends->count; i++) {
        const struct backend_view *view = &backends->views[i];
        const struct metric_label label = {"backend", view->name};

        if (view->capacity > 0)
            metric_text_sample(text, "", &label, 1, view->capacity);
    }
}

static void write_metric(const struct family_backends *backends,
                         enum backend_metric metric, struct metric_text *text)
{
    const struct backend_metric_info *info = backend_metric_info(metric);

    metric_text_begin(text, info->family, "gauge", info->help);
    for (size_t i = 0; i < backends->count; i++) {
        const struct backend_view *view = &backends->views[i];
        const struct metric_label label = {"backend", view->name};

        if (!isnan(view->last.values[metric]))
            metric_text_sample(text, "", &label, 1, view->last.values[metric]);
    }
}

void family_write_backends(const struct family_backends *backends,
                           struct metric_text *text)
{
    if (backends->count == 0)
        return;
    write_up(backends, text);
    write_scrapes(backends, text);
    write_capacity(backends, text);
    for (enum backend_metric metric = 0; metric < BACKEND_METRIC_COUNT; metric++)
        write_metric(backends, metric, text);
}

void family_backend_reference(struct buf *out)
{
    buf_printf(out, "| `%s` | gauge | `backend` `kind` | %s |\n", up_name, up_help);
    buf_printf(out, "| `%s` | counter | `backend` `result` | %s |\n", scrapes_name,
               scrapes_help);
    buf_printf(out, "| `%s` | gauge | `backend` | %s |\n", capacity_name, capacity_help);
    for (enum backend_metric metric = 0; metric < BACKEND_METRIC_COUNT; metric++)
        buf_printf(out, "| `%s` | gauge | `backend` | %s |\n",
                   backend_metric_info(metric)->family,
                   backend_metric_info(metric)->help);
}
