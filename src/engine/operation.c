#include "engine/operation.h"

#include "engine/interruption.h"
#include "engine/parts.h"
#include "engine/retry.h"
#include "measure/recorder.h"
#include "measure/sample.h"
#include "plan/plan.h"

void operation_begin(struct operation_progress *operation, struct engine *engine,
                     uint32_t step, uint32_t labels, uint64_t number, uint64_t due_ns)
{
    *operation = (struct operation_progress){
        .id = engine->next_operation_id++,
        .number = number,
        .due_ns = due_ns,
        .step = step,
        .labels = labels,
        .in_window = recorder_in_window(engine->recorder, due_ns),
        .open = true,
    };
}

/* last: the attempt that ended it, whose labels say who answered; NULL: none was under way. */
static void end(struct operation_progress *operation, struct engine *engine,
                const struct sample *last, uint64_t end_ns)
{
    const struct plan_step *step = &engine->plan->steps[operation->step];
    struct operation ended = {
        .id = operation->id,
        .labels = last ? last->labels : operation->labels,
        .attempts = operation->attempts,
        .failed = last && outcome_is_failure(last->outcome),
        .withdrawn = !last || outcome_is_withdrawn(last->outcome),
        .in_window = operation->in_window,
        .due_ns = operation->due_ns,
        .end_ns = end_ns,
    };

    operation->open = false;
    if (step->unmeasured)
        return;
    ended.slo = slo_judge(step->slo, &ended, last);
    recorder_operation(engine->recorder, &ended);
}

uint64_t operation_draw_late_ns(struct operation_progress *operation,
                                const struct engine *engine, uint64_t user)
{
    const struct interruption_key key = {
        .seed = engine->plan->seed,
        .user = user,
        .operation = operation->number,
        .attempt = operation->attempts,
    };

    if (operation->late_drawn)
        return 0;
    operation->late_drawn = true;
    operation->late_ns =
        interruption_late_ns(&engine->plan->steps[operation->step], &key);
    return operation->late_ns;
}

/* Another attempt follows. */
static void prepare_next(struct operation_progress *operation,
                         const struct sample *sample)
{
    operation->last_outcome = sample->outcome;
    operation->late_drawn = false;
    operation->late_ns = 0;
}

bool operation_attempt_over(struct operation_progress *operation, struct engine *engine,
                            const struct sample *sample, const struct retry_told *told,
                            uint64_t *ret_delay_ns)
{
    static const struct retry_told nothing = {0};
    const struct plan_retry *retry = engine->plan->steps[operation->step].retry;
    const struct retry_key key = {.seed = engine->plan->seed,
                                  .user = operation->key,
                                  .operation = operation->number};

    *ret_delay_ns = 0;
    if (!retry_wants(retry, sample, operation->attempts)) {
        end(operation, engine, sample, sample->end_ns);
        return false;
    }
    prepare_next(operation, sample);
    *ret_delay_ns =
        retry_delay_ns(retry, &key, operation->attempts, told ? told : &nothing);
    return true;
}

void operation_cancel(struct operation_progress *operation, struct engine *engine,
                      uint64_t now_ns)
{
    if (!operation->open)
        return;
    /* One that was never sent is nobody's operation. */
    if (operation->attempts > 0)
        end(operation, engine, NULL, now_ns);
    operation->open = false;
}
