/*
 * The commands of throng, one file each; this is the table that main, help and the man page read.
 */
#pragma once

#include <stddef.h>

#include "cli/option.h"

extern const struct command command_run;
extern const struct command command_capacity;
extern const struct command command_check;
extern const struct command command_convert;
extern const struct command command_schema;
extern const struct command command_simulate;
extern const struct command command_questions;
extern const struct command command_samples;
extern const struct command command_report;
extern const struct command command_record;
extern const struct command command_merge;
extern const struct command command_compare;
extern const struct command command_recover;
extern const struct command command_history;
extern const struct command command_cleanup;
extern const struct command command_man;
extern const struct command command_completion;
extern const struct command command_version;

/* The commands in the order of the manual; NULL from the end on. */
const struct command *command_at(size_t index);

/* The command of a name, or NULL. */
const struct command *command_find(const char *name);

/*
 * Parses a command's words into `into`; on a mistake prints it, and for --help the help. Returns
 * -1 to go on, else the exit code to leave with.
 */
int command_begin(const struct command *command, int argc, char **argv, void *into,
                  struct option_list *arguments);
