#include "result/users_csv.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "measure/user_ranking.h"
#include "result/csv_text.h"
#include "result/facts.h"

#define MAX_NAME_BYTES 1024

struct table {
    const struct run_facts *facts;
    struct buf *out;
};

/* A latency, and in a column of its own what it is only known to be above. */
static void put_quantile(struct buf *out, struct histogram_quantile quantile)
{
    const double ms = (double)quantile.value_ns / (double)NS_PER_MS;

    if (quantile.known && !quantile.above)
        buf_printf(out, ",%.3f,", ms);
    else if (quantile.known)
        buf_printf(out, ",,%.3f", ms);
    else
        buf_append_str(out, ",,");
}

static void put_user(void *ctx, const struct user_view *user)
{
    const struct table *table = ctx;
    const struct ranked_user ranked = user_ranking_look(user);
    struct buf name = BUF_INIT(MAX_NAME_BYTES);

    if (user->ordinal == RECORDER_OTHER_USERS)
        buf_append_str(&name, "other");
    else
        run_facts_user(table->facts, user->ordinal, &name);
    csv_text_append(table->out, buf_str(&name));
    buf_append_char(table->out, ',');
    csv_text_append(table->out,
                    user->ordinal == RECORDER_OTHER_USERS
                        ? ""
                        : run_facts_organization(table->facts, user->ordinal));
    buf_printf(table->out,
               ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.12f",
               user->requests, user->questions, user->failed, user->prompt_tokens,
               user->completion_tokens, (double)user->cost_pusd / (double)PUSD_PER_USD);
    put_quantile(table->out, ranked.p50);
    put_quantile(table->out, ranked.p95);
    put_quantile(table->out, ranked.max);
    buf_append_str(table->out, "\r\n");
    buf_deinit(&name);
}

int users_csv_write(const struct run_facts *facts, struct buf *out)
{
    struct table table = {.facts = facts, .out = out};

    buf_append_str(out,
                   "user_id,org_id,requests,questions,failed,prompt_tokens,"
                   "completion_tokens,cost_usd,p50_ms,p50_above_ms,p95_ms,p95_above_ms,"
                   "max_ms,max_above_ms\r\n");
    recorder_each_user(facts->view->recorder, put_user, &table);
    return buf_error(out);
}
