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

/*
 * Takes such a tag apart, behind its "Tag=", in place: name, kind without its colon ("" for none), key (NULL for a
 * total) and value point into it. Returns 0 or -EBADMSG.
 */
int hlog_tag_read(char *tag, const char **ret_name, const char **ret_kind,
                  const char **ret_key, const char **ret_value);
