/*
 * A notification: the result of a run → the message that a webhook is posted, for a channel of people or
 * for a program. Pure: it sends nothing (output/webhooks.h does).
 */
#pragma once

#include <jansson.h>

#include "plan/plan.h"

struct buf;

#define NOTIFICATION_SCHEMA "throng.notification/1"

/*
 * Appends the message. summary: a result, or of a run that did not come to its load an object that has only
 * `run` and `verdicts`. link: where people find more, such as the page of the CI job; NULL: none. Texts from
 * elsewhere call nobody and format nothing. Returns buf_error or -ENOMEM.
 */
int notification_write(const json_t *summary, enum plan_webhook_format format,
                       const char *link, struct buf *out);
