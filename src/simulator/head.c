#include "simulator/head.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

void head_init(struct head *head, const char *content_type, const char *request_id)
{
    head->count = 0;
    head->used = 0;
    head_add(head, "content-type", "%s", content_type);
    head_add(head, "x-request-id", "%s", request_id);
}

void head_add(struct head *head, const char *name, const char *format, ...)
{
    const size_t room = sizeof(head->text) - head->used;
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(head->text + head->used, room, format, args);
    va_end(args);
    assert(head->count < HEAD_FIELDS_MAX && len >= 0 && (size_t)len < room);
    head->names[head->count] = name;
    head->places[head->count] = (uint16_t)head->used;
    head->count++;
    head->used += (size_t)len + 1;
}

size_t head_fields(const struct head *head,
                   struct serve_header ret_fields[static HEAD_FIELDS_MAX])
{
    for (size_t i = 0; i < head->count; i++)
        ret_fields[i] =
            (struct serve_header){head->names[i], head->text + head->places[i]};
    return head->count;
}
