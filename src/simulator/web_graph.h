/*
 * The nodes and edges of a pipeline, checked.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

struct exchange;

/*
 * Whether the body has nodes, each an object with an id of its own, and edges from one of them to
 * another ("from" and "to", or "source" and "target"); what has not is refused with 422.
 */
bool web_check_graph(const struct exchange *exchange, const json_t *body);
