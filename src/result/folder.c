#include "result/folder.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_PATH_BYTES 4096
#define MAX_NAMESAKES 10000
#define PART ".part" /* ends the name of a file that is being written */

struct result_folder {
    int fd; /* the folder itself */
    char path[MAX_PATH_BYTES];
};

/* Makes every missing folder of a path. */
static int make_parents(const char *dir)
{
    char path[MAX_PATH_BYTES];

    if ((size_t)snprintf(path, sizeof(path), "%s", dir) >= sizeof(path))
        return -ENAMETOOLONG;
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
            return -errno;
        *slash = '/';
    }
    return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/* Makes the run's own folder under the first name that is free. */
static int make_own(struct result_folder *folder, const char *dir, const char *run_id)
{
    for (int namesake = 1; namesake <= MAX_NAMESAKES; namesake++) {
        const int len = namesake == 1 ? snprintf(folder->path, sizeof(folder->path),
                                                 "%s/%s", dir, run_id)
                                      : snprintf(folder->path, sizeof(folder->path),
                                                 "%s/%s-%d", dir, run_id, namesake);

        if ((size_t)len >= sizeof(folder->path))
            return -ENAMETOOLONG;
        if (mkdir(folder->path, 0700) == 0)
            return 0;
        if (errno != EEXIST)
            return -errno;
    }
    return -EEXIST;
}

/*
 * The folder itself, held by this process alone. A file system that knows no locks is no reason not
 * to write results.
 */
static int open_own(struct result_folder *folder)
{
    folder->fd = open(folder->path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    if (folder->fd < 0)
        return -errno;
    if (flock(folder->fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
        close(folder->fd);
        return -EBUSY;
    }
    return 0;
}

void result_folder_sweep(struct result_folder *folder)
{
    assert(folder->fd >= 0);
    const int fd = dup(folder->fd);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry = NULL;

    if (!dir && fd >= 0)
        close(fd);
    while (dir && (entry = readdir(dir)) != NULL) {
        const size_t len = strlen(entry->d_name);

        if (entry->d_name[0] == '.' && len > sizeof(PART) &&
            strcmp(entry->d_name + len - (sizeof(PART) - 1), PART) == 0)
            unlinkat(folder->fd, entry->d_name, 0);
    }
    if (dir)
        closedir(dir);
}

int result_folder_open(const char *path, struct result_folder **ret_folder)
{
    struct result_folder *folder = calloc(1, sizeof(*folder));
    int r = folder ? 0 : -ENOMEM;

    if (r >= 0 && (size_t)snprintf(folder->path, sizeof(folder->path), "%s", path) >=
                      sizeof(folder->path))
        r = -ENAMETOOLONG;
    if (r >= 0)
        r = open_own(folder);
    if (r < 0) {
        free(folder);
        return r;
    }
    *ret_folder = folder;
    return 0;
}

int result_folder_new(const char *dir, const char *run_id,
                      struct result_folder **ret_folder)
{
    struct result_folder *folder = calloc(1, sizeof(*folder));
    int r = folder ? make_parents(dir) : -ENOMEM;

    if (r >= 0)
        r = make_own(folder, dir, run_id);
    if (r >= 0)
        r = open_own(folder);
    if (r < 0) {
        free(folder);
        return r;
    }
    *ret_folder = folder;
    return 0;
}

struct result_folder *result_folder_free(struct result_folder *folder)
{
    if (folder) {
        close(folder->fd);
        free(folder);
    }
    return NULL;
}

const char *result_folder_path(const struct result_folder *folder)
{
    return folder->path;
}

int result_folder_path_of(const struct result_folder *folder, const char *name,
                          char *path, size_t size)
{
    return (size_t)snprintf(path, size, "%s/%s", folder->path, name) >= size
               ? -ENAMETOOLONG
               : 0;
}

static int write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        const ssize_t wrote = write(fd, bytes, len);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return -errno;
        bytes += wrote;
        len -= (size_t)wrote;
    }
    return 0;
}

#define ASIDE_BYTES 256

/* The temporary name of a file. */
static int name_aside(const char *name, char aside[static ASIDE_BYTES])
{
    return (size_t)snprintf(aside, ASIDE_BYTES, ".%s" PART, name) >= ASIDE_BYTES
               ? -ENAMETOOLONG
               : 0;
}

static int open_aside(int folder_fd, const char *aside)
{
    const int fd =
        openat(folder_fd, aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    return fd < 0 ? -errno : fd;
}

/* What was written under the temporary name gets its own, unless it is not whole. */
static int put_in_place(const struct result_folder *folder, const char *aside,
                        const char *name, int error)
{
    if (error >= 0 && renameat(folder->fd, aside, folder->fd, name) < 0)
        error = -errno;
    if (error < 0) {
        unlinkat(folder->fd, aside, 0);
        return error;
    }
    return fsync(folder->fd) < 0 ? -errno : 0;
}

/* Writes the file under its temporary name, down to the disk. */
static int write_aside(int folder_fd, const char *aside, const void *bytes, size_t len)
{
    const int fd = open_aside(folder_fd, aside);
    int r = fd < 0 ? fd : write_all(fd, bytes, len);

    if (fd < 0)
        return fd;
    if (r >= 0 && fsync(fd) < 0)
        r = -errno;
    if (close(fd) < 0 && r >= 0)
        r = -errno;
    return r;
}

int result_folder_write(struct result_folder *folder, const char *name, const void *bytes,
                        size_t len)
{
    char aside[ASIDE_BYTES];
    const int r = name_aside(name, aside);

    if (r < 0)
        return r;
    return put_in_place(folder, aside, name, write_aside(folder->fd, aside, bytes, len));
}

int result_folder_begin(struct result_folder *folder, const char *name, FILE **ret_file)
{
    char aside[ASIDE_BYTES];
    int r = name_aside(name, aside);

    if (r >= 0)
        r = open_aside(folder->fd, aside);
    if (r < 0)
        return r;
    *ret_file = fdopen(r, "w");
    if (*ret_file)
        return 0;
    close(r);
    return -ENOMEM;
}

int result_folder_finish(struct result_folder *folder, const char *name, FILE *file,
                         int error)
{
    char aside[ASIDE_BYTES];

    (void)name_aside(name, aside); /* it had room in result_folder_begin() */
    if (error >= 0 && (fflush(file) != 0 || fsync(fileno(file)) < 0))
        error = -errno;
    if (fclose(file) != 0 && error >= 0)
        error = -errno;
    return put_in_place(folder, aside, name, error);
}

int result_folder_remove(struct result_folder *folder, const char *name)
{
    return unlinkat(folder->fd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}
