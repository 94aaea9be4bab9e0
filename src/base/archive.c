#include "base/archive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define BITS 7
#define MORE 0x80U
#define TEXT_BYTES_MAX UINT16_MAX

struct archive archive_writer(struct buf *out)
{
    return (struct archive){.out = out};
}

struct archive archive_reader(const void *bytes, size_t len)
{
    const unsigned char *at = bytes;

    return (struct archive){.at = at, .end = at + len};
}

bool archive_is_read(const struct archive *archive)
{
    return !archive->out;
}

void archive_fail(struct archive *archive, int error)
{
    if (archive->error == 0)
        archive->error = error;
}

int archive_error(const struct archive *archive)
{
    return archive->error < 0 || !archive->out ? archive->error : buf_error(archive->out);
}

static void put(struct buf *out, uint64_t number)
{
    for (; number >= MORE; number >>= BITS)
        buf_append_char(out, (char)(unsigned char)(number | MORE));
    buf_append_char(out, (char)(unsigned char)number);
}

static uint64_t take(struct archive *archive)
{
    uint64_t number = 0;

    for (unsigned shift = 0; shift < 64 && archive->at < archive->end; shift += BITS) {
        const uint64_t byte = *archive->at++;

        number |= (byte & (MORE - 1)) << shift;
        if (!(byte & MORE))
            return number;
    }
    archive_fail(archive, -EBADMSG);
    return 0;
}

uint64_t archive_number(struct archive *archive, uint64_t number)
{
    if (archive->error < 0)
        return 0;
    if (!archive->out)
        return take(archive);
    put(archive->out, number);
    return number;
}

uint64_t archive_number_below(struct archive *archive, uint64_t number, uint64_t bound)
{
    const uint64_t found = archive_number(archive, number);

    if (found < bound)
        return found;
    archive_fail(archive, -EBADMSG);
    return 0;
}

char *archive_text(struct archive *archive, const char *text)
{
    const uint64_t len =
        archive_number_below(archive, text ? strlen(text) : 0, TEXT_BYTES_MAX + 1);
    char *copy = NULL;

    if (archive->error < 0)
        return NULL;
    if (archive->out) {
        buf_append(archive->out, text ? text : "", len);
        return NULL;
    }
    if ((uint64_t)(archive->end - archive->at) < len) {
        archive_fail(archive, -EBADMSG);
        return NULL;
    }
    copy = strndup((const char *)archive->at, len);
    if (!copy)
        archive_fail(archive, -ENOMEM);
    archive->at += len;
    return copy;
}

void archive_sum(struct archive *archive, uint64_t *sum)
{
    const uint64_t number = archive_number(archive, *sum);

    if (!archive->out)
        *sum += number;
}

/* Small numbers of both signs become small ones without: 0, −1, 1, −2, … */
static uint64_t fold(int64_t number)
{
    return ((uint64_t)number << 1) ^ (number < 0 ? UINT64_MAX : 0);
}

static int64_t unfold(uint64_t number)
{
    return (int64_t)(number >> 1) ^ -(int64_t)(number & 1);
}

void archive_sum_signed(struct archive *archive, int64_t *sum)
{
    const int64_t number = unfold(archive_number(archive, fold(*sum)));

    if (!archive->out && __builtin_add_overflow(*sum, number, sum))
        *sum = number < 0 ? INT64_MIN : INT64_MAX;
}

/* The bits of an IEEE 754 binary64 number, from the highest on: round ones are short then. */
void archive_sum_double(struct archive *archive, double *sum)
{
    uint64_t bits = 0;
    double number;

    memcpy(&bits, sum, sizeof(bits));
    bits = __builtin_bswap64(archive_number(archive, __builtin_bswap64(bits)));
    memcpy(&number, &bits, sizeof(number));
    if (!archive->out)
        *sum += number;
}

void archive_greatest(struct archive *archive, uint64_t *greatest)
{
    const uint64_t number = archive_number(archive, *greatest);

    if (!archive->out && number > *greatest)
        *greatest = number;
}

void archive_least(struct archive *archive, uint64_t *least)
{
    const uint64_t number = archive_number(archive, *least);

    if (!archive->out && number > 0 && (*least == 0 || number < *least))
        *least = number;
}
