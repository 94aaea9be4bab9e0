#include "engine/operation.h"

#include "engine/parts.h"
#include "measure/recorder.h"
#include "measure/sample.h"

void operation_begin(struct operation_progress *operation, struct engine *engine,
                     uint32_t step, uint32_t labels, uint64_t due_ns)
{
    *operation = (struct operation_progress){
        .id = engine->next_operation_id++,
        .due_ns = due_ns,
        .step = step,
        .labels = labels,
        .in_window = recorder_in_window(engine->recorder, due_ns),
        .open = true,
    };
}

static void end(struct operation_progress *operation, struct engine *engine, bool failed,
                bool withdrawn, uint64_t end_ns)
{
    const struct operation ended = {
        .id = operation->id,
        .labels = operation->labels,
        .attempts = operation->attempts,
        .failed = failed,
        .withdrawn = withdrawn,
        .in_window = operation->in_window,
        .due_ns = operation->due_ns,
        .end_ns = end_ns,
    };

    operation->open = false;
    recorder_operation(engine->recorder, &ended);
}

/*
 * Whether an outcome is worth another attempt. A plan carries no retries yet, and a load generator
 * that retries unasked hides errors: so none is.
 */
static bool wants_another(const struct operation_progress *operation,
                          const struct sample *sample, uint64_t *ret_delay_ns)
{
    (void)operation;
    (void)sample;
    *ret_delay_ns = 0;
    return false;
}

bool operation_attempt_over(struct operation_progress *operation, struct engine *engine,
                            const struct sample *sample, uint64_t *ret_delay_ns)
{
    operation->labels = sample->labels; /* who answered stands in them now */
    if (wants_another(operation, sample, ret_delay_ns))
        return true;
    end(operation, engine, outcome_is_failure(sample->outcome),
        outcome_is_withdrawn(sample->outcome), sample->end_ns);
    return false;
}

void operation_cancel(struct operation_progress *operation, struct engine *engine,
                      uint64_t now_ns)
{
    if (!operation->open)
        return;
    /* One that was never sent is nobody's operation. */
    if (operation->attempts > 0)
        end(operation, engine, false, true, now_ns);
    operation->open = false;
}
