#include "scenario/making.h"
#include "scenario/program.h"

#define RUN_ROW                                                                          \
    {ROW("run", FIELD_LIST, struct stages_form, run), .table = &step_table,              \
     .help = "once for the whole run; what it sets, every user begins with"}
#define ORGANIZATION_ROW                                                                 \
    {ROW("organization", FIELD_LIST, struct stages_form, organization),                  \
     .table = &step_table,                                                               \
     .help = "once for each organization of the roster; without one it is not "          \
             "done"}
#define TIMEOUT_ROW                                                                      \
    {ROW("timeout", FIELD_DURATION, struct stages_form, timeout_ns), .min = "1ms",       \
     .max = "24h", .preset = "60s",                                                      \
     .help = "for each of them as a whole; then the run fails"}

static const struct field setup_fields[] = {
    RUN_ROW,
    ORGANIZATION_ROW,
    {ROW("user", FIELD_LIST, struct stages_form, user), .table = &step_table,
     .help = "by each user, before their first iteration; a class may have its own"},
    TIMEOUT_ROW,
};

const struct field_table setup_table = {
    TABLE_OF("setup", setup_fields, struct stages_form,
             "What is done before the load. It is not measured. A request of `run` that "
             "fails ends the run before\nit began (exit code 107; 100 where `timeout` is "
             "passed); a user whose setup fails tries again."),
    .short_key = "run",
    .example = "setup:\n"
               "  run:\n"
               "    - http: POST /api/v1/test-accounts\n"
               "      extract: {admin: {jq: .token, required: true, secret: true}}\n"
               "  user:\n"
               "    - http: POST /api/v1/session\n"
               "      auth: \"{{ vars.admin }}\"\n"};

static const struct field teardown_fields[] = {
    RUN_ROW,
    ORGANIZATION_ROW,
    {ROW("user", FIELD_LIST, struct stages_form, user), .table = &step_table,
     .help = "by each user when they leave; a class may have its own"},
    TIMEOUT_ROW,
};

const struct field_table teardown_table = {
    TABLE_OF("teardown", teardown_fields, struct stages_form,
             "What is done behind the load, also where it ended early. It is not "
             "measured, and "
             "goes on past\nrequests that fail (exit code 101)."),
    .short_key = "run",
    .example = "teardown:\n"
               "  run: [{http: DELETE /api/v1/test-accounts}]\n"};

/* The stages of the whole run go to the first target, unless a step says another. */
static int make_run_stages(struct making *making, const struct stages_form *form,
                           uint32_t *ret_run, uint32_t *ret_organization)
{
    const int r = make_stage(making, &form->run, NULL, 0, ret_run);

    return r < 0 ? r : make_stage(making, &form->organization, NULL, 0, ret_organization);
}

int make_stages(struct making *making)
{
    const struct scenario_form *form = making->form;
    struct plan_stages *stages = &making->plan->stages;
    int r = make_run_stages(making, &form->setup, &stages->run_setup,
                            &stages->organization_setup);

    stages->setup_timeout_ns = form->setup.timeout_ns;
    stages->teardown_timeout_ns = form->teardown.timeout_ns;
    if (r == 0)
        r = make_run_stages(making, &form->teardown, &stages->run_teardown,
                            &stages->organization_teardown);
    if (r == 0)
        making_settle(making);
    return r;
}
