#include "result/summary_backend.h"

#include <math.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "measure/backend_book.h"
#include "measure/recorder.h"
#include "result/facts.h"
#include "result/littles_law.h"

#define DECIMALS 6
#define MAX_SENTENCE_BYTES 400

/* A server of the book. */
struct place {
    const struct run_facts *facts;
    const struct backend_book *book;
    size_t index;
    struct run_span window;
};

static void put_metric(struct json_tree *tree, json_t *metrics, const struct place *place,
                       enum backend_metric metric, const struct backend_stats *stats)
{
    const struct backend_metric_info *info = backend_metric_info(metric);
    json_t *object = json_tree_put_object(tree, metrics, info->name);
    const struct {
        const char *name;
        double value;
    } figures[] = {{"min", stats->min},
                   {"mean", stats->mean},
                   {"p95", stats->p95},
                   {"max", stats->max},
                   {"last", stats->last}};

    (void)place;
    json_tree_put_text(tree, object, "unit", backend_unit_name(info->unit));
    json_tree_put_count(tree, object, "readings", stats->readings);
    for (size_t i = 0; i < COUNT_OF(figures); i++)
        json_tree_put_number(tree, object, figures[i].name,
                             backend_value_of(metric, figures[i].value), DECIMALS);
}

/* A value for each point of the run's timeline, null where it has none. */
static void put_course(struct json_tree *tree, json_t *timeline,
                       const struct place *place, enum backend_metric metric)
{
    const struct timeline_view *points = &place->facts->timeline;
    const uint64_t started_ns = place->facts->view->started_ns;
    json_t *list = json_tree_array(tree);

    for (size_t i = 0; points->points && i < points->count; i++) {
        const double mean = backend_book_mean(place->book, place->index, metric,
                                              started_ns + points->points[i].start_ns,
                                              started_ns + points->points[i].end_ns);
        const double scale = 1e6;

        json_tree_append(
            tree, list,
            isfinite(mean)
                ? json_real(round(backend_value_of(metric, mean) * scale) / scale)
                : json_null());
    }
    json_tree_put(tree, timeline, backend_metric_info(metric)->name, list);
}

static void put_figures(struct json_tree *tree, json_t *server, const struct place *place)
{
    json_t *metrics = json_tree_put_object(tree, server, "metrics");
    json_t *timeline = json_tree_put_object(tree, server, "timeline");

    for (enum backend_metric metric = 0; metric < BACKEND_METRIC_COUNT; metric++) {
        struct backend_stats stats;

        backend_book_stats(place->book, place->index, metric, place->window.start_ns,
                           place->window.end_ns, &stats);
        if (stats.readings > 0)
            put_metric(tree, metrics, place, metric, &stats);
        backend_book_stats(place->book, place->index, metric, 0, UINT64_MAX, &stats);
        if (stats.readings > 0)
            put_course(tree, timeline, place, metric);
    }
}

static json_t *server_of(struct json_tree *tree, const struct place *place)
{
    json_t *server = json_tree_object(tree);
    json_t *capacity = NULL;
    struct backend_view view;

    backend_book_view(place->book, place->index, &view);
    json_tree_put_text(tree, server, "name", view.name);
    json_tree_put_text(tree, server, "kind", view.kind);
    json_tree_put_count(tree, server, "answered", view.answered);
    json_tree_put_count(tree, server, "failed", view.failed);
    json_tree_put_text(tree, server, "problem", view.problem);
    capacity = json_tree_put_object(tree, server, "capacity");
    json_tree_put_number(tree, capacity, "requests",
                         view.capacity > 0 ? view.capacity : (double)NAN, DECIMALS);
    json_tree_put_text(tree, capacity, "source",
                       backend_capacity_source_name(view.capacity_source));
    put_figures(tree, server, place);
    return server;
}

static void put_law(struct json_tree *tree, json_t *backend,
                    const struct run_facts *facts)
{
    CLEANUP(buf_deinit) struct buf sentence = BUF_INIT(MAX_SENTENCE_BYTES);
    struct littles_law law;
    json_t *object = NULL;

    if (!littles_law_of(facts, &law)) {
        json_tree_put_null(tree, backend, "littles_law");
        return;
    }
    object = json_tree_put_object(tree, backend, "littles_law");
    json_tree_put_number(tree, object, "in_flight", law.in_flight, DECIMALS);
    json_tree_put_number(tree, object, "answers_per_second", law.answers_per_s, DECIMALS);
    json_tree_put_number(tree, object, "mean_s", law.mean_s, DECIMALS);
    json_tree_put_number(tree, object, "rate_times_mean", law.answers_per_s * law.mean_s,
                         DECIMALS);
    json_tree_put_number(tree, object, "running", law.running, DECIMALS);
    json_tree_put_number(tree, object, "waiting", law.waiting, DECIMALS);
    json_tree_put_count(tree, object, "readings", law.readings);
    json_tree_put_number(tree, object, "difference", law.difference, DECIMALS);
    json_tree_put_number(tree, object, "tolerance", law.tolerance, DECIMALS);
    json_tree_put_text(tree, object, "finding", littles_law_finding_name(law.finding));
    littles_law_say(&law, &sentence);
    json_tree_put_text(tree, object, "sentence", buf_str(&sentence));
}

void summary_put_backend(struct json_tree *tree, json_t *summary,
                         const struct run_facts *facts)
{
    struct place place = {
        .facts = facts,
        .book = recorder_options(facts->view->recorder)->backends,
        .window = run_facts_window(facts),
    };
    json_t *backend = json_tree_put_object(tree, summary, "backend");
    json_t *servers = json_tree_array(tree);

    for (; place.index < backend_book_count(place.book); place.index++)
        json_tree_append(tree, servers, server_of(tree, &place));
    json_tree_put(tree, backend, "servers", servers);
    put_law(tree, backend, facts);
}
