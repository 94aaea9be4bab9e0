/*
 * The exposition of a server → what it tells, by the rules of its kind. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plan/backend.h"
#include "platform/backend_quantity.h"
#include "platform/prom_text.h"

struct backend_kind;

/*
 * kind: PLAN_BACKEND_AUTO takes what any kind tells, and names the first of them. at_ns: when it was told.
 * Returns 0; -EINVAL: it is no exposition, and the problem says why; -ENODATA: nothing that is known of.
 */
int backend_read(enum plan_backend_kind kind, const char *text, size_t len,
                 uint64_t at_ns, struct backend_raw *ret_raw,
                 const struct backend_kind **ret_kind,
                 struct prom_problem *reterr_problem);
