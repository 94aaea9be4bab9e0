#include "engine/script.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "engine/variables.h"
#include "expr/regex.h"
#include "expr/template.h"
#include "plan/plan.h"

/* What a template, or a query's answer, becomes at most. */
#define MAX_TEXT_BYTES ((size_t)16 << 20)

static int compile_patterns(struct script *script, const struct plan *plan)
{
    int r = 0;

    script->patterns =
        (struct regex **)calloc(plan->pattern_count + 1, sizeof(struct regex *));
    if (!script->patterns)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < plan->pattern_count; i++) {
        struct regex_error error;

        r = regex_new(plan->patterns[i], &script->patterns[i], &error);
    }
    return r;
}

/* "vars.NAME", as queries see it. */
static int write_paths(struct script *script, const struct plan *plan)
{
    script->variable_paths = (char **)calloc(plan->variable_count + 1, sizeof(char *));
    if (!script->variable_paths)
        return -ENOMEM;
    for (size_t i = 0; i < plan->variable_count; i++) {
        buf_clear(&script->text);
        buf_append_str(&script->text, "vars.");
        buf_append_str(&script->text, plan->variables[i].name);
        script->variable_paths[i] = arena_copy(script->arena, buf_str(&script->text));
        if (buf_error(&script->text) < 0 || !script->variable_paths[i])
            return -ENOMEM;
    }
    return 0;
}

/* Nobody asks for a name in these. */
static int no_names(void *ctx, const char *name, size_t len, uint32_t *ret_ref,
                    const char **reterr_hint)
{
    (void)ctx;
    (void)name;
    (void)len;
    (void)ret_ref;
    (void)reterr_hint;
    return -ENOENT;
}

static int compile_person(struct script *script)
{
    /* They draw alike, so that name and address are of one person. */
    static const char name[] = "{{ first_name }} {{ last_name }}";
    static const char email[] = "{{ first_name | lower }}.{{ last_name | lower }}.";
    struct template_error error;
    int r = template_compile(name, strlen(name), TEMPLATE_TEXT, no_names, NULL,
                             script->arena, &script->name, &error);

    if (r == 0)
        r = template_compile(email, strlen(email), TEMPLATE_TEXT, no_names, NULL,
                             script->arena, &script->email, &error);
    return r;
}

/* What a query may look at of an answer. One that is no plain path may look at all of it. */
static bool query_sees(const struct plan *plan, uint32_t query, const char *what)
{
    return query != PLAN_NONE &&
           (strstr(plan->queries[query], what) || !query_is_plain(plan->queries[query]));
}

static bool conditions_see(const struct plan *plan, const char *what)
{
    for (size_t i = 0; i < plan->assignment_count; i++) {
        const struct plan_assignment *set = &plan->assignments[i];

        if (set->kind == PLAN_VALUE_QUERY && query_sees(plan, set->query, what))
            return true;
    }
    for (size_t i = 0; i < plan->program_count; i++) {
        const struct plan_program *program = &plan->programs[i];

        for (size_t at = 0; at < program->instruction_count; at++)
            if (program->instructions[at].op == PLAN_OP_UNLESS &&
                query_sees(plan, program->instructions[at].a, what))
                return true;
    }
    return false;
}

static uint8_t needs_of(const struct plan *plan, const struct plan_step *step)
{
    uint8_t needs = step->extract_count || step->check_count || step->record_count
                        ? SCRIPT_NEEDS_END
                        : 0;

    for (size_t i = 0; i < step->extract_count; i++)
        if (step->extracts[i].kind == PLAN_EXTRACT_QUERY ||
            step->extracts[i].kind == PLAN_EXTRACT_PATTERN)
            needs |= SCRIPT_NEEDS_BODY;
    for (size_t i = 0; i < step->check_count; i++)
        if (step->checks[i].kind == PLAN_CHECK_QUERY ||
            step->checks[i].kind == PLAN_CHECK_CONTAINS ||
            step->checks[i].kind == PLAN_CHECK_MATCHES)
            needs |= SCRIPT_NEEDS_BODY;
    for (size_t i = 0; i < step->record_count; i++) {
        const uint32_t query = step->records[i].query;

        if (query_sees(plan, query, "json") || query_sees(plan, query, "text"))
            needs |= SCRIPT_NEEDS_BODY;
        if (query_sees(plan, query, "headers"))
            needs |= SCRIPT_NEEDS_HEADERS;
    }
    return needs;
}

static void note_needs(struct script *script, const struct plan *plan)
{
    script->remembers = conditions_see(plan, "last");
    for (size_t i = 0; i < plan->step_count; i++)
        script->needs[i] = script->remembers ? SCRIPT_NEEDS_END | SCRIPT_NEEDS_BODY |
                                                   SCRIPT_NEEDS_HEADERS
                                             : needs_of(plan, &plan->steps[i]);
    for (size_t i = 0; i < plan->program_count; i++) {
        const struct plan_program *program = &plan->programs[i];

        for (size_t at = 0; at < program->instruction_count; at++)
            if (program->instructions[at].op == PLAN_OP_FEED)
                script->fed[program->instructions[at].a] = true;
    }
    script->has_knowledge = script->remembers || plan->variable_count > 0 ||
                            plan->feeder_count > 0 || plan->group_count > 0;
    for (size_t i = 0; i < plan->class_count; i++)
        script->has_knowledge |= plan->classes[i].keeps_cookies;
}

static bool is_constant(const struct plan_assignment *initial)
{
    return (initial->kind == PLAN_VALUE_TEXT || initial->kind == PLAN_VALUE_JSON) &&
           !initial->text.template;
}

static bool is_found(const struct variables *found, const struct plan_assignment *initial)
{
    struct variable value;

    return variables_get(found, initial->variable, &value);
}

/* What all users begin with alike; what setup found goes before it. */
static int set_initials(struct script *script, const struct plan *plan,
                        const struct variables *found)
{
    int r = variables_new(plan->variable_count, found, &script->shared);

    for (size_t i = 0; r == 0 && i < plan->initial_count; i++) {
        const struct plan_assignment *set = &plan->initials[i];
        const struct variable value = {.text = set->text.text,
                                       .len = set->text.len,
                                       .json = set->kind == PLAN_VALUE_JSON};

        if (is_constant(set) && !is_found(found, set))
            r = variables_set(script->shared, set->variable, &value);
    }
    return r;
}

bool script_is_own(const struct script *script, const struct plan_assignment *initial)
{
    return !is_constant(initial) && !is_found(script->found, initial);
}

static size_t most_messages(const struct plan *plan)
{
    size_t most = 0;

    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];

        if (plan_step_asks_model(step->kind) && step->chat.message_count > most)
            most = step->chat.message_count;
    }
    return most;
}

static int make_room(struct script *script, const struct plan *plan)
{
    script->needs = calloc(plan->step_count + 1, sizeof(*script->needs));
    script->fed = calloc(plan->feeder_count + 1, sizeof(*script->fed));
    script->unset = calloc(plan->name_count + 1, sizeof(*script->unset));
    script->roots = calloc(plan->variable_count + SCRIPT_ROOTS, sizeof(*script->roots));
    script->messages = calloc(most_messages(plan) + 1, sizeof(*script->messages));
    script->message_from = calloc(most_messages(plan) + 1, sizeof(*script->message_from));
    return script->needs && script->fed && script->unset && script->roots &&
                   script->messages && script->message_from
               ? 0
               : -ENOMEM;
}

int script_init(struct script *script, const struct script_options *options)
{
    const struct plan *plan = options->plan;
    int r;

    *script = (struct script){
        .plan = plan,
        .found = options->found,
        .data = options->data,
        .is_on_paper = options->is_on_paper,
        .text = BUF_INIT(MAX_TEXT_BYTES),
        .value = BUF_INIT(MAX_TEXT_BYTES),
    };
    r = arena_new(&script->arena);
    if (r == 0)
        r = make_room(script, plan);
    if (r == 0 && plan->name_count > 0)
        r = compile_person(script);
    if (r == 0)
        r = write_paths(script, plan);
    if (r == 0)
        r = compile_patterns(script, plan);
    if (r == 0 && plan->query_count > 0)
        r = query_runner_new(plan->queries, plan->query_count, &script->queries);
    if (r == 0)
        r = set_initials(script, plan, options->found);
    if (r < 0) {
        script_deinit(script);
        return r;
    }
    note_needs(script, plan);
    return 0;
}

void script_deinit(struct script *script)
{
    for (size_t i = 0; script->patterns && i < script->plan->pattern_count; i++)
        regex_free(script->patterns[i]);
    free((void *)script->patterns);
    query_runner_free(script->queries);
    variables_free(script->shared);
    free(script->needs);
    free(script->fed);
    free(script->unset);
    free(script->roots);
    free((void *)script->variable_paths);
    free(script->messages);
    free(script->message_from);
    arena_free(script->arena);
    buf_deinit(&script->text);
    buf_deinit(&script->value);
    *script = (struct script){0};
}

void script_begin(struct script *script)
{
    script->root_count = 0;
}

static void put(struct script *script, const struct query_root *root)
{
    assert(script->root_count < script->plan->variable_count + SCRIPT_ROOTS);
    script->roots[script->root_count++] = *root;
}

void script_put_number(struct script *script, const char *path, double number)
{
    put(script,
        &(struct query_root){.path = path, .kind = QUERY_NUMBER, .number = number});
}

void script_put_truth(struct script *script, const char *path, bool truth)
{
    put(script,
        &(struct query_root){.path = path, .kind = truth ? QUERY_TRUE : QUERY_FALSE});
}

void script_put_text(struct script *script, const char *path, enum query_kind kind,
                     const char *text, size_t len)
{
    if (!text || len > QUERY_MAX_BYTES)
        put(script, &(struct query_root){.path = path, .kind = QUERY_NULL});
    else
        put(script,
            &(struct query_root){.path = path, .kind = kind, .text = text, .len = len});
}

void script_put_variables(struct script *script, const struct variables *own)
{
    for (uint32_t i = 0; i < script->plan->variable_count; i++) {
        struct variable value;

        if (variables_get(own ? own : script->shared, i, &value))
            script_put_text(script, script->variable_paths[i],
                            value.json ? QUERY_JSON : QUERY_TEXT, value.text, value.len);
    }
}

struct query_result script_query(struct script *script, uint32_t query)
{
    struct query_result result = {.kind = QUERY_NOTHING};

    buf_clear(&script->value);
    if (query_run(script->queries, query, script->roots, script->root_count,
                  &script->value, &result) < 0)
        result = (struct query_result){.kind = QUERY_NOTHING};
    return result;
}

bool script_value(const struct script *script, const struct query_result *result,
                  struct variable *ret_value)
{
    *ret_value = (struct variable){.text = buf_str(&script->value),
                                   .len = script->value.len,
                                   .json = result->kind != QUERY_TEXT};
    if (result->kind == QUERY_TRUE)
        *ret_value = (struct variable){.text = "true", .len = 4, .json = true};
    else if (result->kind == QUERY_FALSE)
        *ret_value = (struct variable){.text = "false", .len = 5, .json = true};
    return result->kind != QUERY_NOTHING && result->kind != QUERY_NULL;
}
