/*
 * Tenants from their making to their removal, as the errands are given and come back; and the ledger that
 * follows them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/secret.h"
#include "engine/variables.h"
#include "measure/tenancy.h"
#include "plan/plan.h"
#include "platform/bootstrap.h"
#include "platform/ledger.h"
#include "platform/removal.h"
#include "platform/tenants.h"

#define MS UINT64_C(1000000)

struct play {
    struct plan plan;
    struct plan_program programs[PLAN_PLATFORM_CALLS];
    struct tenants tenants;
    struct tenancy tenancy;
    struct ledger *ledger;
    char path[64];
    char
        said[4000]; /* the calls in their order: "make_user loadtest-org-1-user-0001@x" */
};

static int begin(void **state)
{
    struct play *play = calloc(1, sizeof(*play));
    int fd;

    assert_non_null(play);
    play->plan = (struct plan){
        .seed = 1,
        .worker_count = 1,
        .programs = play->programs,
        .program_count = PLAN_PLATFORM_CALLS,
        .platform = {.is_used = true,
                     .organization_count = 2,
                     .name = "org-{index}",
                     .email = "{organization}-{index}@x",
                     .users_min = 2,
                     .users_max = 2},
    };
    for (uint32_t i = 0; i < PLAN_PLATFORM_CALLS; i++)
        play->plan.platform.calls[i] = i;
    for (uint32_t i = 0; i < PLAN_PLATFORM_FINDS; i++)
        play->plan.platform.finds[i] = i;
    (void)snprintf(play->path, sizeof(play->path), "/tmp/throng-ledger-XXXXXX");
    fd = mkstemp(play->path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(unlink(play->path), 0);
    assert_int_equal(ledger_open(play->path, "run-1", &play->ledger), 0);
    assert_int_equal(tenancy_init(&play->tenancy), 0);
    assert_int_equal(tenants_of_plan(&play->plan, &play->tenants), 0);
    *state = play;
    return 0;
}

static int end(void **state)
{
    struct play *play = *state;

    ledger_close(play->ledger);
    unlink(play->path);
    tenants_deinit(&play->tenants);
    tenancy_deinit(&play->tenancy);
    free(play);
    return 0;
}

static enum plan_platform_call call_of(const struct play *play,
                                       const struct errand *errand)
{
    return (enum plan_platform_call)(errand->program - play->programs);
}

static const char *name_of(const struct errand *errand)
{
    return errand->who->email ? errand->who->email : errand->who->org_name;
}

static void say(struct play *play, const struct errand *errand)
{
    const size_t len = strlen(play->said);

    (void)snprintf(play->said + len, sizeof(play->said) - len, "%s %s\n",
                   plan_platform_call_name(call_of(play, errand)), name_of(errand));
}

static void find(struct variables *found, enum plan_platform_find what, const char *value)
{
    assert_int_equal(
        variables_set(found, what,
                      &(struct variable){.text = value, .len = strlen(value)}),
        0);
}

/* Answers as a platform does that has `existing`, and refuses `refused`. */
struct manner {
    const char *existing;
    const char *refused;
    bool was_uncertain;
    const char *silent; /* is asked for, and does not answer */
};

static void answer(struct play *play, const struct errand_giver *giver,
                   const struct errand *errand, const struct manner *manner)
{
    const enum plan_platform_call call = call_of(play, errand);
    const char *name = name_of(errand);
    const bool silent = manner->silent && strcmp(manner->silent, name) == 0;
    const bool refused = manner->refused && strcmp(manner->refused, name) == 0;
    struct errand_result result = {
        .duration_ns = 5 * MS, .problem = "", .was_uncertain = manner->was_uncertain};
    struct variables *found = NULL;
    char id[80];

    assert_int_equal(variables_new(PLAN_PLATFORM_FINDS, NULL, &found), 0);
    (void)snprintf(id, sizeof(id), "id-of-%s", name);
    say(play, errand);
    if (silent) {
        result.failed = result.was_uncertain = true;
        result.problem = "POST /x: total_timeout";
    } else if (refused) {
        result.failed = true;
        result.status = 500;
        result.problem = "POST /x: http_5xx (status 500): no";
    } else if (call == PLAN_PLATFORM_MAKE_ORGANIZATION) {
        find(found, PLAN_PLATFORM_ORG_ID, id);
        find(found, PLAN_PLATFORM_ORG_SLUG, name);
    } else if (call == PLAN_PLATFORM_MAKE_USER) {
        assert_string_equal(errand->who->org_slug, errand->who->org_name);
        find(found, PLAN_PLATFORM_USER_ID, id);
    } else if (call == PLAN_PLATFORM_MAKE_KEY) {
        assert_non_null(errand->who->user_id);
        find(found, PLAN_PLATFORM_KEY_ID, "key-1");
        find(found, PLAN_PLATFORM_KEY, "sk-very-secret");
    }
    if (manner->existing && strcmp(manner->existing, name) == 0)
        find(found, PLAN_PLATFORM_EXISTED, "true");
    result.found = found;
    giver->over(giver->ctx, errand, &result);
    variables_free(found);
}

/* Gives and answers one after the other. */
static void go_through(struct play *play, const struct errand_giver *giver,
                       const struct manner *manner)
{
    struct errand errand;

    play->said[0] = '\0';
    while (giver->next(giver->ctx, &errand))
        answer(play, giver, &errand, manner);
}

/* Returns what went wrong, cut, or "". */
static const char *make(struct play *play, const struct manner *manner)
{
    static char problem[400];
    const struct bootstrap_options options = {.plan = &play->plan,
                                              .tenants = &play->tenants,
                                              .ledger = play->ledger,
                                              .tenancy = &play->tenancy};
    struct bootstrap *bootstrap = NULL;

    assert_int_equal(bootstrap_new(&options, &bootstrap), 0);
    go_through(play, bootstrap_giver(bootstrap), manner);
    (void)snprintf(problem, sizeof(problem), "%s",
                   bootstrap_problem(bootstrap) ? bootstrap_problem(bootstrap) : "");
    if (!problem[0])
        assert_int_equal(bootstrap_ready(bootstrap), play->tenants.user_count);
    bootstrap_free(bootstrap);
    return problem;
}

static void remove_them(struct play *play, struct tenants *tenants,
                        const struct manner *manner)
{
    const struct removal_options options = {.plan = &play->plan,
                                            .tenants = tenants,
                                            .ledger = play->ledger,
                                            .tenancy = &play->tenancy};
    struct removal *removal = NULL;

    assert_int_equal(removal_new(&options, &removal), 0);
    go_through(play, removal_giver(removal), manner);
    tenants_count(tenants, &play->tenancy);
    removal_free(removal);
}

static void assert_counts(const struct tenancy *tenancy, uint64_t removed, uint64_t left)
{
    assert_int_equal(tenancy_removed(tenancy), removed);
    assert_int_equal(tenancy_left(tenancy), left);
}

static const struct manner willing = {0};

static void all_are_made_in_their_order_and_removed_in_the_other(void **state)
{
    struct play *play = *state;
    const struct roster roster = tenants_roster(&play->tenants);

    assert_string_equal(make(play, &willing), "");
    assert_string_equal(play->said, "make_organization org-1\n"
                                    "make_organization org-2\n"
                                    "make_user org-1-0001@x\n"
                                    "make_key org-1-0001@x\n"
                                    "make_user org-1-0002@x\n"
                                    "make_key org-1-0002@x\n"
                                    "make_user org-2-0001@x\n"
                                    "make_key org-2-0001@x\n"
                                    "make_user org-2-0002@x\n"
                                    "make_key org-2-0002@x\n");
    assert_int_equal(roster.user_count, 4);
    assert_string_equal(secret_reveal(roster.users[3].key), "sk-very-secret");
    assert_string_equal(roster.users[3].user_id, "id-of-org-2-0002@x");
    assert_int_equal(play->tenancy.calls[PLAN_PLATFORM_MAKE_KEY].done, 4);
    remove_them(play, &play->tenants, &willing);
    assert_counts(&play->tenancy, 10, 0);
    /* No user before their key, no organization before its users. */
    assert_true(strstr(play->said, "remove_key org-1-0002@x") <
                strstr(play->said, "remove_user org-1-0002@x"));
    assert_true(strstr(play->said, "remove_user org-1-0002@x") <
                strstr(play->said, "remove_organization org-1"));
}

static void what_was_there_before_stays_but_for_its_keys(void **state)
{
    const struct manner manner = {.existing = "org-1"};
    struct play *play = *state;

    assert_string_equal(make(play, &manner), "");
    assert_int_equal(play->tenancy.calls[PLAN_PLATFORM_MAKE_ORGANIZATION].reused, 1);
    remove_them(play, &play->tenants, &willing);
    assert_null(strstr(play->said, "remove_organization org-1"));
    assert_non_null(strstr(play->said, "remove_organization org-2"));
    assert_counts(&play->tenancy, 9, 0);
    assert_int_equal(play->tenancy.kept[TENANCY_ORGANIZATIONS], 1);
}

static void what_an_unanswered_attempt_may_have_made_is_the_runs(void **state)
{
    const struct manner manner = {.existing = "org-1", .was_uncertain = true};
    struct play *play = *state;

    assert_string_equal(make(play, &manner), "");
    remove_them(play, &play->tenants, &willing);
    assert_non_null(strstr(play->said, "remove_organization org-1"));
    assert_counts(&play->tenancy, 10, 0);
}

static void a_failure_ends_the_making_and_says_what_to_do(void **state)
{
    const struct manner manner = {.refused = "org-1-0002@x"};
    struct play *play = *state;

    assert_string_equal(make(play, &manner),
                        "make_user of org-1-0002@x: POST /x: http_5xx (status 500): no; "
                        "look at the platform's log; fewer calls at once: "
                        "platform.parallel");
    assert_null(strstr(play->said, "org-2-"));
    remove_them(play, &play->tenants, &willing);
    assert_counts(&play->tenancy, 4, 0); /* two organizations, a user, a key */
}

static void what_cannot_be_removed_is_left_with_what_holds_it(void **state)
{
    const struct manner manner = {.refused = "org-1-0002@x"};
    struct play *play = *state;

    assert_string_equal(make(play, &willing), "");
    remove_them(play, &play->tenants, &manner);
    assert_null(strstr(play->said, "remove_organization org-1"));
    assert_counts(&play->tenancy, 7, 3); /* org-1, its second user and their key */
}

/* Removes what stands in the ledger, as after a run that was killed. */
static void remove_later(struct play *play, const struct manner *manner)
{
    struct tenants read;

    assert_int_equal(ledger_read(play->path, &read), 0);
    remove_them(play, &read, manner);
    tenants_deinit(&read);
}

static void what_was_asked_for_in_vain_is_asked_for_again_and_removed(void **state)
{
    const struct manner manner = {.silent = "org-2-0002@x"};
    const struct manner there = {.existing = "org-2-0002@x"};
    struct play *play = *state;

    assert_string_not_equal(make(play, &manner), "");
    remove_later(play, &there);
    assert_non_null(strstr(play->said, "make_user org-2-0002@x\n"));
    assert_non_null(strstr(play->said, "remove_user org-2-0002@x\n"));
    assert_non_null(strstr(play->said, "remove_organization org-2\n"));
    assert_int_equal(tenancy_left(&play->tenancy), 0);
}

static void an_organization_that_may_have_been_made_is_removed(void **state)
{
    const struct manner manner = {.silent = "org-1"};
    const struct manner there = {.existing = "org-1"};
    struct play *play = *state;

    assert_string_not_equal(make(play, &manner), "");
    remove_later(play, &there); /* it is empty, as if it had just been made */
    assert_string_equal(play->said, "make_organization org-1\n"
                                    "remove_organization org-1\n");
    remove_later(play, &there);
    assert_string_equal(play->said, "");
}

static void a_user_who_was_there_shows_that_the_organization_was(void **state)
{
    const struct manner lost = {.existing = "org-1", .was_uncertain = true};
    const struct manner there = {.existing = "org-1-0001@x"};
    struct play *play = *state;
    const struct bootstrap_options options = {.plan = &play->plan,
                                              .tenants = &play->tenants,
                                              .ledger = play->ledger,
                                              .tenancy = &play->tenancy};
    struct bootstrap *bootstrap = NULL;
    const struct errand_giver *giver;
    struct errand errand;

    assert_int_equal(bootstrap_new(&options, &bootstrap), 0);
    giver = bootstrap_giver(bootstrap);
    assert_true(giver->next(giver->ctx, &errand));
    answer(play, giver, &errand, &lost);
    go_through(play, giver, &there);
    bootstrap_free(bootstrap);
    remove_them(play, &play->tenants, &willing);
    assert_null(strstr(play->said, "remove_organization org-1\n"));
    assert_null(strstr(play->said, "remove_user org-1-0001@x"));
    assert_non_null(strstr(play->said, "remove_user org-1-0002@x"));
}

static void a_ledger_tells_what_is_left(void **state)
{
    const struct manner manner = {.refused = "org-1-0002@x"};
    struct play *play = *state;
    struct tenants read;
    struct stat facts;
    char text[8000];
    size_t len;
    FILE *file;

    assert_string_equal(make(play, &willing), "");
    remove_them(play, &play->tenants, &manner);
    assert_int_equal(ledger_error(play->ledger), 0);
    file = fopen(play->path, "a+e");
    assert_non_null(file);
    assert_true(fputs("{\"event\":\"made\",\"ki", file) >= 0); /* it was killed here */
    rewind(file);
    len = fread(text, 1, sizeof(text) - 1, file);
    text[len] = '\0';
    assert_int_equal(fclose(file), 0);
    assert_null(strstr(text, "sk-very-secret"));
    assert_int_equal(stat(play->path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);

    play->ledger = ledger_close(play->ledger);
    assert_int_equal(ledger_open(play->path, "", &play->ledger), 0);
    assert_int_equal(ledger_read(play->path, &read), 0);
    assert_int_equal(read.organization_count, 2);
    assert_int_equal(read.user_count, 4);
    remove_them(play, &read, &willing);
    assert_string_equal(play->said, "remove_key org-1-0002@x\n"
                                    "remove_user org-1-0002@x\n"
                                    "remove_organization org-1\n");
    assert_counts(&play->tenancy, 10, 0);
    tenants_deinit(&read);

    assert_int_equal(ledger_read(play->path, &read), 0);
    remove_them(play, &read, &willing);
    assert_string_equal(play->said, "");
    tenants_deinit(&read);
}

static void what_is_no_ledger_is_refused(void **state)
{
    struct play *play = *state;
    struct tenants read;
    FILE *file = fopen(play->path, "we");

    assert_non_null(file);
    assert_true(fputs("{\"time\":1}\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(ledger_read(play->path, &read), -EBADMSG);
    assert_int_equal(ledger_read("/nowhere/platform.jsonl", &read), -ENOENT);
}

#define PLAYED(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAYED(all_are_made_in_their_order_and_removed_in_the_other),
        PLAYED(what_was_there_before_stays_but_for_its_keys),
        PLAYED(what_an_unanswered_attempt_may_have_made_is_the_runs),
        PLAYED(a_failure_ends_the_making_and_says_what_to_do),
        PLAYED(what_cannot_be_removed_is_left_with_what_holds_it),
        PLAYED(what_was_asked_for_in_vain_is_asked_for_again_and_removed),
        PLAYED(an_organization_that_may_have_been_made_is_removed),
        PLAYED(a_user_who_was_there_shows_that_the_organization_was),
        PLAYED(a_ledger_tells_what_is_left),
        PLAYED(what_is_no_ledger_is_refused),
    };

    return cmocka_run_group_tests_name("tenants", tests, NULL, NULL);
}
