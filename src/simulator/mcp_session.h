/*
 * The sessions of the MCP server: ids → sandboxes. So many at most: a new one takes the place of
 * the oldest.
 */
#pragma once

#include <stdint.h>

#define MCP_SESSION_ID_BYTES 32

struct mcp_sessions;
struct sandbox;

/* NULL: no memory. */
struct mcp_sessions *mcp_sessions_new(uint64_t seed);

/* NULL is allowed. Returns NULL. */
struct mcp_sessions *mcp_sessions_free(struct mcp_sessions *sessions);

/* Opens one. Returns 0; -ENOMEM. */
int mcp_session_open(struct mcp_sessions *sessions,
                     char ret_id[static MCP_SESSION_ID_BYTES]);

/* The sandbox of a session; NULL: there is none of that id, or no more. */
struct sandbox *mcp_session_find(const struct mcp_sessions *sessions, const char *id);

/* Ends a session that is there. */
void mcp_session_close(struct mcp_sessions *sessions, const char *id);
