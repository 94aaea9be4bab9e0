#include <errno.h>

#include "scenario/making.h"
#include "scenario/operation.h"
#include "scenario/text.h"
#include "scenario/variable.h"

static const struct field extract_fields[] = {
    {ROW("jq", FIELD_TEXT, struct extract_form, jq), .flags = FIELD_ALTERNATIVE,
     .unit = "jq",
     .help = "from the body as JSON; of a stream from `{text, finish, usage}`"},
    {ROW("header", FIELD_TEXT, struct extract_form, header), .flags = FIELD_ALTERNATIVE,
     .help = "the value of this header"},
    {ROW("regex", FIELD_TEXT, struct extract_form, regex), .flags = FIELD_ALTERNATIVE,
     .help = "a group of this pattern (PCRE2) in the body"},
    {ROW("status", FIELD_BOOL, struct extract_form, status),
     .flags = FIELD_ALTERNATIVE | FIELD_BARE, .preset = "false",
     .help = "the status, as a number"},
    {ROW("group", FIELD_COUNT, struct extract_form, group), .preset = "1", .max = "9",
     .help = "of `regex`: which group; 0 is the whole match"},
    {ROW("default", FIELD_NODE, struct extract_form, fallback), .unit = "a text",
     .help = "the value where nothing is found; without it the variable stays as it was"},
    {ROW("required", FIELD_BOOL, struct extract_form, required), .preset = "false",
     .help = "nothing found makes the request a failed one (`check_failed`)"},
    {ROW("secret", FIELD_BOOL, struct extract_form, secret), .preset = "false",
     .help = "the value is a key or password: it is starred out wherever it would show"},
};

const struct field_table extract_table = {
    TABLE_OF(
        "extract", extract_fields, struct extract_form,
        "What is taken from an answer into a variable of the user: `{{ vars.name }}` "
        "from then on."),
    .alternatives = "extract", .short_key = "jq",
    .example = "- http: {request: POST /api/v1/auth/login, json: {email: \"{{ user.email "
               "}}\"}}\n"
               "  extract:\n"
               "    token: {jq: .access_token, required: true, secret: true}\n"
               "    next: {header: Location, default: /}\n"
               "    order: {regex: 'order-(\\d+)'}\n"};

static int make_pattern(struct making *making, const struct extract_form *form,
                        struct plan_extract *extract)
{
    unsigned groups = 0;
    int r = making_pattern(making, making_place(&form->form, "regex"), form->regex,
                           &extract->pattern, &groups);

    extract->kind = PLAN_EXTRACT_PATTERN;
    extract->group = (uint32_t)form->group;
    if (r == 0 && form->group >= groups) {
        /* A pattern without any group stands for itself. */
        if (groups == 1 && !making_has(&form->form, "group"))
            extract->group = 0;
        else
            r = MAKING_REFUSE(making, making_place(&form->form, "group"),
                              "groups are counted by their '(', from 1",
                              "the pattern has no group %u", extract->group);
    }
    return r;
}

static int make_source(struct making *making, const struct extract_form *form,
                       struct plan_extract *extract)
{
    if (form->jq) {
        extract->kind = PLAN_EXTRACT_QUERY;
        return making_query(making, making_place(&form->form, "jq"), QUERY_OF_ANSWER,
                            form->jq, &extract->query);
    }
    if (form->header) {
        extract->kind = PLAN_EXTRACT_HEADER;
        return making_copy(making, form->header, &extract->header);
    }
    if (form->regex)
        return make_pattern(making, form, extract);
    extract->kind = PLAN_EXTRACT_STATUS;
    return 0;
}

static int make_fallback(struct making *making, const struct extract_form *form,
                         struct plan_extract *extract)
{
    const struct config_node *node = form->fallback;

    if (!node)
        return 0;
    if (node->kind != CONFIG_SCALAR)
        return MAKING_REFUSE(making, node, "write a text",
                             "default: %s where a text should be",
                             config_kind_name(node->kind));
    if (form->required)
        return MAKING_REFUSE(making, node, "keep one of them",
                             "both 'default' and 'required'");
    return making_copy(making, node->text, &extract->fallback);
}

int make_extracts(struct making *making, const struct step_form *form,
                  struct plan_step *step)
{
    const struct extract_form *forms = form->extracts.items;
    struct plan_extract *extracts =
        making_array(making, form->extracts.count, sizeof(*extracts));
    size_t count = 0;
    int r = extracts ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < form->extracts.count; i++) {
        struct plan_extract *extract = &extracts[count];

        *extract = (struct plan_extract){
            .query = PLAN_NONE, .pattern = PLAN_NONE, .required = forms[i].required};
        if (!variable_find(making, forms[i].form.key->text, &extract->variable))
            continue; /* it cannot be a variable's name, which was told */
        count++;
        r = make_source(making, &forms[i], extract);
        if (r == 0)
            r = make_fallback(making, &forms[i], extract);
    }
    step->extracts = extracts;
    step->extract_count = count;
    return r;
}
