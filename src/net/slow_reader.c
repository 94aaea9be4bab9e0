#include "net/slow_reader.h"

#include <sys/socket.h>

#include "base/clock.h"
#include "net/curl_transfer.h"
#include "net/hub.h"
#include "net/shard.h"

/*
 * Behind its time by less, it makes up for it: deadlines are that coarse. Further behind, the server
 * was slower than the line, and that is no credit.
 */
#define CATCH_UP_NS (2 * DEADLINE_GRAIN_NS)

/* What waits in the kernel: half a second of the line's. Linux doubles it for its own overhead. */
#define LEAST_BUFFER_BYTES ((uint64_t)4 * 1024)
#define MOST_BUFFER_BYTES ((uint64_t)64 * 1024)

void slow_reader_begin(struct curl_transfer *transfer, uint64_t bytes_per_s)
{
    transfer->slow_reader = (struct slow_reader){.bytes_per_s = bytes_per_s};
}

void slow_reader_set_up(const struct curl_transfer *transfer, int fd)
{
    uint64_t bytes = transfer->slow_reader.bytes_per_s / 2;
    int size;

    if (bytes == 0 || transfer->shard->policy->http2)
        return; /* others are on the connection too */
    if (bytes < LEAST_BUFFER_BYTES)
        bytes = LEAST_BUFFER_BYTES;
    size = (int)(bytes < MOST_BUFFER_BYTES ? bytes : MOST_BUFFER_BYTES);
    /* Where the kernel will not, the server is held up a little later. */
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

void slow_reader_took(struct curl_transfer *transfer, size_t len, uint64_t now_ns)
{
    struct slow_reader *reader = &transfer->slow_reader;

    if (reader->bytes_per_s == 0)
        return;
    if (reader->free_ns + CATCH_UP_NS < now_ns)
        reader->free_ns = now_ns - CATCH_UP_NS;
    reader->free_ns += len * NS_PER_S / reader->bytes_per_s;
    if (reader->free_ns <= now_ns || transfer->over || reader->since_ns > 0)
        return;
    if (curl_easy_pause(transfer->easy, CURLPAUSE_RECV) != CURLE_OK)
        return;
    reader->since_ns = now_ns;
    hub_set_deadline(transfer->shard->transport, &transfer->deadline, reader->free_ns);
}

uint64_t slow_reader_rests_until_ns(const struct curl_transfer *transfer)
{
    return transfer->slow_reader.since_ns > 0 ? transfer->slow_reader.free_ns : 0;
}

void slow_reader_go_on(struct curl_transfer *transfer, uint64_t now_ns)
{
    struct slow_reader *reader = &transfer->slow_reader;

    reader->rested_ns += now_ns - reader->since_ns;
    reader->since_ns = 0;
    transfer->active_ns = now_ns; /* whoever rested was not kept waiting */
    (void)curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
}
