/*
 * Notices: a run that is over → those who asked to be told of it: the webhooks of its scenario, and the CI
 * job that it runs in, as far as its environment says that it does.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>
#include <uv.h>

#include "output/probe.h"
#include "scenario/webhook_url.h"

struct plan;
struct plan_webhook;
struct run_options;
struct secret;
struct verdicts;
struct webhooks;

struct notices {
    const struct run_options *options;
    const struct plan *plan;
    uv_loop_t *loop;
    struct plan_webhook *list; /* those of the plan, and that of --notify */
    struct secret *url;        /* of that one; NULL: there is none */
    char host[WEBHOOK_HOST_BYTES];
    struct webhooks *webhooks; /* NULL: nobody is to be told */
};

/* Whether --notify can be one. Prints what is wrong where it cannot. */
bool notices_can_notify(const char *command, const char *notify);

/* All is borrowed. Warns where there is no memory, and then no webhook is told. */
void notices_open(struct notices *notices, uv_loop_t *loop, const struct plan *plan,
                  const struct run_options *options);
void notices_close(struct notices *notices);

/* Whether there is a probe to call, and it. */
bool notices_have_probe(const struct notices *notices);
struct probe notices_probe(struct notices *notices);

/*
 * Tells the CI job at once, and has the webhooks told when the probe is asked to. results_path: the folder
 * that has the rest.
 */
void notices_tell(struct notices *notices, const json_t *summary,
                  const char *results_path);

/*
 * The same of a run that never came to its load, all of it now: it has only a name and verdicts. SIGINT
 * and SIGTERM, which are held back meanwhile, have it wait for nobody.
 */
void notices_tell_early(struct notices *notices, const char *run_id,
                        const struct verdicts *verdicts);

/* What was not delivered speaks against a run whose exports are strict. Returns whether there is any. */
bool notices_judge(const struct notices *notices, struct verdicts *verdicts);
