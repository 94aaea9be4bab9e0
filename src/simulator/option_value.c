#include "simulator/option_value.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/quantity.h"
#include "base/secret.h"
#include "serve/serve.h"
#include "simulator/distribution.h"
#include "simulator/options.h"

#define A_COUNT "a whole number"
#define A_DURATION "a duration such as 500ms, 2s or 1m"
#define EVERY " every "
/* Of a million tokens. */
#define PRICE_USD_MAX 1000000
#define ALL_SERVICES ((1U << SIMULATOR_SERVICE_COUNT) - 1)

typedef int part_fn(void *ctx, const char *part);

/* Calls back for each part between commas. Returns the first error of fn. */
static int each_part(const char *text, part_fn *fn, void *ctx)
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

/* Copies the first len bytes as a string. Returns 0; -EINVAL when they do not fit. */
static int copy_word(char *out, size_t cap, const char *text, size_t len)
{
    if (len >= cap)
        return -EINVAL;
    memcpy(out, text, len);
    out[len] = '\0';
    return 0;
}

/*
 * Takes "service=" off the front of a part. Returns the rest, and in ret_services the bit of that
 * service, or all bits where none is named; NULL for a service that does not exist.
 */
static const char *take_service(const char *part, unsigned *ret_services)
{
    const char *equals = strchr(part, '=');

    *ret_services = ALL_SERVICES;
    if (!equals)
        return part;
    for (unsigned i = 0; i < SIMULATOR_SERVICE_COUNT; i++) {
        const char *name = simulator_service_name(i);

        if (strlen(name) == (size_t)(equals - part) &&
            strncmp(name, part, strlen(name)) == 0) {
            *ret_services = 1U << i;
            return equals + 1;
        }
    }
    return NULL;
}

static int set_address(const char *text, void *member)
{
    return serve_address_parse(text, member);
}

/* --- Lists of names. --- */

struct names {
    char **list;
    size_t count;
};

static void free_names(char **names)
{
    for (size_t i = 0; names && names[i]; i++)
        free(names[i]);
    free((void *)names);
}

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

static int set_names(const char *text, void *member)
{
    char ***names = (char ***)member;
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

static int set_key_env(const char *name, void *member)
{
    struct secret **key = (struct secret **)member;
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

static int set_path(const char *text, void *member)
{
    char **path = (char **)member;
    char *copy = text[0] != '\0' ? strdup(text) : NULL;

    if (text[0] != '\0' && !copy)
        return -ENOMEM;
    free(*path);
    *path = copy;
    return 0;
}

/* --- Numbers and times. --- */

static int set_count(const char *text, void *member)
{
    return quantity_parse_count(text, member);
}

static int set_limit(const char *text, void *member)
{
    if (strcmp(text, "unlimited") != 0)
        return quantity_parse_count(text, member);
    *(uint64_t *)member = UINT64_MAX;
    return 0;
}

static int set_duration(const char *text, void *member)
{
    return quantity_parse_duration(text, member);
}

static int set_duration_or_forever(const char *text, void *member)
{
    if (strcmp(text, "forever") != 0)
        return quantity_parse_duration(text, member);
    *(uint64_t *)member = SIMULATOR_FOREVER;
    return 0;
}

static int set_distribution(const char *text, enum distribution_unit unit,
                            struct simulator_distribution *distribution)
{
    struct simulator_distribution parsed;
    const int r = distribution_parse(text, unit, &parsed);

    if (r < 0)
        return r;
    distribution_deinit(distribution);
    *distribution = parsed;
    return 0;
}

static int set_durations(const char *text, void *member)
{
    return set_distribution(text, DISTRIBUTION_DURATION, member);
}

static int set_counts(const char *text, void *member)
{
    return set_distribution(text, DISTRIBUTION_COUNT, member);
}

static int set_number(const char *text, void *member)
{
    return quantity_parse_number(text, member);
}

static int set_fraction(const char *text, void *member)
{
    double parsed;
    const int r = quantity_parse_fraction(text, &parsed);

    if (r < 0)
        return r;
    if (!(parsed >= 0 && parsed <= 1))
        return -ERANGE;
    *(double *)member = parsed;
    return 0;
}

static int add_rate(void *ctx, const char *part)
{
    struct simulator_rate *rate = ctx;
    unsigned services;
    const char *text = take_service(part, &services);
    double parsed;
    int r;

    if (!text)
        return -EINVAL;
    r = set_fraction(text, &parsed);
    for (unsigned i = 0; r == 0 && i < SIMULATOR_SERVICE_COUNT; i++) {
        if (services & 1U << i)
            rate->of[i] = parsed;
    }
    return r;
}

static int set_rate(const char *text, void *member)
{
    struct simulator_rate parsed = {0};
    const int r = text[0] != '\0' ? each_part(text, add_rate, &parsed) : -EINVAL;

    if (r == 0)
        *(struct simulator_rate *)member = parsed;
    return r;
}

static int set_price(const char *text, void *member)
{
    int64_t per_million_pusd;
    const int r = quantity_parse_money(text, &per_million_pusd);

    if (r < 0)
        return r;
    if (per_million_pusd < 0 || per_million_pusd > PRICE_USD_MAX * PUSD_PER_USD)
        return -ERANGE;
    *(int64_t *)member = per_million_pusd / 1000000;
    return 0;
}

/* --- Statuses. --- */

static int set_status(const char *text, void *member)
{
    uint64_t parsed;
    const int r = quantity_parse_count(text, &parsed);

    if (r < 0)
        return r;
    if (parsed < 400 || parsed > 599)
        return -ERANGE;
    *(int *)member = (int)parsed;
    return 0;
}

static int set_outage_status(const char *text, void *member)
{
    const bool stalls = strcmp(text, "stall") == 0;

    if (!stalls && strcmp(text, "reset") != 0)
        return set_status(text, member);
    *(int *)member = stalls ? SIMULATOR_STALL : SIMULATOR_RESET;
    return 0;
}

static int add_status(void *ctx, const char *part)
{
    struct simulator_status *statuses = ctx;
    const size_t len = strcspn(part, "=");
    char status[8];
    double weight = 1;
    size_t count = 0;

    while (statuses[count].status != 0)
        count++;
    if (count + 1 >= SIMULATOR_STATUSES_MAX)
        return -E2BIG;
    if (copy_word(status, sizeof(status), part, len) < 0 ||
        (part[len] == '=' && quantity_parse_number(part + len + 1, &weight) < 0) ||
        !(weight > 0 && weight <= 1e9))
        return -EINVAL;
    statuses[count].weight = weight;
    return set_status(status, &statuses[count].status);
}

static int set_statuses(const char *text, void *member)
{
    struct simulator_status parsed[SIMULATOR_STATUSES_MAX] = {0};
    const int r = each_part(text, add_status, parsed);

    if (r < 0)
        return r;
    if (parsed[0].status == 0)
        return -EINVAL;
    memcpy(member, parsed, sizeof(parsed));
    return 0;
}

/* --- Words. --- */

/* The place of a word among others, the last of which is NULL. Returns 0; -EINVAL. */
static int find_word(const char *text, const char *const *words, unsigned *ret_place)
{
    for (unsigned i = 0; words[i]; i++) {
        if (strcmp(words[i], text) == 0) {
            *ret_place = i;
            return 0;
        }
    }
    return -EINVAL;
}

static int set_preamble(const char *text, void *member)
{
    static const char *const words[] = {[SIMULATOR_PREAMBLE_HEAD] = "head",
                                        [SIMULATOR_PREAMBLE_ROLE] = "role",
                                        [SIMULATOR_PREAMBLE_NONE] = "none",
                                        NULL};

    return find_word(text, words, (enum simulator_preamble *)member);
}

static int set_mcp_answer(const char *text, void *member)
{
    static const char *const words[] = {
        [SIMULATOR_MCP_JSON] = "json", [SIMULATOR_MCP_STREAM] = "stream", NULL};

    return find_word(text, words, (enum simulator_mcp_answer *)member);
}

static int set_tenant_keys(const char *text, void *member)
{
    static const char *const words[] = {[SIMULATOR_TENANT_KEYS_OPTIONAL] = "optional",
                                        [SIMULATOR_TENANT_KEYS_REQUIRED] = "required",
                                        NULL};

    return find_word(text, words, (enum simulator_tenant_keys *)member);
}

static int set_limits_per(const char *text, void *member)
{
    static const char *const words[] = {[SIMULATOR_LIMITS_PER_KEY] = "key",
                                        [SIMULATOR_LIMITS_PER_ORGANIZATION] =
                                            "organization",
                                        NULL};

    return find_word(text, words, (enum simulator_limits_per *)member);
}

/* --- Outages: "30s..45s", "30s..45s every 2m", "rag=30s..45s". --- */

/* Reads TO and, behind it, how often it comes again. */
static int read_end(const char *text, struct simulator_outage *outage)
{
    const char *every = strstr(text, EVERY);
    const size_t len = every ? (size_t)(every - text) : strlen(text);
    char end[64];

    if (copy_word(end, sizeof(end), text, len) < 0 ||
        quantity_parse_duration(end, &outage->end_ns) < 0 ||
        outage->end_ns <= outage->begin_ns)
        return -EINVAL;
    if (!every)
        return 0;
    /* The next must not begin before this one ends. */
    return quantity_parse_duration(every + strlen(EVERY), &outage->period_ns) < 0 ||
                   outage->period_ns < outage->end_ns - outage->begin_ns
               ? -EINVAL
               : 0;
}

static int add_outage(void *ctx, const char *part)
{
    struct simulator_outage *outages = ctx;
    struct simulator_outage outage = {0};
    const char *text = take_service(part, &outage.services);
    const char *dots = text ? strstr(text, "..") : NULL;
    size_t count = 0;
    char begin[64];

    while (outages[count].end_ns != 0)
        count++;
    if (!dots || count == SIMULATOR_OUTAGES_MAX - 1 ||
        copy_word(begin, sizeof(begin), text, (size_t)(dots - text)) < 0 ||
        quantity_parse_duration(begin, &outage.begin_ns) < 0 ||
        read_end(dots + 2, &outage) < 0)
        return -EINVAL;
    outages[count] = outage;
    return 0;
}

static int set_outages(const char *text, void *member)
{
    struct simulator_outage parsed[SIMULATOR_OUTAGES_MAX] = {0};
    const int r = each_part(text, add_outage, parsed);

    if (r == 0)
        memcpy(member, parsed, sizeof(parsed));
    return r;
}

/* --- What each kind takes. --- */

static const struct {
    int (*set)(const char *text, void *member);
    const char *expectation;
} kinds[] = {
    [OPTION_ADDRESS] = {set_address, "an address and port such as 127.0.0.1:8080 or "
                                     "[::1]:0"},
    [OPTION_NAMES] = {set_names, "names with commas between them"},
    [OPTION_KEY_ENV] = {set_key_env, "the name of an environment variable that holds a "
                                     "key"},
    [OPTION_COUNT] = {set_count, A_COUNT},
    [OPTION_LIMIT] = {set_limit, A_COUNT ", or unlimited"},
    [OPTION_DURATION] = {set_duration, A_DURATION},
    [OPTION_DURATION_OR_FOREVER] = {set_duration_or_forever, A_DURATION ", or forever"},
    [OPTION_DURATIONS] = {set_durations, "200ms, uniform(100ms,300ms), "
                                         "gaussian(200ms,50ms), exponential(200ms), "
                                         "lognormal(200ms,0.5) or "
                                         "quantiles(100ms,200ms,900ms)"},
    [OPTION_COUNTS] = {set_counts, "100, uniform(50,150), gaussian(100,20), "
                                   "exponential(100), lognormal(100,0.5) or "
                                   "quantiles(1,100,900)"},
    [OPTION_NUMBER] = {set_number, "a number such as 2 or 1.5"},
    [OPTION_FRACTION] = {set_fraction, "a fraction such as 0.01 or 1%"},
    [OPTION_RATE] = {set_rate, "a fraction such as 0.01 or 1%, for all or for one "
                               "service: web=5%"},
    [OPTION_STATUS] = {set_status, "a status from 400 to 599"},
    [OPTION_OUTAGE_STATUS] = {set_outage_status,
                              "a status from 400 to 599, reset or stall"},
    [OPTION_STATUSES] = {set_statuses, "up to 7 statuses from 400 to 599 with commas "
                                       "between them, or with weights: 503=3,429=1"},
    [OPTION_PREAMBLE] = {set_preamble, "head, role or none"},
    [OPTION_MCP_ANSWER] = {set_mcp_answer, "json or stream"},
    [OPTION_TENANT_KEYS] = {set_tenant_keys, "optional or required"},
    [OPTION_LIMITS_PER] = {set_limits_per, "key or organization"},
    [OPTION_PRICE] = {set_price, "US dollars for a million tokens, such as 2.50"},
    [OPTION_OUTAGES] = {set_outages,
                        "up to 15 stretches such as 30s..45s, 30s..45s every "
                        "2m or rag=30s..45s with commas between them"},
    [OPTION_PATH] = {set_path, "a file name"},
};

int option_value_set(enum option_kind kind, const char *text, void *member)
{
    return kinds[kind].set(text, member);
}

const char *option_value_expectation(enum option_kind kind)
{
    return kinds[kind].expectation;
}

void option_value_free(enum option_kind kind, void *member)
{
    if (kind == OPTION_NAMES) {
        free_names(*(char ***)member);
        *(char ***)member = NULL;
    } else if (kind == OPTION_KEY_ENV) {
        *(struct secret **)member = secret_free(*(struct secret **)member);
    } else if (kind == OPTION_PATH) {
        free(*(char **)member);
        *(char **)member = NULL;
    } else if (kind == OPTION_DURATIONS || kind == OPTION_COUNTS) {
        distribution_deinit(member);
    }
}
