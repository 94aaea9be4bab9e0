/*
 * How the simulated platform behaves: a table of keys that a command line and a scenario's
 * `simulator:` section share, and the plain values that they set. It reads no files.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct buf;
struct secret;

enum simulator_distribution_kind {
    SIMULATOR_CONSTANT,    /* a */
    SIMULATOR_UNIFORM,     /* from a to b */
    SIMULATOR_GAUSSIAN,    /* mean a, standard deviation b; cut off at 0 */
    SIMULATOR_EXPONENTIAL, /* mean a */
    SIMULATOR_LOGNORMAL,   /* median a, standard deviation of the logarithm b */
    SIMULATOR_QUANTILES    /* points, each as likely as the next, and what lies between */
};

struct simulator_distribution {
    enum simulator_distribution_kind kind;
    double a;           /* ns or a count */
    double b;           /* ns or a count; without unit for SIMULATOR_LOGNORMAL */
    double *points;     /* owned: ns or counts, rising, from the least to the greatest */
    size_t point_count; /* 0, or 2 to SIMULATOR_POINTS_MAX */
};

#define SIMULATOR_POINTS_MAX 2001

/*
 * Makes a distribution that has these quantiles (rising; ns or counts), equally far apart in their
 * probability, in place of what it was. Returns 0; -EINVAL: too few, too many, or not rising; -ENOMEM.
 */
int simulator_distribution_set_quantiles(struct simulator_distribution *distribution,
                                         const double *points, size_t count);

/* When the head of a stream and its first event, which has no content yet, go out. */
enum simulator_preamble {
    SIMULATOR_PREAMBLE_HEAD, /* head when the request is admitted, first event with the first token */
    SIMULATOR_PREAMBLE_ROLE, /* head and first event when the request is admitted */
    SIMULATOR_PREAMBLE_NONE  /* all with the first token */
};

/* What the platform offers: each part can fail on its own. simulator_service_name() has their words. */
enum simulator_service {
    SIMULATOR_CHAT,
    SIMULATOR_COMPLETIONS,
    SIMULATOR_RESPONSES,
    SIMULATOR_MESSAGES,
    SIMULATOR_EMBEDDINGS,
    SIMULATOR_MODELS,
    SIMULATOR_RAG,
    SIMULATOR_MCP,
    SIMULATOR_WEB,
    SIMULATOR_TENANTS,
    SIMULATOR_SERVICE_COUNT
};

/* A fraction of the requests, which each service has its own of. */
struct simulator_rate {
    double of[SIMULATOR_SERVICE_COUNT]; /* 0 to 1 */
};

/* A stretch of time, from the start of the simulator, in which the platform is down. */
/* What requests meet in an outage, in place of a status: a reset; no answer begins until it is over. */
#define SIMULATOR_RESET 0
#define SIMULATOR_STALL (-1)

struct simulator_outage {
    uint64_t begin_ns;
    uint64_t end_ns;
    uint64_t period_ns; /* it comes again, this long after it began; 0: it does not */
    unsigned services;  /* one bit per enum simulator_service: those that are down */
};

/* A status that errors have, and how often beside the others. */
struct simulator_status {
    int status; /* 0 ends a list */
    double weight;
};

/* How an MCP server sends what it answers. */
enum simulator_mcp_answer {
    SIMULATOR_MCP_JSON,  /* one JSON body */
    SIMULATOR_MCP_STREAM /* an event stream with one message */
};

/* Whose key the models ask for. */
enum simulator_tenant_keys {
    SIMULATOR_TENANT_KEYS_OPTIONAL, /* a tenant's is as good as the simulator's own */
    SIMULATOR_TENANT_KEYS_REQUIRED  /* a tenant's and no other */
};

/* Who shares the limits per minute. */
enum simulator_limits_per {
    SIMULATOR_LIMITS_PER_KEY,
    SIMULATOR_LIMITS_PER_ORGANIZATION /* all keys of one; a key of none stays alone */
};

#define SIMULATOR_OUTAGES_MAX 16
#define SIMULATOR_STATUSES_MAX 8
/* Value of stall_for_ns. */
#define SIMULATOR_FOREVER UINT64_MAX

/* Plain data; strings are owned. Rates are fractions of the requests, and at most one fault strikes each. */
struct simulator_options {
    struct sockaddr_storage listen;
    char **models;      /* NULL-terminated; an empty list: any name is served */
    struct secret *key; /* NULL: none is asked for */
    uint64_t seed;

    struct simulator_distribution ttft;   /* from admission to the first token */
    uint64_t prefill_ns;                  /* added to ttft per prompt token */
    struct simulator_distribution gap;    /* from one chunk to the next */
    struct simulator_distribution tokens; /* of an answer, before max_tokens cuts it */
    struct simulator_distribution
        reasoning;           /* tokens thought before the answer's tokens */
    double tokens_per_chunk; /* on average: 1.5 is 1 and 2 in turn */
    double cached;           /* fraction of the prompt's tokens that usage calls cached */
    enum simulator_preamble preamble;

    uint64_t
        capacity;   /* requests that are served at the same time; UINT64_MAX: no limit */
    uint64_t queue; /* requests that may wait for their turn; UINT64_MAX: no limit */
    int queue_full_status;

    struct simulator_distribution embedding; /* time that embeddings take */
    struct simulator_distribution rag_query; /* likewise, a question to the RAG stack */
    struct simulator_distribution rag_index; /* likewise, documents for it */
    struct simulator_distribution tool;      /* likewise, a call of an MCP tool */
    struct simulator_distribution web;       /* likewise, a request of the web API */
    enum simulator_mcp_answer mcp_answer;
    double tool_error_rate; /* tool calls whose result is an error */
    double
        vector_timeout_rate; /* RAG requests whose vector store does not answer in time */
    uint64_t vector_timeout_ns; /* the time it is given */
    int vector_timeout_status;

    struct secret *admin_key; /* of the tenant API; NULL: none is asked for */
    enum simulator_tenant_keys tenant_keys;
    struct simulator_distribution
        tenants;                   /* time that a request of the tenant API takes */
    int64_t price_prompt_pusd;     /* of one token */
    int64_t price_completion_pusd; /* likewise */

    uint64_t requests_per_minute; /* UINT64_MAX: no limit */
    uint64_t tokens_per_minute;   /* likewise */
    enum simulator_limits_per limits_per;

    struct simulator_rate error_rate;
    struct simulator_status error_statuses[SIMULATOR_STATUSES_MAX];
    uint64_t retry_after_ns; /* told with 429 and 503, in whole seconds; 0: not told */
    struct simulator_rate reset_rate;        /* the connection is reset (RST) */
    struct simulator_rate truncate_rate;     /* it is closed within the answer (FIN) */
    struct simulator_rate stall_rate;        /* the answer stops, for stall_for_ns */
    struct simulator_rate malformed_rate;    /* one event's JSON is cut short */
    struct simulator_rate stream_error_rate; /* an event with an error ends the stream */
    struct simulator_rate drip_rate;         /* the answer leaves byte by byte */
    struct simulator_rate late_rate;         /* the answer comes later, by late_by */
    struct simulator_rate no_finish_rate;    /* whole, but without finish_reason */
    struct simulator_rate no_done_rate;      /* likewise, without [DONE] */
    struct simulator_rate after_done_rate;   /* likewise, with an event behind [DONE] */
    struct simulator_rate wrong_usage_rate;  /* likewise, its usage does not add up */
    struct simulator_rate crossed_rate;      /* likewise, but to the request before */
    struct simulator_rate mixed_rate; /* likewise, with its id from some chunk on */
    struct simulator_distribution
        fault_after; /* chunks of output before the fault strikes */
    uint64_t stall_for_ns;
    uint64_t drip_bytes_per_s; /* 0: a byte each gap */
    struct simulator_distribution late_by;
    struct simulator_outage outages[SIMULATOR_OUTAGES_MAX]; /* end_ns 0 ends the list */
    int outage_status; /* HTTP, SIMULATOR_RESET or SIMULATOR_STALL */

    char *ground_truth; /* path of the log (simulator/truth.h); NULL: none */

    struct simulator_variant *variants; /* owned: models that behave otherwise */
    size_t variant_count;
};

/* How one model answers. Of its options those count that are about an answer, and the faults. */
struct simulator_variant {
    char *model;                       /* owned */
    struct simulator_options *options; /* owned; without variants */
};

/* One key. Spelt with '_' here; '-' is accepted for it. */
struct simulator_option {
    const char *key;
    const char *value;    /* the form of its value: "DURATION", "0..1 or N%", … */
    const char *fallback; /* the default, as one would write it */
    const char *help;
};

/* All keys, in the order in which they are best shown. */
extern const struct simulator_option simulator_option_table[];
extern const size_t simulator_option_count;

/* "chat", "web", …: what stands before '=' where a value is one service's. */
const char *simulator_service_name(enum simulator_service service);

/* Sets the defaults. Returns 0; -ENOMEM. */
int simulator_options_init(struct simulator_options *options);

/*
 * Adds a model that behaves in its own way, by the defaults at first. simulator_options_set() sets
 * an option of all there are. Returns 0 with options that are lent; -ENOMEM.
 */
int simulator_options_add_variant(struct simulator_options *options, const char *model,
                                  struct simulator_options **ret_variant);

/* How a model behaves: its variant, or the options themselves. */
const struct simulator_options *
simulator_options_of(const struct simulator_options *options, const char *model);

/* Releases what the options own. */
void simulator_options_deinit(struct simulator_options *options);

/*
 * Sets one option from text. Returns 0; -ENOENT: there is no such key; -EINVAL: a bad value;
 * -ENOMEM. On failure reterr gets a sentence: "gap: 'soon' is not a distribution; write …".
 */
int simulator_options_set(struct simulator_options *options, const char *key,
                          const char *value, struct buf *reterr);
