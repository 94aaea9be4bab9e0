/*
 * What a server says it counted, in the words of its API → struct api_usage.
 */
#pragma once

#include "api/reader.h"
#include "base/json_scan.h"

/* Reads {"input_tokens":…, "output_tokens":…, …} of OpenAI's responses. Counts that are none are 0. */
struct api_usage usage_scan_responses(struct json_scan *scan);

/* Likewise {"prompt_tokens":…, "total_tokens":…} of OpenAI's embeddings. */
struct api_usage usage_scan_embeddings(struct json_scan *scan);

/*
 * Likewise Anthropic's, over what was told before: input_tokens leaves out what was read from a
 * cache or written to one, so that the prompt is the sum of the three.
 */
void usage_scan_messages(struct json_scan *scan, struct api_usage *usage);
