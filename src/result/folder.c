#include "result/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_PATH_BYTES 4096
#define MAX_NAMESAKES 10000

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

int result_folder_new(const char *dir, const char *run_id,
                      struct result_folder **ret_folder)
{
    struct result_folder *folder = calloc(1, sizeof(*folder));
    int r = folder ? make_parents(dir) : -ENOMEM;

    if (r >= 0)
        r = make_own(folder, dir, run_id);
    if (r >= 0) {
        folder->fd = open(folder->path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
        r = folder->fd < 0 ? -errno : 0;
    }
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

/* Writes the file under its temporary name, down to the disk. */
static int write_aside(int folder_fd, const char *aside, const void *bytes, size_t len)
{
    const int fd =
        openat(folder_fd, aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0)
        return -errno;
    int r = write_all(fd, bytes, len);

    if (r >= 0 && fsync(fd) < 0)
        r = -errno;
    if (close(fd) < 0 && r >= 0)
        r = -errno;
    return r;
}

int result_folder_write(struct result_folder *folder, const char *name, const void *bytes,
                        size_t len)
{
    char aside[256];

    if ((size_t)snprintf(aside, sizeof(aside), ".%s.part", name) >= sizeof(aside))
        return -ENAMETOOLONG;
    int r = write_aside(folder->fd, aside, bytes, len);

    if (r >= 0 && renameat(folder->fd, aside, folder->fd, name) < 0)
        r = -errno;
    if (r < 0) {
        unlinkat(folder->fd, aside, 0);
        return r;
    }
    return fsync(folder->fd) < 0 ? -errno : 0;
}
