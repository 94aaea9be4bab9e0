#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "made_run.h"
#include "measure/sample.h"
#include "measure/trust.h"
#include "output/terminal.h"
#include "output/terminal_text.h"

#define TICK_NS (250 * NS_PER_MS)

/* A display that writes into memory. */
struct scene {
    bool plain; /* answers in one piece, that no model gave */
    struct made_run run;
    struct terminal_progress *progress;
    struct probe probe;
    FILE *out;
    char *text;
    size_t len;
};

static void open_scene(struct scene *scene, struct terminal_style style)
{
    *scene = (struct scene){0};
    made_run_init(&scene->run, (struct made_options){.requests = 0});
    scene->out = open_memstream(&scene->text, &scene->len);
    assert_non_null(scene->out);
    assert_int_equal(terminal_progress_new(scene->out, style, &scene->progress), 0);
    scene->probe = terminal_progress_probe(scene->progress);
}

static void close_scene(struct scene *scene)
{
    terminal_progress_free(scene->progress);
    made_run_deinit(&scene->run);
    fclose(scene->out);
    free(scene->text);
}

/* One answered request, with its first token after 210 ms. */
static void answer(struct scene *scene, uint64_t sent_ns)
{
    struct sample sample = {
        .outcome = OUTCOME_OK,
        .flags = SAMPLE_STREAMED | SAMPLE_IN_WINDOW,
        .due_ns = sent_ns,
        .sent_ns = sent_ns,
        .wire_ns = sent_ns,
        .first_output_ns = sent_ns + 210 * NS_PER_MS,
        .last_output_ns = sent_ns + 400 * NS_PER_MS,
        .end_ns = sent_ns + 401 * NS_PER_MS,
        .chunks = 2,
        .completion_tokens = 80,
        .cost_pusd = 1000000000,
    };

    recorder_started(scene->run.recorder, sent_ns, 0, true);
    if (scene->plain) {
        sample.flags = SAMPLE_IN_WINDOW;
        sample.chunks = 0;
        sample.completion_tokens = 0;
        sample.cost_pusd = 0;
    } else {
        recorder_gap(scene->run.recorder, 0, true, 20 * NS_PER_MS);
    }
    recorder_sample(scene->run.recorder, &sample);
}

/* Lets a time go by, with ten answers in each tick. */
static void run_for(struct scene *scene, uint64_t ns)
{
    struct run_view *view = &scene->run.view;
    const uint64_t from_ns = view->started_ns;

    view->state = RUN_LOADING;
    view->phase = "sustained";
    for (uint64_t at_ns = TICK_NS; at_ns <= ns; at_ns += TICK_NS) {
        struct interval_view interval;

        for (int i = 0; i < 10; i++)
            answer(scene, from_ns + at_ns - NS_PER_MS);
        recorder_users(scene->run.recorder, from_ns + at_ns,
                       (struct user_counts){.wanted = 100, .active = 100});
        recorder_close_interval(scene->run.recorder, from_ns + at_ns, &interval);
        view->now_ns = from_ns + at_ns;
        view->elapsed_ns = at_ns;
        view->left_ns = at_ns < 40 * NS_PER_S ? 40 * NS_PER_S - at_ns : 0;
        view->phase_left_ns = at_ns < 25 * NS_PER_S ? 25 * NS_PER_S - at_ns : 0;
        scene->probe.on_tick(scene->probe.ctx, view, &interval);
    }
}

static void what_no_model_answers_has_no_tokens_a_second(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene, (struct terminal_style){.columns = 80});
    scene.plain = true;
    run_for(&scene, 6 * NS_PER_S);
    scene.probe.on_end(scene.probe.ctx, &scene.run.facts);
    fflush(scene.out);
    assert_non_null(strstr(scene.text,
                           "00:05 sustained  users 100/100  requests 40.0/s  "
                           "errors 0  e2e p50 401 ms  e2e p95 401 ms  client"));
    close_scene(&scene);
}

static void without_a_terminal_a_plain_line_comes_every_five_seconds(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene, (struct terminal_style){.columns = 80});
    scene.probe.on_start(scene.probe.ctx, &scene.run.view);
    run_for(&scene, 11 * NS_PER_S);
    scene.probe.on_end(scene.probe.ctx, &scene.run.facts);
    assert_string_equal(
        scene.text,
        "three-tenants: 5 phases in 40s, up to 200 users, against the built-in "
        "simulator\n"
        "00:05 sustained  users 100/100  requests 40.0/s  errors 0  ttft p50 210 ms  "
        "ttft p95 210 ms  icl p50 20.0 ms  icl p95 20.0 ms  tokens 3,200/s  cost $0.2000 "
        " "
        "client fine\n"
        "00:10 sustained  users 100/100  requests 40.0/s  errors 0  ttft p50 210 ms  "
        "ttft p95 210 ms  icl p50 20.0 ms  icl p95 20.0 ms  tokens 3,200/s  cost $0.4000 "
        " "
        "client fine\n");
    close_scene(&scene);
}

/* LOAD-2: what is achieved beside what is asked for, and who waits or was dropped. */
static void an_open_loop_shows_its_arrivals(void **state)
{
    struct scene scene;
    struct run_view *view = &scene.run.view;

    (void)state;
    open_scene(&scene, (struct terminal_style){.columns = 80});
    view->is_open = true;
    view->arrivals = (struct arrival_view){
        .rate_per_s = 50, .count = 300, .waiting = 12, .dropped = 3, .people = 20};
    for (int i = 0; i < 10; i++)
        recorder_arrival_taken(scene.run.recorder, 0, true, 0);
    run_for(&scene, 6 * NS_PER_S);
    scene.probe.on_end(scene.probe.ctx, &scene.run.facts);
    fflush(scene.out);
    assert_non_null(strstr(scene.text,
                           "00:05 sustained  arrivals 2.0/50.0/s  waiting 12  "
                           "dropped 3  requests 40.0/s  errors 0  ttft"));
    close_scene(&scene);
}

/* CPU time is this test's own. */
static void mask_cpu(char *text)
{
    char *cpu = strstr(text, "CPU ");

    assert_non_null(cpu);
    memmove(cpu + 4, strchr(cpu, '%'), strlen(strchr(cpu, '%')) + 1);
}

static void a_live_display_is_lines_that_are_drawn_over_and_erased(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene, (struct terminal_style){.columns = 80, .live = true});
    run_for(&scene, TICK_NS);
    const size_t drawn = scene.len;

    mask_cpu(scene.text);
    assert_string_equal(
        scene.text,
        "\033[?25l\r\033[?7l"
        "sustained    ────────────────────────────  00:00 / 00:40   phase ends in "
        "24s\033[K\n"
        "users      100/100  requests    40.0/s  errors           0  in flight        0"
        "\033[K\n"
        "ttft p50    210 ms  ttft p95         –  icl p50    20.0 ms  icl p95          –"
        "\033[K\n"
        "tokens     3,200/s  cost       $0.0100\033[K\n"
        "client fine: CPU % of a core\033[K\n"
        "\033[J\033[?7h");

    run_for(&scene, TICK_NS);
    assert_int_equal(strncmp(scene.text + drawn, "\r\033[5A\033[?7lsustained", 19), 0);
    const size_t again = scene.len;

    scene.probe.on_end(scene.probe.ctx, &scene.run.facts);
    assert_string_equal(scene.text + again, "\r\033[5A\033[J\033[?25h");
    close_scene(&scene);
}

/* The log takes the place of the display, which is drawn anew below it. */
static void lines_of_the_log_appear_above_the_display(void **state)
{
    static const char line[] = "2026 warn run: something is odd\n";
    struct scene scene;

    (void)state;
    open_scene(&scene, (struct terminal_style){.columns = 80, .live = true});
    run_for(&scene, TICK_NS);
    const size_t drawn = scene.len;

    terminal_progress_log(scene.progress, line, sizeof(line) - 1);
    terminal_progress_log(scene.progress, line, sizeof(line) - 1);
    fflush(scene.out);
    assert_int_equal(scene.len, drawn); /* not yet: it would tear what stands there */
    run_for(&scene, TICK_NS);
    const char *told = scene.text + drawn;

    assert_int_equal(strncmp(told, "\r\033[5A\033[J2026 warn run", 20), 0);
    told = strstr(told, line);
    assert_non_null(told);
    assert_int_equal(strncmp(told + sizeof(line) - 1, line, sizeof(line) - 1), 0);
    assert_int_equal(strncmp(told + 2 * (sizeof(line) - 1), "\033[?7lsustained", 14), 0);
    close_scene(&scene);
}

static void what_the_log_said_last_is_shown_when_the_display_goes(void **state)
{
    static const char line[] = "2026 error run: the end\n";
    struct scene scene;

    (void)state;
    open_scene(&scene, (struct terminal_style){.columns = 80, .live = true});
    run_for(&scene, TICK_NS);
    terminal_progress_log(scene.progress, line, sizeof(line) - 1);
    const size_t drawn = scene.len;

    scene.probe.on_end(scene.probe.ctx, &scene.run.facts);
    assert_string_equal(scene.text + drawn,
                        "\r\033[5A\033[J\033[?25h2026 error run: the end\n");
    close_scene(&scene);
}

/* More than anybody can read within a tick is counted and left out. */
static void a_flood_of_the_log_is_bounded(void **state)
{
    static const char line[] = "2026 info run: one of very many lines of the log\n";
    struct scene scene;

    (void)state;
    open_scene(&scene, (struct terminal_style){.columns = 80, .live = true});
    run_for(&scene, TICK_NS);
    const size_t drawn = scene.len;

    for (int i = 0; i < 10000; i++)
        terminal_progress_log(scene.progress, line, sizeof(line) - 1);
    run_for(&scene, TICK_NS);
    assert_true(scene.len - drawn < 70000);
    assert_non_null(
        strstr(scene.text + drawn, " lines of the log left out)\n\033[?7lsustained"));
    close_scene(&scene);
}

static void a_client_that_is_late_says_so(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene, (struct terminal_style){.columns = 80, .live = true});
    for (int i = 0; i < 100; i++)
        recorder_loop_lag(scene.run.recorder, scene.run.view.started_ns, 50 * NS_PER_MS);
    run_for(&scene, TICK_NS);
    assert_non_null(strstr(scene.text, "client late: timers run 50."));
    close_scene(&scene);
}

static void the_grade_is_shown_once_something_was_measured(void **state)
{
    const struct trust nothing = {
        .grade = TRUST_F, .reason_count = 1, .reasons = {{.rule = TRUST_RULE_NOTHING}}};
    const struct trust good = {.grade = TRUST_B};
    struct scene scene;

    (void)state;
    open_scene(&scene, (struct terminal_style){.columns = 80, .live = true});
    scene.run.view.trust = &nothing;
    run_for(&scene, TICK_NS);
    assert_null(strstr(scene.text, "trust"));
    scene.run.view.trust = &good;
    run_for(&scene, TICK_NS);
    assert_non_null(strstr(scene.text, " of a core, trust B so far\033"));
    close_scene(&scene);
}

static void a_narrow_display_shows_fewer_figures_and_never_half_of_one(void **state)
{
    for (int columns = 40; columns < 100; columns++) {
        struct scene scene;
        char *line = NULL;

        (void)state;
        open_scene(&scene, (struct terminal_style){.columns = columns, .live = true});
        run_for(&scene, TICK_NS);
        char *rest = strstr(scene.text, "?7l") + 3;

        while ((line = strsep(&rest, "\n")) != NULL) {
            line[strcspn(line, "\033")] = '\0';
            assert_true(terminal_width(line) < (size_t)columns);
        }
        close_scene(&scene);
    }
}

static void fault_41_a_reader_that_has_stopped_does_not_hold_up_the_load(void **state)
{
    struct scene scene;
    int ends[2];

    (void)state;
    signal(SIGPIPE, SIG_IGN); /* as the program does */
    open_scene(&scene, (struct terminal_style){.columns = 80, .live = true});
    terminal_progress_free(scene.progress);
    assert_int_equal(pipe(ends), 0);
    FILE *pipe_out = fdopen(ends[1], "w");

    assert_int_equal(terminal_progress_new(
                         pipe_out, (struct terminal_style){.columns = 80, .live = true},
                         &scene.progress),
                     0);
    scene.probe = terminal_progress_probe(scene.progress);
    run_for(&scene,
            200 * NS_PER_S); /* far more than a pipe holds; it comes back at all */
    fclose(fdopen(ends[0], "r"));
    scene.progress = terminal_progress_free(scene.progress);
    fclose(pipe_out);
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_no_model_answers_has_no_tokens_a_second),
        cmocka_unit_test(without_a_terminal_a_plain_line_comes_every_five_seconds),
        cmocka_unit_test(a_live_display_is_lines_that_are_drawn_over_and_erased),
        cmocka_unit_test(lines_of_the_log_appear_above_the_display),
        cmocka_unit_test(what_the_log_said_last_is_shown_when_the_display_goes),
        cmocka_unit_test(a_flood_of_the_log_is_bounded),
        cmocka_unit_test(an_open_loop_shows_its_arrivals),
        cmocka_unit_test(a_client_that_is_late_says_so),
        cmocka_unit_test(the_grade_is_shown_once_something_was_measured),
        cmocka_unit_test(a_narrow_display_shows_fewer_figures_and_never_half_of_one),
        cmocka_unit_test(fault_41_a_reader_that_has_stopped_does_not_hold_up_the_load),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
