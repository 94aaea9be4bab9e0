/*
 * The request of a trace's entry while it is read: checked to be one that can be sent, and rid of what
 * belongs to the connection or to the one who sent it then: credentials, cookies, host and length.
 */
#pragma once

#include <stddef.h>

#include "base/json_scan.h"

struct trace_reading;

/* Half a sentence about what is wrong; NULL: nothing. A text may be of any bytes. */
const char *trace_check_method(const char *method, size_t len);
const char *trace_check_path(const char *path, size_t len);

/* Adds a text to the request at hand. Returns 0; -EMSGSIZE; -ENOMEM. */
int trace_add_text(struct trace_reading *reading, const char *bytes, size_t len);

/*
 * Adds a header, name and value as they stand in JSON, where it is to be sent again: credentials and what
 * belongs to the connection are not, nor is "***", which was a secret. *ret_problem is half a sentence where
 * it is none, else NULL. Returns as trace_add_text.
 */
int trace_add_header(struct trace_reading *reading, struct json_piece name,
                     struct json_piece value, const char **ret_problem);

/*
 * Reads the member `request` of a line of throng.trace/1, a well-formed value, as texts. *ret_problem is
 * half a sentence where it is bad, else NULL. Returns as trace_add_text.
 */
int trace_read_request(struct trace_reading *reading, struct json_scan scan,
                       const char **ret_problem);
