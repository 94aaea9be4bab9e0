/*
 * How a target is spoken to: the plan's words → the transport's.
 */
#pragma once

#include "net/curl_transport.h"

struct plan_target;

/* Strings stay the target's. */
struct connection_policy connection_policy_of(const struct plan_target *target);
