#include "workload/prefix.h"

#include "base/buf.h"
#include "base/rng.h"
#include "plan/data.h"
#include "workload/turn.h"
#include "workload/words.h"

/* Takes the place of a user's ordinal where a shared prefix is keyed by its number. */
#define SHARED UINT64_MAX

int prefix_write(const struct plan_prefix *prefix, const struct turn_key *key,
                 struct buf *out)
{
    struct rng rng;
    uint64_t code;
    int r;

    if (prefix->tokens == 0)
        return 0;
    rng_init(&rng, key->seed, key->user, key->index, RNG_PREFIX);
    if (rng_unit(&rng) < prefix->hit_ratio)
        rng_init(&rng, key->nonce, SHARED, rng_below(&rng, prefix->pool), RNG_PREFIX);
    else
        rng_init(&rng, key->nonce, key->user, key->index, RNG_PREFIX);
    code = rng_next(&rng);
    r = words_append(prefix->tokens, code, &rng, out);
    return r < 0 ? r : buf_append_str(out, "\n\n");
}
