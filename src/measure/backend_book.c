#include "measure/backend_book.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "measure/backend_column.h"
#include "plan/plan.h"

/* A batch that is full loses some requests a moment before others take their place. */
#define NEARLY_ALL 0.9

struct server {
    const struct plan_backend *plan;
    const char *kind;
    uint64_t answered;
    uint64_t failed;
    bool is_failing;
    char problem[BACKEND_PROBLEM_BYTES];
    double told_capacity;       /* 0: it tells none */
    double most_running;        /* 0: none yet */
    double most_running_queued; /* likewise, while others waited */
    struct backend_reading last;
    struct backend_columns columns;
};

struct backend_book {
    pthread_mutex_t *lock; /* of all servers, also for readers, who do not change them */
    size_t count;
    struct server servers[];
};

DEFINE_CLEANUP(struct backend_book, backend_book_free)

struct backend_reading backend_reading_none(uint64_t at_ns)
{
    struct backend_reading reading = {.at_ns = at_ns};

    for (size_t i = 0; i < BACKEND_METRIC_COUNT; i++)
        reading.values[i] = (double)NAN;
    return reading;
}

const char *backend_capacity_source_name(enum backend_capacity_source source)
{
    static const char *const names[] = {
        [BACKEND_CAPACITY_UNKNOWN] = "unknown", [BACKEND_CAPACITY_STATED] = "stated",
        [BACKEND_CAPACITY_TOLD] = "told",       [BACKEND_CAPACITY_QUEUED] = "queued",
        [BACKEND_CAPACITY_SEEN] = "seen",
    };

    return names[source];
}

struct backend_book *backend_book_free(struct backend_book *book)
{
    if (!book)
        return NULL;
    for (size_t i = 0; i < book->count; i++)
        backend_columns_deinit(&book->servers[i].columns);
    if (book->lock)
        (void)pthread_mutex_destroy(book->lock);
    free(book->lock);
    free(book);
    return NULL;
}

int backend_book_new(const struct plan *plan, struct backend_book **ret_book)
{
    CLEANUP(backend_book_freep) struct backend_book *book = NULL;
    pthread_mutex_t *lock = NULL;

    book = calloc(1, sizeof(*book) + plan->backend_count * sizeof(book->servers[0]));
    if (!book)
        return -ENOMEM;
    book->count = plan->backend_count;
    for (size_t i = 0; i < book->count; i++) {
        book->servers[i].plan = &plan->backends[i];
        book->servers[i].kind = "";
        book->servers[i].last = backend_reading_none(0);
    }
    lock = malloc(sizeof(pthread_mutex_t));
    if (!lock)
        return -ENOMEM;
    (void)pthread_mutex_init(lock, NULL);
    book->lock = lock;
    *ret_book = TAKE(book);
    return 0;
}

size_t backend_book_count(const struct backend_book *book)
{
    return book ? book->count : 0;
}

void backend_book_name_kind(struct backend_book *book, size_t index, const char *kind)
{
    (void)pthread_mutex_lock(book->lock);
    book->servers[index].kind = kind;
    (void)pthread_mutex_unlock(book->lock);
}

static double capacity_of(const struct server *server,
                          enum backend_capacity_source *ret_source)
{
    if (server->plan->capacity > 0) {
        *ret_source = BACKEND_CAPACITY_STATED;
        return (double)server->plan->capacity;
    }
    if (server->told_capacity > 0) {
        *ret_source = BACKEND_CAPACITY_TOLD;
        return server->told_capacity;
    }
    if (server->most_running <= 0)
        *ret_source = BACKEND_CAPACITY_UNKNOWN;
    else
        *ret_source = server->most_running_queued >= NEARLY_ALL * server->most_running
                          ? BACKEND_CAPACITY_QUEUED
                          : BACKEND_CAPACITY_SEEN;
    return server->most_running;
}

static void note_capacity(struct server *server, const struct backend_reading *reading)
{
    const double running = reading->values[BACKEND_RUNNING];

    if (reading->capacity > 0)
        server->told_capacity = reading->capacity;
    if (!(running > 0))
        return;
    if (running > server->most_running)
        server->most_running = running;
    if (reading->values[BACKEND_WAITING] > 0 && running > server->most_running_queued)
        server->most_running_queued = running;
}

void backend_book_add(struct backend_book *book, size_t index,
                      const struct backend_reading *reading)
{
    struct server *server = &book->servers[index];
    enum backend_capacity_source source;
    double capacity;

    assert(index < book->count);
    (void)pthread_mutex_lock(book->lock);
    server->answered++;
    server->is_failing = false;
    server->last = *reading;
    note_capacity(server, reading);
    capacity = capacity_of(server, &source);
    if (capacity > 0)
        server->last.values[BACKEND_SATURATION] =
            reading->values[BACKEND_RUNNING] / capacity;
    backend_columns_add(&server->columns, reading);
    (void)pthread_mutex_unlock(book->lock);
}

void backend_book_fail(struct backend_book *book, size_t index, const char *problem)
{
    struct server *server = &book->servers[index];

    assert(index < book->count);
    (void)pthread_mutex_lock(book->lock);
    server->failed++;
    server->is_failing = true;
    server->last = backend_reading_none(0);
    (void)snprintf(server->problem, sizeof(server->problem), "%s", problem);
    (void)pthread_mutex_unlock(book->lock);
}

void backend_book_view(const struct backend_book *book, size_t index,
                       struct backend_view *ret_view)
{
    const struct server *server = &book->servers[index];

    assert(index < book->count);
    (void)pthread_mutex_lock(book->lock);
    *ret_view = (struct backend_view){
        .name = server->plan->name,
        .kind = server->kind,
        .answered = server->answered,
        .failed = server->failed,
        .is_failing = server->is_failing,
        .last = server->last,
    };
    memcpy(ret_view->problem, server->problem, sizeof(ret_view->problem));
    ret_view->capacity = capacity_of(server, &ret_view->capacity_source);
    (void)pthread_mutex_unlock(book->lock);
}

/* What values of a metric's column are multiplied with; the column is that of *metric afterwards. */
static double scale_of(const struct server *server, enum backend_metric *metric)
{
    enum backend_capacity_source source;
    double capacity;

    if (*metric != BACKEND_SATURATION)
        return 1;
    *metric = BACKEND_RUNNING;
    capacity = capacity_of(server, &source);
    return capacity > 0 ? 1 / capacity : 0;
}

void backend_book_stats(const struct backend_book *book, size_t index,
                        enum backend_metric metric, uint64_t from_ns, uint64_t to_ns,
                        struct backend_stats *ret_stats)
{
    const struct server *server = &book->servers[index];
    enum backend_metric column = metric;
    double scale;

    assert(index < book->count);
    *ret_stats = (struct backend_stats){.readings = 0};
    (void)pthread_mutex_lock(book->lock);
    scale = scale_of(server, &column);
    if (scale > 0)
        backend_columns_stats(&server->columns, column, from_ns, to_ns, ret_stats);
    (void)pthread_mutex_unlock(book->lock);
    if (ret_stats->readings == 0)
        return;
    ret_stats->min *= scale;
    ret_stats->mean *= scale;
    ret_stats->max *= scale;
    ret_stats->last *= scale;
    ret_stats->p95 = backend_book_quantile(book, index, metric, from_ns, to_ns, 0.95);
}

static int by_size(const void *a, const void *b)
{
    const double one = *(const double *)a;
    const double other = *(const double *)b;

    return (one > other) - (one < other);
}

double backend_book_quantile(const struct backend_book *book, size_t index,
                             enum backend_metric metric, uint64_t from_ns, uint64_t to_ns,
                             double share)
{
    const size_t first = index == SIZE_MAX ? 0 : index;
    const size_t last = index == SIZE_MAX ? book->count : index + 1;
    double *means = calloc((last - first) * BACKEND_COLUMN_CELLS, sizeof(*means));
    double value = (double)NAN;
    size_t count = 0;

    if (!means)
        return value;
    for (size_t i = first; i < last; i++) {
        const size_t before = count;
        enum backend_metric column = metric;
        double scale;

        (void)pthread_mutex_lock(book->lock);
        scale = scale_of(&book->servers[i], &column);
        if (scale > 0)
            count += backend_columns_means(&book->servers[i].columns, column, from_ns,
                                           to_ns, means + count);
        (void)pthread_mutex_unlock(book->lock);
        for (size_t j = before; j < count; j++)
            means[j] *= scale;
    }
    if (count > 0) {
        size_t rank = (size_t)ceil(share * (double)count);

        qsort(means, count, sizeof(*means), by_size);
        value = means[rank > 0 ? rank - 1 : 0];
    }
    free(means);
    return value;
}

double backend_book_mean(const struct backend_book *book, size_t index,
                         enum backend_metric metric, uint64_t from_ns, uint64_t to_ns)
{
    const struct server *server = &book->servers[index];
    struct backend_stats stats;
    double scale;

    assert(index < book->count);
    (void)pthread_mutex_lock(book->lock);
    scale = scale_of(server, &metric);
    backend_columns_stats(&server->columns, metric, from_ns, to_ns, &stats);
    (void)pthread_mutex_unlock(book->lock);
    return stats.readings > 0 && scale > 0 ? stats.mean * scale : (double)NAN;
}
