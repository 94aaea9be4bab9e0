/*
 * The text of an option → its value, by what kind of value it is. Pure, but for the environment
 * that keys are read from.
 */
#pragma once

enum option_kind {
    OPTION_ADDRESS, /* struct sockaddr_storage */
    OPTION_NAMES,   /* char **, owned, NULL-terminated */
    OPTION_KEY_ENV, /* struct secret *, owned; NULL: none */
    OPTION_COUNT,   /* uint64_t, as all without another word */
    OPTION_LIMIT,   /* or "unlimited", UINT64_MAX */
    OPTION_DURATION,
    OPTION_DURATION_OR_FOREVER, /* or SIMULATOR_FOREVER */
    OPTION_DURATIONS,           /* struct simulator_distribution */
    OPTION_COUNTS,              /* likewise */
    OPTION_NUMBER,              /* double */
    OPTION_FRACTION,            /* double */
    OPTION_RATE,                /* struct simulator_rate */
    OPTION_STATUS,              /* int */
    OPTION_OUTAGE_STATUS,       /* int: a status, SIMULATOR_RESET or SIMULATOR_STALL */
    OPTION_STATUSES,            /* struct simulator_status[SIMULATOR_STATUSES_MAX] */
    OPTION_PREAMBLE,            /* enum simulator_preamble */
    OPTION_MCP_ANSWER,          /* enum simulator_mcp_answer */
    OPTION_TENANT_KEYS,         /* enum simulator_tenant_keys */
    OPTION_LIMITS_PER,          /* enum simulator_limits_per */
    OPTION_PRICE,               /* int64_t: pico-dollars of a token */
    OPTION_OUTAGES,             /* struct simulator_outage[SIMULATOR_OUTAGES_MAX] */
    OPTION_PATH,                /* char *, owned; NULL: none */
};

/*
 * Reads text into the member of the options that has this kind; on failure the member is as it
 * was. Returns 0; -ENOMEM; another negative errno for text that will not do.
 */
int option_value_set(enum option_kind kind, const char *text, void *member);

/* What a value of this kind should have been, in words that follow "write". */
const char *option_value_expectation(enum option_kind kind);

/* Releases what a member of this kind owns, and leaves it without. */
void option_value_free(enum option_kind kind, void *member);
