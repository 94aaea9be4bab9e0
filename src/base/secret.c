#include "base/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/*
 * One mapping per secret, struct and text together, rounded up to pages: run-wide keys are few,
 * and a page can be shielded only as a whole.
 */
struct secret {
    size_t mapped_bytes;
    char text[];
};

void secret_star_out(char *text, const char *words)
{
    const size_t len = strlen(words);
    const size_t text_len = strlen(text);

    for (char *at = len > 0 ? strstr(text, words) : NULL; at;
         at = strstr(at + len, words))
        memset(at, '*', len);
    for (size_t part = len > 0 ? len - 1 : 0; part >= SECRET_MIN_BYTES; part--) {
        if (part > text_len || memcmp(text + text_len - part, words, part) != 0)
            continue;
        memset(text + text_len - part, '*', part);
        return;
    }
}

void secret_wipe(void *memory, size_t len)
{
    if (memory)
        explicit_bzero(memory, len);
}

int secret_new(const char *text, struct secret **ret_secret)
{
    const size_t len = strlen(text);

    if (len == 0)
        return -EINVAL;
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7F)
            return -EINVAL;
    const size_t bytes = sizeof(struct secret) + len + 1;
    struct secret *secret =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (secret == MAP_FAILED)
        return -ENOMEM;
    /* Both are refinements: a kernel without them still keeps the secret in memory only. */
    madvise(secret, bytes, MADV_DONTDUMP);
    madvise(secret, bytes, MADV_WIPEONFORK);
    secret->mapped_bytes = bytes;
    memcpy(secret->text, text, len + 1);
    *ret_secret = secret;
    return 0;
}

struct secret *secret_free(struct secret *secret)
{
    if (secret) {
        const size_t bytes = secret->mapped_bytes;

        secret_wipe(secret, bytes);
        munmap(secret, bytes);
    }
    return NULL;
}

const char *secret_reveal(const struct secret *secret)
{
    return secret ? secret->text : NULL;
}

const char *secret_mask(const struct secret *secret)
{
    (void)secret;
    return "***";
}
