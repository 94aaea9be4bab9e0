#include "simulator/mcp_session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"
#include "base/rng.h"
#include "simulator/sandbox.h"

#define SESSIONS_MAX 4096

struct session {
    char id[MCP_SESSION_ID_BYTES];
    struct sandbox *sandbox; /* owned; NULL: the place is free */
};

/* An id begins with its place: "42-1f0c…". */
struct mcp_sessions {
    uint64_t seed;
    uint64_t opened; /* so far */
    struct session places[SESSIONS_MAX];
};

struct mcp_sessions *mcp_sessions_new(uint64_t seed)
{
    struct mcp_sessions *sessions = calloc(1, sizeof(*sessions));

    if (sessions)
        sessions->seed = seed;
    return sessions;
}

struct mcp_sessions *mcp_sessions_free(struct mcp_sessions *sessions)
{
    for (size_t i = 0; sessions && i < SESSIONS_MAX; i++)
        sandbox_free(sessions->places[i].sandbox);
    free(sessions);
    return NULL;
}

int mcp_session_open(struct mcp_sessions *sessions,
                     char ret_id[static MCP_SESSION_ID_BYTES])
{
    const uint64_t place = sessions->opened % SESSIONS_MAX;
    struct session *session = &sessions->places[place];
    struct sandbox *sandbox = sandbox_new();

    if (!sandbox)
        return -ENOMEM;
    sandbox_free(session->sandbox);
    session->sandbox = sandbox;
    (void)snprintf(session->id, sizeof(session->id), "%" PRIu64 "-%016" PRIx64, place,
                   rng_mix(sessions->seed ^ rng_mix(++sessions->opened)));
    memcpy(ret_id, session->id, MCP_SESSION_ID_BYTES);
    return 0;
}

/* The place of an id; SESSIONS_MAX where it is none's. */
static size_t place_of(const struct mcp_sessions *sessions, const char *id)
{
    const size_t len = strcspn(id, "-");
    char digits[8] = "";
    uint64_t place;

    if (len >= sizeof(digits))
        return SESSIONS_MAX;
    memcpy(digits, id, len);
    if (quantity_parse_count(digits, &place) < 0 || place >= SESSIONS_MAX ||
        !sessions->places[place].sandbox || strcmp(sessions->places[place].id, id) != 0)
        return SESSIONS_MAX;
    return place;
}

struct sandbox *mcp_session_find(const struct mcp_sessions *sessions, const char *id)
{
    const size_t place = place_of(sessions, id);

    return place < SESSIONS_MAX ? sessions->places[place].sandbox : NULL;
}

void mcp_session_close(struct mcp_sessions *sessions, const char *id)
{
    const size_t place = place_of(sessions, id);

    if (place < SESSIONS_MAX)
        sessions->places[place].sandbox = sandbox_free(sessions->places[place].sandbox);
}
