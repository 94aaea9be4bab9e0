#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/quantity.h"
#include "scenario/making.h"
#include "scenario/platform_calls.h"

/* In all, at most. */
#define MAX_USERS 1000000

static const char *const distribution_words[] = {"uniform", "gaussian", NULL};
static const char *const cleanup_words[] = {[PLAN_CLEANUP_ALWAYS] = "always",
                                            [PLAN_CLEANUP_ON_SUCCESS] = "on-success",
                                            [PLAN_CLEANUP_NEVER] = "never",
                                            NULL};

static const struct field organizations_fields[] = {
    {ROW("count", FIELD_COUNT, struct organizations_form, count), .unit = "organizations",
     .min = "1", .max = "100000", .preset = "1", .help = "how many there are"},
    {ROW("name", FIELD_TEXT, struct organizations_form, name),
     .preset = "loadtest-org-{index}",
     .help = "what they are called; `{index}` counts them, from 1"},
    {ROW("budget", FIELD_NODE, struct organizations_form, budget),
     .unit = "an amount, or a map of names to amounts",
     .help = "what each of them may spend, or those of these names; the platform is told "
             "when they are made"},
};

static const struct field_table organizations_table = {
    TABLE_OF("organizations", organizations_fields, struct organizations_form,
             "The organizations of a platform. Of several workers each makes those of "
             "its own; where there are\nfewer of them than workers, workers share one "
             "and split its users."),
    .short_key = "count",
    .example = "platform:\n"
               "  url: https://admin.example\n"
               "  organizations: {count: 3, budget: {loadtest-org-2: 1.00 USD}}\n"};

static const struct field head_count_fields[] = {
    {ROW("count", FIELD_COUNT, struct head_count_form, count), .unit = "users",
     .min = "1", .max = "1000000",
     .help = "how many each organization has; 1 where nothing is said"},
    {ROW("min", FIELD_COUNT, struct head_count_form, min), .unit = "users", .min = "1",
     .max = "1000000", .help = "instead of `count`: at least so many …"},
    {ROW("max", FIELD_COUNT, struct head_count_form, max), .unit = "users", .min = "1",
     .max = "1000000",
     .help = "… and at most so many, drawn from the seed and the organization's index"},
    {ROW("distribution", FIELD_CHOICE, struct head_count_form, distribution),
     .words = distribution_words, .preset = "uniform",
     .help = "of the draw: `gaussian` has its mean in the middle and a quarter of the "
             "width as deviation"},
    {ROW("email", FIELD_TEXT, struct head_count_form, email),
     .preset = "{organization}-user-{index}@loadtest.invalid",
     .help = "their addresses, all different; `{index}` counts within the organization, "
             "from 0001"},
    {ROW("share_keys", FIELD_BOOL, struct head_count_form, share_keys), .preset = "false",
     .help = "the load may have more users than there are here: they share their keys"},
};

static const struct field_table head_count_table = {
    TABLE_OF("members", head_count_fields, struct head_count_form,
             "The users of each organization of a platform."),
    .short_key = "count",
    .example = "platform:\n"
               "  url: https://admin.example\n"
               "  users: {min: 10, max: 30, distribution: gaussian}\n"};

static const struct field platform_fields[] = {
    {ROW("url", FIELD_TEXT, struct platform_form, url), .flags = FIELD_REQUIRED,
     .help = "`https://host:port` of its API; or `simulator`: the built-in simulator"},
    {ROW("token", FIELD_SECRET, struct platform_form, token),
     .help = "the admin token, sent as a bearer token; best as `${ADMIN_TOKEN}`"},
    {ROW("health", FIELD_TEXT, struct platform_form, health),
     .help = "a path that is asked before the run: `/health`"},
    {ROW("organizations", FIELD_MAP, struct platform_form, organizations),
     .table = &organizations_table, .help = "which organizations there are"},
    {ROW("users", FIELD_MAP, struct platform_form, users), .table = &head_count_table,
     .help = "how many users each has"},
    {ROW("cleanup", FIELD_CHOICE, struct platform_form, cleanup), .words = cleanup_words,
     .preset = "always",
     .help = "when what was made is removed: `always`, also where the run failed or was "
             "stopped; `on-success`: after a run with exit code 0; `never`"},
    {ROW("bootstrap_timeout", FIELD_DURATION, struct platform_form, bootstrap_timeout_ns),
     .min = "1s", .max = "24h", .preset = "2m",
     .help = "for all that is made; then the run fails (exit code 100)"},
    {ROW("cleanup_timeout", FIELD_DURATION, struct platform_form, cleanup_timeout_ns),
     .min = "1s", .max = "24h", .preset = "5m",
     .help = "for all that is removed (exit code 101)"},
    {ROW("parallel", FIELD_COUNT, struct platform_form, parallel), .unit = "calls",
     .min = "1", .max = "1000", .preset = "32", .help = "so many at the same time"},
    {ROW("headers", FIELD_PAIRS, struct platform_form, headers), .flags = FIELD_GUARDED,
     .help = "sent with every request to it"},
    {ROW("proxy", FIELD_TEXT, struct platform_form, proxy),
     .help = "URL of a proxy to go through"},
    {ROW("tls", FIELD_MAP, struct platform_form, tls), .table = &tls_table,
     .help = "certificates"},
    {ROW("timeouts", FIELD_MAP, struct platform_form, timeouts), .table = &timeouts_table,
     .help = "when a request to it has taken too long"},
    {ROW("retry", FIELD_MAP, struct platform_form, retry), .table = &retry_table,
     .help = "what of the calls is tried again; by default five times what was not "
             "answered, `rate_limited` and `http_5xx`"},
    {ROW("calls", FIELD_MAP, struct platform_form, calls), .table = &platform_calls_table,
     .help = "what is sent, where its API is another"},
};

const struct field_table platform_table = {
    TABLE_OF("platform", platform_fields, struct platform_form,
             "The service through which the system under test is operated. Before the "
             "load, organizations, users\nand a key for each user are made in it, and "
             "each user of the load acts as one of them. What exists is\nused again, and "
             "stays behind. Steps with `target: platform` go to it too, with the admin "
             "token."),
    .short_key = "url",
    .example = "platform:\n"
               "  url: https://admin.example\n"
               "  token: ${ADMIN_TOKEN:-}\n"
               "  organizations: 3\n"
               "  users: 10\n"
               "  cleanup: always\n"};

/* Names must tell organizations apart, and addresses people. */
static int check_pattern(struct making *making, const struct config_form *form,
                         const char *key, const char *text, const char *needed)
{
    if (!form->node || strstr(text, needed))
        return 0;
    return MAKING_REFUSE(making, making_place(form, key),
                         "put it where the number should stand",
                         "%s: there is no %s in '%s'", key, needed, text);
}

static int refuse_budget(struct making *making, const struct config_node *node)
{
    return MAKING_REFUSE(
        making, node, "write one such as 1.00 USD, or a map of names to amounts",
        "budget: %s is no amount of money",
        node->kind == CONFIG_SCALAR ? node->written : config_kind_name(node->kind));
}

static bool read_amount(const struct config_node *node, int64_t *ret_pusd)
{
    return node->kind == CONFIG_SCALAR &&
           quantity_parse_money(node->text, ret_pusd) == 0 && *ret_pusd > 0;
}

static int make_budgets(struct making *making, const struct config_node *budget)
{
    struct plan_platform *platform = &making->plan->platform;
    struct plan_budget *budgets;
    int r = 0;

    if (!budget)
        return 0;
    if (budget->kind != CONFIG_MAP)
        return read_amount(budget, &platform->budget_pusd)
                   ? 0
                   : refuse_budget(making, budget);
    budgets = making_array(making, budget->count, sizeof(*budgets));
    if (!budgets)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < budget->count; i++) {
        r = making_copy(making, budget->entries[i].key->text, &budgets[i].organization);
        if (r == 0 && !read_amount(budget->entries[i].value, &budgets[i].pusd))
            r = refuse_budget(making, budget->entries[i].value);
    }
    platform->budgets = budgets;
    platform->budget_count = budget->count;
    return r;
}

static int make_organizations(struct making *making,
                              const struct organizations_form *form)
{
    struct plan_platform *platform = &making->plan->platform;
    int r = 0;

    platform->organization_count = form->form.node ? form->count : 1;
    r = making_copy(making, form->name ? form->name : organizations_fields[1].preset,
                    &platform->name);
    if (r == 0 && platform->organization_count > 1)
        r = check_pattern(making, &form->form, "name", platform->name, "{index}");
    return r < 0 ? r : make_budgets(making, form->budget);
}

static int make_head_count(struct making *making, const struct head_count_form *form)
{
    struct plan_platform *platform = &making->plan->platform;
    const bool drawn = form->min > 0 || form->max > 0;
    int r = making_copy(making, form->email ? form->email : head_count_fields[4].preset,
                        &platform->email);

    platform->share_keys = form->share_keys;
    platform->users_min = drawn ? form->min : form->count > 0 ? form->count : 1;
    platform->users_max = drawn ? form->max : platform->users_min;
    if (platform->users_min < platform->users_max)
        platform->head_count =
            form->distribution == 1 ? PLAN_HEAD_COUNT_GAUSSIAN : PLAN_HEAD_COUNT_UNIFORM;
    if (r == 0 && drawn && form->count > 0)
        r = MAKING_REFUSE(making, making_place(&form->form, "count"), "keep one of them",
                          "both 'count' and 'min' or 'max'");
    else if (r == 0 && drawn && !form->form.faulty &&
             (form->min == 0 || form->max < form->min))
        r = MAKING_REFUSE(making, form->form.node, "write '{min: 10, max: 30}'",
                          "a number of users needs a 'min' and a 'max' that is not "
                          "below it");
    if (r == 0 && platform->users_max > 0 &&
        platform->organization_count > MAX_USERS / platform->users_max)
        r = MAKING_REFUSE(making,
                          making->form->platform.form.key
                              ? making->form->platform.form.key
                              : making->form->platform.form.node,
                          "ask for fewer organizations, or fewer users in each",
                          "the platform may get more than %d users", MAX_USERS);
    if (r == 0)
        r = check_pattern(making, &form->form, "email", platform->email, "{index}");
    if (r == 0)
        r = check_pattern(making, &form->form, "email", platform->email,
                          "{organization}");
    return r;
}

static int check_health(struct making *making, const struct platform_form *form)
{
    if (!form->health || form->health[0] == '/')
        return making_copy(making, form->health, &making->plan->platform.health);
    return MAKING_REFUSE(making, making_place(&form->form, "health"),
                         "write a path, as in /health", "health: '%s' is no path",
                         form->health);
}

int make_platform(struct making *making)
{
    const struct platform_form *form = &making->form->platform;
    struct plan_platform *platform = &making->plan->platform;
    int r;

    for (size_t i = 0; i < PLAN_PLATFORM_CALLS; i++)
        platform->calls[i] = PLAN_NONE;
    if (!form->form.node)
        return 0;
    platform->cleanup = (enum plan_cleanup)form->cleanup;
    platform->bootstrap_timeout_ns = form->bootstrap_timeout_ns;
    platform->cleanup_timeout_ns = form->cleanup_timeout_ns;
    platform->parallel = form->parallel;
    r = make_organizations(making, &form->organizations);
    if (r == 0)
        r = make_head_count(making, &form->users);
    if (r == 0)
        r = check_health(making, form);
    return r < 0 ? r : make_platform_calls(making);
}
