/*
 * What a history tells, for a terminal: runs, one of them, baselines, and a figure over runs. Documents are
 * those of doc/history.md. Each returns buf_error.
 */
#pragma once

#include <jansson.h>

#include "output/terminal.h"

struct buf;

/* throng.history/1: a row for each run, newest first. */
int history_text_list(const json_t *history, struct terminal_style style,
                      struct buf *out);

/* throng.summary/1, and which baselines the run is (an array of names). */
int history_text_run(const json_t *summary, const json_t *baselines,
                     struct terminal_style style, struct buf *out);

/* throng.baselines/1. */
int history_text_baselines(const json_t *baselines, struct terminal_style style,
                           struct buf *out);

/* throng.trend/1: a line of bars, and a row for each run, oldest first. */
int history_text_trend(const json_t *trend, struct terminal_style style, struct buf *out);
