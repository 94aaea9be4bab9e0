/*
 * An archive: figures as bytes, and back by adding. One function walks what it keeps for both ways: where bytes are
 * written, it appends each figure; where they are read, it adds each to what is there already. So whatever was kept by
 * several is added up exactly, by the same walk that wrote it. Numbers are LEB128 (7 bits a byte, the lowest first),
 * texts have their length before them. It does no I/O.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* The fields are private. The first failure sticks: later calls do nothing, and what they read is 0 or "". */
struct archive {
    struct buf *out;         /* NULL: it is read */
    const unsigned char *at; /* of what is read */
    const unsigned char *end;
    int error;
};

/* One that is written into a buffer, and one that is read; both are borrowed. */
struct archive archive_writer(struct buf *out);
struct archive archive_reader(const void *bytes, size_t len);

/* Whether bytes are read: what is walked is added to. */
bool archive_is_read(const struct archive *archive);
/* Says that what was read cannot be: -EBADMSG, or that memory is short: -ENOMEM. */
void archive_fail(struct archive *archive, int error);
/* 0; -EBADMSG: it is cut or damaged; -ENOMEM; what buf_error() says. */
int archive_error(const struct archive *archive);

/* A number that is the same on both sides, such as how many follow. Returns it. */
uint64_t archive_number(struct archive *archive, uint64_t number);
/* A number of at most so much, else it is damaged. */
uint64_t archive_number_below(struct archive *archive, uint64_t number, uint64_t bound);
/* A text of at most 65,535 bytes. Read, it is the caller's (free()), NULL after a failure; written, NULL. */
char *archive_text(struct archive *archive, const char *text);

/* What is added up. Money and counters of the scenario's own do not wrap: they stay at the end of their range. */
void archive_sum(struct archive *archive, uint64_t *sum);
void archive_sum_signed(struct archive *archive, int64_t *sum);
void archive_sum_double(struct archive *archive, double *sum);
/* Of which the greatest stays; the least but 0, which is none. */
void archive_greatest(struct archive *archive, uint64_t *greatest);
void archive_least(struct archive *archive, uint64_t *least);
