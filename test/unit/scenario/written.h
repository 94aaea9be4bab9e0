/*
 * Scenarios that tests write down in the code: read as files are, since that is the only way in.
 */
#pragma once

#include "plan/plan.h"
#include "scenario/scenario.h"

/* The plan of a text, which must be right. Without options (NULL) as the text says. */
struct plan *written_plan(const char *text, const struct scenario_options *options);

/* The plan of a file, which must be right. */
struct plan *written_plan_of_file(const char *path);

/* The messages about a text, which must be wrong. The caller's (free()). */
char *written_messages(const char *text, const struct scenario_options *options);

/* All of a file. The caller's (free()). */
char *written_file(const char *path);
