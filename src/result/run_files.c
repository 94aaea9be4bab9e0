#include "result/run_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "result/baseline_file.h"
#include "result/summary.h"

#define MAX_PATH_BYTES 4096
#define SUMMARY "summary.json"

static int refuse(struct buf *why, const char *name, const char *what)
{
    buf_printf(why, "%s: %s; name a results folder, its summary.json, or the id of a run",
               name, what);
    return -EINVAL;
}

static bool is_folder(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static int join(const char *folder, const char *name, char path[static MAX_PATH_BYTES])
{
    const int len = snprintf(path, MAX_PATH_BYTES, "%s/%s", folder, name);

    return len > 0 && len < MAX_PATH_BYTES ? 0 : -ENAMETOOLONG;
}

/* The folder whose summary is the newest. Returns 0; -ENOENT: there is none; -ENOMEM. */
static int find_newest(const char *results, char **ret_folder)
{
    struct timespec newest = {0};
    char path[MAX_PATH_BYTES];
    char inside[MAX_PATH_BYTES];
    char *found = NULL;
    const struct dirent *entry;
    DIR *dir = opendir(results);

    if (!dir)
        return -ENOENT;
    /* No other thread reads this stream. */
    while ((entry = readdir(dir))) { /* NOLINT(concurrency-mt-unsafe) */
        struct stat info;

        if (entry->d_name[0] == '.' || join(results, entry->d_name, path) < 0 ||
            join(path, SUMMARY, inside) < 0 || stat(inside, &info) < 0)
            continue;
        if (found && (info.st_mtim.tv_sec < newest.tv_sec ||
                      (info.st_mtim.tv_sec == newest.tv_sec &&
                       info.st_mtim.tv_nsec <= newest.tv_nsec)))
            continue;
        free(found);
        found = strdup(path);
        newest = info.st_mtim;
    }
    (void)closedir(dir);
    *ret_folder = found;
    return found ? 0 : -ENOENT;
}

/* A file of that name may lie anywhere; of another name it stands alone. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;

    if (strcmp(base, SUMMARY) != 0)
        return NULL;
    return slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
}

/* Where the summary of a name is, and its folder. Returns as run_files_open(). */
static int locate(const char *results, const char *name, char path[static MAX_PATH_BYTES],
                  char **ret_folder, struct buf *why)
{
    char inside[MAX_PATH_BYTES];

    if (strncmp(name, "s3://", strlen("s3://")) == 0)
        return refuse(why, name, "results in S3 cannot be read yet, fetch them first");
    if (access(name, F_OK) < 0) {
        if (strchr(name, '/') || join(results, name, inside) < 0 || !is_folder(inside))
            return refuse(why, name, "there is no such run");
        name = inside;
    }
    *ret_folder = is_folder(name) ? strdup(name) : folder_of(name);
    if (is_folder(name) ? join(name, SUMMARY, path) < 0
                        : snprintf(path, MAX_PATH_BYTES, "%s", name) >= MAX_PATH_BYTES)
        return refuse(why, name, "the path is too long");
    return 0;
}

static bool is_of_schema(const json_t *document, const char *schema)
{
    const char *text = json_string_value(json_object_get(document, "schema"));

    return text && strcmp(text, schema) == 0;
}

static int read_summary(const char *path, struct run_files *files, struct buf *why)
{
    CLEANUP(json_decrefp) json_t *document = NULL;
    struct run_files baseline = {0};
    json_error_t error;
    int r;

    if (access(path, F_OK) < 0)
        return refuse(
            why, path,
            "the run left no summary (throng recover makes one of a run that was "
            "killed)");
    document = json_load_file(path, 0, &error);
    if (!document)
        return refuse(why, path, error.text);
    if (is_of_schema(document, SUMMARY_SCHEMA)) {
        files->summary = TAKE(document);
        return 0;
    }
    if (!is_of_schema(document, BASELINE_SCHEMA))
        return refuse(why, path, "this is no summary of throng");
    r = baseline_file_read(document, &baseline);
    if (r == -EINVAL)
        return refuse(why, path, "this is no whole baseline of throng");
    files->summary = baseline.summary;
    files->histograms = baseline.histograms;
    return r;
}

int run_files_open(const char *results, const char *name, struct run_files *ret_files,
                   struct buf *reterr_why)
{
    struct run_files files = {0};
    char path[MAX_PATH_BYTES];
    char *newest = NULL;
    int r = 0;

    if (!name) {
        r = find_newest(results, &newest);
        if (r < 0)
            return refuse(reterr_why, results, "there are no results yet");
        name = newest;
    }
    r = locate(results, name, path, &files.folder, reterr_why);
    if (r == 0)
        r = read_summary(path, &files, reterr_why);
    free(newest);
    if (r < 0) {
        run_files_close(&files);
        return r;
    }
    *ret_files = files;
    return 0;
}

void run_files_close(struct run_files *files)
{
    json_decref(files->summary);
    free(files->folder);
    free(files->histograms);
    *files = (struct run_files){0};
}

int run_files_path(const struct run_files *files, const char *name, char *path,
                   size_t size)
{
    int len;

    if (!files->folder)
        return -ENOENT;
    len = snprintf(path, size, "%s/%s", files->folder, name);
    if (len < 0 || (size_t)len >= size)
        return -ENAMETOOLONG;
    return access(path, R_OK) == 0 ? 0 : -ENOENT;
}

int run_files_read(const char *path, struct buf *out)
{
    char piece[64 * 1024];
    FILE *file = fopen(path, "re");
    size_t len;
    int r;

    if (!file)
        return -errno;
    do {
        len = fread(piece, 1, sizeof(piece), file);
        buf_append(out, piece, len);
    } while (len == sizeof(piece));
    r = ferror(file) ? -EIO : buf_error(out);
    (void)fclose(file);
    return r;
}

int run_files_each_histogram(const struct run_files *files, hlog_line_fn *fn, void *ctx)
{
    char path[MAX_PATH_BYTES];
    int r;

    if (files->histograms)
        return hlog_each_of(files->histograms, fn, ctx);
    r = run_files_path(files, "histograms.hlog", path, sizeof(path));
    return r < 0 ? r : hlog_each(path, fn, ctx);
}

const char *run_files_id(const struct run_files *files)
{
    const char *id =
        json_string_value(json_object_get(json_object_get(files->summary, "run"), "id"));

    return id ? id : "";
}
