#include "engine/feed.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "engine/knowledge.h"
#include "engine/parts.h"
#include "engine/user.h"
#include "plan/plan.h"
#include "workload/data.h"

/* The user's place in a feeder; NULL when memory is out. */
static struct knowledge_row *row_of(struct user *user, uint32_t feeder)
{
    struct knowledge *knowledge = user->knowledge;

    if (!knowledge->rows)
        knowledge->rows =
            calloc(user->engine->plan->feeder_count, sizeof(*knowledge->rows));
    return knowledge->rows ? &knowledge->rows[feeder] : NULL;
}

int feed_take(struct user *user, uint32_t feeder)
{
    const struct script *script = &user->engine->script;
    struct knowledge_row *row = row_of(user, feeder);
    int r;

    if (!row)
        return -ENOMEM;
    row->held = false;
    r = script->data ? data_row(script->data, feeder, user->key, row->taken, &row->row)
                     : -ENODATA;
    if (r < 0)
        return r;
    row->taken++;
    row->held = true;
    return 0;
}

int feed_write(struct user *user, uint32_t feeder, uint32_t column, struct buf *out,
               bool *ret_json)
{
    struct knowledge_row *row = row_of(user, feeder);
    struct data_value value;
    int r = row ? 0 : -ENOMEM;

    if (r == 0 && !row->held)
        r = feed_take(user, feeder);
    if (r < 0)
        return r;
    value = data_value(user->engine->script.data, feeder, row->row, column);
    *ret_json = value.is_json;
    return buf_append(out, value.bytes, value.len);
}
