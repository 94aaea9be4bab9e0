/*
 * The tags in histograms.hlog: what a line is about. doc/results.md has their form.
 */
#pragma once

struct buf;

/*
 * Appends the beginning of a line up to the comma behind its tag, which is left out:
 * "Tag=ttft{model=gpt-4o}". kind: ":run", ":interval" or ""; key: NULL for a total.
 */
void hlog_tag_write(struct buf *out, const char *name, const char *kind, const char *key,
                    const char *value);
