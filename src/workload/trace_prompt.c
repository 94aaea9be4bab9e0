#include "base/buf.h"
#include "base/rng.h"
#include "workload/trace.h"
#include "workload/trace_reading.h"
#include "workload/words.h"

/* Take the place of a user's ordinal where words are keyed by a block, or by an entry. */
#define OF_BLOCK UINT64_MAX
#define OF_ENTRY (UINT64_MAX - 1)

/* Words of one key: fewer of them are the first ones of more. */
static int write_words(uint64_t nonce, uint64_t kind, uint64_t number, uint64_t tokens,
                       struct buf *out)
{
    struct rng rng;
    uint64_t code;
    int r = 0;

    rng_init(&rng, nonce, kind, number, RNG_WORDS);
    code = rng_next(&rng);
    if (out->len > 0)
        r = buf_append_char(out, ' ');
    return r < 0 ? r : words_append(tokens, code, &rng, out);
}

int trace_write_prompt(const struct trace *trace, uint64_t index, uint64_t nonce,
                       struct buf *out)
{
    const struct trace_row *row = &trace->rows[index];
    uint64_t left = row->input_tokens;
    int r = 0;

    for (uint32_t i = 0; r == 0 && !row->has_request && i < row->count && left > 0; i++) {
        const uint64_t tokens = left < TRACE_BLOCK_TOKENS ? left : TRACE_BLOCK_TOKENS;

        r = write_words(nonce, OF_BLOCK, trace->blocks[row->first + i], tokens, out);
        left -= tokens;
    }
    return r == 0 && left > 0 ? write_words(nonce, OF_ENTRY, index, left, out) : r;
}
