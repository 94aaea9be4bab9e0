/*
 * Messages that the scenario words itself: texts, or lists of parts. A part is JSON that is sent as it
 * stands; a text alone and an image's file are written out as the target's API has them.
 */
#pragma once

#include "plan/plan.h"

struct chat_form;
struct making;

/* What a chat with `messages` says. Returns 0, with mistakes added; -ENOMEM. */
int make_messages(struct making *making, const struct chat_form *form, enum plan_api api,
                  struct plan_chat *ret_chat);
