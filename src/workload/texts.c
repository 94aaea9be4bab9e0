#include "workload/texts.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_MARKS 256

void texts_deinit(struct texts *texts)
{
    private_pages_deinit(&texts->pages);
    free(texts->marks);
    *texts = (struct texts){0};
}

int texts_append(struct texts *texts, const char *bytes, size_t len)
{
    int r;

    if (len > TEXTS_MAX_BYTES - texts->len)
        return -EMSGSIZE;
    r = private_pages_reserve(&texts->pages, texts->len + len);
    if (r < 0)
        return r;
    if (len > 0)
        memcpy(texts->pages.bytes + texts->len, bytes, len);
    texts->len += len;
    return 0;
}

static int reserve_mark(struct texts *texts)
{
    uint32_t cap = texts->cap ? 2 * texts->cap : FIRST_MARKS;
    struct text_mark *marks;

    if (texts->count < texts->cap)
        return 0;
    if (texts->cap > UINT32_MAX / 2)
        return -EMSGSIZE;
    marks = reallocarray(texts->marks, cap, sizeof(*marks));
    if (!marks)
        return -ENOMEM;
    texts->marks = marks;
    texts->cap = cap;
    return 0;
}

int texts_close(struct texts *texts, bool is_json)
{
    const int r = reserve_mark(texts);

    if (r < 0)
        return r;
    texts->marks[texts->count++] =
        (struct text_mark){.end = (uint32_t)texts->len & INT32_MAX, .is_json = is_json};
    return 0;
}

static uint32_t start_of(const struct texts *texts, uint32_t index)
{
    return index == 0 ? 0 : texts->marks[index - 1].end;
}

void texts_cut(struct texts *texts, uint32_t count)
{
    assert(count <= texts->count);
    texts->count = count;
    texts->len = start_of(texts, count);
}

int texts_trim(struct texts *texts)
{
    struct text_mark *marks =
        reallocarray(texts->marks, texts->count + 1, sizeof(*marks));

    if (!marks)
        return -ENOMEM;
    texts->marks = marks;
    texts->cap = texts->count + 1;
    private_pages_trim(&texts->pages, texts->len);
    return 0;
}

const char *texts_at(const struct texts *texts, uint32_t index, size_t *ret_len)
{
    assert(index < texts->count);
    const uint32_t start = start_of(texts, index);

    *ret_len = texts->marks[index].end - start;
    return texts->pages.bytes ? texts->pages.bytes + start : "";
}

bool texts_is_json(const struct texts *texts, uint32_t index)
{
    assert(index < texts->count);
    return texts->marks[index].is_json;
}
