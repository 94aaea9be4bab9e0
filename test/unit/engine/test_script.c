/*
 * What users send and do as a scenario's templates, variables, conditions and groups say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "engine/variables.h"
#include "plan/roster.h"
#include "words.h"

static struct plan_assignment assign_query(struct words *words, const char *variable,
                                           const char *query)
{
    return (struct plan_assignment){.variable = words_variable(words, variable),
                                    .kind = PLAN_VALUE_QUERY,
                                    .query = words_query(words, query)};
}

static void names_stand_for_the_user_and_the_run(void **state)
{
    struct words words;
    struct plan_step *step;

    (void)state;
    words_init(&words);
    step = words_step(&words, 0, "POST /u/{{ user.id }}/{{ user.ordinal }}");
    step->http.body =
        words_text(&words, "{{ user.class }} {{ iteration }} {{ run.id }} {{ scenario }} "
                           "{{ worker.index }} {{ round }}");
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(15));
    words_assert_heard(&words, 0, "POST /u/user-0/0 | asker 0 run test 0 0");
    words_assert_heard(&words, 1, "POST /u/user-0/0 | asker 1 run test 0 0");
    words_free(&words);
}

static void the_roster_says_who_a_user_and_their_organization_are(void **state)
{
    static const struct roster_user users[] = {
        {.org_id = "o-1", .org_slug = "acme", .user_id = "u-7"}};
    static const struct roster roster = {.users = users, .user_count = 1};
    struct words words;

    (void)state;
    words_init(&words);
    words.stage.roster = &roster;
    words_step(&words, 0, "GET /{{ user.id }}/{{ org.id }}/{{ org.slug }}");
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(5));
    words_assert_heard(&words, 0, "GET /u-7/o-1/acme");
    words_free(&words);
}

static void a_person_has_one_name_and_one_address_all_run_long(void **state)
{
    struct words words;
    struct plan_step *step;
    const char *name;
    const char *email;

    (void)state;
    words_init(&words);
    step = words_step(&words, 0, "POST /");
    step->http.body = words_text(&words, "{{ user.name }},{{ user.email }}");
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(25));
    name = strchr(words.heard[0].line, '|') + 2;
    email = strchr(name, ',') + 1;
    /* "Ada Byron,ada.byron.0@loadtest.invalid" */
    assert_int_equal(strcspn(name, " "), strcspn(email, "."));
    assert_int_equal(strncasecmp(name, email, strcspn(name, " ")), 0);
    assert_non_null(strstr(email, ".0@loadtest.invalid"));
    words_assert_heard(&words, 1, words.heard[0].line);
    words_assert_heard(&words, 2, words.heard[0].line);
    words_free(&words);
}

static void a_variable_lasts_over_iterations_and_goes_with_its_user(void **state)
{
    struct words words;

    (void)state;
    words_init(&words);
    words.stage.plan.assignments =
        (struct plan_assignment[]){assign_query(&words, "n", ".vars.n // 0 | . + 1")};
    words_step(&words, 0, "GET /{{ vars.n }}");
    words.stage.classes[0].iterations = 2;
    words_do(&words, PLAN_OP_SET, 0, 0);
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(35));
    words_assert_heard(&words, 0, "GET /1");
    words_assert_heard(&words, 1, "GET /2");
    words_assert_heard(&words, 2, "GET /1"); /* another incarnation */
    words_assert_heard(&words, 3, "GET /2");
    words_free(&words);
}

static void users_begin_with_the_values_of_the_scenario(void **state)
{
    struct words words;
    struct plan_assignment initials[2];

    (void)state;
    words_init(&words);
    initials[0] = words_assign(&words, "size", "20");
    initials[1] = words_assign(&words, "greeting", "hello-{{ user.ordinal }}");
    words.stage.plan.initials = initials;
    words.stage.plan.initial_count = 2;
    words_step(&words, 0, "GET /{{ vars.size }}/{{ vars.greeting }}");
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(5));
    words_assert_heard(&words, 0, "GET /20/hello-0");
    words_free(&words);
}

static void what_is_too_long_to_be_remembered_is_told_with_the_next_request(void **state)
{
    static char half[VARIABLES_MAX_BYTES / 2 + 2];
    struct words words;

    (void)state;
    memset(half, 'a', sizeof(half) - 1);
    words_init(&words);
    words.stage.plan.assignments = (struct plan_assignment[]){
        words_assign(&words, "half", half),
        words_assign(&words, "all", "{{ vars.half }}{{ vars.half }}")};
    words_step(&words, 0, "GET /");
    words_do(&words, PLAN_OP_SET, 0, 0);
    words_do(&words, PLAN_OP_SET, 1, 0);
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(5));
    assert_int_equal(words.stage.outcomes[OUTCOME_LOCAL_RESOURCE], 1);
    assert_string_equal(words.stage.detail,
                        "a value that was to be remembered is too long");
    words_free(&words);
}

static void a_name_without_a_value_is_left_out_counted_and_told_once(void **state)
{
    struct words words;

    (void)state;
    words_init(&words);
    words_step(&words, 0, "GET /{{ vars.nothing }}!{{ vars.other | default(\"x\") }}");
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(25));
    words_assert_heard(&words, 0, "GET /!x");
    assert_int_equal(words.heard_count, 3);
    assert_int_equal(words.stage.warnings, 1);
    assert_string_equal(
        words.stage.warning,
        "'vars.nothing' has no value where it is used: nothing stands in its place");
    words_free(&words);
}

static void conditions_look_at_variables_users_and_rounds(void **state)
{
    static const char *const conditions[] = {
        ".vars.mode == \"fast\"", ".user.class == \"asker\"", ".user.ordinal == 0",
        ".user.id == \"user-0\"", ".user.iteration == 0",     ".round == 0",
    };
    struct words words;

    (void)state;
    words_init(&words);
    words.stage.plan.assignments =
        (struct plan_assignment[]){words_assign(&words, "mode", "fast")};
    words_step(&words, 0, "GET /true");
    words_do(&words, PLAN_OP_SET, 0, 0);
    for (uint32_t i = 0; i < COUNT_OF(conditions); i++) {
        words_do(&words, PLAN_OP_UNLESS, words_query(&words, conditions[i]), 3 + 2 * i);
        words_do(&words, PLAN_OP_REQUEST, 0, 0);
    }
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(55));
    assert_int_equal(words.heard_count, COUNT_OF(conditions));
    words_free(&words);
}

static void answer_in_turn(struct words *words, const struct virtual_request *request,
                           struct virtual_answer *ret_answer)
{
    static const struct transfer_header headers[] = {{"X-Next", "yes"}, {"X-Other", "1"}};

    (void)request;
    words_say(words, ret_answer, "{\"left\":2}");
    ret_answer->status = words->heard_count < 3 ? 200 : 503;
    ret_answer->headers = headers;
    ret_answer->header_count = 2;
}

/* repeat while the answer before says so: the third one is a failure. */
static void conditions_look_at_the_answer_before(void **state)
{
    struct words words;

    (void)state;
    words_init(&words);
    words.answer = answer_in_turn;
    words_step(&words, 0, "GET /first");
    words_step(&words, 1, "GET /again");
    words_step(&words, 2, "GET /after/{{ last.status }}");
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_LOOP_BEGIN, 0, 10);
    words_do(&words, PLAN_OP_UNLESS,
             words_query(&words, ".last.status == 200 and .last.json.left == 2 and "
                                 "(.last.failed | not) and .last.headers[\"x-next\"] == "
                                 "\"yes\" and .last.text == \"{\\\"left\\\":2}\""),
             5);
    words_do(&words, PLAN_OP_REQUEST, 1, 0);
    words_do(&words, PLAN_OP_JUMP, 6, 0);
    words_do(&words, PLAN_OP_LOOP_LEAVE, 0, 7);
    words_do(&words, PLAN_OP_LOOP_END, 0, 2);
    words_do(&words, PLAN_OP_REQUEST, 2, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(35));
    words_assert_heard(&words, 0, "GET /first");
    words_assert_heard(&words, 1, "GET /again");
    words_assert_heard(&words, 2, "GET /again");
    words_assert_heard(&words, 3, "GET /after/503");
    words_free(&words);
}

static void stops_end_an_iteration_a_user_or_the_run(void **state)
{
    static const struct plan_stop stops[] = {
        {.kind = PLAN_STOP_ITERATION, .reason = ""},
        {.kind = PLAN_STOP_USER, .reason = ""},
        {.kind = PLAN_STOP_RUN, .failed = true, .reason = "enough"},
    };
    static const size_t heard[] = {10, 10, 1};

    (void)state;
    for (uint32_t i = 0; i < COUNT_OF(stops); i++) {
        struct words words;

        words_init(&words);
        words.stage.plan.stops = stops;
        words.stage.plan.assignments =
            (struct plan_assignment[]){assign_query(&words, "n", ".vars.n // 0 | . + 1")};
        words_step(&words, 0, "GET /{{ vars.n }}");
        words_step(&words, 1, "GET /never");
        words_do(&words, PLAN_OP_SET, 0, 0);
        words_do(&words, PLAN_OP_REQUEST, 0, 0);
        words_do(&words, PLAN_OP_STOP, i, 0);
        words_do(&words, PLAN_OP_REQUEST, 1, 0);
        words_do(&words, PLAN_OP_END, 0, 0);
        words_play(&words, MS(95));
        assert_int_equal(words.heard_count, heard[i]);
        words_assert_heard(&words, heard[i] - 1, i == 0 ? "GET /10" : "GET /1");
        assert_int_equal(engine_view(words.stage.engine)->stop_reason,
                         i == 2 ? STOP_SCENARIO : STOP_COMPLETED);
        if (i == 2)
            assert_string_equal(engine_view(words.stage.engine)->stop->reason, "enough");
        words_free(&words);
    }
}

static void who_stops_at_once_does_not_spin(void **state)
{
    static const struct plan_stop stops[] = {{.kind = PLAN_STOP_USER, .reason = ""}};
    struct engine_stats stats;
    struct words words;

    (void)state;
    words_init(&words);
    words.stage.plan.stops = stops;
    words_do(&words, PLAN_OP_STOP, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(100));
    engine_stats(words.stage.engine, &stats);
    assert_in_range(stats.timers, 90, 130);
    words_free(&words);
}

static void an_mcp_session_is_opened_only_while_it_is_not_known(void **state)
{
    struct words words;

    (void)state;
    words_init(&words);
    words.stage.plan.assignments =
        (struct plan_assignment[]){words_assign(&words, "session", "s")};
    words_step(&words, 0, "GET /open");
    words_step(&words, 1, "GET /call");
    words_do(&words, PLAN_OP_IF_KNOWN, 0, 3);
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_SET, 0, 0);
    words_do(&words, PLAN_OP_REQUEST, 1, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(25));
    words_assert_heard(&words, 0, "GET /open");
    words_assert_heard(&words, 1, "GET /call");
    words_assert_heard(&words, 2, "GET /call");
    words_free(&words);
}

static struct series_view total_of(const struct words *words)
{
    return recorder_total(words->stage.recorder, RECORDER_ALL);
}

/* A group of two requests, the first of which is in a group of its own. */
static void groups_and_iterations_have_durations_and_records(void **state)
{
    static const struct plan_metric metrics[] = {
        {.name = "shopping",
         .help = "",
         .kind = PLAN_METRIC_TREND,
         .is_time = true,
         .unit = "ms"},
        {.name = "rounds", .help = "", .kind = PLAN_METRIC_COUNTER, .unit = ""},
        {.name = "good", .help = "", .kind = PLAN_METRIC_COUNTER, .unit = ""},
    };
    struct plan_record of_group = {.metric = 0};
    struct plan_record of_step = {.metric = 2};
    const struct plan_record of_iteration = {.metric = 1, .query = PLAN_NONE};
    struct plan_group groups[] = {{.name = "shop", .path = "::shop"},
                                  {.name = "login", .path = "::shop::login"}};
    const struct histogram *durations;
    struct series_view total;
    struct words words;

    (void)state;
    words_init(&words);
    of_group.query = words_query(&words, ".duration_ms");
    of_step.query = words_query(&words, ".failed | not");
    groups[0].records = &of_group;
    groups[0].record_count = 1;
    words.stage.plan.metrics = metrics;
    words.stage.plan.metric_count = COUNT_OF(metrics);
    words.stage.plan.groups = groups;
    words.stage.plan.group_count = COUNT_OF(groups);
    words.stage.classes[0].records = &of_iteration;
    words.stage.classes[0].record_count = 1;
    words_step(&words, 0, "GET /")->group = &groups[1];
    words.steps[0].records = &of_step;
    words.steps[0].record_count = 1;
    words_step(&words, 1, "GET /")->group = &groups[0];
    words_do(&words, PLAN_OP_GROUP_BEGIN, 0, 0);
    words_do(&words, PLAN_OP_GROUP_BEGIN, 1, 0);
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_GROUP_END, 1, 0);
    words_do(&words, PLAN_OP_REQUEST, 1, 0);
    words_do(&words, PLAN_OP_GROUP_END, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(95));
    total = total_of(&words);
    durations = total.histograms[METRIC_GROUP_DURATION];
    assert_non_null(durations);
    assert_int_equal(histogram_count(durations), 9);
    assert_in_range(histogram_max_ns(durations), MS(20), MS(20) + 20000);
    assert_int_equal(histogram_count(total.histograms[METRIC_ITERATION_DURATION]), 4);
    assert_int_equal(histogram_count(total.customs[0].histogram), 4);
    assert_true(custom_sum(&total.customs[1]) == 4);
    assert_true(custom_sum(&total.customs[2]) == 5);
    words_free(&words);
}

static void a_record_that_is_no_number_is_counted_as_unfit_and_null_is_none(void **state)
{
    static const struct plan_metric metrics[] = {
        {.name = "depth", .help = "", .kind = PLAN_METRIC_GAUGE, .unit = ""}};
    struct plan_record records[] = {{.metric = 0}, {.metric = 0}, {.metric = 0}};
    const struct custom *depth;
    struct words words;

    (void)state;
    words_init(&words);
    words.stage.plan.metrics = metrics;
    words.stage.plan.metric_count = COUNT_OF(metrics);
    records[0].query = words_query(&words, "\"7\"");
    records[1].query = words_query(&words, "null");
    records[2].query = words_query(&words, "7");
    words_step(&words, 0, "GET /");
    words.steps[0].records = records;
    words.steps[0].record_count = COUNT_OF(records);
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(5));
    depth = &total_of(&words).customs[0];
    assert_int_equal(depth->unfit, 1);
    assert_int_equal(depth->count, 1);
    words_free(&words);
}

static void overload(struct words *words, const struct virtual_request *request,
                     struct virtual_answer *ret_answer)
{
    (void)words;
    (void)request;
    *ret_answer = (struct virtual_answer){.status = 503};
}

/* A rate of success that leaves out what the open circuit held back would be a lie. */
static void what_a_circuit_held_back_is_recorded_too(void **state)
{
    static const struct plan_metric metrics[] = {
        {.name = "bad", .help = "", .kind = PLAN_METRIC_COUNTER, .unit = ""}};
    struct plan_record record = {.metric = 0};
    struct words words;
    uint64_t held_back;

    (void)state;
    words_init(&words);
    words.answer = overload;
    words.stage.target.breaker = (struct plan_breaker){.on = true,
                                                       .above = 0.5,
                                                       .over_ns = S(10),
                                                       .min_count = 2,
                                                       .open_ns = S(60),
                                                       .probes = 1};
    words.stage.plan.metrics = metrics;
    words.stage.plan.metric_count = COUNT_OF(metrics);
    record.query = words_query(&words, ".failed");
    words_step(&words, 0, "GET /");
    words.steps[0].records = &record;
    words.steps[0].record_count = 1;
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, S(5));
    held_back = words.stage.outcomes[OUTCOME_CIRCUIT_OPEN];
    assert_true(held_back > 0);
    assert_true(custom_sum(&total_of(&words).customs[0]) ==
                (double)(words.stage.outcomes[OUTCOME_HTTP_5XX] + held_back));
    words_free(&words);
}

static void requests_are_the_same_for_any_number_of_workers(void **state)
{
    char lines[4][700];

    (void)state;
    for (uint32_t workers = 1; workers <= 2; workers++) {
        struct words words;
        struct plan_step *step;

        words_init(&words);
        step = words_step(&words, 0, "GET /{{ random.int(1, 1000000) }}/{{ uuid }}");
        step->http.body = words_text(&words, "{{ user.email }} {{ words(3) }}");
        words.stage.plan.worker_count = workers;
        words_do(&words, PLAN_OP_REQUEST, 0, 0);
        words_do(&words, PLAN_OP_END, 0, 0);
        stage_phase(&words.stage, PLAN_PHASE_SUSTAINED, 2, MS(15));
        stage_open(&words.stage);
        stage_finish(&words.stage);
        for (size_t i = 0, k = 0; i < words.heard_count; i++) {
            if (words.heard[i].user != 0)
                continue;
            if (workers == 1)
                (void)snprintf(lines[k], sizeof(lines[k]), "%s", words.heard[i].line);
            else
                assert_string_equal(words.heard[i].line, lines[k]);
            k++;
            assert_true(k <= 2);
        }
        words_free(&words);
    }
    assert_string_not_equal(lines[0], lines[1]);
}

static void fail_once(struct words *words, const struct virtual_request *request,
                      struct virtual_answer *ret_answer)
{
    (void)request;
    ret_answer->status = words->heard_count == 1 ? 503 : 200;
}

static void another_attempt_says_the_same(void **state)
{
    static const struct plan_retry retry = {
        .attempts = 2, .base_ns = MS(1), .max_ns = MS(1), .outcomes = UINT64_MAX};
    struct words words;

    (void)state;
    words_init(&words);
    words.answer = fail_once;
    words_step(&words, 0, "GET /{{ uuid }}/{{ random.int(1, 1000000) }}")->retry = &retry;
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, MS(35));
    assert_true(words.heard_count >= 3);
    words_assert_heard(&words, 1, words.heard[0].line);
    assert_string_not_equal(words.heard[2].line, words.heard[1].line);
    words_free(&words);
}

/* Without data, no feeder has a row. */
static void who_has_no_row_left_leaves_for_good(void **state)
{
    static const struct plan_feeder feeder = {.name = "people"};
    struct words words;

    (void)state;
    words_init(&words);
    words.stage.plan.feeders = &feeder;
    words.stage.plan.feeder_count = 1;
    words_do(&words, PLAN_OP_FEED, 0, 0);
    words_do(&words, PLAN_OP_REQUEST, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words_play(&words, S(1));
    assert_int_equal(words.heard_count, 0);
    assert_int_equal(words.stage.samples, 0);
    assert_int_equal(words.stage.warnings, 1);
    assert_string_equal(words.stage.warning,
                        "a user leaves for good: GET /: no row is left in its file");
    words_free(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_stand_for_the_user_and_the_run),
        cmocka_unit_test(the_roster_says_who_a_user_and_their_organization_are),
        cmocka_unit_test(a_person_has_one_name_and_one_address_all_run_long),
        cmocka_unit_test(a_variable_lasts_over_iterations_and_goes_with_its_user),
        cmocka_unit_test(users_begin_with_the_values_of_the_scenario),
        cmocka_unit_test(what_is_too_long_to_be_remembered_is_told_with_the_next_request),
        cmocka_unit_test(a_name_without_a_value_is_left_out_counted_and_told_once),
        cmocka_unit_test(conditions_look_at_variables_users_and_rounds),
        cmocka_unit_test(conditions_look_at_the_answer_before),
        cmocka_unit_test(stops_end_an_iteration_a_user_or_the_run),
        cmocka_unit_test(who_stops_at_once_does_not_spin),
        cmocka_unit_test(an_mcp_session_is_opened_only_while_it_is_not_known),
        cmocka_unit_test(groups_and_iterations_have_durations_and_records),
        cmocka_unit_test(another_attempt_says_the_same),
        cmocka_unit_test(who_has_no_row_left_leaves_for_good),
        cmocka_unit_test(a_record_that_is_no_number_is_counted_as_unfit_and_null_is_none),
        cmocka_unit_test(what_a_circuit_held_back_is_recorded_too),
        cmocka_unit_test(requests_are_the_same_for_any_number_of_workers),
    };

    return cmocka_run_group_tests_name("script", tests, NULL, NULL);
}
