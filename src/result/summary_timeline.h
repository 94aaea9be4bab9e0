/*
 * The summary's part on the run over time: timeline{step_s, cut, points[]}.
 */
#pragma once

#include "result/json_tree.h"

struct timeline_view;

/* Into the summary; null where none was kept. */
void summary_put_timeline(struct json_tree *tree, json_t *summary,
                          const struct timeline_view *timeline);
