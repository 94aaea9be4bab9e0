/*
 * The history in a file: what is stored, what comes back, and what becomes of files that are old, damaged or
 * not ours. What a server does is in test/e2e/test_history.py.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "result/history.h"

#define SUMMARY                                                                          \
    "{\"schema\": \"throng.summary/1\","                                                 \
    " \"run\": {\"id\": \"%s\", \"scenario\": \"%s\", \"started_at\": \"%s\","           \
    "  \"exit_code\": 99, \"fingerprint\": \"f0\", \"seed\": 7,"                         \
    "  \"tags\": {\"team\": \"%s\", \"git_sha\": \"abc\"}},"                             \
    " \"totals\": {\"requests\": 40, \"error_rate\": 0.05, \"cost_pusd\": 12},"          \
    " \"metrics\": {\"ttft\": {\"unit\": \"ms\", \"count\": 38, \"p50\": %f,"            \
    "   \"p95\": null, \"above\": {\"p95\": 800.5}}},"                                   \
    " \"by\": {\"model\": {\"m\": {\"requests\": 40, \"metrics\": {\"ttft\": "           \
    "{\"unit\": "                                                                        \
    "\"ms\", \"p50\": 3.5}}}},"                                                          \
    "   \"user_id\": {\"u1\": {\"requests\": 1}}},"                                      \
    " \"thresholds\": [{\"metric\": \"ttft\", \"selector\": \"\", \"expression\": "      \
    "\"p(95)<500ms\", \"passed\": false, \"ignored\": false, \"value\": null}],"         \
    " \"verdicts\": [{\"code\": 99, \"sentence\": \"ttft is too slow\"}],"               \
    " \"errors\": [{\"kind\": \"http_5xx\", \"count\": 2, \"example\": \"it's "          \
    "\\\"\\n\"}]}"

#define LINES                                                                            \
    "Tag=ttft,0.500,1.500,0,HISTall\nTag=ttft{model=m},0.500,1.500,0,HISTmodel\n"        \
    "Tag=ttft{user_id=u},0.500,1.500,0,HISTuser\n"                                       \
    "Tag=ttft:interval,0.000,1.000,0,HISTone\n"

struct scene {
    char folder[64];
    char path[128];
    struct history *history;
    struct buf why;
};

static int open_scene(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    snprintf(scene->folder, sizeof(scene->folder), "/tmp/throng-history-XXXXXX");
    if (!mkdtemp(scene->folder))
        return -1;
    snprintf(scene->path, sizeof(scene->path), "%s/history.db", scene->folder);
    scene->why = BUF_INIT(65536);
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;
    char command[128];

    history_close(scene->history);
    buf_deinit(&scene->why);
    snprintf(command, sizeof(command), "rm -r %s", scene->folder);
    const int r = system(command);

    free(scene);
    return r;
}

static void open_to(struct scene *scene, enum history_use use)
{
    scene->history = history_close(scene->history);
    const int r = history_open(scene->path, use, NULL, &scene->why, &scene->history);

    if (r < 0)
        fail_msg("%d: %s", r, buf_str(&scene->why));
}

static struct run_files made_run(const char *id, const char *scenario,
                                 const char *started_at, const char *team, double p50)
{
    char text[4096];
    json_error_t error;

    snprintf(text, sizeof(text), SUMMARY, id, scenario, started_at, team, p50);
    const struct run_files run = {.summary = json_loads(text, 0, &error),
                                  .histograms = strdup(LINES)};

    if (!run.summary)
        fail_msg("%s: %s", error.text, text);
    return run;
}

static bool add(struct scene *scene, const char *id, const char *scenario,
                const char *started_at, const char *team, double p50)
{
    const struct history_origin origin = {.git_branch = "main"};
    struct run_files run = made_run(id, scenario, started_at, team, p50);
    bool added = false;
    const int r = history_add(scene->history, &run, &origin, &added, &scene->why);

    run_files_close(&run);
    if (r < 0)
        fail_msg("%d: %s", r, buf_str(&scene->why));
    return added;
}

/* Four runs of two scenarios. */
static void fill(struct scene *scene)
{
    open_to(scene, HISTORY_TO_WRITE);
    assert_true(add(scene, "a1", "a", "2026-01-01T00:00:00.000Z", "x", 10));
    assert_true(add(scene, "a2", "a", "2026-01-02T00:00:00.000Z", "y", 20));
    assert_true(add(scene, "b1", "b", "2026-01-03T00:00:00.000Z", "x", 30));
    assert_true(add(scene, "a3", "a", "2026-01-04T00:00:00.000Z", "x", 40));
}

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));

    return text ? text : "";
}

/* The ids of the runs that a filter means, with blanks between. */
static void assert_listed(struct scene *scene, const struct history_filter *filter,
                          const char *ids)
{
    struct buf found = BUF_INIT(4096);
    json_t *runs = NULL;

    assert_int_equal(history_list(scene->history, filter, &runs, &scene->why), 0);
    for (size_t i = 0; i < json_array_size(runs); i++) {
        buf_printf(&found, "%s%s", i == 0 ? "" : " ",
                   text_of(json_array_get(runs, i), "run_id"));
    }
    assert_string_equal(buf_str(&found), ids);
    buf_deinit(&found);
    json_decref(runs);
}

static void runs_are_listed_newest_first_by_what_is_asked(void **state)
{
    static const char *const x[] = {"team=x"};
    static const char *const any[] = {"team", "team=y"};
    static const char *const quoted[] = {"team=x' OR '1'='1"};
    struct scene *scene = *state;

    fill(scene);
    assert_listed(scene, &(struct history_filter){0}, "a3 b1 a2 a1");
    assert_listed(scene, &(struct history_filter){.last = 2}, "a3 b1");
    assert_listed(scene, &(struct history_filter){.scenario = "a"}, "a3 a2 a1");
    assert_listed(scene, &(struct history_filter){.tags = x, .tag_count = 1}, "a3 b1 a1");
    assert_listed(
        scene,
        &(struct history_filter){.scenario = "a", .tags = x, .tag_count = 1, .last = 1},
        "a3");
    assert_listed(scene, &(struct history_filter){.tags = any, .tag_count = 2}, "a2");
    assert_listed(scene, &(struct history_filter){.tags = quoted, .tag_count = 1}, "");
    assert_listed(scene, &(struct history_filter){.before = "2026-01-03T00:00:00.000Z"},
                  "a2 a1");
}

static void a_row_says_what_the_summary_and_the_machine_say(void **state)
{
    const struct history_filter one = {.last = 1};
    struct scene *scene = *state;
    json_t *runs = NULL;

    fill(scene);
    assert_int_equal(history_list(scene->history, &one, &runs, &scene->why), 0);
    const json_t *run = json_array_get(runs, 0);

    assert_string_equal(text_of(run, "started_at"), "2026-01-04T00:00:00.000Z");
    assert_string_equal(text_of(run, "git_sha"), "abc");
    assert_string_equal(text_of(run, "git_branch"), "main");
    assert_int_equal(json_integer_value(json_object_get(run, "requests")), 40);
    assert_int_equal(json_integer_value(json_object_get(run, "exit_code")), 99);
    assert_true(json_is_null(json_object_get(run, "ttft_p95")));
    assert_true(json_number_value(json_object_get(run, "ttft_p95_above")) > 800.4);
    json_decref(runs);
}

struct lines {
    struct buf text;
};

static int see(void *ctx, const struct hlog_line *line)
{
    struct lines *lines = ctx;

    return buf_printf(&lines->text, "%s %d %s %.1f %s\n", line->metric, (int)line->kind,
                      line->key ? line->value : "-", line->length_s, line->encoded);
}

static void a_run_comes_back_with_its_histograms(void **state)
{
    struct scene *scene = *state;
    struct lines lines = {.text = BUF_INIT(65536)};
    struct run_files wanted = made_run("a2", "a", "2026-01-02T00:00:00.000Z", "y", 20);
    struct run_files run = {0};

    fill(scene);
    open_to(scene, HISTORY_TO_READ);
    assert_int_equal(history_find(scene->history, "a2", &run, &scene->why), 0);
    assert_true(json_equal(run.summary, wanted.summary));
    assert_int_equal(run_files_each_histogram(&run, see, &lines), 0);
    assert_string_equal(buf_str(&lines.text),
                        "ttft 0 - 1.5 HISTall\nttft 0 m 1.5 HISTmodel\nttft 2 - 1.0 "
                        "HISTone\n");
    run_files_close(&run);
    run_files_close(&wanted);
    buf_deinit(&lines.text);
    assert_int_equal(history_find(scene->history, "nobody", &run, &scene->why), -ENODATA);
}

static void a_run_is_added_once(void **state)
{
    const struct history_origin origin = {0};
    struct scene *scene = *state;
    struct run_files other = made_run("a1", "a", "2026-05-05T00:00:00.000Z", "x", 10);
    bool added = true;

    fill(scene);
    assert_false(add(scene, "a1", "a", "2026-01-01T00:00:00.000Z", "x", 10));
    assert_int_equal(history_add(scene->history, &other, &origin, &added, &scene->why),
                     -EEXIST);
    assert_non_null(strstr(buf_str(&scene->why), "another run named a1, which began at"));
    assert_listed(scene, &(struct history_filter){0}, "a3 b1 a2 a1");
    run_files_close(&other);
}

/* What a series is over the runs of a, as "10 20 40". */
static void assert_followed(struct scene *scene, const struct history_series *series,
                            const char *values)
{
    const struct history_filter filter = {.scenario = "a"};
    char found[256] = "";
    json_t *points = NULL;

    buf_clear(&scene->why);
    if (history_trend(scene->history, &filter, series, &points, &scene->why) < 0)
        fail_msg("%s", buf_str(&scene->why));
    for (size_t i = 0; i < json_array_size(points); i++) {
        const json_t *point = json_array_get(points, i);
        const json_t *value = json_object_get(point, "value");
        const json_t *above = json_object_get(point, "above");
        const size_t len = strlen(found);

        if (json_is_number(value))
            snprintf(found + len, sizeof(found) - len, "%g ", json_number_value(value));
        else if (json_is_number(above))
            snprintf(found + len, sizeof(found) - len, ">%g ", json_number_value(above));
        else
            snprintf(found + len, sizeof(found) - len, "? ");
    }
    assert_string_equal(found, values);
    json_decref(points);
}

static void a_figure_is_followed_oldest_first(void **state)
{
    struct scene *scene = *state;
    json_t *points = NULL;

    fill(scene);
    assert_followed(scene, &(struct history_series){"ttft", "p50", "", ""}, "10 20 40 ");
    assert_followed(scene, &(struct history_series){"ttft", "p95", "", ""},
                    ">800.5 >800.5 >800.5 ");
    assert_followed(scene, &(struct history_series){"ttft", "p50", "model", "m"},
                    "3.5 3.5 3.5 ");
    assert_followed(scene, &(struct history_series){"error_rate", "", "", ""},
                    "0.05 0.05 0.05 ");
    assert_followed(scene, &(struct history_series){"ttft", "p99", "", ""}, "? ? ? ");
    assert_followed(scene, &(struct history_series){"nothing", "p50", "", ""}, "? ? ? ");
    assert_int_equal(
        history_trend(scene->history, &(struct history_filter){0},
                      &(struct history_series){"ttft", "p50\" FROM run; --", "", ""},
                      &points, &scene->why),
        -EINVAL);
}

static void a_baseline_is_of_its_scenario_and_stays(void **state)
{
    struct scene *scene = *state;
    json_t *found = NULL;
    json_t *all = json_pack("[s, s, s, s]", "a1", "a2", "a3", "b1");

    fill(scene);
    assert_int_equal(history_set_baseline(scene->history, "v1", "a1", &scene->why), 0);
    assert_int_equal(history_set_baseline(scene->history, "v1", "b1", &scene->why), 0);
    assert_int_equal(history_set_baseline(scene->history, "v1", "a2", &scene->why), 0);
    assert_int_equal(history_set_baseline(scene->history, "v1", "nobody", &scene->why),
                     -ENODATA);
    assert_int_equal(history_baselines(scene->history, "a", "v1", &found, &scene->why),
                     0);
    assert_int_equal(json_array_size(found), 1);
    assert_string_equal(text_of(json_array_get(found, 0), "run_id"), "a2");
    json_decref(found);
    assert_int_equal(history_remove(scene->history, all, &scene->why), 0);
    assert_listed(scene, &(struct history_filter){0}, "b1 a2");
    assert_listed(scene, &(struct history_filter){.without_baselines = true}, "");
    assert_int_equal(history_remove_baseline(scene->history, "a", "v1", &scene->why), 0);
    assert_int_equal(history_remove_baseline(scene->history, "a", "v1", &scene->why),
                     -ENODATA);
    assert_int_equal(history_remove(scene->history, all, &scene->why), 0);
    assert_listed(scene, &(struct history_filter){0}, "b1");
    json_decref(all);
}

static void a_file_is_its_owners_alone(void **state)
{
    struct scene *scene = *state;
    struct stat facts;

    open_to(scene, HISTORY_TO_WRITE);
    assert_int_equal(stat(scene->path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
}

static void without_a_file_there_is_nothing_to_read(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(
        history_open(scene->path, HISTORY_TO_READ, NULL, &scene->why, &scene->history),
        -ENOENT);
    assert_int_equal(access(scene->path, F_OK), -1);
    assert_non_null(strstr(buf_str(&scene->why), "there is no history yet"));
    buf_clear(&scene->why);
    assert_int_equal(history_open("/nowhere/h.db", HISTORY_TO_WRITE, NULL, &scene->why,
                                  &scene->history),
                     -EIO);
    assert_non_null(strstr(buf_str(&scene->why), "No such file or directory"));
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    fputs(text, file);
    fclose(file);
}

/* Overwrites pages behind the first, as a failing disk would. */
static void damage(const char *path)
{
    FILE *file = fopen(path, "r+e");

    fseek(file, 4096, SEEK_SET);
    for (int i = 0; i < 16384; i++)
        fputc(0x5a, file);
    fclose(file);
}

static void fault_44_a_damaged_file_is_set_aside_and_not_lost(void **state)
{
    struct buf note = BUF_INIT(65536);
    struct scene *scene = *state;
    char command[256];

    fill(scene);
    scene->history = history_close(scene->history);
    damage(scene->path);
    assert_int_equal(
        history_open(scene->path, HISTORY_TO_READ, NULL, &scene->why, &scene->history),
        -EBADMSG);
    assert_int_equal(
        history_open(scene->path, HISTORY_TO_WRITE, &note, &scene->why, &scene->history),
        0);
    assert_non_null(strstr(buf_str(&note), "it was set aside as"));
    assert_listed(scene, &(struct history_filter){0}, "");
    snprintf(command, sizeof(command), "test -s %s.damaged-*", scene->path);
    assert_int_equal(system(command), 0);
    buf_deinit(&note);
}

static void what_is_not_ours_is_left_alone(void **state)
{
    struct scene *scene = *state;
    char command[512];

    snprintf(scene->path, sizeof(scene->path), "%s/notes.txt", scene->folder);
    write_text(scene->path, "my notes, which are no database\n");
    assert_int_equal(
        history_open(scene->path, HISTORY_TO_WRITE, NULL, &scene->why, &scene->history),
        -EBADMSG);
    snprintf(command, sizeof(command), "grep -q 'my notes' %s", scene->path);
    assert_int_equal(system(command), 0);

    snprintf(scene->path, sizeof(scene->path), "%s/other.db", scene->folder);
    snprintf(command, sizeof(command), "sqlite3 %s 'CREATE TABLE birds (name)'",
             scene->path);
    assert_int_equal(system(command), 0);
    buf_clear(&scene->why);
    assert_int_equal(
        history_open(scene->path, HISTORY_TO_WRITE, NULL, &scene->why, &scene->history),
        -EINVAL);
    assert_non_null(strstr(buf_str(&scene->why), "a database of another program"));
}

static void what_a_newer_throng_wrote_is_left_alone(void **state)
{
    struct scene *scene = *state;
    char command[256];

    fill(scene);
    scene->history = history_close(scene->history);
    snprintf(command, sizeof(command),
             "sqlite3 %s 'UPDATE schema_version SET version = 99'", scene->path);
    assert_int_equal(system(command), 0);
    assert_int_equal(
        history_open(scene->path, HISTORY_TO_WRITE, NULL, &scene->why, &scene->history),
        -EPROTO);
    assert_non_null(strstr(buf_str(&scene->why), "a newer throng wrote it"));
}

/* Another user, who may only read the file and its folder. Returns whether the run is there. */
static bool is_listed_for_a_reader(struct scene *scene)
{
    json_t *runs = NULL;
    bool is_listed = false;

    if (history_open(scene->path, HISTORY_TO_READ, NULL, &scene->why, &scene->history) ==
            0 &&
        history_list(scene->history, &(struct history_filter){0}, &runs, &scene->why) ==
            0)
        is_listed = json_array_size(runs) > 0;
    json_decref(runs);
    if (!is_listed)
        fprintf(stderr, "%s\n", buf_str(&scene->why));
    return is_listed;
}

static void fault_44_who_may_only_read_reads(void **state)
{
    struct scene *scene = *state;
    int status = 0;
    pid_t child;

    /* What a URI would read as something else. */
    snprintf(scene->path, sizeof(scene->path), "%s/a%%20b?c#d.db", scene->folder);
    fill(scene);
    scene->history = history_close(scene->history);
    assert_int_equal(chmod(scene->path, 0444), 0);
    assert_int_equal(chmod(scene->folder, 0555), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534) < 0)
            _exit(2);
        _exit(is_listed_for_a_reader(scene) ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(chmod(scene->folder, 0700), 0);
    assert_int_equal(status, 0);
}

static void a_place_is_named_without_its_password(void **state)
{
    static const struct {
        const char *place;
        const char *said;
    } places[] = {
        {"results/history.db", "results/history.db"},
        {"sqlite:h.db", "h.db"},
        {"sqlite:///var/h.db", "/var/h.db"},
        {"postgresql://u:geheim@h:5433/d", "postgresql://u@h:5433/d"},
        {"postgres://u@h/d?password=geheim", "postgresql://u@h/d"},
        {"postgresql://%2Fsocket/d", "postgresql:///socket/d"},
    };
    static const char *const bad[] = {"mysql://u:geheim@h/d",
                                      "postgresql://u:geheim@[h/d", "sqlite:", ""};
    /* Not encoded, a part of it becomes the host, the port or the database. */
    static const char *const not_encoded[] = {
        "postgresql://u:ge/heim@h/d", "postgresql://u:g@eheim@h/d",
        "postgresql://u:12/eheim@h/d", "postgresql://u:a@eheim:b/heim@h:1/d"};

    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct buf text = BUF_INIT(1024);

        history_say_place(places[i].place, &text);
        assert_string_equal(buf_str(&text), places[i].said);
        assert_int_equal(history_check_place(places[i].place, &text), 0);
        buf_deinit(&text);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct buf why = BUF_INIT(1024);

        assert_int_equal(history_check_place(bad[i], &why), -EINVAL);
        assert_non_null(strstr(buf_str(&why), "postgresql://"));
        assert_null(strstr(buf_str(&why), "geheim"));
        buf_deinit(&why);
    }
    for (size_t i = 0; i < sizeof(not_encoded) / sizeof(not_encoded[0]); i++) {
        struct buf why = BUF_INIT(1024);

        assert_int_equal(history_check_place(not_encoded[i], &why), -EINVAL);
        assert_non_null(strstr(buf_str(&why), "%2F"));
        assert_null(strstr(buf_str(&why), "heim"));
        buf_deinit(&why);
    }
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(runs_are_listed_newest_first_by_what_is_asked),
        SCENE(a_row_says_what_the_summary_and_the_machine_say),
        SCENE(a_run_comes_back_with_its_histograms),
        SCENE(a_run_is_added_once),
        SCENE(a_figure_is_followed_oldest_first),
        SCENE(a_baseline_is_of_its_scenario_and_stays),
        SCENE(a_file_is_its_owners_alone),
        SCENE(without_a_file_there_is_nothing_to_read),
        SCENE(fault_44_a_damaged_file_is_set_aside_and_not_lost),
        SCENE(fault_44_who_may_only_read_reads),
        SCENE(what_is_not_ours_is_left_alone),
        SCENE(what_a_newer_throng_wrote_is_left_alone),
        cmocka_unit_test(a_place_is_named_without_its_password),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
