/*
 * Webhooks: whoever the scenario names is told how a run ended, once people have their results. Each message
 * is a job of the threadpool on a connection of its own, tried three times where it may help, so that
 * nobody waits for it but the end of the program. URLs are secrets: what is told of a webhook names its host.
 */
#pragma once

#include <stddef.h>

#include <jansson.h>
#include <uv.h>

#include "output/probe.h"

struct plan_webhook;
struct webhooks;

/* Hears what could not be delivered: a sentence, borrowed. */
typedef void webhooks_tell_fn(void *ctx, const char *sentence);

/* Who is to be told is borrowed for their life. Returns 0 or -ENOMEM. */
int webhooks_new(uv_loop_t *loop, const struct plan_webhook *list, size_t count,
                 webhooks_tell_fn *tell, void *ctx, struct webhooks **ret_webhooks);
/* Not while they are busy; NULL is allowed. Returns NULL. */
struct webhooks *webhooks_free(struct webhooks *webhooks);

/*
 * Writes what each is to be told of a result; link as in output/notification.h. Those that hear of failures
 * alone are left out of a run that passed. Returns 0 or -ENOMEM.
 */
int webhooks_write(struct webhooks *webhooks, const json_t *summary, const char *link);

/* As a probe: it sends what was written when people have their results. */
struct probe webhooks_probe(struct webhooks *webhooks);

/* How many messages were not delivered, once nothing is busy. */
size_t webhooks_undelivered(const struct webhooks *webhooks);
