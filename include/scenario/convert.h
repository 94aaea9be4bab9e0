/*
 * Other tools' words → a scenario: k6's options, Artillery's YAML, a command line of vLLM's benchmark.
 * What has no counterpart is not passed over: it is told, to the one who converts and in the scenario.
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"

struct diag_list;

/* Whose words they are. */
enum convert_form {
    CONVERT_GUESS, /* what they look like */
    CONVERT_K6,
    CONVERT_ARTILLERY,
    CONVERT_VLLM,
};

struct conversion {
    struct buf
        scenario; /* YAML; it loads without mistakes where the files that it names are there */
    struct buf notes; /* what was not carried over, or changed: a sentence each line */
};

/* Empty ones; conversion_deinit() releases what they hold. */
void conversion_init(struct conversion *conversion);
void conversion_deinit(struct conversion *conversion);

/*
 * Converts a text. name: what messages call it. Returns 0; -EINVAL: it is not of the form, with at
 * least one error in reterr_diags; -ENOMEM; errors of buf.
 */
int scenario_convert(const char *name, const char *text, size_t len,
                     enum convert_form form, struct diag_list *reterr_diags,
                     struct conversion *ret_conversion);
