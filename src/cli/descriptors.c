#include "cli/descriptors.h"

#include <errno.h>
#include <sys/resource.h>

/* Standard streams, epoll and timer of the loop, results, the multis' own sockets, resolver. */
#define OWN_DESCRIPTORS 256

int64_t descriptors_raise(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return -errno;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
            return -errno;
    }
    return limit.rlim_cur > INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
}

uint64_t descriptors_needed(uint64_t users)
{
    return users + OWN_DESCRIPTORS;
}
