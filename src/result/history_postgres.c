#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "result/history_place.h"
#include "result/history_store.h"

#define ANSWER_NS                                                                        \
    (15 * NS_PER_S) /* a server that takes longer for a statement is given up */
#define MAX_TEXT_BYTES ((size_t)64 * 1024)

/* Object identifiers of types (pg_type.dat): as they come in answers. */
#define BOOL_OID 16
#define INT8_OID 20
#define INT2_OID 21
#define INT4_OID 23
#define FLOAT4_OID 700
#define FLOAT8_OID 701
#define TIMESTAMPTZ_OID 1184
#define NUMERIC_OID 1700

struct postgres_store {
    struct history_store store; /* first: it is what callers hold */
    const struct history_place *place;
    PGconn *connection;
};

static struct postgres_store *of(struct history_store *store)
{
    return (struct postgres_store *)store;
}

/* The first line of what is said, without the password. */
static int fail(const struct postgres_store *store, const char *said, struct buf *reterr)
{
    char *line = strndup(said, strcspn(said, "\n"));

    if (!line)
        return -ENOMEM;
    history_place_star_out(store->place, line);
    buf_append_printable(reterr, *line ? line : "the connection broke",
                         strlen(*line ? line : "the connection broke"));
    free(line);
    return -EIO;
}

/* "2026-11-28 12:32:52.712+00" → "2026-11-28T12:32:52.712Z": as a file has it. */
static json_t *moment_of(const char *text)
{
    char moment[64];
    size_t len = strcspn(text, "+");

    if (len < 19 || len > 40)
        return json_string(text);
    memcpy(moment, text, len);
    moment[10] = 'T';
    if (moment[len - 1] != '.' && !memchr(moment, '.', len))
        moment[len++] = '.';
    while (len < strlen("2026-11-28T12:32:52.712"))
        moment[len++] = '0';
    moment[len++] = 'Z';
    return json_stringn(moment, len);
}

static json_t *value_of(const PGresult *result, int row, int column)
{
    const char *text = PQgetvalue(result, row, column);

    if (PQgetisnull(result, row, column))
        return json_null();
    switch (PQftype(result, column)) {
    case BOOL_OID:
        return json_boolean(*text == 't');
    case INT2_OID:
    case INT4_OID:
    case INT8_OID:
        return json_integer(strtoll(text, NULL, 10));
    case FLOAT4_OID:
    case FLOAT8_OID:
    case NUMERIC_OID:
        return json_real(strtod(text, NULL));
    case TIMESTAMPTZ_OID:
        return moment_of(text);
    default:
        return json_string(text);
    }
}

static int add_rows(const PGresult *result, json_t *rows)
{
    for (int i = 0; i < PQntuples(result); i++) {
        json_t *row = json_object();

        for (int k = 0; k < PQnfields(result); k++)
            if (json_object_set_new(row, PQfname(result, k), value_of(result, i, k)) <
                0) {
                json_decref(row);
                return -ENOMEM;
            }
        if (json_array_append_new(rows, row) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* Waits until the socket can be read, or written where that is wanted. Returns 0 or -ETIMEDOUT. */
static int wait_for_socket(const PGconn *connection, short events, uint64_t deadline_ns)
{
    struct pollfd socket = {.fd = PQsocket(connection), .events = events};
    const uint64_t now_ns = clock_mono_ns();
    int r;

    if (now_ns >= deadline_ns)
        return -ETIMEDOUT;
    do
        r = poll(&socket, 1, (int)((deadline_ns - now_ns) / NS_PER_MS) + 1);
    while (r < 0 && errno == EINTR);
    return r > 0 ? 0 : -ETIMEDOUT;
}

/* Sends what is left of a statement and waits for its answer. libpq alone would wait for ever. */
static int wait_for_answer(PGconn *connection)
{
    const uint64_t deadline_ns = clock_mono_ns() + ANSWER_NS;
    int left = PQflush(connection);
    int r = 0;

    while (r == 0 && (left > 0 || PQisBusy(connection))) {
        r = wait_for_socket(connection, (short)(left > 0 ? POLLIN | POLLOUT : POLLIN),
                            deadline_ns);
        if (r == 0 && !PQconsumeInput(connection))
            r = -EIO;
        if (r == 0 && left > 0)
            left = PQflush(connection);
    }
    return r == 0 && left < 0 ? -EIO : r;
}

/* Reads the answers of what was sent. */
static int take_answers(struct postgres_store *store, json_t *rows, struct buf *reterr)
{
    int r = wait_for_answer(store->connection);
    PGresult *result;

    if (r == -ETIMEDOUT) {
        buf_append_str(reterr, "the server did not answer in time");
        PQfinish(store->connection); /* its answer would be that of the next */
        store->connection = NULL;
        return -EIO;
    }
    if (r < 0)
        return fail(store, PQerrorMessage(store->connection), reterr);
    while ((result = PQgetResult(store->connection))) {
        const ExecStatusType status = PQresultStatus(result);

        if (r == 0 && status == PGRES_TUPLES_OK && rows)
            r = add_rows(result, rows);
        else if (r == 0 && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            r = fail(store, PQresultErrorMessage(result), reterr);
        PQclear(result);
    }
    return r;
}

static int run(struct history_store *base, const char *sql, const char *const *values,
               size_t count, json_t *rows, struct buf *reterr)
{
    struct postgres_store *store = of(base);

    if (!store->connection) {
        buf_append_str(reterr, "the connection is closed");
        return -EIO;
    }
    if (!PQsendQueryParams(store->connection, sql, (int)count, NULL, values, NULL, NULL,
                           0))
        return fail(store, PQerrorMessage(store->connection), reterr);
    return take_answers(store, rows, reterr);
}

/*
 * All that is set is set for the transaction: a pooler between may give each another connection of the
 * server.
 */
static int begin(struct history_store *store, enum history_access wanted,
                 struct buf *reterr)
{
    static const char *const settings[] = {
        "SET LOCAL search_path = throng",
        "SET LOCAL TimeZone = 'UTC'",
        "SET LOCAL statement_timeout = '10s'",
        "SET LOCAL lock_timeout = '5s'",
    };
    int r = run(store, wanted == HISTORY_WRITE ? "BEGIN" : "BEGIN READ ONLY", NULL, 0,
                NULL, reterr);

    for (size_t i = 0; r == 0 && i < COUNT_OF(settings); i++)
        r = run(store, settings[i], NULL, 0, NULL, reterr);
    return r;
}

static void close_store(struct history_store *store)
{
    PQfinish(of(store)->connection);
    free(store);
}

static const struct history_store_ops ops = {
    .run = run, .begin = begin, .close = close_store};

static void ignore_notice(void *ctx, const PGresult *result)
{
    (void)ctx;
    (void)result;
}

static PGconn *connect_to(const char *url)
{
    /* What the URL says itself stands behind these, and wins. */
    static const char *const names[] = {"connect_timeout", "tcp_user_timeout",
                                        "client_encoding", "fallback_application_name",
                                        "dbname",          NULL};
    const char *const values[] = {"3", "10000", "UTF8", "throng", url, NULL};

    return PQconnectdbParams(names, values, 1);
}

int history_postgres_open(const struct history_place *place, struct buf *reterr,
                          struct history_store **ret_store)
{
    struct postgres_store *store = calloc(1, sizeof(*store));
    int r = 0;

    if (!store)
        return -ENOMEM;
    store->store = (struct history_store){.ops = &ops, .dialect = HISTORY_POSTGRES};
    store->place = place;
    store->connection = connect_to(place->target);
    if (PQstatus(store->connection) != CONNECTION_OK)
        r = fail(store, PQerrorMessage(store->connection), reterr);
    else if (PQsetnonblocking(store->connection, 1) < 0)
        r = -EIO;
    if (r < 0) {
        close_store(&store->store);
        return r;
    }
    PQsetNoticeReceiver(store->connection, ignore_notice, NULL);
    *ret_store = &store->store;
    return 0;
}
