#include <assert.h>

#include "measure/sample.h"

/* What an outcome says about the answer. */
enum ending {
    ENDING_WHOLE,   /* it came whole */
    ENDING_REFUSED, /* there was none */
    ENDING_BROKEN,  /* it did not come in time, or not to its end */
};

/* And about who is to blame. */
enum blame {
    BLAME_NOBODY, /* a success */
    BLAME_THRONG, /* withdrawn: throng ended it, as it was told to */
    BLAME_ANSWER, /* a failure, though the service was there */
    BLAME_OUTAGE, /* a failure: the service was not there */
};

struct outcome_info {
    const char *name;
    enum ending ending;
    enum blame blame;
    const char *help;
};

static const struct outcome_info table[OUTCOME_COUNT] = {
    [OUTCOME_OK] = {"ok", ENDING_WHOLE, BLAME_NOBODY, "The answer came whole."},
    [OUTCOME_DEGRADED] = {"degraded", ENDING_WHOLE, BLAME_NOBODY,
                          "The answer came with a status that the step calls degraded."},
    [OUTCOME_CANCELLED] =
        {"cancelled", ENDING_BROKEN, BLAME_THRONG,
         "throng ended it, because the run stopped or the person had to "
         "go; no fault of the server."},
    [OUTCOME_DNS] = {"dns", ENDING_REFUSED, BLAME_OUTAGE,
                     "The name of the server did not resolve: look at the target's URL "
                     "and the resolver."},
    [OUTCOME_CONNECT] = {"connect", ENDING_REFUSED, BLAME_OUTAGE,
                         "The server refused the connection or cannot be reached: look "
                         "whether it runs and listens there."},
    [OUTCOME_TLS] = {"tls", ENDING_REFUSED, BLAME_OUTAGE,
                     "The TLS handshake or the check of the certificate failed: look at "
                     "the certificate, its name and the target's tls settings."},
    [OUTCOME_PROXY] = {"proxy", ENDING_REFUSED, BLAME_OUTAGE,
                       "The proxy refused: look at its address and credentials."},
    [OUTCOME_CONNECT_TIMEOUT] =
        {"connect_timeout", ENDING_REFUSED, BLAME_OUTAGE,
         "No connection stood within timeouts.connect: look for a "
         "full accept queue or a firewall that drops."},
    [OUTCOME_FIRST_TOKEN_TIMEOUT] =
        {"first_token_timeout", ENDING_BROKEN, BLAME_OUTAGE,
         "No output came within timeouts.first_token: look at "
         "the server's queue."},
    [OUTCOME_IDLE_TIMEOUT] = {"idle_timeout", ENDING_BROKEN, BLAME_OUTAGE,
                              "The stream went silent for timeouts.idle: look for a "
                              "stalled worker or a proxy that holds data back."},
    [OUTCOME_TOTAL_TIMEOUT] = {"total_timeout", ENDING_BROKEN, BLAME_OUTAGE,
                               "The answer was not over within timeouts.total: look at "
                               "its length and the server's speed."},
    [OUTCOME_RESET] = {"reset", ENDING_BROKEN, BLAME_OUTAGE,
                       "The connection was reset: look for a crashed or restarted server "
                       "and for a proxy's limits."},
    [OUTCOME_TRUNCATED] =
        {"truncated", ENDING_BROKEN, BLAME_OUTAGE,
         "The answer ended without a finish reason or before its stated "
         "length: look for a crashed worker or a proxy's timeout."},
    [OUTCOME_PROTOCOL] = {"protocol", ENDING_BROKEN, BLAME_OUTAGE,
                          "The bytes were not valid HTTP: look at what listens on that "
                          "port."},
    [OUTCOME_EVENT_TOO_LARGE] = {"event_too_large", ENDING_BROKEN, BLAME_ANSWER,
                                 "One event or body was larger than throng takes, 8 MiB "
                                 "as a rule: look at what the server puts into it."},
    [OUTCOME_ENCODING] = {"encoding", ENDING_BROKEN, BLAME_ANSWER,
                          "The content encoding was broken or not asked for: look for a "
                          "proxy that compresses."},
    [OUTCOME_LOCAL_RESOURCE] = {"local_resource", ENDING_REFUSED, BLAME_ANSWER,
                                "The request could not be made or sent here: its values "
                                "do not fit into it, or this machine ran out of "
                                "descriptors, ports or memory (raise its limits or use "
                                "more workers)."},
    [OUTCOME_RATE_LIMITED] = {"rate_limited", ENDING_REFUSED, BLAME_ANSWER,
                              "The server answered 429: look at the limits of the key, "
                              "organization or model."},
    [OUTCOME_UNAUTHORIZED] = {"unauthorized", ENDING_REFUSED, BLAME_ANSWER,
                              "The server answered 401 or 403: look at the API key and "
                              "what it may do."},
    [OUTCOME_HTTP_4XX] =
        {"http_4xx", ENDING_REFUSED, BLAME_ANSWER,
         "The server refused the request with an unexpected status from 400 "
         "to 499: look at the path, the model's name and the parameters."},
    [OUTCOME_HTTP_5XX] = {"http_5xx", ENDING_REFUSED, BLAME_OUTAGE,
                          "The server failed with an unexpected status from 500: look at "
                          "its log."},
    [OUTCOME_STREAM_ERROR] = {"stream_error", ENDING_BROKEN, BLAME_ANSWER,
                              "The status told success and the answer carried an error: "
                              "look at the server's log."},
    [OUTCOME_MALFORMED_EVENT] = {"malformed_event", ENDING_BROKEN, BLAME_ANSWER,
                                 "An event or body was not the JSON it should be: look "
                                 "for a proxy that changes the stream."},
    [OUTCOME_BAD_CONTENT_TYPE] = {"bad_content_type", ENDING_REFUSED, BLAME_ANSWER,
                                  "The answer had another content type than asked for, "
                                  "such as an HTML page: look at the target's path."},
    [OUTCOME_EMPTY] = {"empty", ENDING_BROKEN, BLAME_ANSWER,
                       "The server told success and sent no output: look at max_tokens "
                       "and at filters."},
    [OUTCOME_CHECK_FAILED] = {"check_failed", ENDING_WHOLE, BLAME_ANSWER,
                              "The answer came whole, but a check of the scenario on it "
                              "failed."},
    [OUTCOME_REDIRECT] =
        {"redirect", ENDING_REFUSED, BLAME_ANSWER,
         "The server answered with a status from 300 to 399; redirects "
         "are not followed, so that what is measured is the target: look "
         "at its URL."},
    [OUTCOME_STATUS] = {"unexpected_status", ENDING_REFUSED, BLAME_ANSWER,
                        "The server answered with a status below 300 that the step does "
                        "not list: look at its expect."},
    [OUTCOME_ABANDONED] =
        {"abandoned", ENDING_BROKEN, BLAME_THRONG,
         "The person lost patience and left, as the scenario's patience says; no error "
         "of the server, but look at how long it took."},
    [OUTCOME_SABOTAGED] = {"sabotaged", ENDING_BROKEN, BLAME_THRONG,
                           "throng broke the connection on purpose, as the scenario's "
                           "chaos says; no fault of the server."},
    [OUTCOME_CIRCUIT_OPEN] =
        {"circuit_open", ENDING_REFUSED, BLAME_OUTAGE,
         "It was not sent: so many requests had failed that the target's circuit breaker "
         "was open; look at the failures before it."},
    [OUTCOME_TOOL_ERROR] =
        {"tool_error", ENDING_WHOLE, BLAME_ANSWER,
         "The answer came whole and says that the tool failed (MCP isError): look at the "
         "tool's arguments and the server's log."},
};

const char *outcome_name(enum outcome outcome)
{
    assert(outcome < OUTCOME_COUNT);
    return table[outcome].name;
}

const char *outcome_help(enum outcome outcome)
{
    assert(outcome < OUTCOME_COUNT);
    return table[outcome].help;
}

bool outcome_is_failure(enum outcome outcome)
{
    assert(outcome < OUTCOME_COUNT);
    return table[outcome].blame == BLAME_ANSWER || table[outcome].blame == BLAME_OUTAGE;
}

bool outcome_is_withdrawn(enum outcome outcome)
{
    assert(outcome < OUTCOME_COUNT);
    return table[outcome].blame == BLAME_THRONG;
}

bool outcome_is_whole(enum outcome outcome)
{
    assert(outcome < OUTCOME_COUNT);
    return table[outcome].ending == ENDING_WHOLE;
}

bool outcome_is_refusal(enum outcome outcome)
{
    assert(outcome < OUTCOME_COUNT);
    return table[outcome].ending == ENDING_REFUSED;
}

bool outcome_is_outage(enum outcome outcome)
{
    assert(outcome < OUTCOME_COUNT);
    return table[outcome].blame == BLAME_OUTAGE;
}

bool outcome_is_uncertain(enum outcome outcome, uint16_t status)
{
    const bool has_left = outcome > OUTCOME_CONNECT_TIMEOUT &&
                          outcome != OUTCOME_LOCAL_RESOURCE &&
                          outcome != OUTCOME_CIRCUIT_OPEN;

    return status == 0 ? has_left || outcome == OUTCOME_CANCELLED
                       : status == 502 || status == 504;
}
