/*
 * Advice: a summary → what held the run back, what its money went for, and what may be done, each with the
 * evidence that it rests on. Rules stand in one table (doc/advice.md has it too). Pure over the document,
 * so that results of old runs have it as well; what an old document lacks, no rule fires on.
 *
 * A rule that lacks its evidence says nothing, and says how sure it is where it speaks: `sure` was told by
 * a server or counted, `likely` fits what was measured and nothing else known does, `possible` fits. Where
 * throng itself was so late that its latencies cannot be trusted (D or F), only that is said of what holds
 * it back.
 */
#pragma once

#include <jansson.h>

struct buf;

/* Advice that is put down at most, the most important first. */
#define ADVICE_MAX 12

/*
 * Puts the member `advice` into a summary, in place of the one that it may have. Returns 0, or -ENOMEM and
 * then the document is as it was.
 */
int advice_put(json_t *summary);

/* Appends the table of rules as Markdown. Returns buf_error. */
int advice_reference(struct buf *out);
