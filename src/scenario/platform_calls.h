/*
 * What is sent to the platform: the calls that a scenario writes, and those that are known without it.
 */
#pragma once

struct making;

/* Returns 0, with mistakes added; -ENOMEM. */
int make_platform_calls(struct making *making);
