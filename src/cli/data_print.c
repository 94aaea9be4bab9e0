#include "cli/data_print.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "workload/data.h"
#include "workload/trace.h"

static void say_count(struct buf *out, uint64_t count, const char *one, const char *many)
{
    quantity_format_count(out, count);
    buf_append_str(out, count == 1 ? one : many);
}

static void print_file(const struct data_file *file, struct buf *out)
{
    static const char *const orders[] = {
        [PLAN_ORDER_SEQUENTIAL] = "one after the other",
        [PLAN_ORDER_RANDOM] = "drawn",
        [PLAN_ORDER_UNIQUE] = "none twice",
    };

    buf_printf(out, "  %-20s  %-7s  ", file->name,
               file->is_dataset ? "dataset" : "feeder");
    say_count(out, file->rows, " row, ", " rows, ");
    buf_append_str(out, orders[file->order]);
    if (file->skipped > 0) {
        buf_append_str(out, "; ");
        say_count(out, file->skipped, " bad row left out", " bad rows left out");
    }
    if (file->unfit > 0) {
        buf_append_str(out, "; ");
        say_count(out, file->unfit, " conversation", " conversations");
        buf_append_str(out, " left out that no person begins or nobody answers");
    }
    buf_append_char(out, '\n');
}

void data_print(const struct data *data, struct buf *out)
{
    struct data_file file;

    for (size_t i = 0; data_file_at(data, i, &file); i++) {
        if (i == 0)
            buf_append_str(out, "\nData\n");
        print_file(&file, out);
    }
}

void data_warn(const char *command, const struct data *data)
{
    const struct trace *trace = data_trace(data);
    struct data_file file;

    for (size_t i = 0; data_file_at(data, i, &file); i++) {
        if (file.skipped > 0)
            fprintf(stderr,
                    "throng %s: %" PRIu64
                    " bad %s of '%s' %s left out (on_bad_row: skip)\n",
                    command, file.skipped, file.skipped == 1 ? "row" : "rows", file.name,
                    file.skipped == 1 ? "was" : "were");
    }
    if (trace && trace_facts(trace).bad > 0)
        fprintf(stderr,
                "throng %s: %" PRIu64
                " bad entries of the trace were left out (on_bad_row: skip)\n",
                command, trace_facts(trace).bad);
}
