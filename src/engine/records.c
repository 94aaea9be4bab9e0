#include "engine/records.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "engine/attempt.h"
#include "engine/findings.h"
#include "engine/knowledge.h"
#include "engine/parts.h"
#include "engine/user.h"
#include "measure/observe.h"
#include "measure/recorder.h"
#include "measure/sample.h"
#include "plan/plan.h"

/* Whether a query gave something. What is no number is counted as such: NaN. */
static bool number_of(const struct query_result *result, double *ret_number)
{
    switch (result->kind) {
    case QUERY_NUMBER:
        *ret_number = result->number;
        return true;
    case QUERY_TRUE:
        *ret_number = 1;
        return true;
    case QUERY_FALSE:
        *ret_number = 0;
        return true;
    case QUERY_TEXT:
    case QUERY_JSON:
        *ret_number = NAN;
        return true;
    case QUERY_NOTHING:
    case QUERY_NULL:
        return false;
    }
    return false;
}

void records_add(struct engine *engine, const struct plan_record *records, size_t count,
                 uint32_t labels, bool in_window)
{
    for (size_t i = 0; i < count; i++) {
        struct query_result result = {.kind = QUERY_NUMBER, .number = 1};
        double number = 0;

        if (records[i].query != PLAN_NONE)
            result = script_query(&engine->script, records[i].query);
        if (number_of(&result, &number))
            recorder_metric(engine->recorder, records[i].metric, labels, in_window,
                            number);
    }
}

static void put_time(struct script *script, const char *path,
                     const struct observation *observations, size_t count,
                     enum metric metric)
{
    for (size_t i = 0; i < count; i++)
        if (observations[i].metric == metric && !observations[i].censored)
            script_put_number(script, path, (double)observations[i].value_ns / NS_PER_MS);
}

static void put_sample(struct script *script, const struct sample *sample)
{
    struct observation observations[METRIC_COUNT];
    const size_t count = observe_sample(sample, observations);
    const char *outcome = outcome_name(sample->outcome);

    put_time(script, "ttft_ms", observations, count, METRIC_TTFT);
    put_time(script, "ttfb_ms", observations, count, METRIC_TTFB);
    put_time(script, "tpot_ms", observations, count, METRIC_TPOT);
    if (sample->status)
        script_put_number(script, "status", sample->status);
    script_put_truth(script, "failed", outcome_is_failure(sample->outcome));
    script_put_truth(script, "degraded", sample->outcome == OUTCOME_DEGRADED);
    script_put_text(script, "outcome", QUERY_TEXT, outcome, strlen(outcome));
    script_put_number(script, "prompt_tokens", (double)sample->prompt_tokens);
    script_put_number(script, "completion_tokens", (double)sample->completion_tokens);
    script_put_number(script, "cost_usd", (double)sample->cost_pusd / 1e12);
}

static void put_answer(struct script *script, const struct attempt *attempt)
{
    const struct buf *body = &attempt->answer;
    const struct buf *text = attempt->dialect ? &attempt->text : body;
    const struct buf *headers = &attempt->findings->headers;

    if (attempt->needs & SCRIPT_NEEDS_BODY) {
        script_put_text(script, "json", QUERY_JSON, buf_str(body), body->len);
        script_put_text(script, "text", QUERY_TEXT, buf_str(text), text->len);
    }
    if (attempt->needs & SCRIPT_NEEDS_HEADERS)
        script_put_text(script, "headers", QUERY_JSON, buf_str(headers), headers->len);
}

void records_operation(const struct attempt *attempt)
{
    struct engine *engine = attempt->engine;
    const struct user *user = attempt->user;
    const struct operation_progress *operation = &user->operation;
    const struct plan_step *step = attempt->step;
    const struct sample *sample = &attempt->sample;
    struct script *script = &engine->script;

    if (step->record_count == 0 || step->unmeasured ||
        outcome_is_withdrawn(sample->outcome))
        return;
    if (!attempt->findings) /* no memory to look at anything */
        return;
    script_begin(script);
    put_sample(script, sample);
    put_answer(script, attempt);
    script_put_number(script, "duration_ms",
                      (double)(sample->end_ns - operation->due_ns) / NS_PER_MS);
    script_put_number(script, "attempts", operation->attempts);
    script_put_number(script, "checks_failed", attempt->findings->checks_failed);
    script_put_text(script, "step", QUERY_TEXT, step->name, strlen(step->name));
    script_put_variables(script,
                         user->knowledge ? knowledge_variables(user->knowledge) : NULL);
    records_add(engine, step->records, step->record_count, sample->labels,
                operation->in_window);
}
