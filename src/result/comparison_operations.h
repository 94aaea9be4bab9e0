/*
 * The operations of a samples.bin: attempts that belong together → how long it took from the first moment at which one
 * was due to the end of the last. Arrivals that nobody took have no attempt, and are not in the file.
 */
#pragma once

struct operation;

/* Returns 0 to go on. */
typedef int operation_fn(void *ctx, const struct operation *operation);

/*
 * Calls back for each operation of the measured window: those of one attempt in the file's order, then the others. Reads
 * the file twice, and keeps some 50 bytes of each that was retried. Returns 0; what the callback returned else; -ENOMEM;
 * what sample_file_read() returns.
 */
int operations_read(const char *path, operation_fn *fn, void *ctx);
