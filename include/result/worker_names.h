/*
 * What the users of several workers were called by the platform, each by their number among all.
 */
#pragma once

#include <stddef.h>

#include "plan/roster.h"

struct archive;
struct run_facts;

/* All zero: nobody was named. */
struct worker_names {
    struct roster roster;      /* one entry for each number; without user_id: not named */
    struct roster_user *users; /* owned: the roster's */
    char **texts;              /* owned: of each user two, their name and organization */
    size_t room;               /* entries that both have place for */
};

/* Writes the names of those who asked something; none where users act as themselves. */
void worker_names_write(struct archive *archive, const struct run_facts *facts);

/* Reads those of one worker more. What goes wrong is the archive's error. */
void worker_names_read(struct archive *archive, struct worker_names *names);
void worker_names_deinit(struct worker_names *names);
