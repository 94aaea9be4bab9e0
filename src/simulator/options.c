#include "simulator/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/quantity.h"
#include "base/secret.h"
#include "serve/serve.h"
#include "simulator/distribution.h"

#define A_DURATION_DISTRIBUTION                                                          \
    "200ms, uniform(100ms,300ms), gaussian(200ms,50ms), exponential(200ms) or "          \
    "lognormal(200ms,0.5)"
#define A_COUNT_DISTRIBUTION                                                             \
    "100, uniform(50,150), gaussian(100,20), exponential(100) or lognormal(100,0.5)"
#define A_RATE "a fraction such as 0.01 or 1%"
#define A_DURATION "a duration such as 500ms, 2s or 1m"
#define A_COUNT "a whole number"

/* How the text of an option becomes its value. */
enum option_kind {
    OPTION_ADDRESS,
    OPTION_NAMES,
    OPTION_KEY_ENV,
    OPTION_COUNT,
    OPTION_LIMIT, /* a count, or "unlimited" */
    OPTION_DURATION,
    OPTION_DURATION_OR_FOREVER,
    OPTION_DURATIONS, /* a distribution of them */
    OPTION_COUNTS,
    OPTION_RATE,
    OPTION_STATUS,
    OPTION_STATUS_OR_RESET,
    OPTION_STATUSES,
    OPTION_PREAMBLE,
    OPTION_OUTAGES,
    OPTION_PATH,
};

/* The same order as simulator_option_table. */
static const struct {
    enum option_kind kind;
    size_t offset;
} places[] = {
#define PLACE(kind, member) {kind, offsetof(struct simulator_options, member)}
    PLACE(OPTION_ADDRESS, listen),
    PLACE(OPTION_NAMES, models),
    PLACE(OPTION_KEY_ENV, key),
    PLACE(OPTION_COUNT, seed),
    PLACE(OPTION_DURATIONS, ttft),
    PLACE(OPTION_DURATION, prefill_ns),
    PLACE(OPTION_DURATIONS, gap),
    PLACE(OPTION_COUNTS, tokens),
    PLACE(OPTION_COUNTS, reasoning),
    PLACE(OPTION_COUNT, tokens_per_chunk),
    PLACE(OPTION_RATE, cached),
    PLACE(OPTION_PREAMBLE, preamble),
    PLACE(OPTION_LIMIT, capacity),
    PLACE(OPTION_LIMIT, queue),
    PLACE(OPTION_STATUS, queue_full_status),
    PLACE(OPTION_RATE, error_rate),
    PLACE(OPTION_STATUSES, error_statuses),
    PLACE(OPTION_DURATION, retry_after_ns),
    PLACE(OPTION_RATE, reset_rate),
    PLACE(OPTION_RATE, truncate_rate),
    PLACE(OPTION_RATE, stall_rate),
    PLACE(OPTION_DURATION_OR_FOREVER, stall_for_ns),
    PLACE(OPTION_RATE, malformed_rate),
    PLACE(OPTION_RATE, stream_error_rate),
    PLACE(OPTION_RATE, drip_rate),
    PLACE(OPTION_RATE, no_finish_rate),
    PLACE(OPTION_RATE, no_done_rate),
    PLACE(OPTION_RATE, after_done_rate),
    PLACE(OPTION_RATE, wrong_usage_rate),
    PLACE(OPTION_RATE, crossed_rate),
    PLACE(OPTION_RATE, mixed_rate),
    PLACE(OPTION_COUNTS, fault_after),
    PLACE(OPTION_OUTAGES, outages),
    PLACE(OPTION_STATUS_OR_RESET, outage_status),
    PLACE(OPTION_PATH, ground_truth),
#undef PLACE
};

const struct simulator_option simulator_option_table[] = {
    {"listen", "ADDR:PORT", "127.0.0.1:0", "where to listen; port 0 takes a free one"},
    {"models", "NAME,NAME…", "",
     "the models that exist; empty: every name is served, and gpt-4o and gpt-4o-mini are "
     "listed"},
    {"api_key_env", "NAME", "",
     "environment variable with the key that clients must send; empty: none is asked "
     "for"},
    {"seed", "COUNT", "1", "the same seed and requests give the same answers and faults"},
    {"ttft", "DISTRIBUTION", "lognormal(200ms,0.3)",
     "time from the turn of a request to its first token"},
    {"prefill", "DURATION", "0", "added to ttft for each token of the prompt"},
    {"gap", "DISTRIBUTION", "gaussian(20ms,4ms)", "time from one chunk to the next"},
    {"tokens", "DISTRIBUTION", "lognormal(120,0.5)",
     "tokens of an answer, before max_tokens cuts it"},
    {"reasoning_tokens", "DISTRIBUTION", "0", "tokens of reasoning before the answer"},
    {"tokens_per_chunk", "COUNT", "1", "tokens that one event carries"},
    {"cached", "FRACTION", "0", "fraction of the prompt that usage reports as cached"},
    {"preamble", "head|role|none", "head",
     "what goes out when a request's turn has come: the head, the head and the first "
     "event "
     "(role without content), or nothing before the first token"},
    {"capacity", "COUNT|unlimited", "unlimited",
     "requests served at the same time; the others wait in order of arrival"},
    {"queue", "COUNT|unlimited", "unlimited", "requests that may wait"},
    {"queue_full_status", "STATUS", "503", "answer when the queue is full"},
    {"error_rate", "FRACTION", "0", "requests answered with an error status"},
    {"error_status", "STATUS,STATUS…", "500", "the statuses, equally likely"},
    {"retry_after", "DURATION", "1s", "Retry-After of 429 and 503, in seconds; 0: none"},
    {"reset_rate", "FRACTION", "0", "answers broken off with a reset (RST)"},
    {"truncate_rate", "FRACTION", "0", "answers that end in the middle (FIN)"},
    {"stall_rate", "FRACTION", "0", "answers that stop for stall_for"},
    {"stall_for", "DURATION|forever", "forever", "how long they stop"},
    {"malformed_rate", "FRACTION", "0", "streams with one event whose JSON is cut short"},
    {"stream_error_rate", "FRACTION", "0", "streams ended by an event with an error"},
    {"drip_rate", "FRACTION", "0", "streams that leave byte by byte, one each gap"},
    {"no_finish_rate", "FRACTION", "0", "whole answers without a finish reason"},
    {"no_done_rate", "FRACTION", "0", "whole streams without [DONE]"},
    {"after_done_rate", "FRACTION", "0", "whole streams with an event behind [DONE]"},
    {"wrong_usage_rate", "FRACTION", "0",
     "whole answers whose usage does not add up: total, parts and zeros in turn"},
    {"crossed_rate", "FRACTION", "0",
     "answers to the request before, under its X-Request-ID and id"},
    {"mixed_rate", "FRACTION", "0",
     "streams that take over the id of the request before from some chunk on"},
    {"fault_after", "DISTRIBUTION", "uniform(0,20)",
     "chunks of output before one of these faults; 0: before the first"},
    {"outage", "FROM..TO,…", "",
     "times since the start in which the platform is down: 30s..45s"},
    {"outage_status", "STATUS|reset", "503", "what a request meets then"},
    {"ground_truth", "FILE", "",
     "log of what was written and when, to measure a client's error against"},
};
const size_t simulator_option_count = COUNT_OF(simulator_option_table);

_Static_assert(COUNT_OF(places) == COUNT_OF(simulator_option_table),
               "each key has a place");

static void free_names(char **names)
{
    for (size_t i = 0; names && names[i]; i++)
        free(names[i]);
    free((void *)names);
}

/* Calls back for each part between commas. Returns the first error of fn. */
static int each_part(const char *text, int (*fn)(void *ctx, const char *part), void *ctx)
{
    CLEANUP(buf_deinit) struct buf part = BUF_INIT(4096);

    while (*text) {
        const size_t len = strcspn(text, ",");
        int r;

        buf_clear(&part);
        buf_append(&part, text, len);
        if (buf_error(&part) < 0 || len == 0)
            return -EINVAL;
        r = fn(ctx, buf_str(&part));
        if (r < 0)
            return r;
        text += len;
        if (*text == ',') {
            text++;
            if (*text == '\0')
                return -EINVAL;
        }
    }
    return 0;
}

struct names {
    char **list;
    size_t count;
};

static int add_name(void *ctx, const char *part)
{
    struct names *names = ctx;
    char **list =
        (char **)reallocarray((void *)names->list, names->count + 2, sizeof(*list));

    if (!list)
        return -ENOMEM;
    names->list = list;
    list[names->count] = strdup(part);
    if (!list[names->count])
        return -ENOMEM;
    list[++names->count] = NULL;
    return 0;
}

static int set_names(const char *text, char ***names)
{
    struct names parsed = {0};
    int r = each_part(text, add_name, &parsed);

    if (r == 0 && !parsed.list) {
        parsed.list = (char **)calloc(1, sizeof(*parsed.list));
        r = parsed.list ? 0 : -ENOMEM;
    }
    if (r < 0) {
        free_names(parsed.list);
        return r;
    }
    free_names(*names);
    *names = parsed.list;
    return 0;
}

static int set_key_env(const char *name, struct secret **key)
{
    struct secret *read = NULL;

    if (name[0] != '\0') {
        const char *value = getenv(name);
        const int r = value ? secret_new(value, &read) : -ENXIO;

        if (r < 0)
            return r;
    }
    secret_free(*key);
    *key = read;
    return 0;
}

static int set_path(const char *text, char **path)
{
    char *copy = text[0] != '\0' ? strdup(text) : NULL;

    if (text[0] != '\0' && !copy)
        return -ENOMEM;
    free(*path);
    *path = copy;
    return 0;
}

static int set_limit(const char *text, uint64_t *limit)
{
    if (strcmp(text, "unlimited") == 0) {
        *limit = UINT64_MAX;
        return 0;
    }
    return quantity_parse_count(text, limit);
}

static int set_rate(const char *text, double *rate)
{
    double parsed;
    const int r = quantity_parse_fraction(text, &parsed);

    if (r < 0)
        return r;
    if (parsed < 0 || parsed > 1)
        return -ERANGE;
    *rate = parsed;
    return 0;
}

static int set_status(const char *text, int *status)
{
    uint64_t parsed;
    const int r = quantity_parse_count(text, &parsed);

    if (r < 0)
        return r;
    if (parsed < 400 || parsed > 599)
        return -ERANGE;
    *status = (int)parsed;
    return 0;
}

static int add_status(void *ctx, const char *part)
{
    int *statuses = ctx;
    size_t count = 0;

    while (statuses[count] != 0)
        count++;
    return count + 1 < SIMULATOR_STATUSES_MAX ? set_status(part, &statuses[count])
                                              : -E2BIG;
}

static int set_statuses(const char *text, int statuses[static SIMULATOR_STATUSES_MAX])
{
    int parsed[SIMULATOR_STATUSES_MAX] = {0};
    const int r = each_part(text, add_status, parsed);

    if (r < 0)
        return r;
    if (parsed[0] == 0)
        return -EINVAL;
    memcpy(statuses, parsed, sizeof(parsed));
    return 0;
}

static int set_preamble(const char *text, enum simulator_preamble *preamble)
{
    if (strcmp(text, "head") == 0)
        *preamble = SIMULATOR_PREAMBLE_HEAD;
    else if (strcmp(text, "role") == 0)
        *preamble = SIMULATOR_PREAMBLE_ROLE;
    else if (strcmp(text, "none") == 0)
        *preamble = SIMULATOR_PREAMBLE_NONE;
    else
        return -EINVAL;
    return 0;
}

struct outages {
    struct simulator_outage list[SIMULATOR_OUTAGES_MAX];
    size_t count;
};

static int add_outage(void *ctx, const char *part)
{
    struct outages *outages = ctx;
    struct simulator_outage *outage = &outages->list[outages->count];
    const char *dots = strstr(part, "..");
    char begin[64] = "";

    if (!dots || (size_t)(dots - part) >= sizeof(begin) ||
        outages->count == SIMULATOR_OUTAGES_MAX - 1)
        return -EINVAL;
    memcpy(begin, part, (size_t)(dots - part));
    if (quantity_parse_duration(begin, &outage->begin_ns) < 0 ||
        quantity_parse_duration(dots + 2, &outage->end_ns) < 0 ||
        outage->end_ns <= outage->begin_ns)
        return -EINVAL;
    outages->count++;
    return 0;
}

static int set_outages(const char *text, struct simulator_options *options)
{
    struct outages parsed = {0};
    const int r = each_part(text, add_outage, &parsed);

    if (r < 0)
        return r;
    memcpy(options->outages, parsed.list, sizeof(parsed.list));
    options->outage_count = parsed.count;
    return 0;
}

static int set_value(struct simulator_options *options, enum option_kind kind,
                     void *member, const char *text)
{
    switch (kind) {
    case OPTION_ADDRESS:
        return serve_address_parse(text, member);
    case OPTION_NAMES:
        return set_names(text, (char ***)member);
    case OPTION_KEY_ENV:
        return set_key_env(text, (struct secret **)member);
    case OPTION_COUNT:
        return quantity_parse_count(text, member);
    case OPTION_LIMIT:
        return set_limit(text, member);
    case OPTION_DURATION:
        return quantity_parse_duration(text, member);
    case OPTION_DURATION_OR_FOREVER:
        if (strcmp(text, "forever") != 0)
            return quantity_parse_duration(text, member);
        *(uint64_t *)member = SIMULATOR_FOREVER;
        return 0;
    case OPTION_DURATIONS:
        return distribution_parse(text, DISTRIBUTION_DURATION, member);
    case OPTION_COUNTS:
        return distribution_parse(text, DISTRIBUTION_COUNT, member);
    case OPTION_RATE:
        return set_rate(text, member);
    case OPTION_STATUS:
        return set_status(text, member);
    case OPTION_STATUS_OR_RESET:
        if (strcmp(text, "reset") != 0)
            return set_status(text, member);
        *(int *)member = 0;
        return 0;
    case OPTION_STATUSES:
        return set_statuses(text, member);
    case OPTION_PREAMBLE:
        return set_preamble(text, member);
    case OPTION_OUTAGES:
        return set_outages(text, options);
    case OPTION_PATH:
        return set_path(text, (char **)member);
    }
    return -EINVAL;
}

/* What a value of this kind should have been. */
static const char *expectation(enum option_kind kind)
{
    switch (kind) {
    case OPTION_ADDRESS:
        return "an address and port such as 127.0.0.1:8080 or [::1]:0";
    case OPTION_NAMES:
        return "names with commas between them";
    case OPTION_KEY_ENV:
        return "the name of an environment variable that holds a key";
    case OPTION_COUNT:
        return A_COUNT;
    case OPTION_LIMIT:
        return A_COUNT ", or unlimited";
    case OPTION_DURATION:
        return A_DURATION;
    case OPTION_DURATION_OR_FOREVER:
        return A_DURATION ", or forever";
    case OPTION_DURATIONS:
        return A_DURATION_DISTRIBUTION;
    case OPTION_COUNTS:
        return A_COUNT_DISTRIBUTION;
    case OPTION_RATE:
        return A_RATE;
    case OPTION_STATUS:
        return "a status from 400 to 599";
    case OPTION_STATUS_OR_RESET:
        return "a status from 400 to 599, or reset";
    case OPTION_STATUSES:
        return "up to 7 statuses from 400 to 599 with commas between them";
    case OPTION_PREAMBLE:
        return "head, role or none";
    case OPTION_OUTAGES:
        return "up to 15 stretches such as 30s..45s with commas between them";
    case OPTION_PATH:
        return "a file name";
    }
    return "";
}

static bool is_same_key(const char *key, const char *given)
{
    while (*key && (*key == *given || (*key == '_' && *given == '-'))) {
        key++;
        given++;
    }
    return *key == *given;
}

int simulator_options_set(struct simulator_options *options, const char *key,
                          const char *value, struct buf *reterr)
{
    for (size_t i = 0; i < simulator_option_count; i++) {
        int r;

        if (!is_same_key(simulator_option_table[i].key, key))
            continue;
        r = set_value(options, places[i].kind, (char *)options + places[i].offset, value);
        if (r == -ENOMEM)
            buf_printf(reterr, "%s: not enough memory", key);
        else if (r < 0)
            buf_printf(reterr, "%s: '%s' will not do; write %s", key, value,
                       expectation(places[i].kind));
        return r < 0 && r != -ENOMEM ? -EINVAL : r;
    }
    buf_printf(reterr, "%s: the simulator has no such option", key);
    return -ENOENT;
}

int simulator_options_init(struct simulator_options *options)
{
    CLEANUP(buf_deinit) struct buf error = BUF_INIT(1024);

    *options = (struct simulator_options){0};
    for (size_t i = 0; i < simulator_option_count; i++) {
        const int r = simulator_options_set(options, simulator_option_table[i].key,
                                            simulator_option_table[i].fallback, &error);

        if (r < 0) {
            simulator_options_deinit(options);
            return r;
        }
    }
    return 0;
}

void simulator_options_deinit(struct simulator_options *options)
{
    free_names(options->models);
    secret_free(options->key);
    free(options->ground_truth);
    *options = (struct simulator_options){0};
}
