/*
 * When memory is out: what users know, and what of a plan is made ready once.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/cookies.h"
#include "engine/knowledge.h"
#include "engine/script.h"
#include "engine/variables.h"
#include "plan/plan.h"
#include "torture.h"

static const struct plan_name names[] = {
    {.kind = PLAN_NAME_USER_NAME, .written = "user.name"}};
static const struct plan_variable variables[] = {{.name = "a"}, {.name = "b"}};
static const char *const patterns[] = {"a+"};
static const char *const queries[] = {".a", ".b"};
static const struct plan_assignment initials[] = {
    {.variable = 1, .kind = PLAN_VALUE_TEXT, .text = PLAN_LITERAL("twenty")}};
static const struct plan_step steps[] = {{.kind = PLAN_STEP_HTTP}};
static const struct plan plan = {
    .names = names,
    .name_count = 1,
    .variables = variables,
    .variable_count = 2,
    .patterns = patterns,
    .pattern_count = 1,
    .queries = queries,
    .query_count = 2,
    .initials = initials,
    .initial_count = 1,
    .steps = steps,
    .step_count = 1,
};

static int make_ready(void)
{
    const struct script_options options = {.plan = &plan};
    struct script script;
    const int r = script_init(&script, &options);

    if (r == 0)
        script_deinit(&script);
    return r;
}

static void a_script_is_made_ready_whole_or_not_at_all(void **state)
{
    (void)state;
    assert_true(torture(make_ready, -ENOMEM) > 10);
}

static int take_cookies(void)
{
    const struct cookies_place place = cookies_place_of("http://a.example/");
    struct cookies cookies = {0};
    int r = cookies_take(&cookies, "a=1", &place, 1, 0);

    if (r == 0)
        r = cookies_take(&cookies, "b=2; Max-Age=0", &place, 1, 0);
    if (r == 0)
        r = cookies_take(&cookies, "a=3", &place, 1, 0);
    cookies_deinit(&cookies);
    return r;
}

static void a_jar_says_what_it_could_not_keep(void **state)
{
    (void)state;
    assert_int_equal(torture(take_cookies, -ENOMEM), 3);
}

static struct script known;

static int set_variables(void)
{
    static const struct variable value = {.text = "words", .len = 5};
    struct knowledge knowledge;
    int r;

    knowledge_init(&knowledge);
    knowledge_set(&knowledge, &known, 0, &value);
    if (knowledge.error == 0)
        knowledge_set(&knowledge, &known, 0, &value);
    r = knowledge.error;
    knowledge_deinit(&knowledge);
    return r;
}

static void what_a_user_could_not_keep_is_noted(void **state)
{
    const struct script_options options = {.plan = &plan};

    (void)state;
    assert_int_equal(script_init(&known, &options), 0);
    assert_int_equal(torture(set_variables, -ENOMEM), 3);
    script_deinit(&known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_script_is_made_ready_whole_or_not_at_all),
        cmocka_unit_test(a_jar_says_what_it_could_not_keep),
        cmocka_unit_test(what_a_user_could_not_keep_is_noted),
    };

    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
