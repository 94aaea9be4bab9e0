/*
 * A trace file that is whole at any moment: each line is appended at once or not at all. Blocking:
 * for a thread that may wait. It knows bytes and lines, not what they say.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a line stands, to bring lines into the order of their times at the end. */
struct trace_line {
    uint64_t time_ns;
    uint64_t offset;
    uint64_t len;
};

struct trace_file {
    int fd;                   /* -1: not open */
    const char *path;         /* borrowed */
    uint64_t len_bytes;       /* of whole lines */
    struct trace_line *lines; /* owned; without the first line of the file */
    size_t line_count;
    size_t line_cap;
    bool is_torn;    /* part of a line is at its end, which could not be cut off yet */
    bool is_ordered; /* the lines stand in the order of their times */
};

/*
 * Makes the file, which only its owner can read, with its first line. path is borrowed until
 * trace_file_close(). Returns 0; -EEXIST: it is there already; whatever else open(2) and write(2) say.
 */
int trace_file_open(struct trace_file *file, const char *path, const char *line,
                    size_t len);

/*
 * Appends a line. Returns 0 or -errno, and then nothing of it stays in the file. -ENOMEM: its place
 * cannot be kept, and it is not written either.
 */
int trace_file_append(struct trace_file *file, uint64_t time_ns, const char *line,
                      size_t len);

/*
 * Brings the lines into the order of their times, by way of a file beside it that takes its place, and
 * has the disk keep it. Returns 0 or -errno; then the lines are all there in the order they were
 * appended in.
 */
int trace_file_finish(struct trace_file *file);

/* Closes it; one that is not open is allowed. */
void trace_file_close(struct trace_file *file);
