/*
 * The history of runs: results → a database that is asked later, a file (SQLite) or a PostgreSQL server.
 * Tables and views are the same in both (doc/history.md). Calls block: a file up to some seconds while
 * another program writes, a server up to some seconds for each statement.
 *
 * All return 0; -ENOMEM; or another negative errno with a sentence in reterr, without a password:
 * -ENOENT: there is nothing yet; -EBUSY: another program holds it; -EBADMSG: the file is damaged; -EINVAL: what was
 * asked is wrong; -EPROTO: a newer program wrote it; -EIO: anything else.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "result/run_files.h"

struct buf;
struct history;

enum history_use { HISTORY_TO_READ, HISTORY_TO_WRITE };

/*
 * Opens "results/history.db", "sqlite:PATH" or "postgresql://…", and brings an older one up to date.
 * HISTORY_TO_WRITE makes what is not there; a file that is damaged is then set aside, and ret_note (may be
 * NULL) says so.
 */
int history_open(const char *place, enum history_use use, struct buf *ret_note,
                 struct buf *reterr, struct history **ret_history);
/* NULL is allowed. Returns NULL. */
struct history *history_close(struct history *history);

/* Where it is, for people: without a password. Borrowed. */
const char *history_name(const struct history *history);

/* Whether a place can be one, as it is written: nothing is opened. 0; -EINVAL with a sentence; -ENOMEM. */
int history_check_place(const char *place, struct buf *reterr);

/* The name of a place, open or not, appended to out. */
void history_say_place(const char *place, struct buf *out);

/* What only the machine knows on which a run was made; NULL: a tag of the run of that name says it. */
struct history_origin {
    const char *environment;
    const char *git_sha;
    const char *git_branch;
    const char *ci_url;
};

/* Adds a run, all of it or nothing. ret_added: false: it is there already. -EEXIST: another run of its id is. */
int history_add(struct history *history, const struct run_files *run,
                const struct history_origin *origin, bool *ret_added, struct buf *reterr);

/* Which runs are meant. Zero: all. */
struct history_filter {
    const char *scenario;
    const char *const *tags; /* "key=value", all of them */
    size_t tag_count;
    uint64_t last;          /* the newest so many; 0: all */
    const char *before;     /* begun before that moment, as text; NULL: whenever */
    bool without_baselines; /* those that are no baseline */
};

/* Runs as an array of objects by column of the view `runs`, and "baselines", an array of names; newest first. */
int history_list(struct history *history, const struct history_filter *filter,
                 json_t **ret_runs, struct buf *reterr);

/* A run of that id, whole but for its folder. -ENODATA, without a sentence: there is none. */
int history_find(struct history *history, const char *run_id, struct run_files *ret_run,
                 struct buf *reterr);

/* What is followed over runs. */
struct history_series {
    const char *metric;    /* or a count: a column of `totals` */
    const char *aggregate; /* a column of `metrics`: "p95"; of a count not looked at */
    const char *dimension; /* "" for all */
    const char *value;
};

/*
 * Points of a series, oldest first: run_id, scenario, started_at, fingerprint, exit_code, trust, git_sha, value
 * (null: not known), above (a bound, or null), unit, baselines. -EINVAL: there is no such series.
 */
int history_trend(struct history *history, const struct history_filter *filter,
                  const struct history_series *series, json_t **ret_points,
                  struct buf *reterr);

/* A name for a run of the history, in the place of the run that had it in its scenario. -ENODATA: there is no such run. */
int history_set_baseline(struct history *history, const char *name, const char *run_id,
                         struct buf *reterr);

/*
 * Takes names away; scenario NULL: of all scenarios. -ENODATA: there is none such.
 */
int history_remove_baseline(struct history *history, const char *scenario,
                            const char *name, struct buf *reterr);

/* Baselines as an array of objects by column of the view `baselines`. NULL: any scenario, any name. */
int history_baselines(struct history *history, const char *scenario, const char *name,
                      json_t **ret_baselines, struct buf *reterr);

/* Removes runs, but none that is a baseline. */
int history_remove(struct history *history, const json_t *run_ids, struct buf *reterr);
