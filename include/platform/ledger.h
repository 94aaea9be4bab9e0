/*
 * The ledger of a run: platform.jsonl in its results folder, a line for everything that was made at the
 * platform, was there already, or was removed; written as it happens, so that what a killed run left can
 * be removed later (`throng cleanup`). Names and ids alone: never a key. doc/platform.md has the form.
 */
#pragma once

#include <stdbool.h>

#include "measure/tenancy.h"
#include "platform/tenants.h"

#define LEDGER_NAME "platform.jsonl"

struct ledger;

/* Opens it to write behind what is there, or makes it (mode 0600). Returns 0 or -errno. */
int ledger_open(const char *path, const char *run_id, struct ledger **ret_ledger);

/* NULL is allowed. Returns NULL. */
struct ledger *ledger_close(struct ledger *ledger);

/*
 * Writes what becomes of an organization, a user or a key. ASKED before it is asked for; ABSENT: it was
 * not made. as: who it is, or
 * belongs to. NULL: nothing is written. Errors stick (ledger_error).
 */
void ledger_note(struct ledger *ledger, enum tenancy_kind kind, enum tenant_state state,
                 const struct roster_user *as);

/* The first thing that could not be written: 0 or -errno. */
int ledger_error(const struct ledger *ledger);

/*
 * Reads one: the tenants as they stood at its last whole line. Keys have ids only. Returns 0; -ENOENT;
 * -EBADMSG: it is no ledger; -errno; -ENOMEM. A line that is no JSON, such as one that a killed run was writing,
 * is passed over.
 */
int ledger_read(const char *path, struct tenants *ret_tenants);
