/*
 * The tools that the MCP server offers: their descriptions, and calls → results.
 */
#pragma once

#include <stdint.h>

#include <jansson.h>

struct rng;
struct sandbox;

/* The result of tools/list. NULL: no memory. */
json_t *tool_list(void);

enum tool_call {
    TOOL_CALLED,       /* there is a result, which may be that of an error */
    TOOL_UNKNOWN,      /* no tool has that name */
    TOOL_BAD_ARGUMENTS /* some are missing, or of the wrong type */
};

/*
 * Calls a tool. words: draws what it makes up. ret_result is written for TOOL_CALLED, and is NULL
 * where memory is missing.
 */
enum tool_call tool_call(struct sandbox *sandbox, const char *name,
                         const json_t *arguments, struct rng *words, json_t **ret_result);

/* The result of a tool that failed, with a reason. NULL: no memory. */
json_t *tool_failure(const char *reason);
