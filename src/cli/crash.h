/*
 * Crashes: what a signal that means a bug (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT) leaves behind: a
 * backtrace, which run it was, where its results are, and a terminal that can be used. Then the
 * program dies of the signal, as it would have.
 */
#pragma once

#include <stdbool.h>

/* Prepares for a crash: what cannot be done in one is done here. */
void crash_prepare(void);

/*
 * What a crash tells from now on: the run's name and the folder of what was written so far (copied,
 * and cut when very long). on_terminal: a display may be on it, with its cursor hidden.
 */
void crash_tell_of(const char *run_id, const char *folder, bool on_terminal);
