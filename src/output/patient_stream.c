#include "output/patient_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/*
 * The same terminal, as a description of its own: not to wait is a property of that, and the one
 * that was given is shared with the shell. -1 where there is none.
 */
static int open_anew(FILE *out)
{
    char path[32];
    const int fd = fileno(out);

    if (fd < 0 || !isatty(fd))
        return -1;
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void patient_stream_init(struct patient_stream *stream, FILE *out)
{
    *stream = (struct patient_stream){
        .out = out, .fd = open_anew(out), .unsent = BUF_INIT(PATIENT_STREAM_BYTES)};
}

void patient_stream_deinit(struct patient_stream *stream)
{
    if (stream->fd >= 0)
        close(stream->fd);
    stream->fd = -1;
    buf_deinit(&stream->unsent);
}

/* What the terminal takes now. Where it is gone, all is lost and counts as taken. */
static size_t send_some(const struct patient_stream *stream, const char *bytes,
                        size_t len)
{
    size_t sent = 0;

    while (sent < len) {
        const ssize_t wrote = write(stream->fd, bytes + sent, len - sent);

        if (wrote < 0 && errno == EAGAIN)
            return sent;
        if (wrote < 0 && errno != EINTR)
            return len;
        sent += wrote > 0 ? (size_t)wrote : 0;
    }
    return sent;
}

static void send_unsent(struct patient_stream *stream)
{
    struct buf *unsent = &stream->unsent;
    const size_t sent = send_some(stream, unsent->bytes, unsent->len);

    if (sent < unsent->len)
        memmove(unsent->bytes, unsent->bytes + sent, unsent->len - sent);
    unsent->len -= sent;
}

static bool can_write(const struct patient_stream *stream, int wait_ms)
{
    struct pollfd ready = {.fd = stream->fd >= 0 ? stream->fd : fileno(stream->out),
                           .events = POLLOUT};

    if (ready.fd < 0)
        return true; /* memory */
    return poll(&ready, 1, wait_ms) == 1 && (ready.revents & POLLOUT);
}

bool patient_stream_is_ready(struct patient_stream *stream)
{
    if (stream->unsent.len > 0)
        send_unsent(stream);
    return stream->unsent.len == 0 && can_write(stream, 0);
}

void patient_stream_write(struct patient_stream *stream, const char *bytes, size_t len)
{
    size_t sent = 0;

    if (stream->fd < 0) {
        (void)fwrite(bytes, 1, len, stream->out);
        (void)fflush(stream->out);
        return;
    }
    if (stream->unsent.len == 0)
        sent = send_some(stream, bytes, len);
    if (sent < len)
        (void)buf_append(&stream->unsent, bytes + sent, len - sent);
}

void patient_stream_finish(struct patient_stream *stream)
{
    while (stream->unsent.len > 0) {
        (void)can_write(stream, -1);
        send_unsent(stream);
    }
}
