/*
 * A disk that breaks in the middle of a run, to be preloaded: as soon as the file $BROKEN_WHEN is
 * there, whatever would write below the folder $BROKEN_BELOW fails with the errno $BROKEN_ERRNO.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_broken(int fd)
{
    const char *below = getenv("BROKEN_BELOW");
    const char *when = getenv("BROKEN_WHEN");
    char name[64];
    char path[4096];
    const int kept = errno;
    ssize_t len = 0;

    if (!below || !when || access(when, F_OK) < 0) {
        errno = kept;
        return false;
    }
    (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    len = readlink(name, path, sizeof(path) - 1);
    errno = kept;
    return len > 0 && strncmp(path, below, strlen(below)) == 0;
}

static int fail(void)
{
    errno = (int)strtol(getenv("BROKEN_ERRNO"), NULL, 10);
    return -1;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");

    return is_broken(fd) ? fail() : real(fd, bytes, len);
}

static int open_at(const char *symbol, int fd, const char *path, int flags, mode_t mode)
{
    int (*real)(int, const char *, int, ...) = dlsym(RTLD_NEXT, symbol);

    return (flags & O_CREAT) && is_broken(fd) ? fail() : real(fd, path, flags, mode);
}

int openat(int fd, const char *path, int flags, ...)
{
    va_list args;

    va_start(args, flags);
    const mode_t mode = va_arg(args, mode_t);

    va_end(args);
    return open_at("openat", fd, path, flags, mode);
}

int openat64(int fd, const char *path, int flags, ...)
{
    va_list args;

    va_start(args, flags);
    const mode_t mode = va_arg(args, mode_t);

    va_end(args);
    return open_at("openat64", fd, path, flags, mode);
}
