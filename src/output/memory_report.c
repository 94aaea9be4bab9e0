#include "output/memory_report.h"

#include <malloc.h>

#include "base/buf.h"

struct handle_counts {
    unsigned by_kind[UV_HANDLE_TYPE_MAX];
};

static void count_handle(uv_handle_t *handle, void *ctx)
{
    struct handle_counts *counts = ctx;

    counts->by_kind[uv_handle_get_type(handle)]++;
}

void memory_report_append(uv_loop_t *loop, struct buf *json)
{
    const struct mallinfo2 allocator = mallinfo2();
    struct handle_counts handles = {{0}};
    const char *between = "";
    size_t resident_bytes = 0;

    (void)uv_resident_set_memory(&resident_bytes);
    buf_printf(json,
               "\"allocator\":{\"arena_bytes\":%zu,\"used_bytes\":%zu,\"free_bytes\":%zu,"
               "\"mapped_bytes\":%zu},\"resident_bytes\":%zu,\"handles\":{",
               allocator.arena, allocator.uordblks, allocator.fordblks, allocator.hblkhd,
               resident_bytes);
    uv_walk(loop, count_handle, &handles);
    for (int kind = 0; kind < UV_HANDLE_TYPE_MAX; kind++) {
        if (handles.by_kind[kind] == 0)
            continue;
        buf_printf(json, "%s\"%s\":%u", between,
                   uv_handle_type_name((uv_handle_type)kind), handles.by_kind[kind]);
        between = ",";
    }
    buf_append_char(json, '}');
}
