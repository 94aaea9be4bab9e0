/*
 * Texts from elsewhere (a scenario, a server) → parts of Markdown and XML that say just that text:
 * they stay in their line, and nothing in them is taken for markup, a link or a control character.
 */
#pragma once

struct buf;

/* For a line or a table's cell of GitHub's Markdown. Returns buf_error. */
int markup_append_markdown(struct buf *out, const char *text);

/* For the content of an element or an attribute in double quotes of XML 1.0. Returns buf_error. */
int markup_append_xml(struct buf *out, const char *text);
