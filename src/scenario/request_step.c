#include <errno.h>
#include <string.h>

#include "scenario/compiling.h"
#include "scenario/manners.h"
#include "scenario/operation.h"
#include "scenario/text.h"
#include "scenario/variable.h"

/* The bearer token in place of the target's: the step's, else the class's; `none` is an empty text. */
static int make_auth(struct compiling *compiling, const struct step_form *form,
                     struct plan_step *step)
{
    const struct class_form *class_form = compiling->class_form;
    const struct config_form *head = &form->form;
    const char *auth = form->auth;

    if (!auth && class_form) {
        auth = class_form->auth;
        head = &class_form->form;
    }
    if (!auth)
        return 0;
    return making_text(compiling->making, making_place(head, "auth"),
                       strcmp(auth, "none") == 0 ? "" : auth, &step->auth);
}

/* What is added to metrics: by the step, its class, the scenario. A flow may be used in stages as well. */
static int make_step_records(struct compiling *compiling, const struct step_form *form,
                             struct plan_step *step)
{
    const struct class_form *class_form = compiling->class_form;
    const struct config_node *const maps[] = {form->record,
                                              class_form ? class_form->record : NULL,
                                              compiling->making->form->record};

    if (compiling->unmeasured && form->record && !compiling->flow)
        return MAKING_REFUSE(compiling->making,
                             config_find_key(form->form.node, "record"),
                             "setup and teardown are not measured",
                             "'record' has no meaning in this step");
    if (compiling->unmeasured)
        return 0;
    return make_records(compiling->making, QUERY_OF_REQUEST, maps, COUNT_OF(maps),
                        &step->records, &step->record_count);
}

/* Where the request goes, as far as it is known now; steps of the whole run have no class to say it. */
static int make_target(struct compiling *compiling, const struct step_form *form,
                       struct plan_step *step)
{
    const int r = making_find_target(compiling->making, &form->form, "target",
                                     form->target, &step->target);

    if (step->target == PLAN_NONE && !compiling->class_form)
        step->target = compiling->target;
    return r;
}

int make_carrying_step(struct compiling *compiling, const struct step_form *form,
                       const char *name, struct plan_step *step)
{
    struct making *making = compiling->making;
    int r = making_copy(making, name, &step->name);

    compiling->asks = true;
    step->timeout_ns = form->timeout_ns;
    if (r == 0)
        r = make_target(compiling, form, step);
    if (r == 0)
        r = making_headers(making, form->headers, &step->headers, &step->header_count);
    if (r == 0)
        r = making_pairs(making, form->tags, &step->tags, &step->tag_count);
    return r < 0 ? r : make_auth(compiling, form, step);
}

int make_request_step(struct compiling *compiling, const struct step_form *form,
                      const char *name, struct plan_step *step)
{
    struct making *making = compiling->making;
    int r = make_carrying_step(compiling, form, form->name ? form->name : name, step);

    if (r == 0)
        r = make_expect(making, form, step);
    if (r == 0)
        r = make_checks(making, form, step);
    if (r == 0)
        r = make_extracts(making, form, step);
    return r < 0 ? r : make_step_records(compiling, form, step);
}

uint32_t compiling_target_of(const struct compiling *compiling,
                             const struct plan_step *step)
{
    const struct plan *plan = compiling->making->plan;
    uint32_t target = step->target;

    if (target == PLAN_NONE && plan_step_asks_model(step->kind) &&
        step->chat.model < plan->model_count)
        target = plan->models[step->chat.model].target;
    return target == PLAN_NONE ? compiling->target : target;
}

int make_step_manners(struct compiling *compiling, const struct step_form *form,
                      struct plan_step *step)
{
    const struct manners_form *scenario =
        compiling->of_platform ? NULL : &compiling->making->form->manners;

    return make_manners(compiling->making, scenario, form, compiling->class_form,
                        compiling_target_of(compiling, step), step);
}

/* Not every API has every kind of request. */
static int check_api(struct compiling *compiling, const struct step_form *form,
                     const char *key, const struct plan_step *step)
{
    const struct plan *plan = compiling->making->plan;
    const uint32_t target = compiling_target_of(compiling, step);

    if (target >= plan->target_count ||
        plan_api_has(plan->targets[target].api, step->kind))
        return 0;
    return MAKING_REFUSE(compiling->making, config_find_key(form->form.node, key),
                         "write a chat, or name a 'target' of 'api: openai'",
                         "'%s' goes to the target '%s', and its API has no such request",
                         key, plan->targets[target].name);
}

static const struct chat_form *form_of(const struct step_form *form, enum step_kind kind,
                                       enum plan_step_kind *ret_kind)
{
    if (kind == STEP_COMPLETION) {
        *ret_kind = PLAN_STEP_COMPLETION;
        return &form->completion;
    }
    if (kind == STEP_RESPONSES) {
        *ret_kind = PLAN_STEP_RESPONSES;
        return &form->responses;
    }
    if (kind == STEP_EMBEDDINGS) {
        *ret_kind = PLAN_STEP_EMBEDDINGS;
        return &form->embeddings;
    }
    *ret_kind = PLAN_STEP_CHAT;
    return &form->chat;
}

int compile_asking(struct compiling *compiling, const struct step_form *form,
                   enum step_kind kind)
{
    uint32_t index;
    struct plan_step *step = compiling_add_step(compiling, &index);
    const struct chat_form *asked = step ? form_of(form, kind, &step->kind) : NULL;
    int r =
        step ? make_request_step(compiling, form, step_kind_key(kind), step) : -ENOMEM;

    if (r == 0)
        r = make_chat(compiling, asked, kind, step);
    if (r == 0)
        r = check_api(compiling, form, step_kind_key(kind), step);
    if (r == 0)
        r = make_step_manners(compiling, form, step);
    return r < 0 ? r : compiling_emit(compiling, PLAN_OP_REQUEST, index, 0);
}

int compile_http(struct compiling *compiling, const struct step_form *form)
{
    uint32_t index;
    struct plan_step *step = compiling_add_step(compiling, &index);
    char *name = arena_copy(compiling->making->arena,
                            form->http.request ? form->http.request : "http");
    int r = step && name ? 0 : -ENOMEM;

    if (r < 0)
        return r;
    name[strcspn(name, "?")] = '\0'; /* a query may hold a key, and names are shown */
    step->kind = PLAN_STEP_HTTP;
    r = make_request_step(compiling, form, name, step);
    if (r == 0)
        r = make_http(compiling->making, &form->http, &step->http);
    if (r == 0)
        r = make_step_manners(compiling, form, step);
    return r < 0 ? r : compiling_emit(compiling, PLAN_OP_REQUEST, index, 0);
}
