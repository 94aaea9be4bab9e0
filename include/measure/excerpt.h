/*
 * An excerpt of a recorder: what belongs to one phase of the load, as figures of their own, as fine as
 * the total. Whatever is due in the phase counts, however late it ends. For those who must know of a
 * part of the load alone, while the recorder goes on with all of it.
 */
#pragma once

#include <stdint.h>

struct excerpt;
struct plan;
struct recorder;

/*
 * Begins an excerpt of `of` now, and ends the one that it may have had; both that recorder and the phase's
 * name stay borrowed until excerpt_free(). plan: as the recorder's, but for its thresholds, whose
 * selectors are those that the excerpt keeps. Returns 0 or -ENOMEM.
 */
int excerpt_new(struct recorder *of, const struct plan *plan, const char *phase,
                uint64_t now_ns, struct excerpt **ret_excerpt);

/* NULL is allowed. Returns NULL. */
struct excerpt *excerpt_free(struct excerpt *excerpt);

/*
 * The phase is over at end_ns: what the program itself is seen to do from then on (lag, stalls) is none of
 * it, while requests of the phase go on to count.
 */
void excerpt_close(struct excerpt *excerpt, uint64_t end_ns);

/*
 * The figures, to be read as a recorder's (totals and selections of the window; no dimensions, no users),
 * and judged with threshold_judge(). Borrowed.
 */
const struct recorder *excerpt_figures(const struct excerpt *excerpt);

/* Requests of the phase that are not over. */
uint64_t excerpt_pending(const struct excerpt *excerpt);
