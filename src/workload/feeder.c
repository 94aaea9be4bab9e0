#include "workload/feeder.h"

#include <errno.h>

#include "plan/data.h"

static int read_rows(struct feeder_reading *reading)
{
    int r = row_file_open(&reading->file);

    if (r < 0)
        return r;
    r = reading->feeder->json_lines ? feeder_read_json_lines(reading)
                                    : feeder_read_csv(reading);
    if (r < 0)
        return r;
    if (reading->file.failed)
        return -EINVAL;
    if (reading->rows == 0)
        return row_file_refuse(&reading->file, 0,
                               "a feeder needs one row at least, none of it bad",
                               "no rows");
    return texts_trim(&reading->texts);
}

int feeder_read(struct feeder_reading *reading, const struct plan_feeder *feeder,
                struct diag_list *diags)
{
    int r;

    *reading = (struct feeder_reading){
        .feeder = feeder,
        .file = {.path = feeder->path,
                 .named = {.file = feeder->file ? feeder->file : feeder->path,
                           .line = feeder->line,
                           .column = feeder->column},
                 .skip_bad_rows = feeder->skip_bad_rows,
                 .diags = diags},
    };
    r = read_rows(reading);
    row_file_close(&reading->file);
    return r;
}
