/*
 * Where a history is, as people write it: a file or a PostgreSQL server, and how it is named without its
 * password.
 */
#pragma once

#include "base/buf.h"
#include "result/history_store.h"

struct history_place {
    enum history_dialect dialect;
    const char *target; /* path of the file, or URL; borrowed from the text */
    struct buf name;    /* for people to see */
    struct buf
        password; /* as it stands in the URL and decoded, with a NUL between; for starring out */
};

/*
 * "results/history.db", "sqlite:PATH", "postgresql://user@host:5432/database". text is borrowed. Returns 0;
 * -EINVAL with a sentence in reterr, which tells no password; -ENOMEM.
 */
int history_place_init(struct history_place *place, const char *text, struct buf *reterr);

/* Wipes the password. */
void history_place_deinit(struct history_place *place);

/* Writes stars over its password in a text that a database says. */
void history_place_star_out(const struct history_place *place, char *text);
