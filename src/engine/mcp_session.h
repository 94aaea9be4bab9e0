/*
 * The session of a user with an MCP server ("Session Management" of its streamable HTTP transport,
 * revision 2025-06-18): a variable holds the id that the server gave with the answer to `initialize`.
 */
#pragma once

struct attempt;

/* The id that a call is sent with; NULL: none, as it opens one or the server has none. Borrowed. */
const char *mcp_session_of(const struct attempt *attempt);

/*
 * The answer is in. A 404 to a call of a session says that it is over, and one that could not be opened is
 * none: it is forgotten, so that the next call opens another.
 */
void mcp_session_settle(struct attempt *attempt);
