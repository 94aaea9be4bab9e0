#include "engine/ending.h"

#include <string.h>
#include <strings.h>

#include "plan/program.h"

static enum outcome of_status(uint16_t status)
{
    if (status == 429)
        return OUTCOME_RATE_LIMITED;
    if (status == 401 || status == 403)
        return OUTCOME_UNAUTHORIZED;
    if (status >= 500)
        return OUTCOME_HTTP_5XX;
    if (status >= 400)
        return OUTCOME_HTTP_4XX;
    return status >= 300 ? OUTCOME_REDIRECT : OUTCOME_STATUS;
}

/* OUTCOME_OK: the transfer itself is no reason to complain. */
static enum outcome of_transfer(enum transfer_end end)
{
    static const enum outcome outcomes[TRANSFER_END_COUNT] = {
        [TRANSFER_COMPLETE] = OUTCOME_OK,
        [TRANSFER_CANCELLED] = OUTCOME_CANCELLED,
        [TRANSFER_DNS] = OUTCOME_DNS,
        [TRANSFER_CONNECT] = OUTCOME_CONNECT,
        [TRANSFER_TLS] = OUTCOME_TLS,
        [TRANSFER_PROXY] = OUTCOME_PROXY,
        [TRANSFER_CONNECT_TIMEOUT] = OUTCOME_CONNECT_TIMEOUT,
        [TRANSFER_FIRST_TOKEN_TIMEOUT] = OUTCOME_FIRST_TOKEN_TIMEOUT,
        [TRANSFER_IDLE_TIMEOUT] = OUTCOME_IDLE_TIMEOUT,
        [TRANSFER_TOTAL_TIMEOUT] = OUTCOME_TOTAL_TIMEOUT,
        [TRANSFER_RESET] = OUTCOME_RESET,
        [TRANSFER_TRUNCATED] = OUTCOME_TRUNCATED,
        [TRANSFER_PROTOCOL] = OUTCOME_PROTOCOL,
        [TRANSFER_EVENT_TOO_LARGE] = OUTCOME_EVENT_TOO_LARGE,
        [TRANSFER_ENCODING] = OUTCOME_ENCODING,
        [TRANSFER_LOCAL_RESOURCE] = OUTCOME_LOCAL_RESOURCE,
        [TRANSFER_ABANDONED] = OUTCOME_ABANDONED,
        [TRANSFER_DROPPED] = OUTCOME_SABOTAGED,
        [TRANSFER_TORN] = OUTCOME_SABOTAGED,
    };

    return outcomes[end];
}

/* Whether the answer was whole whatever happened to the connection afterwards. */
static bool is_whole_anyway(const struct ending *ending)
{
    return ending->enough ||
           (ending->form == ANSWER_STREAM && ending->finished && ending->done);
}

static enum outcome of_stream(const struct ending *ending)
{
    if (ending->events == 0)
        return OUTCOME_EMPTY;
    if (!ending->finished)
        return OUTCOME_TRUNCATED;
    return ending->outputs > 0 ? OUTCOME_OK : OUTCOME_EMPTY;
}

static enum outcome of_content(const struct ending *ending)
{
    if (ending->error)
        return OUTCOME_STREAM_ERROR;
    if (ending->malformed > 0)
        return OUTCOME_MALFORMED_EVENT;
    if (ending->tool_error)
        return OUTCOME_TOOL_ERROR;
    switch (ending->form) {
    case ANSWER_STREAM:
        return of_stream(ending);
    case ANSWER_JSON:
    case ANSWER_EITHER:
        return ending->outputs > 0 ? OUTCOME_OK : OUTCOME_EMPTY;
    case ANSWER_ANY:
        return OUTCOME_OK;
    }
    return OUTCOME_OK;
}

bool ending_is_withdrawn(const struct ending *ending)
{
    return outcome_is_withdrawn(of_transfer(ending->end)) && !is_whole_anyway(ending);
}

enum outcome ending_outcome(const struct ending *ending)
{
    const enum outcome transfer = of_transfer(ending->end);
    const enum outcome whole = ending->check_failed ? OUTCOME_CHECK_FAILED
                               : ending->degraded   ? OUTCOME_DEGRADED
                                                    : OUTCOME_OK;
    enum outcome content;

    /* What throng itself ended says nothing about the server, whatever the status was. */
    if (ending_is_withdrawn(ending))
        return transfer;
    if (ending->unsent)
        return OUTCOME_CIRCUIT_OPEN;
    if (ending->status && !ending->expected)
        return of_status(ending->status);
    /* An error event ends most streams: the reset behind it is its consequence. */
    if (ending->error)
        return OUTCOME_STREAM_ERROR;
    if (transfer != OUTCOME_OK && !is_whole_anyway(ending))
        return transfer;
    if (ending->status >= 300)
        return whole; /* a status the step lists: what came with it is no answer to judge */
    if (ending->form != ANSWER_ANY && ending->status == 204)
        return OUTCOME_EMPTY;
    if (!ending->form_ok)
        return OUTCOME_BAD_CONTENT_TYPE;
    content = of_content(ending);
    return content == OUTCOME_OK ? whole : content;
}

bool ending_expects(const struct plan_step *step, uint16_t status, bool *ret_degraded)
{
    *ret_degraded = false;
    if (step->expect_count == 0)
        return status >= 200 && status < 300;
    for (size_t i = 0; i < step->expect_count; i++) {
        if (step->expect[i].status == status) {
            *ret_degraded = step->expect[i].degraded;
            return true;
        }
    }
    return false;
}

/* Whether a content type, without its parameters, ends in a suffix and begins with a prefix. */
static bool is_type(const char *content_type, const char *prefix, const char *suffix)
{
    const size_t len = strcspn(content_type, "; \t");
    const size_t prefix_len = strlen(prefix);
    const size_t suffix_len = strlen(suffix);

    return len >= prefix_len + suffix_len &&
           strncasecmp(content_type, prefix, prefix_len) == 0 &&
           strncasecmp(content_type + len - suffix_len, suffix, suffix_len) == 0;
}

enum answer_form ending_settle(enum answer_form form, const char *content_type)
{
    if (form != ANSWER_EITHER)
        return form;
    return ending_is_form(ANSWER_STREAM, content_type) ? ANSWER_STREAM : ANSWER_JSON;
}

bool ending_is_form(enum answer_form form, const char *content_type)
{
    switch (form) {
    case ANSWER_STREAM:
        return content_type && is_type(content_type, "text/", "event-stream");
    case ANSWER_JSON:
        return content_type && is_type(content_type, "application/", "json");
    case ANSWER_EITHER: /* with no headers that say which */
        return false;
    case ANSWER_ANY:
        return true;
    }
    return true;
}
