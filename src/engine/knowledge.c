#include "engine/knowledge.h"

#include <stdlib.h>
#include <string.h>

#include "engine/script.h"
#include "engine/variables.h"
#include "plan/plan.h"

void knowledge_init(struct knowledge *knowledge)
{
    *knowledge = (struct knowledge){
        .last_body = BUF_INIT(QUERY_MAX_BYTES),
        .last_text = BUF_INIT(QUERY_MAX_BYTES),
        .last_headers = BUF_INIT(QUERY_MAX_BYTES),
    };
}

void knowledge_forget(struct knowledge *knowledge)
{
    knowledge->variables = variables_free(knowledge->variables);
    cookies_deinit(&knowledge->cookies);
    buf_deinit(&knowledge->last_body);
    buf_deinit(&knowledge->last_text);
    buf_deinit(&knowledge->last_headers);
    knowledge->error = 0;
}

void knowledge_rest(struct knowledge *knowledge)
{
    knowledge->variables = variables_free(knowledge->variables);
    buf_clear(&knowledge->last_body);
    buf_clear(&knowledge->last_text);
    buf_clear(&knowledge->last_headers);
    knowledge->error = 0;
}

void knowledge_keep_found(struct knowledge *knowledge)
{
    variables_free(knowledge->found);
    knowledge->found = knowledge->variables;
    knowledge->variables = NULL;
}

void knowledge_forget_found(struct knowledge *knowledge)
{
    knowledge->found = variables_free(knowledge->found);
}

void knowledge_rekey(struct knowledge *knowledge, const struct script *script)
{
    if (knowledge->rows)
        memset(knowledge->rows, 0, script->plan->feeder_count * sizeof(*knowledge->rows));
}

const struct variables *knowledge_variables(const struct knowledge *knowledge)
{
    return knowledge->variables ? knowledge->variables : knowledge->found;
}

void knowledge_deinit(struct knowledge *knowledge)
{
    knowledge_forget(knowledge);
    knowledge_forget_found(knowledge);
    free(knowledge->rows);
    knowledge->rows = NULL;
}

void knowledge_begin_iteration(struct knowledge *knowledge, const struct script *script)
{
    knowledge->group_depth = 0;
    for (size_t i = 0; knowledge->rows && i < script->plan->feeder_count; i++)
        knowledge->rows[i].held &= script->fed[i];
}

void knowledge_set(struct knowledge *knowledge, const struct script *script,
                   uint32_t variable, const struct variable *value)
{
    int r = 0;

    if (!knowledge->variables)
        r = variables_new(script->plan->variable_count,
                          knowledge->found ? knowledge->found : script->shared,
                          &knowledge->variables);
    if (r == 0 && value)
        r = variables_set(knowledge->variables, variable, value);
    else if (r == 0)
        variables_forget(knowledge->variables, variable);
    if (r < 0)
        knowledge->error = r;
}

static void keep(struct knowledge *knowledge, struct buf *kept, const struct buf *what)
{
    buf_clear(kept);
    if (what->len <= kept->max_bytes && buf_append(kept, what->bytes, what->len) < 0)
        knowledge->error = buf_error(kept);
}

void knowledge_keep_last(struct knowledge *knowledge, const struct buf *body,
                         const struct buf *text, const struct buf *headers)
{
    keep(knowledge, &knowledge->last_body, body);
    keep(knowledge, &knowledge->last_text, text);
    keep(knowledge, &knowledge->last_headers, headers);
}
