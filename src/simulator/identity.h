/*
 * The members that OpenAI's chat and completion objects begin with.
 */
#pragma once

struct buf;
struct generation;

/* Writes {"id":…,"object":…,"created":…,"model":…,"system_fingerprint":…, without the end. */
void identity_write(const struct generation *generation, const char *object,
                    struct buf *out);
