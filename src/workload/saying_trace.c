#include <assert.h>
#include <errno.h>

#include "base/buf.h"
#include "plan/program.h"
#include "workload/data.h"
#include "workload/saying.h"
#include "workload/trace.h"

/* The entry of an arrival has the arrival's number, which is what turns are keyed by. */
static int write_words(struct saying *saying, struct buf *out)
{
    const struct trace *trace = data_trace(saying->means->data);
    const struct turn_key *key = saying->key;
    struct trace_entry entry;

    if (!trace || key->user >= trace_facts(trace).entries)
        return -ENODATA;
    entry = trace_entry_at(trace, key->user);
    saying->turn->prompt_tokens = entry.input_tokens;
    /* The step's own limit wins. */
    saying->turn->output_tokens = saying->chat->max_tokens ? 0 : entry.output_tokens;
    return trace_write_prompt(trace, key->user, key->nonce, out);
}

const struct saying_way saying_trace = {.write = write_words};
