/*
 * Quantities as people write them ↔ numbers in base units: durations, sizes, percentages, money,
 * counts. The only place where text becomes a number. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buf;

/* 1 US dollar in pico-dollars. */
#define PUSD_PER_USD INT64_C(1000000000000)

/*
 * Each parses the whole of text (surrounding blanks allowed, NaN and infinity refused).
 * Return 0; -EINVAL when it is not of the form; -ERANGE when it does not fit. ret_ is written
 * only on success. Decimals have up to 12 digits behind the point; texts up to 63 bytes.
 */

/* "250us" "1500ms" "5s" "1.5s" "2m30s" "1h" "0": h m s ms us µs ns, falling, each at most once. */
int quantity_parse_duration(const char *text, uint64_t *ret_ns);

/* "512" "64KiB" "8MiB" "1GB": bytes; K, M, G, T with B are powers of 1000, with iB of 1024. */
int quantity_parse_size(const char *text, uint64_t *ret_bytes);

/* "5%" → 0.05, "0.05" → 0.05. */
int quantity_parse_fraction(const char *text, double *ret_fraction);

/* "10.00 USD" "10 USD" "$10" "10.00": pico-dollars, exact to 12 decimals, never through a double. */
int quantity_parse_money(const char *text, int64_t *ret_pusd);

/* Decimal digits, optionally with _ between them ("1_000_000"); not octal, no sign, no exponent. */
int quantity_parse_count(const char *text, uint64_t *ret_count);

/* A finite decimal number, C locale. */
int quantity_parse_number(const char *text, double *ret_number);

/* "5/s" "300/m" "2.5/s": events per second. */
int quantity_parse_rate(const char *text, double *ret_per_s);

/* "2KiB/s" "100B/s": bytes per second, a size with /s behind it. */
int quantity_parse_speed(const char *text, uint64_t *ret_bytes_per_s);

/*
 * Readable forms for people, rounded to about three digits. Each appends to out and returns 0 or
 * its sticky error.
 */

/* "1m30s" "12.5s" "500ms": whole seconds from a minute on. quantity_parse_duration() reads it. */
int quantity_format_duration(struct buf *out, uint64_t ns);

/* "412 ms" "12.5 µs" "10.2 s": a measured time, with its zeros. */
int quantity_format_latency(struct buf *out, uint64_t ns);

/* "$1,234.50" "$0.0123" "-$2.00": more decimals for smaller amounts; only 0 shows as zero. */
int quantity_format_money(struct buf *out, int64_t pusd);

/* "12,345". */
int quantity_format_count(struct buf *out, uint64_t count);

/* "12,345" "0.25" "-3": whole numbers in full, others with six digits. */
int quantity_format_number(struct buf *out, double number);

/* "512 B" "1.2 GiB": powers of 1024. */
int quantity_format_size(struct buf *out, uint64_t bytes);
