#include <errno.h>

#include "scenario/making.h"
#include "scenario/operation.h"
#include "scenario/program.h"

const char *const cookies_words[] = {"off", "keep", NULL};

static const struct field class_fields[] = {
    {ROW("weight", FIELD_COUNT, struct class_form, weight), .max = "1000000",
     .preset = "1", .help = "its share of the users, in proportion to the other weights"},
    {ROW("count", FIELD_COUNT, struct class_form, count), .unit = "users", .min = "1",
     .max = "1000000",
     .help = "instead of `weight`: so many users, however many there are"},
    {ROW("think_time", FIELD_MAP, struct class_form, think_time), .table = &pause_table,
     .help =
         "how long they pause at each `think` of the flow; in a flow without one, at its "
         "end"},
    {ROW("flow", FIELD_LIST, struct class_form, flow), .table = &step_table,
     .flags = FIELD_REQUIRED, .help = "what they do, again and again"},
    {ROW("iterations", FIELD_COUNT, struct class_form, iterations), .unit = "times",
     .preset = "0",
     .help =
         "how often they go through the flow before somebody else takes their place; 0: "
         "as long as they are wanted"},
    {ROW("target", FIELD_TEXT, struct class_form, target),
     .help = "by default the first target"},
    {ROW("model", FIELD_TEXT, struct class_form, model),
     .help = "of the chats that do not name theirs"},
    {ROW("setup", FIELD_LIST, struct class_form, setup), .table = &step_table,
     .help = "what they do before their first time, in place of the scenario's "
             "`setup.user`; not measured"},
    {ROW("teardown", FIELD_LIST, struct class_form, teardown), .table = &step_table,
     .help = "what they do when they leave, likewise"},
    MANNERS_ROWS(struct class_form),
    {ROW("cookies", FIELD_CHOICE, struct class_form, cookies), .words = cookies_words,
     .help = "whether they `keep` the cookies that they get; by default as the scenario "
             "says"},
    {ROW("auth", FIELD_TEXT, struct class_form, auth), .flags = FIELD_KEY,
     .help = "bearer token in place of the target's key, as `{{ vars.token }}`; `none`: "
             "no key is sent"},
    {ROW("record", FIELD_PAIRS, struct class_form, record),
     .help = "what each of their requests adds to metrics: see [step](#step)"},
    {ROW("record_iteration", FIELD_PAIRS, struct class_form, record_iteration),
     .help = "what each time through the flow adds, by jq over `{duration_ms, failed, "
             "vars}`"},
    {ROW("headers", FIELD_PAIRS, struct class_form, headers), .flags = FIELD_GUARDED,
     .help = "sent with every request, over those of the target"},
    {ROW("tags", FIELD_PAIRS, struct class_form, tags),
     .help = "labels of their figures"},
};

const struct field_table class_table = {
    TABLE_OF("class", class_fields, struct class_form,
             "A kind of person. Of the users who are wanted, each class gets its share."),
    .example = "users:\n"
               "  asker:\n"
               "    weight: 7\n"
               "    think_time: 2s..5s\n"
               "    flow:\n"
               "      - chat: {model: gpt-4o, question: mixed}\n"
               "      - think\n"};

static int check_size(struct making *making, const struct class_form *form)
{
    if (!making_has(&form->form, "weight") || !making_has(&form->form, "count"))
        return 0;
    return MAKING_REFUSE(making, config_find_key(form->form.node, "count"),
                         "keep one of them", "both 'weight' and 'count'");
}

/* What they do before and behind their flow: the class's own, else the scenario's. */
static int make_user_stages(struct making *making, const struct class_form *form,
                            struct plan_class *made)
{
    const struct scenario_form *scenario = making->form;
    const bool own_setup = making_has(&form->form, "setup");
    const bool own_teardown = making_has(&form->form, "teardown");
    const int r = make_stage(making, own_setup ? &form->setup : &scenario->setup.user,
                             form, made->target, &made->setup);

    return r < 0 ? r
                 : make_stage(making,
                              own_teardown ? &form->teardown : &scenario->teardown.user,
                              form, made->target, &made->teardown);
}

static int make_class(struct making *making, const struct class_form *form,
                      struct plan_class *made)
{
    const struct config_node *const records[] = {form->record_iteration};
    int r = making_copy(making, form->form.key->text, &made->name);

    made->count = form->count;
    made->weight = form->count > 0 ? 0 : (uint32_t)form->weight;
    made->iterations = form->iterations;
    made->keeps_cookies =
        (making_has(&form->form, "cookies") ? form->cookies : making->form->cookies) == 1;
    if (r == 0)
        r = check_size(making, form);
    if (r == 0)
        r = making_find_target(making, &form->form, "target", form->target,
                               &made->target);
    if (!form->target)
        made->target = 0;
    if (r == 0)
        r = make_pause(making, &form->think_time, &made->think);
    if (r == 0)
        r = making_headers(making, form->headers, &made->headers, &made->header_count);
    if (r == 0)
        r = making_pairs(making, form->tags, &made->tags, &made->tag_count);
    if (r == 0 && making_is_empty_list(&form->form, "flow"))
        r = MAKING_REFUSE(making, making_place(&form->form, "flow"),
                          "add a step, such as '- chat: {question: mixed}'",
                          "a flow without steps");
    if (r == 0)
        r = make_records(making, QUERY_OF_STRETCH, records, COUNT_OF(records),
                         &made->records, &made->record_count);
    if (r == 0)
        r = make_user_stages(making, form, made);
    return r < 0 ? r : make_program(making, form, made, &made->program);
}

static int check_weights(struct making *making)
{
    const struct plan *plan = making->plan;
    const struct config_node *place = making_place(&making->form->form, "users");
    uint64_t sum = 0;

    for (size_t i = 0; i < plan->class_count; i++)
        sum += plan->classes[i].weight + plan->classes[i].count;
    if (sum > 0 || diag_count(making->diags) > 0)
        return 0;
    if (plan->class_count == 0)
        return MAKING_REFUSE(making, place, "add a class with its flow below 'users'",
                             "there are no user classes");
    return MAKING_REFUSE(making, place, "give at least one class a weight",
                         "all classes have weight 0, so nobody would come");
}

int make_classes(struct making *making)
{
    const struct class_form *forms = making->form->users.items;
    const size_t count = making->form->users.count;
    int r = 0;

    making->classes = making_array(making, count, sizeof(*making->classes));
    if (!making->classes)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = make_class(making, &forms[i], &making->classes[i]);
    if (r < 0)
        return r;
    making->plan->classes = making->classes;
    making->plan->class_count = count;
    return check_weights(making);
}
