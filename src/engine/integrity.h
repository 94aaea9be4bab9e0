/*
 * What an answer's parts say against each other: the reader's findings, the ending and the echo of
 * the request's id → flags of the sample (measure/integrity.h has their meaning). Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct api_reader;
struct ending;
struct sample;

/*
 * The flags of an answer that was read. sample: with its outcome and token counts. An answer that
 * throng itself cut short says nothing of what would have followed.
 */
uint32_t integrity_flags(const struct sample *sample, const struct ending *ending,
                         const struct api_reader *reader);

/*
 * Whether the id that an answer echoes belongs to another request of this run: it has the form of
 * request_id_of(), with this run's id, and is not the one that was sent. Any other id proves
 * nothing, since many servers make their own. echo: NULL: none.
 */
bool integrity_is_crossed(const char *run_id, const char *sent, const char *echo);
