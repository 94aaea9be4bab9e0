/*
 * Progress in a terminal, with what belongs to it: the signals that a terminal sends to a program
 * that draws on it (another size, Ctrl-Z), and the log, whose lines would tear the display.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include <uv.h>

#include "output/terminal.h"

#define TERMINAL_SIGNALS 2

/* The fields are private; zeroed, it is closed. It lives until the loop has closed its handles. */
struct live_progress {
    struct terminal_progress *progress;
    uv_signal_t handles[TERMINAL_SIGNALS];
    bool hears;
};

/* Opens it; it does not keep the loop alive. out: borrowed. Returns 0 or -ENOMEM. */
int live_progress_open(struct live_progress *live, uv_loop_t *loop, FILE *out,
                       struct terminal_style style);

/* Of an open one. */
struct probe live_progress_probe(const struct live_progress *live);

/* Shows a line, with its line feed, above it; nowhere where there is none. */
void live_progress_say(const struct live_progress *live, const char *line);

/* Takes it off the screen, where it still is, before something else is shown. May wait for a terminal. */
void live_progress_hide(const struct live_progress *live);

/* Takes it off the screen; its handles close in the loop's next turn. */
void live_progress_close(struct live_progress *live);
