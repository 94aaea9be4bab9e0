/*
 * Rendering: the plan's texts with templates → what one user says, sends or remembers now. What is
 * drawn for it is keyed, so that another attempt of the same operation says the same.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

struct buf;
struct plan_chat;
struct plan_pair;
struct plan_text;
struct user;

/* All texts of one request, or one `set`. The fields are private. */
struct rendering {
    struct user *user;
    struct rng rng;
    uint64_t wall_ns;
};

void rendering_begin(struct rendering *rendering, struct user *user);

/*
 * Appends a text; where there is none, nothing. A name without a value becomes nothing, and is
 * counted. Returns 0; -ENODATA where a feeder has no row left for this user; errors of buf.
 */
int rendering_append(struct rendering *rendering, const struct plan_text *text,
                     struct buf *out);

/* Appends the value of a pair. */
int rendering_append_pair(struct rendering *rendering, const struct plan_pair *pair,
                          struct buf *out);

/*
 * What a user says, with all its texts rendered; the plan's own where it has no templates. Borrowed
 * from the engine until the next call. Returns as rendering_append.
 */
int rendering_chat(struct rendering *rendering, const struct plan_chat *chat,
                   const struct plan_chat **ret_chat);
