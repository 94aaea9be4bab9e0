/*
 * Hot reload: a run's scenario file has changed, or SIGHUP asks → the plan that the run goes on with. The
 * file is read and compared on the threadpool; only load, limits, thresholds and think times may differ.
 * Whatever cannot be followed is said in the log, and the run goes on as it was.
 *
 * Watched is the folder of the file, not the file: editors put another one in its place, and Kubernetes
 * mounts a ConfigMap as a link (..data) that is turned to another folder. Of what lies there only the
 * file, other YAML and that link are looked at.
 */
#pragma once

#include <stdbool.h>

#include <uv.h>

struct outline;
struct plan;
struct reload;
struct run_options;

struct reload_options {
    uv_loop_t *loop;
    const char *path; /* of the scenario */
    const struct run_options *options;
    const struct plan *plan; /* that the run begins with */
};

/*
 * The run shall go on with a plan, which stays until reload_free(); said: what has changed. Returns 0; or
 * -errno, and nothing has changed.
 */
typedef int reload_fn(void *ctx, const struct plan *plan, const char *said);

/* All options are borrowed. Takes the outline, also where it fails. Returns 0 or -ENOMEM. */
int reload_new(const struct reload_options *options, struct outline *outline,
               struct reload **ret_reload);

/* Begins to watch. */
void reload_start(struct reload *reload, reload_fn *fn, void *ctx);

/* Looks at the file now. Harmless before the start and after the close. */
void reload_ask(struct reload *reload);

/* Watches no more; the loop closes what is open, maybe after a file that is being read. NULL is allowed. */
void reload_close(struct reload *reload);
bool reload_is_closed(const struct reload *reload);

/* Only when it is closed, or was never started. Frees all plans that it made. Returns NULL. */
struct reload *reload_free(struct reload *reload);
