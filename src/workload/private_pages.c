#include "workload/private_pages.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define FIRST_BYTES ((size_t)64 * 1024)

static size_t whole_pages(size_t bytes)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (bytes + page - 1) / page * page;
}

static char *map(size_t cap)
{
    char *bytes =
        mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (bytes == MAP_FAILED)
        return NULL;
    /* Both are refinements, and last when the mapping grows. */
    madvise(bytes, cap, MADV_DONTDUMP);
    madvise(bytes, cap, MADV_WIPEONFORK);
    return bytes;
}

int private_pages_reserve(struct private_pages *pages, size_t need)
{
    size_t cap = pages->cap ? pages->cap : FIRST_BYTES;
    char *bytes;

    if (need <= pages->cap)
        return 0;
    while (cap < need) {
        if (cap > SIZE_MAX / 4)
            return -ENOMEM;
        cap *= 2;
    }
    cap = whole_pages(cap);
    bytes =
        pages->bytes ? mremap(pages->bytes, pages->cap, cap, MREMAP_MAYMOVE) : map(cap);
    if (!bytes || bytes == MAP_FAILED)
        return -ENOMEM;
    pages->bytes = bytes;
    pages->cap = cap;
    return 0;
}

void private_pages_trim(struct private_pages *pages, size_t len)
{
    const size_t kept = whole_pages(len);

    if (kept >= pages->cap)
        return;
    if (kept == 0) {
        private_pages_deinit(pages);
        return;
    }
    munmap(pages->bytes + kept, pages->cap - kept);
    pages->cap = kept;
}

void private_pages_deinit(struct private_pages *pages)
{
    if (pages->bytes)
        munmap(pages->bytes, pages->cap);
    *pages = (struct private_pages){0};
}
