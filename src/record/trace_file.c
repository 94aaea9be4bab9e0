#include "record/trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

/* People's prompts may be in it. */
#define MODE 0600

#define COPY_BYTES ((size_t)64 * 1024)

static int write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        const ssize_t written = write(fd, bytes, len);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        bytes += written;
        len -= (size_t)written;
    }
    return 0;
}

/* Part of a line is worse than none. */
static int append(struct trace_file *file, const char *line, size_t len)
{
    int r = file->is_torn && ftruncate(file->fd, (off_t)file->len_bytes) < 0 ? -errno : 0;

    if (r < 0)
        return r;
    file->is_torn = false;
    r = write_all(file->fd, line, len);
    if (r == 0)
        file->len_bytes += len;
    else if (ftruncate(file->fd, (off_t)file->len_bytes) < 0)
        file->is_torn = true;
    return r;
}

int trace_file_open(struct trace_file *file, const char *path, const char *line,
                    size_t len)
{
    int r;

    *file = (struct trace_file){.path = path, .is_ordered = true};
    file->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, MODE);
    if (file->fd < 0)
        return -errno;
    r = append(file, line, len);
    if (r < 0) {
        trace_file_close(file);
        (void)unlink(path);
    }
    return r;
}

static int reserve_line(struct trace_file *file)
{
    const size_t cap = file->line_cap > 0 ? 2 * file->line_cap : 256;
    struct trace_line *lines;

    if (file->line_count < file->line_cap)
        return 0;
    lines = realloc(file->lines, cap * sizeof(*lines));
    if (!lines)
        return -ENOMEM;
    file->lines = lines;
    file->line_cap = cap;
    return 0;
}

int trace_file_append(struct trace_file *file, uint64_t time_ns, const char *line,
                      size_t len)
{
    const uint64_t offset = file->len_bytes;
    int r = reserve_line(file);

    if (r == 0)
        r = append(file, line, len);
    if (r < 0)
        return r;
    if (file->line_count > 0 && time_ns < file->lines[file->line_count - 1].time_ns)
        file->is_ordered = false;
    file->lines[file->line_count++] =
        (struct trace_line){.time_ns = time_ns, .offset = offset, .len = len};
    return 0;
}

static int by_time(const void *left, const void *right)
{
    const struct trace_line *a = left;
    const struct trace_line *b = right;

    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns ? -1 : 1;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static int copy_range(int from, uint64_t offset, uint64_t len, int to)
{
    char bytes[COPY_BYTES];

    while (len > 0) {
        const size_t wanted = len < sizeof(bytes) ? (size_t)len : sizeof(bytes);
        const ssize_t some = pread(from, bytes, wanted, (off_t)offset);
        int r;

        if (some < 0 && errno == EINTR)
            continue;
        if (some <= 0)
            return some < 0 ? -errno : -EIO;
        r = write_all(to, bytes, (size_t)some);
        if (r < 0)
            return r;
        offset += (uint64_t)some;
        len -= (uint64_t)some;
    }
    return 0;
}

static int write_ordered(const struct trace_file *file, int from, int to)
{
    uint64_t begin = file->len_bytes; /* of the first line of a request */
    int r;

    for (size_t i = 0; i < file->line_count; i++)
        if (file->lines[i].offset < begin)
            begin = file->lines[i].offset;
    r = copy_range(from, 0, begin, to);
    for (size_t i = 0; r == 0 && i < file->line_count; i++)
        r = copy_range(from, file->lines[i].offset, file->lines[i].len, to);
    if (r == 0 && fsync(to) < 0)
        r = -errno;
    return r;
}

/* Writes the lines anew in their order, and has that file take the place of the other. */
static int replace_ordered(struct trace_file *file, const char *beside)
{
    const int from = open(file->path, O_RDONLY | O_CLOEXEC);
    const int to = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
    int r = from < 0 || to < 0 ? -errno : 0;

    if (r == 0) {
        qsort(file->lines, file->line_count, sizeof(*file->lines), by_time);
        r = write_ordered(file, from, to);
    }
    if (to >= 0 && close(to) < 0 && r == 0)
        r = -errno;
    if (r == 0 && rename(beside, file->path) < 0)
        r = -errno;
    if (to >= 0 && r < 0)
        (void)unlink(beside);
    if (from >= 0)
        (void)close(from);
    return r;
}

int trace_file_finish(struct trace_file *file)
{
    struct buf beside = BUF_INIT(16 * 1024);
    int r = fsync(file->fd) < 0 && errno != EINVAL ? -errno : 0;

    if (r < 0 || file->is_ordered)
        return r;
    r = buf_printf(&beside, "%s.%ld", file->path, (long)getpid());
    if (r == 0)
        r = replace_ordered(file, buf_str(&beside));
    buf_deinit(&beside);
    return r;
}

void trace_file_close(struct trace_file *file)
{
    if (file->fd >= 0)
        (void)close(file->fd);
    file->fd = -1;
    free(file->lines);
    file->lines = NULL;
}
