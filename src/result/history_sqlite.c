#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "result/history_place.h"
#include "result/history_store.h"

#define BUSY_MS 5000
#define MAX_PATH_BYTES 4096
#define APPLICATION_ID 0x7468726e /* "thrn", in the file's header */

struct sqlite_store {
    struct history_store store; /* first: it is what callers hold */
    sqlite3 *db;
};

static struct sqlite_store *of(struct history_store *store)
{
    return (struct sqlite_store *)store;
}

/* What an outcome of SQLite is to callers, and the sentence that goes with it. */
static int fail(sqlite3 *db, int outcome, struct buf *reterr)
{
    const int kind = outcome & 0xff; /* the rest says more of the same */

    if (kind == SQLITE_NOMEM)
        return -ENOMEM;
    if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED) {
        buf_append_str(reterr, "another program holds it");
        return -EBUSY;
    }
    buf_append_printable(reterr, sqlite3_errmsg(db), strlen(sqlite3_errmsg(db)));
    return kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB ? -EBADMSG : -EIO;
}

static json_t *value_of(sqlite3_stmt *statement, int column)
{
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        return json_integer(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
        return json_real(sqlite3_column_double(statement, column));
    case SQLITE_TEXT:
        return json_stringn((const char *)sqlite3_column_text(statement, column),
                            (size_t)sqlite3_column_bytes(statement, column));
    default:
        return json_null();
    }
}

static int add_row(sqlite3_stmt *statement, json_t *rows)
{
    json_t *row = json_object();

    for (int i = 0; row && i < sqlite3_column_count(statement); i++)
        if (json_object_set_new(row, sqlite3_column_name(statement, i),
                                value_of(statement, i)) < 0) {
            json_decref(row);
            return -ENOMEM;
        }
    return row && json_array_append_new(rows, row) == 0 ? 0 : -ENOMEM;
}

/* Steps through all rows. Returns an outcome of SQLite. */
static int step_all(sqlite3_stmt *statement, json_t *rows)
{
    int outcome;

    while ((outcome = sqlite3_step(statement)) == SQLITE_ROW)
        if (rows && add_row(statement, rows) < 0)
            return SQLITE_NOMEM;
    return outcome == SQLITE_DONE ? SQLITE_OK : outcome;
}

static int run(struct history_store *store, const char *sql, const char *const *values,
               size_t count, json_t *rows, struct buf *reterr)
{
    sqlite3 *db = of(store)->db;
    sqlite3_stmt *statement = NULL;
    int outcome = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    for (size_t i = 0; outcome == SQLITE_OK && i < count; i++)
        outcome = sqlite3_bind_text(statement, (int)i + 1, values[i], -1, SQLITE_STATIC);
    if (outcome == SQLITE_OK)
        outcome = step_all(statement, rows);
    outcome = outcome == SQLITE_OK ? 0 : fail(db, outcome, reterr);
    sqlite3_finalize(statement);
    return outcome;
}

/* Writers take the lock at once, so that none of them fails in the middle. */
static int begin(struct history_store *store, enum history_access wanted,
                 struct buf *reterr)
{
    return run(store, wanted == HISTORY_WRITE ? "BEGIN IMMEDIATE" : "BEGIN", NULL, 0,
               NULL, reterr);
}

static void close_store(struct history_store *store)
{
    sqlite3_close(of(store)->db);
    free(store);
}

static const struct history_store_ops ops = {
    .run = run, .begin = begin, .close = close_store};

/* A number that a pragma tells; 0 where it tells none. */
static int64_t ask(struct history_store *store, const char *pragma)
{
    json_t *rows = json_array();
    struct buf why = BUF_INIT(1024);
    int64_t number = 0;

    if (rows && run(store, pragma, NULL, 0, rows, &why) == 0)
        number = json_integer_value(
            json_object_iter_value(json_object_iter(json_array_get(rows, 0))));
    buf_deinit(&why);
    json_decref(rows);
    return number;
}

/* The shared memory of the write-ahead log is no use between machines (sqlite.org/wal.html). */
static bool is_far_away(const char *path)
{
    static const uint32_t kinds[] = {NFS_SUPER_MAGIC,  CIFS_SUPER_MAGIC, SMB2_SUPER_MAGIC,
                                     SMB_SUPER_MAGIC,  CEPH_SUPER_MAGIC, V9FS_MAGIC,
                                     FUSE_SUPER_MAGIC, AFS_SUPER_MAGIC};
    struct statfs facts;

    if (statfs(path, &facts) < 0)
        return true;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if ((uint32_t)facts.f_type == kinds[i])
            return true;
    return false;
}

/* Another program that opens it at this moment may keep the log from changing: it does that itself. */
static void set_up(struct history_store *store, const char *path,
                   enum history_access wanted)
{
    struct buf ignored = BUF_INIT(1024);

    (void)run(store, "PRAGMA foreign_keys=ON", NULL, 0, NULL, &ignored);
    if (wanted == HISTORY_WRITE) {
        (void)run(store,
                  is_far_away(path) ? "PRAGMA journal_mode=DELETE"
                                    : "PRAGMA journal_mode=WAL",
                  NULL, 0, NULL, &ignored);
        (void)run(store, "PRAGMA synchronous=NORMAL", NULL, 0, NULL, &ignored);
    }
    buf_deinit(&ignored);
}

/* Whether it is whole and a history, or empty. */
static int check(struct history_store *store, struct buf *reterr)
{
    json_t *rows = json_array();
    const char *said;
    int r = rows ? 0 : -ENOMEM;

    if (r == 0)
        r = run(store, "PRAGMA quick_check(1)", NULL, 0, rows, reterr);
    said = json_string_value(json_object_get(json_array_get(rows, 0), "quick_check"));
    if (r == 0 && (!said || strcmp(said, "ok") != 0)) {
        buf_append_str(reterr, "the file is damaged: ");
        buf_append_printable(reterr, said ? said : "", said ? strlen(said) : 0);
        r = -EBADMSG;
    }
    json_decref(rows);
    if (r == 0 && ask(store, "PRAGMA application_id") != APPLICATION_ID &&
        ask(store, "SELECT count(*) FROM sqlite_schema") > 0) {
        buf_append_str(reterr, "it is a database of another program; name another file");
        r = -EINVAL;
    }
    return r;
}

static bool is_there(const char *path, const char *suffix)
{
    char name[MAX_PATH_BYTES];

    (void)snprintf(name, sizeof(name), "%s%s", path, suffix);
    return access(name, F_OK) == 0;
}

static bool can_write_beside(const char *path)
{
    char folder[MAX_PATH_BYTES];
    const char *slash = strrchr(path, '/');

    if (!slash)
        return access(".", W_OK) == 0;
    (void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path + 1), path);
    return access(folder, W_OK) == 0;
}

/*
 * A file with a write-ahead log is read with the help of two others beside it. Where none can be made (a disk that is
 * read-only, another's folder) and nobody who writes has made them, the file is all there is, and does not change.
 */
static bool is_still(const char *path, enum history_access wanted)
{
    return wanted == HISTORY_READ && !can_write_beside(path) && !is_there(path, "-wal");
}

/* A path as a URI, for what can be said of a file only there (sqlite.org/uri.html). */
static void say_still(const char *path, struct buf *uri)
{
    buf_append_str(uri, "file:");
    for (; *path; path++)
        if (strchr("%?#", *path))
            buf_printf(uri, "%%%02X", (unsigned char)*path);
        else
            buf_append_char(uri, *path);
    buf_append_str(uri, "?immutable=1");
}

static int open_still(const char *path, sqlite3 **ret_db)
{
    CLEANUP(buf_deinit) struct buf uri = BUF_INIT(MAX_PATH_BYTES * 4);

    say_still(path, &uri);
    if (buf_error(&uri) < 0)
        return SQLITE_NOMEM;
    return sqlite3_open_v2(buf_str(&uri), ret_db,
                           SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI,
                           NULL);
}

static int open_file(const char *path, enum history_access wanted, struct buf *reterr,
                     struct history_store **ret_store)
{
    struct sqlite_store *store = calloc(1, sizeof(*store));
    int r;

    if (!store)
        return -ENOMEM;
    store->store = (struct history_store){.ops = &ops, .dialect = HISTORY_SQLITE};
    r = is_still(path, wanted)
            ? open_still(path, &store->db)
            : sqlite3_open_v2(path, &store->db,
                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (r == SQLITE_OK)
        r = sqlite3_busy_timeout(store->db, BUSY_MS);
    if (r != SQLITE_OK)
        r = fail(store->db, r, reterr);
    if (r == 0)
        r = check(&store->store, reterr);
    if (r == 0) {
        set_up(&store->store, path, wanted);
        *ret_store = &store->store;
    } else {
        close_store(&store->store);
    }
    return r;
}

/* What it says of requests is its owner's alone, as the results are. */
static int make_file(const char *path)
{
    const int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0)
        return -errno;
    return close(fd) < 0 ? -errno : 0;
}

/* Whether a damaged file was a history: by its first bytes, or by its name where they are gone. */
static bool was_history(const char *path)
{
    const char *slash = strrchr(path, '/');
    static const char magic[16] = "SQLite format 3";
    char head[sizeof(magic)];
    FILE *file = fopen(path, "re");
    bool has_magic = false;

    if (file) {
        has_magic = fread(head, sizeof(head), 1, file) == 1 &&
                    memcmp(head, magic, sizeof(magic)) == 0;
        (void)fclose(file);
    }
    return has_magic || strcmp(slash ? slash + 1 : path, "history.db") == 0;
}

/* Gives a damaged file another name, with what belongs to it. */
static int set_aside(const char *path, struct buf *ret_note)
{
    static const char *const parts[] = {"", "-wal", "-shm"};
    char when[32];
    int r = 0;

    clock_format_wall(clock_wall_ns(), when);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        char from[MAX_PATH_BYTES];
        char to[MAX_PATH_BYTES];

        (void)snprintf(from, sizeof(from), "%s%s", path, parts[i]);
        (void)snprintf(to, sizeof(to), "%s.damaged-%s%s", path, when, parts[i]);
        if (rename(from, to) < 0 && i == 0)
            r = -errno;
    }
    if (r == 0)
        buf_printf(
            ret_note,
            "%s is damaged: it was set aside as %s.damaged-%s, and a new one begun; "
            "`throng history import` adds the results that there still are",
            path, path, when);
    return r;
}

/* Begins a new file in the place of a damaged one, unless another program has just done so. */
static int replace(const char *path, ino_t damaged, struct buf *ret_note,
                   struct buf *reterr)
{
    struct stat now;
    int r = 0;

    buf_clear(reterr);
    if (stat(path, &now) == 0 && now.st_ino == damaged)
        r = set_aside(path, ret_note);
    if (r == 0)
        r = make_file(path);
    if (r < 0)
        buf_append_str(reterr, strerror(-r));
    return r < 0 ? -EIO : 0;
}

int history_sqlite_open(const struct history_place *place, enum history_access wanted,
                        struct buf *ret_note, struct buf *reterr,
                        struct history_store **ret_store)
{
    const char *path = place->target;
    struct stat file = {0};
    int r = 0;

    if (strlen(path) > MAX_PATH_BYTES - 64)
        r = -ENAMETOOLONG;
    else if (wanted == HISTORY_WRITE)
        r = make_file(path);
    if (r == 0 && stat(path, &file) < 0)
        r = -errno;
    if (r < 0) {
        buf_append_str(reterr, strerror(-r));
        return r == -ENOENT && wanted == HISTORY_READ ? -ENOENT : -EIO;
    }
    r = open_file(path, wanted, reterr, ret_store);
    if (r != -EBADMSG || wanted != HISTORY_WRITE || !was_history(path))
        return r;
    r = replace(path, file.st_ino, ret_note, reterr);
    return r < 0 ? r : open_file(path, wanted, reterr, ret_store);
}
