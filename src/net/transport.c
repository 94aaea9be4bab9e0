#include "net/transport.h"

#include <stddef.h>

const char *transfer_end_name(enum transfer_end end)
{
    switch (end) {
    case TRANSFER_COMPLETE:
        return "complete";
    case TRANSFER_CANCELLED:
        return "cancelled";
    case TRANSFER_DNS:
        return "dns";
    case TRANSFER_CONNECT:
        return "connect";
    case TRANSFER_TLS:
        return "tls";
    case TRANSFER_PROXY:
        return "proxy";
    case TRANSFER_CONNECT_TIMEOUT:
        return "connect_timeout";
    case TRANSFER_FIRST_TOKEN_TIMEOUT:
        return "first_token_timeout";
    case TRANSFER_IDLE_TIMEOUT:
        return "idle_timeout";
    case TRANSFER_TOTAL_TIMEOUT:
        return "total_timeout";
    case TRANSFER_RESET:
        return "reset";
    case TRANSFER_TRUNCATED:
        return "truncated";
    case TRANSFER_PROTOCOL:
        return "protocol";
    case TRANSFER_EVENT_TOO_LARGE:
        return "event_too_large";
    case TRANSFER_ENCODING:
        return "encoding";
    case TRANSFER_LOCAL_RESOURCE:
        return "local_resource";
    case TRANSFER_ABANDONED:
        return "abandoned";
    case TRANSFER_DROPPED:
        return "dropped";
    case TRANSFER_TORN:
        return "torn";
    case TRANSFER_END_COUNT:
        break;
    }
    return "unknown";
}

int transport_start(struct transport *transport, const struct transfer_request *request,
                    uint64_t now_ns, const struct transfer_handler *handler, void *ctx,
                    struct transfer **ret_transfer)
{
    return transport->ops->start(transport, request, now_ns, handler, ctx, ret_transfer);
}

void transport_cancel(struct transfer *transfer, enum transfer_end why)
{
    transfer->transport->ops->cancel(transfer, why);
}

void transport_pause(struct transfer *transfer)
{
    transfer->transport->ops->pause(transfer);
}

void transport_resume(struct transfer *transfer)
{
    transfer->transport->ops->resume(transfer);
}

const char *transport_header(const struct transfer *transfer, const char *name)
{
    return transfer->transport->ops->header(transfer, name);
}

bool transport_header_at(const struct transfer *transfer, size_t index,
                         struct transfer_header *ret_header)
{
    return transfer->transport->ops->header_at(transfer, index, ret_header);
}

const char *transport_peer(const struct transfer *transfer)
{
    return transfer->transport->ops->peer(transfer);
}
