/*
 * A run → the rows that a history has of it: each table's, by the members that its columns name.
 */
#pragma once

#include <jansson.h>

struct history_origin;
struct history_schema;
struct run_files;

/*
 * Makes an object by table of arrays of rows, the caller's. added_at: a moment as text. Returns 0; -ENOMEM;
 * -EBADMSG: histograms.hlog is damaged; -errno.
 */
int history_record_make(const struct history_schema *schema, const struct run_files *run,
                        const struct history_origin *origin, const char *added_at,
                        json_t **ret_record);
