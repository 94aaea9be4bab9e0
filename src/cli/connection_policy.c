#include "cli/connection_policy.h"

#include "plan/plan.h"

static enum connection_reuse reuse_of(enum plan_reuse reuse)
{
    switch (reuse) {
    case PLAN_REUSE_POOL:
        return CONNECTION_REUSE_POOL;
    case PLAN_REUSE_USER:
        return CONNECTION_REUSE_USER;
    case PLAN_REUSE_NONE:
        return CONNECTION_REUSE_NONE;
    }
    return CONNECTION_REUSE_POOL;
}

struct connection_policy connection_policy_of(const struct plan_target *target)
{
    return (struct connection_policy){
        .reuse = reuse_of(target->connections.reuse),
        .max_connections = target->connections.max,
        .max_streams = target->connections.streams,
        .max_age_ns = target->connections.max_age_ns,
        .http2 = target->http == PLAN_HTTP_2,
        .insecure = target->tls.insecure,
        .ca_file = target->tls.ca_file,
        .cert_file = target->tls.cert_file,
        .key_file = target->tls.key_file,
        .proxy = target->proxy,
        .sources = target->connections.sources,
        .source_count = target->connections.source_count,
    };
}
