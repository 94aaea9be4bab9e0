/*
 * The server on paper: a request → the answer that a server of its API would give, whose text is
 * {{answer}} or words to a length. Answers are kept while the dry run goes on: what was asked alike is
 * answered alike.
 */
#pragma once

#include "cli/dry_run.h"

struct api_dialect;
struct paper_answer;
struct plan;
struct transfer_request;
struct virtual_answer;

/* All zero at the start. */
struct paper {
    struct paper_answer *answers; /* owned */
};

void paper_deinit(struct paper *paper);

/* The dialect that a request is written in; NULL: plain http. */
const struct api_dialect *paper_dialect(const struct plan *plan,
                                        const struct transfer_request *request);

/*
 * Answers a request as the plan's target would. ret_answer lives as long as the paper; it is an empty
 * one when memory is out.
 */
void paper_answer(struct paper *paper, const struct plan *plan,
                  const struct transfer_request *request, const struct dry_answer *wanted,
                  struct virtual_answer *ret_answer);
