#include "torture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX_LIVE 4096

/* Wrapped functions get no context, so it stands here. */
static struct {
    bool armed;
    int made;             /* allocations asked for since armed */
    int refuse_at;        /* from 1 */
    bool refused;         /* that one was asked for */
    size_t count;         /* of live */
    void *live[MAX_LIVE]; /* allocated since armed and not freed */
} ordeal;

/* What `--wrap` calls the functions themselves, and those that stand in for them. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_reallocarray(void *block, size_t count, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t max);
void __wrap_free(void *block);

static bool refuse(void)
{
    if (!ordeal.armed || ++ordeal.made != ordeal.refuse_at)
        return false;
    ordeal.refused = true;
    errno = ENOMEM;
    return true;
}

static void *note(void *block)
{
    if (!ordeal.armed || !block)
        return block;
    if (ordeal.count == MAX_LIVE) {
        ordeal.armed = false;
        fail_msg("more than %d blocks at once", MAX_LIVE);
    }
    ordeal.live[ordeal.count++] = block;
    return block;
}

/* Takes the address only: the block itself may be gone already. */
static void forget(uintptr_t block)
{
    for (size_t i = 0; ordeal.armed && i < ordeal.count; i++) {
        if ((uintptr_t)ordeal.live[i] == block) {
            ordeal.live[i] = ordeal.live[--ordeal.count];
            return;
        }
    }
}

void *__wrap_malloc(size_t size)
{
    return refuse() ? NULL : note(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refuse() ? NULL : note(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size)
{
    const uintptr_t before = (uintptr_t)block;

    if (refuse())
        return NULL;
    void *moved = __real_realloc(block, size);

    if (moved || size == 0)
        forget(before);
    return note(moved);
}

void *__wrap_reallocarray(void *block, size_t count, size_t size)
{
    size_t bytes = 0;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return __wrap_realloc(block, bytes);
}

char *__wrap_strndup(const char *text, size_t max)
{
    const size_t len = strnlen(text, max);
    char *copy = __wrap_malloc(len + 1);

    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

char *__wrap_strdup(const char *text)
{
    return __wrap_strndup(text, SIZE_MAX - 1);
}

void __wrap_free(void *block)
{
    forget((uintptr_t)block);
    __real_free(block);
}

int torture(torture_fn *fn, int expected_error)
{
    for (int n = 1;; n++) {
        ordeal.armed = true;
        ordeal.made = 0;
        ordeal.refuse_at = n;
        ordeal.refused = false;
        ordeal.count = 0;
        const int r = fn();

        ordeal.armed = false;
        if (ordeal.count > 0)
            fail_msg("%zu blocks left when allocation %d is refused", ordeal.count, n);
        if (!ordeal.refused) {
            if (r != 0)
                fail_msg("%d without a refused allocation", r);
            return n - 1;
        }
        if (r != expected_error)
            fail_msg("%d instead of %d when allocation %d is refused", r, expected_error,
                     n);
    }
}
