/*
 * A run that is over, and whose results are written, goes into the history.
 */
#pragma once

struct plan;
struct run_options;
struct verdicts;

/*
 * Adds the run whose results are in folder. Where that fails, it is warned of, with the command that does it
 * later, and with --strict-export that is a verdict too. May take some seconds. One of several workers' is no
 * run by itself, and is not added.
 */
void history_keep(const struct run_options *options, const struct plan *plan,
                  const char *folder, struct verdicts *verdicts);
