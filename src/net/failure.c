#include "net/failure.h"

#include <errno.h>

/* Running out of what this machine has: the fault of the generator, not of the server. */
static bool is_local(int os_errno)
{
    switch (os_errno) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case EADDRNOTAVAIL:
    case EADDRINUSE:
        return true;
    default:
        return false;
    }
}

static enum transfer_end connect_end(const struct failure *failure)
{
    if (is_local(failure->os_errno))
        return TRANSFER_LOCAL_RESOURCE;
    if (failure->os_errno == ETIMEDOUT)
        return TRANSFER_CONNECT_TIMEOUT;
    return failure->proxied ? TRANSFER_PROXY : TRANSFER_CONNECT;
}

/* The only time-out that libcurl is given is that of the connection's set-up. */
static enum transfer_end timeout_end(const struct failure *failure)
{
    if (failure->on_wire)
        return TRANSFER_TOTAL_TIMEOUT;
    return failure->resolved ? TRANSFER_CONNECT_TIMEOUT : TRANSFER_DNS;
}

static enum transfer_end broken_end(const struct failure *failure)
{
    switch (failure->os_errno) {
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED:
        return failure->on_wire || !failure->secure ? TRANSFER_RESET : TRANSFER_TLS;
    case ETIMEDOUT: /* the kernel gave up on the peer */
    case EHOSTUNREACH:
    case ENETUNREACH:
        return TRANSFER_RESET;
    default:
        break;
    }
    if (is_local(failure->os_errno))
        return TRANSFER_LOCAL_RESOURCE;
    if (!failure->on_wire && failure->proxied)
        return TRANSFER_PROXY; /* a CONNECT that the proxy refused */
    /*
     * Without an errno: TLS ended without its close notice, or, in the clear, a chunk whose
     * length is not one.
     */
    return failure->secure ? TRANSFER_TLS : TRANSFER_PROTOCOL;
}

static enum transfer_end closed_end(const struct failure *failure)
{
    if (failure->os_errno == ECONNRESET || failure->os_errno == EPIPE)
        return TRANSFER_RESET;
    return TRANSFER_TRUNCATED;
}

enum transfer_end failure_end(const struct failure *failure)
{
    /* libcurl has a hundred codes; those that an HTTP transfer cannot end with fall through. */
    switch ((int)failure->code) {
    case CURLE_OK:
        return TRANSFER_COMPLETE;
    case CURLE_COULDNT_RESOLVE_HOST:
        return TRANSFER_DNS;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
        return TRANSFER_PROXY;
    case CURLE_COULDNT_CONNECT:
        return connect_end(failure);
    case CURLE_OPERATION_TIMEDOUT:
        return timeout_end(failure);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
    case CURLE_USE_SSL_FAILED:
        return TRANSFER_TLS;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        return broken_end(failure);
    case CURLE_HTTP2_STREAM: /* RST_STREAM, or GOAWAY before this stream */
        return TRANSFER_RESET;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
        return closed_end(failure);
    case CURLE_BAD_CONTENT_ENCODING:
        return TRANSFER_ENCODING;
    case CURLE_OUT_OF_MEMORY: /* also libcurl 7.88's word for a header line over 100 KiB */
        return failure->in_head ? TRANSFER_PROTOCOL : TRANSFER_LOCAL_RESOURCE;
    case CURLE_INTERFACE_FAILED:
    case CURLE_FAILED_INIT:
        return TRANSFER_LOCAL_RESOURCE;
    default:
        return TRANSFER_PROTOCOL;
    }
}
