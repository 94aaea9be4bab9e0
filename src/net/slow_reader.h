/*
 * Slow readers: a transfer reads its body at a rate and no faster, as over a thin line. Between two
 * pieces libcurl reads nothing, so that the kernel's buffer, which is small for such a connection,
 * fills up and the server is held up. Connections of slow readers are theirs alone; over HTTP/2 it is the
 * window of their stream that fills up, and the connection stays everybody's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct curl_transfer;

/* Embedded in the transfer. The fields are private. All zero: it reads what comes. */
struct slow_reader {
    uint64_t bytes_per_s;
    uint64_t free_ns;   /* the thin line has delivered all that was taken so far */
    uint64_t since_ns;  /* reading rests since then; 0: it does not */
    uint64_t rested_ns; /* in all */
};

/* A transfer begins, at a rate; 0: as it comes. */
void slow_reader_begin(struct curl_transfer *transfer, uint64_t bytes_per_s);

/* The least that the kernel should buffer for it, before the socket is connected. */
void slow_reader_set_up(const struct curl_transfer *transfer, int fd);

/* So many bytes were taken, inside libcurl's callback: it may have to rest now. */
void slow_reader_took(struct curl_transfer *transfer, size_t len, uint64_t now_ns);

/* When a transfer that rests reads on; 0: it does not rest. */
uint64_t slow_reader_rests_until_ns(const struct curl_transfer *transfer);

/* It has rested for long enough. Not inside libcurl. */
void slow_reader_go_on(struct curl_transfer *transfer, uint64_t now_ns);
